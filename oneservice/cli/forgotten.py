"""``oneservice forgotten``: applications that departments have and an old backup does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.canonical import write_instant
from oneservice.cli.options import FILE, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.refusals import FINDING
from oneservice.cli.verify_words import Words
from oneservice.runtimes import forgotten_in

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.plan import Language
    from oneservice.runtimes import NotedFiling

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice forgotten cases.db
  oneservice forgotten cases.db --settled --json

An engine that goes on from an old backup reads what departments tell of its
applications, and notes those that it does not know. It may be at work
meanwhile: FILE is only read. Settle one with 'engine.forgotten.settle'.

Exit codes: 0 nothing is open, 1 something is, 2 wrong use.
"""
_NONE: Final = Words("没有遗失的申报", "nothing is forgotten")
_OPEN: Final = Words(
    "{} 件申报在部门处存在，而本机备份中没有：",
    "{} applications stand at departments, unknown here:",
)
_LINE: Final = Words("{} · {}：部门处状态 {}，{} 发现", "{} · {}: stands there as {}, found at {}")
_BACK: Final = Words(
    "案件现已在本机；是否为同一次申报，由引擎判断",
    "its case is here by now; the engine tells if the attempt is",
)
_SETTLED: Final = Words("已办结：{}", "settled by {}")
_UNREAD: Final = Words("尚未读到", "not read yet")
_TODO: Final = Words(
    "请恢复较新的备份；没有的，告知申请人，并请部门终止该申报后再重新申报",
    "restore a newer backup; without one tell the applicants, and have the department end the "
    "application before it is filed anew",
)


@click.command("forgotten", epilog=_EPILOG)
@click.argument("file", type=FILE, metavar="FILE")
@click.option("--settled", "with_settled", is_flag=True, help="Name also what was settled.")
@language_option
@json_option
def command(*, file: Path, with_settled: bool, language: str, as_json: bool) -> None:
    """List what departments have from the engine of FILE, and FILE has forgotten."""
    noted = forgotten_in(file)
    still = [one for one in noted if not one.filing.settled]
    told = noted if with_settled else still
    if as_json:
        for one in told:
            print_json(_facts(one), indent=None)
    else:
        _show(told, len(still), language_of(language))
    raise click.exceptions.Exit(FINDING if still else 0)


def _facts(one: NotedFiling) -> dict[str, Any]:
    filing = one.filing
    return {
        "department": filing.department,
        "submission_id": filing.submission_id,
        "case_id": filing.case_id,
        "step": filing.sub_case_id,
        "state": filing.state or None,
        "head_seq": filing.head_seq,
        "found_at": write_instant(filing.found_at),
        "digests": [event.digest for event in filing.evidence],
        "has_case": one.has_case,
        "settled": filing.settled or None,
    }


def _show(told: Any, still: int, language: Language) -> None:
    page = Page()
    head = _OPEN.of(language).format(still) if still else _NONE.of(language)
    page.line(head, style="bold")
    for one in told:
        filing = one.filing
        state = filing.state or _UNREAD.of(language)
        at = write_instant(filing.found_at)
        page.point(_LINE.of(language).format(filing.department, filing.submission_id, state, at))
        if filing.settled:
            page.line(_SETTLED.of(language).format(filing.settled), indent=4)
        elif one.has_case:
            page.line(_BACK.of(language), indent=4)
    if still:
        page.line(_TODO.of(language))
