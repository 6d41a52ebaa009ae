"""One appointment for all offices that must see the premises (一同勘验), on a day common to all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from oneservice.plan.activation import ActiveStep
from oneservice.plan.parts import Appointment
from oneservice.plan.schedule import Reckoning, Span

__all__ = ["appointments"]

_ONE_DAY = timedelta(days=1)


class _Window(NamedTuple):
    """The working days on which one step can be seen; sorts by the last of them."""

    latest: date
    place: int
    """Of the step among the others, in the author's order."""
    earliest: date
    ids: tuple[str, ...]
    is_provisional: bool


def appointments(
    shared: Iterable[ActiveStep],
    spans: Mapping[str, Span],
    reckoning: Reckoning,
    regions: Mapping[str, str | None],
) -> tuple[Appointment, ...]:
    """Return the fewest visits that serve all of ``shared``; as a rule it is one.

    Offices of two regions do not go together: ``regions`` says by step where it is decided, if not
    by the region that accepts.
    """
    groups: dict[str | None, list[ActiveStep]] = {}
    for step in shared:
        groups.setdefault(regions[step.step.id], []).append(step)
    return tuple(
        visit for some in groups.values() for visit in _in_one_region(some, spans, reckoning)
    )


def _in_one_region(
    shared: Iterable[ActiveStep], spans: Mapping[str, Span], reckoning: Reckoning
) -> tuple[Appointment, ...]:
    """Return the fewest visits for offices of one region.

    Steps that wait for one another have no day in common: then a second visit follows. Taking the
    window that closes first and all that are open on its last day needs the fewest visits.
    """
    windows = sorted(
        _window(step, place, spans[step.step.id], reckoning.of(step.step.id))
        for place, step in enumerate(shared)
    )
    found = []
    while windows:
        last = windows[0].latest
        together = [one for one in windows if one.earliest <= last]
        windows = [one for one in windows if one.earliest > last]
        found.append(
            Appointment(
                steps=tuple(
                    name
                    for one in sorted(together, key=lambda window: window.place)
                    for name in one.ids
                ),
                earliest=max(one.earliest for one in together),
                latest=last,
                is_provisional=any(one.is_provisional for one in together),
            )
        )
    return tuple(found)


def _window(step: ActiveStep, place: int, span: Span, reckoning: Reckoning) -> _Window:
    """Return the working days after acceptance up to the due day; on the spot, that one day."""
    start, end = span.starts.on, span.due.on
    earliest, latest = start + _ONE_DAY, end
    while earliest < end and not reckoning.is_probably_working_day(earliest):
        earliest += _ONE_DAY
    while latest > earliest and not reckoning.is_probably_working_day(latest):
        latest -= _ONE_DAY
    if start == end:
        earliest = latest = start
    return _Window(latest, place, earliest, step.ids, span.due.is_provisional)
