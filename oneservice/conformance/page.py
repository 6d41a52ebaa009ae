"""The report as one HTML page: no script, nothing fetched, readable on a telephone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from oneservice.conformance.masking import masked_text
from oneservice.conformance.reports import exchange_text
from oneservice.conformance.verdicts import Result, Verdict

if TYPE_CHECKING:
    from oneservice.conformance.running import Report

__all__ = ["as_html"]

_WORDS: Final = {
    Verdict.FAIL: "Broken",
    Verdict.NOT_APPLICABLE: "Not applicable",
    Verdict.PASS: "Hold",
}
_MARKS: Final = {Verdict.FAIL: "✗", Verdict.NOT_APPLICABLE: "–", Verdict.PASS: "✓"}
_STYLE: Final = """
:root{color-scheme:light dark;--line:#c8ccd0;--fail:#b3261e;--pass:#1b6e3a;--soft:#5f6368;
--code:#f3f4f6;--card:#fff;--page:#fafafa;--text:#1c1e21}
@media(prefers-color-scheme:dark){:root{--line:#3c4043;--fail:#ff8a80;--pass:#7bd88f;
--soft:#a8adb2;--code:#202326;--card:#17191b;--page:#101112;--text:#e8eaed}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
font:1rem/1.5 system-ui,"Noto Sans CJK SC",sans-serif}
main{max-width:52rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.1rem;margin:1.75rem 0 .5rem}
p{margin:.4rem 0;overflow-wrap:anywhere}
.counts{display:flex;gap:.5rem;flex-wrap:wrap;margin:1rem 0;padding:0;list-style:none}
.counts li{flex:1 1 6rem;border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem;
background:var(--card)}
.counts b{display:block;font-size:1.5rem;line-height:1.2}
.fail{color:var(--fail)}.pass{color:var(--pass)}.soft{color:var(--soft)}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;background:var(--card)}
summary{padding:.75rem;cursor:pointer;overflow-wrap:anywhere;min-height:2.75rem}
summary:focus-visible{outline:3px solid currentColor;outline-offset:-3px;border-radius:.5rem}
details>div{padding:0 .75rem .75rem}
pre{background:var(--code);padding:.75rem;border-radius:.375rem;margin:.5rem 0;
white-space:pre-wrap;overflow-wrap:anywhere;font:.8rem/1.45 ui-monospace,monospace}
@media print{details>div{display:block}summary{min-height:0}}
"""


def as_html(report: Report) -> bytes:
    """Return the page: what is broken first and open, what holds last and closed."""
    sections = [_section(report, verdict) for verdict in _WORDS if report.of(verdict)]
    word = "conforms" if report.is_conforming else "does not conform"
    tone = "pass" if report.is_conforming else "fail"
    title = f"{report.department} {word}"
    counts = "".join(
        f'<li class="{_tone(verdict)}"><b>{len(report.of(verdict))}</b>{_WORDS[verdict]}</li>'
        for verdict in _WORDS
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{_text(report.department)} <span class="{tone}">{word}</span></h1>'
        f'<p class="soft">Adapter protocol 1.0 at {_text(report.url)}, step '
        f"{_text(report.step_id)}, run {_text(report.run)}, {report.seconds:.1f} s. "
        "Personal data is masked (•••).</p>"
        f'<ul class="counts">{counts}</ul>{"".join(sections)}</main></body></html>\n'
    ).encode()


def _section(report: Report, verdict: Verdict) -> str:
    parts = "".join(_result(one) for one in report.of(verdict))
    return f"<section><h2>{_WORDS[verdict]}</h2>{parts}</section>"


def _result(result: Result) -> str:
    statement = result.statement
    is_broken = result.verdict is Verdict.FAIL
    mark = f'<span class="{_tone(result.verdict)}">{_MARKS[result.verdict]}</span>'
    cure = f"<p><b>Likely cure:</b> {_text(statement.cure)}</p>" if is_broken else ""
    told = masked_text(result.why)
    why = f"<p><b>{_text(told[:1].upper() + told[1:])}</b></p>" if told else ""
    shown = "".join(f"<pre>{_text(exchange_text(one))}</pre>" for one in result.exchanges)
    return (
        f"<details{' open' if is_broken else ''}><summary>{mark} <b>{statement.number}</b> "
        f"{_text(statement.title)}</summary><div>{why}{cure}"
        f'<p class="soft">Protocol, section {_text(statement.clause)}; '
        f"{result.seconds:.2f} s</p>{shown}</div></details>"
    )


def _tone(verdict: Verdict) -> str:
    return {Verdict.FAIL: "fail", Verdict.PASS: "pass"}.get(verdict, "soft")


def _text(words: str) -> str:
    return escape(words, quote=True)
