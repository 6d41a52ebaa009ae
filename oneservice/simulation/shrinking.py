"""Making a failing world smaller: fewer applicants, fewer faults, fewer days, the same failure.

Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE
TSE 28(2), 2002): a list is cut into parts, and what still fails without a part is kept. It works
here because chance hangs on names: without one fault, or one applicant, the others stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from oneservice.simulation.moments import described
from oneservice.simulation.regions_endings import IN_THE_END
from oneservice.simulation.running import WorldReport, run_world
from oneservice.simulation.settings import Settings

__all__ = ["shrink"]

_T = TypeVar("_T")
_MOST_RUNS: Final = 120
_SLACK_DAYS: Final = 5
_SEEN_AT_THE_END: Final = frozenset(
    {
        "everything-ends",
        "offices-and-journals-agree",
        "no-effect-is-doubled",
        *(described(check)[0] for check in IN_THE_END),
    }
)


@dataclass(slots=True)
class _Search:
    """The smallest failing world so far, and how many more may be tried."""

    best: WorldReport
    invariant: str
    runs_left: int

    def fails(self, settings: Settings) -> bool:
        """Live through a smaller world; keep it where the same invariant breaks."""
        if self.runs_left <= 0:
            return False
        self.runs_left -= 1
        report = run_world(settings)
        if report.violation is None or report.violation.invariant != self.invariant:
            return False
        self.best = report
        return True


def shrink(failed: WorldReport, *, most_runs: int = _MOST_RUNS) -> WorldReport:
    """Return a smaller world that breaks the same invariant; ``failed`` itself at worst.

    Args:
        failed: a world with a violation.
        most_runs: how many smaller worlds are tried at most.
    """
    if failed.violation is None:
        return failed
    invariant = failed.violation.invariant
    search = _Search(failed, invariant, most_runs)
    if invariant not in _SEEN_AT_THE_END:
        # What broke on one day need not be lived through for months where it does not break.
        last_day = failed.virtual_days + _SLACK_DAYS
        search.fails(replace(failed.settings, last_day=last_day))
    _fewer_visits(search)
    _fewer_faults(search)
    _fewer_visits(search)
    _fewer_days(search)
    return search.best


def _fewer_visits(search: _Search) -> None:
    settings = search.best.settings
    visits = sorted(settings.visits or range(1, settings.cases + 1))
    base = settings

    def fails(some: Sequence[int]) -> bool:
        return search.fails(replace(base, visits=frozenset(some)))

    _ddmin(visits, fails)


def _fewer_faults(search: _Search) -> None:
    base = search.best.settings

    def fails(some: Sequence[str]) -> bool:
        return search.fails(replace(base, only=frozenset(some)))

    if fails(()):  # it needs no fault at all
        return
    _ddmin(list(search.best.fault_ids), fails)


def _fewer_days(search: _Search) -> None:
    """Halve the days on which faults may begin; people come on the same days as before."""
    days = search.best.settings.fault_days or search.best.settings.days
    while days > 1:
        days //= 2
        if not search.fails(replace(search.best.settings, fault_days=days)):
            return


def _ddmin(items: list[_T], fails: Callable[[Sequence[_T]], bool]) -> list[_T]:
    """Return a part of ``items`` that still fails, of which no small part can be left out."""
    parts = 2
    while len(items) > 1:
        size = max(1, len(items) // parts)
        chunks = [items[at : at + size] for at in range(0, len(items), size)]
        for chunk in chunks:
            rest = [one for one in items if one not in chunk]
            if parts == 2 and fails(chunk):  # noqa: PLR2004 - the first cut: try the halves alone
                items, parts = list(chunk), 2
                break
            if fails(rest):
                items, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                return items
            parts = min(len(items), parts * 2)
    return items
