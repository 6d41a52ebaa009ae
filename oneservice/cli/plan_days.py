"""Days on which a region's offices rest beside those announced: ``--day-off REGION=DATE``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from oneservice.identifiers import parse_region, region_chain
from oneservice.workdays import WorkCalendar, announced_calendar, with_regions

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["calendar_for"]


def calendar_for(region: str, days_off: Iterable[str]) -> WorkCalendar:
    """Return the announced calendar of ``region``, with the days off of it and of other regions.

    Raises:
        click.UsageError: an entry is no ``REGION=DATE``.
        CalendarUnknownError: a day lies in a year that is not announced.
    """
    by_region: dict[str, set[date]] = {}
    for text in days_off:
        code, day = _entry(text)
        by_region.setdefault(code, set()).add(day)
    national = announced_calendar()
    resting = {
        code: national.regional(extra_days_off=_with_wider(code, by_region)) for code in by_region
    }
    chain = region_chain(parse_region(region))
    own = next((resting[code] for code in reversed(chain) if code in resting), national)
    return with_regions(own, resting and {chain[0]: national, **resting})


def _with_wider(region: str, by_region: dict[str, set[date]]) -> set[date]:
    """Return the days off of ``region`` and of every region around it."""
    chain = region_chain(parse_region(region))
    return set().union(*(by_region.get(code, set()) for code in chain))


def _entry(text: str) -> tuple[str, date]:
    code, _, day = text.partition("=")
    try:
        return region_chain(parse_region(code.strip()))[-1], date.fromisoformat(day.strip())
    except ValueError:
        msg = f"--day-off takes REGION=DATE, such as 450000=2026-04-20; {text!r} is none"
        raise click.UsageError(msg) from None
