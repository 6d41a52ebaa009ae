"""The looks of the service guide: one style sheet, no picture, no script, no font to fetch.

Tables become cards on narrow screens; on paper (A4) heads repeat, rows stay whole, pages are
numbered. Colours keep a contrast of at least 4.5 to 1 and are never the only sign.
"""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root{--ink:#1a2433;--soft:#51607a;--line:#d8dee8;--pale:#f4f6fa;--accent:#0b4f9c;--tint:#e8f0fa;
--good:#14663c;--good-tint:#e6f4ec;--warn:#8a4b00;--warn-tint:#fdf2e0;color-scheme:light}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#e9edf3;color:var(--ink);line-height:1.6;font-size:16px;
font-family:system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",
"Source Han Sans SC",sans-serif;overflow-wrap:break-word;text-wrap:pretty}
.sheet{max-width:66rem;margin:2rem auto;background:#fff;box-shadow:0 1px 3px #1a243322,
0 12px 40px #1a24331a;border-radius:.75rem;overflow:hidden}
header{background:var(--accent);color:#fff;padding:2.25rem 3rem 2rem}
header .eyebrow{margin:0;font-size:.9rem;letter-spacing:.06em;color:#dbe8f8}
h1{margin:.3rem 0 .6rem;font-size:2.1rem;line-height:1.25;font-weight:700;text-wrap:balance}
header .lead{margin:0;font-size:1.1rem;max-width:46rem}
main{padding:.5rem 3rem 2.5rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));margin:0;
background:var(--line);gap:1px;border-bottom:1px solid var(--line)}
.facts>div{background:#fff;padding:1.1rem 1.25rem}
.facts>div:first-child{padding-left:3rem}
.facts dt{font-size:.85rem;color:var(--soft)}
.facts dd{margin:.1rem 0 0;font-size:1.5rem;font-weight:700;line-height:1.25;
font-variant-numeric:tabular-nums}
.facts dd.words{font-size:1.15rem;line-height:1.65}
.facts dd small{display:block;font-size:.82rem;font-weight:400;color:var(--soft);margin-top:.15rem}
section{margin-top:2.4rem}
h2{display:flex;align-items:baseline;gap:.7rem;margin:0 0 .8rem;font-size:1.35rem;line-height:1.3;
padding-bottom:.45rem;border-bottom:2px solid var(--accent);break-after:avoid}
h2 .no{color:var(--accent);font-variant-numeric:tabular-nums;min-width:1.3em}
h3{margin:1.4rem 0 .5rem;font-size:1.05rem;break-after:avoid}
p{margin:.5rem 0;max-width:50rem}
.hint{color:var(--soft);font-size:.93rem}
a{color:var(--accent);text-underline-offset:.15em}
a:focus-visible{outline:3px solid #f2b632;outline-offset:2px}
table{width:100%;border-collapse:collapse;font-size:.95rem;margin:.4rem 0 .6rem}
caption{text-align:left;color:var(--soft);font-size:.93rem;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.6rem .7rem;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:.2rem}
thead th{font-size:.85rem;color:var(--soft);font-weight:600;border-bottom:1px solid #aab4c5;
white-space:nowrap}
tbody th{font-weight:600}
td small,th small,li small{display:block;color:var(--soft);font-size:.86rem;font-weight:400}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.day{font-variant-numeric:tabular-nums;white-space:nowrap}
.nb{white-space:nowrap}
.mark{display:inline-block;font-size:.78rem;font-weight:600;line-height:1.5;padding:0 .5em;
border-radius:.6em;background:var(--tint);color:var(--accent);white-space:nowrap;
vertical-align:.08em}
.mark.good{background:var(--good-tint);color:var(--good)}
.mark.warn{background:var(--warn-tint);color:var(--warn)}
.box{display:inline-block;width:.95em;height:.95em;border:1.5px solid var(--soft);
border-radius:.15em;margin-right:.55em;vertical-align:-.1em;flex:none}
.note{background:var(--tint);border-left:4px solid var(--accent);border-radius:.3rem;
padding:.7rem 1rem;margin:1rem 0;max-width:none}
.note.warn{background:var(--warn-tint);border-color:var(--warn)}
.note.advice{background:none;border:1px dashed var(--soft);border-left:4px solid var(--good)}
.note.advice strong{color:var(--good)}
ul.plain{list-style:none;margin:.3rem 0;padding:0}
ul.plain>li{padding:.5rem .2rem;border-bottom:1px solid var(--line);break-inside:avoid}
ul.plain>li strong{font-weight:600}
.cols{columns:2;column-gap:2.5rem}
ol.days{list-style:none;margin:.6rem 0 0;padding:0 0 0 .45rem}
ol.days>li{display:grid;grid-template-columns:11rem 1fr;gap:1rem;padding:0 0 .8rem 1.3rem;
border-left:2px solid var(--line);position:relative;break-inside:avoid}
ol.days>li:last-child{padding-bottom:0}
ol.days>li::before{content:"";position:absolute;left:-.43rem;top:.45rem;width:.75rem;height:.75rem;
border-radius:50%;background:#fff;border:2.5px solid var(--accent)}
ol.days>li.end::before{background:var(--accent)}
ol.days time{font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
footer{border-top:1px solid var(--line);background:var(--pale);padding:1.3rem 3rem 1.6rem;
font-size:.85rem;color:var(--soft)}
footer p{max-width:none;margin:.25rem 0}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
font-size:.92em;word-break:break-all}
@media screen and (min-width:44.01rem) and (max-width:62.5rem){
.facts{grid-template-columns:repeat(3,1fr)}
.facts>div:nth-child(3n+1){padding-left:3rem}}
@media (max-width:44rem){
.sheet{margin:0;border-radius:0;box-shadow:none}
header{padding:1.5rem 1.15rem 1.35rem}
h1{font-size:1.6rem}
header .lead{font-size:1rem}
main{padding:.2rem 1.15rem 1.5rem}
.facts{grid-template-columns:1fr 1fr}
.facts>div,.facts>div:first-child{padding:.85rem 1.15rem}
.facts>div:last-child:nth-child(odd){grid-column:1/-1}
.facts dd{font-size:1.3rem}
h2{font-size:1.2rem}
.cols{columns:1}
table.cards,.cards tbody,.cards tr,.cards td,.cards tbody th{display:block;width:100%}
.cards caption{display:block}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{border:1px solid var(--line);border-radius:.5rem;padding:.75rem .9rem;margin:0 0 .7rem}
.cards td,.cards tbody th,.cards td:first-child,.cards tbody th:first-child{border:0;
padding:.12rem 0;text-align:left}
.cards td.num{white-space:normal}
.cards td[data-label]:not(:empty)::before{content:attr(data-label);color:var(--soft);
font-size:.86rem;margin-right:.6em}
.cards td:empty{display:none}
ol.days>li{grid-template-columns:1fr;gap:0}
ol.days time+small{display:inline;margin-left:.5em}
footer{padding:1.1rem 1.15rem 1.4rem}
}
@page{size:A4;margin:16mm 15mm 17mm;@bottom-right{content:counter(page) " / " counter(pages);
font:8.5pt system-ui,sans-serif;color:#51607a}}
@media print{
html{font-size:9.6pt}
body{background:#fff;font-size:1rem;line-height:1.45}
.sheet{max-width:none;margin:0;box-shadow:none;border-radius:0;overflow:visible}
header{background:none;color:var(--ink);padding:0 0 4mm;border-bottom:2.5pt solid var(--accent)}
header .eyebrow{color:var(--accent);font-weight:600}
h1{font-size:20pt;margin:.5mm 0 1.5mm}
header .lead{font-size:10.5pt;max-width:none}
main{padding:0}
.facts{grid-template-columns:repeat(6,1fr);background:none;gap:0}
.facts>div,.facts>div:first-child{padding:2.5mm 2mm 2.5mm 0}
.facts dt{font-size:8pt}
.facts dd{font-size:12.5pt}
.facts dd small{font-size:7.6pt}
section{margin-top:6.5mm}
h2{font-size:13pt;border-bottom-width:1.2pt;margin-bottom:2mm}
h3{font-size:10.5pt;margin:3mm 0 1mm}
p{max-width:none;orphans:3;widows:3}
h2+p,h2+p.hint,caption{break-after:avoid}
table{font-size:9pt}
th,td{padding:1.4mm 2mm}
thead{display:table-header-group}
tr,.note{break-inside:avoid}
.mark,.note,.facts,footer{print-color-adjust:exact;-webkit-print-color-adjust:exact}
a{color:inherit}
a[href]::after{content:" (" attr(href) ")";font-size:.85em;word-break:break-all}
ul.plain>li{padding:1mm .2mm}
.cols{columns:3;column-gap:6mm}
footer{background:none;padding:3mm 0 0;margin-top:7mm;font-size:8pt;break-inside:avoid}
}
"""
