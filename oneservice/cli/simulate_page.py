"""What ``oneservice simulate`` tells people."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Final

import click

from oneservice.cli.pages import Page, counted, print_json
from oneservice.simulation import ProvinceReport, WorldReport, replay_text

__all__ = ["tell_failure", "tell_invariants", "tell_province"]

_COUNTED: Final = {
    "records": "records written",
    "commits": "commits",
    "dispatches": "filings, other messages and documents sent",
    "exchanges": "exchanges with offices",
    "retries": "messages that failed and were tried again",
    "incidents": "incidents shown to people",
    "halts": "steps halted",
    "resumes": "steps resumed by operators",
    "adopted": "decisions taken over from paper",
    "reassigned": "steps given to another department",
    "closed": "cases closed by operators",
    "migrated": "cases migrated to a new definition",
    "granted by silence": "steps granted by silence",
    "consents withdrawn": "consents withdrawn",
    "rated": "ratings",
    "continued at a window": "cases continued at a window",
    "erased": "cases erased",
    "crashes": "crashes of the engine",
}
_BETWEEN_REGIONS: Final = {
    "cases across borders": "cases that one region decided for another",
    "unreached": "connections that a partition swallowed",
    "parted": "times that two regions were cut off from each other",
    "parted one way": "times that one could not reach another",
    "went dark": "times that a region went dark",
    "clocks wrong by hours": "times that a region's clock was wrong by hours",
    "keys changed": "keys that were changed",
    "restored from an old backup": "regions restored from an old backup",
    "lost with a backup": "cases that were gone after that",
    "forgotten filings that were told": "applications in them that the engine found",
    "disagreements": "histories on which two regions disagreed",
    "disagreements that were reported": "of them reported, with evidence",
    "decisions kept by their signatures": "decisions that one forgot, kept by its signature",
    "instants compared": "acceptances compared on both sides",
    "certificates moved": "certificates that moved to another region",
    "certificates kept": "certificates that another region refused",
    "regions left": "regions that left for good",
    "waiting for a region that left": "cases that wait for it, and say so",
}
_SHOWN_FAULTS: Final = 12
_COARSE: Final = 10
"""From so many cases per second on, nobody asks for tenths."""


def tell_invariants(sentences: Mapping[str, str], *, as_json: bool) -> None:
    """List names and sentences of all invariants."""
    if as_json:
        print_json({"invariants": dict(sentences)})
        return
    Page().table(("invariant", "what must be true"), sentences.items(), unbroken=frozenset({0}))


def tell_province(page: Page, report: ProvinceReport, *, took_s: float) -> None:
    """Tell what happened to all cases, what went wrong, and what was checked."""
    page.title(f"{counted(report.cases, 'case')} in {counted(report.worlds, 'world')}")
    page.head("How cases ended")
    _counts(page, report.ends)
    page.head("Faults that were injected")
    _counts(page, report.faults)
    page.head("What followed")
    _counts(page, {words: report.counts[name] for name, words in _COUNTED.items()})
    between = {
        words: report.counts[name]
        for name, words in _BETWEEN_REGIONS.items()
        if name in report.counts
    }
    if between:
        page.head("Between regions")
        _counts(page, between)
    page.head("Invariants looked at")
    _counts(page, report.checks)
    page.line()
    rate = report.cases / max(took_s, 0.001)
    page.line(
        f"{report.virtual_days:,} virtual days in {took_s:.1f} s: "
        f"{rate:,.{0 if rate >= _COARSE else 1}f} cases per second"
    )
    page.line(f"all journals: {report.digest}")
    page.line("every invariant held" if report.failed is None else "an invariant was BROKEN")


def tell_failure(page: Page, failed: WorldReport, small: WorldReport) -> None:
    """Tell which invariant was broken, where, and how to see it again."""
    violation = small.violation or failed.violation
    if violation is None:
        return
    page.head(f"Broken: {violation.invariant}")
    page.line(f"case {violation.case_id}: {violation.problem}", indent=2)
    if violation.last_events:
        page.line("its last events:", indent=2)
        for event in violation.last_events:
            page.line(event.strip(), indent=4)
    page.head("A smaller world that breaks it" if small is not failed else "The world")
    settings = small.settings
    visits = settings.cases if settings.visits is None else len(settings.visits)
    page.line(
        f"seed {settings.seed}, {counted(visits, 'applicant')}, "
        f"{counted(len(small.fault_ids), 'fault')}",
        indent=2,
    )
    for fault in small.fault_ids[:_SHOWN_FAULTS]:
        page.point(fault, indent=4)
    page.line("live it again:", indent=2)
    # One line whatever the width: it is there to be copied.
    click.echo(f"    oneservice simulate --replay {shlex.quote(replay_text(settings))}")
    if small is not failed:
        page.line("the whole world in which it was found:", indent=2)
        click.echo(f"    oneservice simulate --replay {shlex.quote(replay_text(failed.settings))}")


def _counts(page: Page, counts: Mapping[str, int]) -> None:
    if not counts:
        page.line("none", indent=2)
        return
    rows = [(name, f"{number:,}") for name, number in sorted(counts.items())]
    page.table(("", "count"), rows, right=frozenset({1}), unbroken=frozenset({1}))
