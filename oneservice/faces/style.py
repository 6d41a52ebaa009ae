"""The looks of a face: one style sheet; no script, no picture, no font to fetch.

An A4 sheet on screen and paper; on a telephone the rows become pairs of lines. The code keeps
45 mm on paper, which a camera reads at arm's length. Colours keep a contrast of 4.5 to 1.
"""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root{--ink:#1a2433;--soft:#51607a;--line:#c9d1de;--accent:#8a1f1f;--gold:#b08d3c;
color-scheme:light}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#e9edf3;color:var(--ink);line-height:1.5;font-size:16px;
font-family:"Songti SC","SimSun","Noto Serif CJK SC","Source Han Serif SC",Georgia,serif;
overflow-wrap:anywhere}
.sheet{position:relative;max-width:52rem;margin:1.5rem auto;padding:1rem;background:#fffdf8;
box-shadow:0 1px 3px #1a243322,0 12px 40px #1a24331a;overflow:hidden}
.frame{border:3px double var(--gold);padding:2.2rem 2.4rem 1.6rem;min-height:66rem;display:flex;
flex-direction:column}
.sample{margin:-1rem -1rem 1rem;padding:.45rem 1rem;background:#8a1f1f;color:#fff;text-align:center;
font:600 .95rem/1.4 system-ui,sans-serif;letter-spacing:.08em}
header{text-align:center;margin-bottom:1.8rem}
h1{margin:0;font-size:2.3rem;letter-spacing:.14em;font-weight:700;line-height:1.3;
text-wrap:balance}
h1:lang(en){letter-spacing:.02em}
.nb{white-space:nowrap}
header p{margin:.3rem 0 0;color:var(--soft);font-size:1.05rem}
dl{margin:0}
.rows>div{display:grid;grid-template-columns:13rem 1fr;gap:.2rem 1.2rem;padding:.55rem 0;
border-bottom:1px solid var(--line)}
dt{color:var(--soft)}
dd{margin:0;font-size:1.1rem;font-weight:600}
dt small,dd small,.more small{display:block;font-size:.82rem;font-weight:400;color:var(--soft)}
.code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-variant-numeric:tabular-nums;
font-weight:500}
h2{font-size:1rem;margin:1.4rem 0 .3rem;color:var(--soft);font-weight:400}
ol{margin:0;padding-left:1.4rem}
.notice{margin:1.4rem 0 0;color:var(--soft)}
.foot{margin-top:auto;padding-top:1.8rem;display:grid;grid-template-columns:1fr auto;gap:1.6rem;
align-items:end}
.issuer{font-size:1.15rem;font-weight:700}
.issuer small{display:block;font-weight:400;font-size:.85rem;color:var(--soft)}
.marks{margin-top:1rem;font-size:.72rem;line-height:1.35}
.marks>div{display:grid;grid-template-columns:7.5rem 1fr;gap:.6rem;padding:.12rem 0}
.marks dd{font-size:.72rem}
.scan{width:60mm;text-align:center;font:.78rem/1.35 system-ui,sans-serif;color:var(--soft)}
.scan svg{display:block;width:100%;aspect-ratio:1;background:#fff}
.how{margin:1.1rem 0 0;padding-top:.8rem;border-top:1px solid var(--line);
font:.78rem/1.5 system-ui,sans-serif;color:var(--soft)}
.how p{margin:.2rem 0}
@media (max-width:40rem){
.sheet{margin:0;padding:.5rem}
.frame{padding:1.1rem .9rem;min-height:0}
h1{font-size:1.6rem;letter-spacing:.06em}
.rows>div{grid-template-columns:1fr;gap:0}
.foot{grid-template-columns:1fr;justify-items:center}
.foot>div:first-child{width:100%}
.sample{margin:-.5rem -.5rem .6rem}
.marks>div{grid-template-columns:1fr;gap:0;padding:.25rem 0}
}
@page{size:A4;margin:12mm}
@media print{
html{font-size:13px}
body{background:#fff;font-size:1rem;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.sheet{box-shadow:none;margin:0;padding:0;max-width:none;background:#fff}
.frame{min-height:0;padding:7mm 9mm 4mm}
header{margin-bottom:.8rem}
.rows>div{padding:.28rem 0}
.notice{margin-top:.6rem}
.notice p{margin:.15rem 0}
.foot{padding-top:.8rem}
.scan{width:45mm}
.how{margin-top:.5rem;padding-top:.4rem;font-size:.72rem}
.sample{margin:0 0 4mm}
dl>div,li,.foot,.how{break-inside:avoid}
}
"""
