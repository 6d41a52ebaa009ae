"""A conformance report as a page: each statement as it is known, then what is broken, in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.cli.pages import counted
from oneservice.conformance import Verdict, exchange_text, masked_text

if TYPE_CHECKING:
    from oneservice.cli.pages import Page
    from oneservice.conformance import Report, Result

__all__ = ["show_report", "show_result"]

_MARKS: Final = {
    Verdict.PASS: ("ok  ", "green"),
    Verdict.FAIL: ("FAIL", "bold red"),
    Verdict.NOT_APPLICABLE: ("n/a ", "dim"),
}
_LONGEST: Final = 1_200
"""Characters of an exchange on a terminal; the other reports have the whole."""


def show_result(page: Page, result: Result) -> None:
    """Write one line as soon as a statement is known."""
    mark, style = _MARKS[result.verdict]
    page.point(f"{result.statement.number} {result.statement.title}", mark=mark, style=style)


def show_report(page: Page, report: Report) -> None:
    """Write what is not known and why, what is broken with its exchanges, and the sum."""
    wanting: dict[str, list[str]] = {}
    for result in report.of(Verdict.NOT_APPLICABLE):
        wanting.setdefault(result.why, []).append(result.statement.number)
    if wanting:
        page.head("What could not be tried, and what is wanting for it")
    for why, numbers in wanting.items():
        page.point(f"{', '.join(numbers)}: {why}", mark="n/a")
    for result in report.of(Verdict.FAIL):
        _show_broken(page, result)
    counts = {verdict: len(report.of(verdict)) for verdict in Verdict}
    page.head(
        f"{report.department}, step {report.step_id}: "
        f"{counts[Verdict.PASS]} hold, {counts[Verdict.FAIL]} broken, "
        f"{counts[Verdict.NOT_APPLICABLE]} not applicable "
        f"({counted(len(report.results), 'statement')}, {report.seconds:.1f} s)"
    )


def _show_broken(page: Page, result: Result) -> None:
    statement = result.statement
    page.head(f"{statement.number} {statement.title}")
    page.line(masked_text(result.why), indent=2, style="red")
    page.line(f"Likely cure: {statement.cure}", indent=2)
    page.line(f"Protocol, section {statement.clause}.", indent=2, style="dim")
    for exchange in result.exchanges[-1:]:
        page.line()
        for line in exchange_text(exchange)[:_LONGEST].splitlines():
            page.line(line, indent=4, style="dim")
