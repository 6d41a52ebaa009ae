"""Several regions' working days together: one of them is the own, the others decide parts of cases.

A region may rest on days of its own. An office counts its limits in the days of its region, also
where it decides one step of another region's case (domain page, section 6, consequence c).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oneservice.errors import CalendarConflictError
from oneservice.identifiers import parse_region, region_chain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from oneservice.workdays.calendars import WorkCalendar

__all__ = ["BorrowedDays", "WorkCalendars", "calendar_at", "versions_of", "with_regions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowedDays:
    """Days of one region for another whose own are not known: every limit by them is provisional.

    They are the best guess there is, and no more than that: nothing is granted or passed by them.
    """

    lent: WorkCalendar

    @property
    def version(self) -> str:
        """That of the calendar that is lent."""
        return self.lent.version

    def is_working_day(self, day: date, /) -> bool:
        """Say whether the lending region works on ``day``; see :class:`WorkCalendar`."""
        return self.lent.is_working_day(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendars:
    """A :class:`WorkCalendar`, the own one, that knows those of other regions, too.

    Whoever asks it for a day is answered by ``own``; ``elsewhere`` holds the other regions by code,
    each in its shortest form, in order.
    """

    own: WorkCalendar
    elsewhere: tuple[tuple[str, WorkCalendar], ...]

    @property
    def version(self) -> str:
        """That of the own calendar: what a plan records for the case as a whole."""
        return self.own.version

    def is_working_day(self, day: date, /) -> bool:
        """Say whether the own region works on ``day``; see :class:`WorkCalendar`."""
        return self.own.is_working_day(day)

    def key_for(self, region: str, *, own: str) -> str:
        """Return the code under which the days of ``region`` stand, the nearest wider one.

        Empty text: those of the own calendar, because ``own``, the region that it is of, is nearer
        than any that is named, or because none is.

        Raises:
            IdentifierError: ``region`` or ``own`` is no region code.
        """
        known = dict(self.elsewhere)
        here = region_chain(parse_region(own))[-1]
        for code in reversed(region_chain(parse_region(region))):
            if code in known:
                return code
            if code == here:
                break
        return ""

    def refuse_another(self, own: str) -> None:
        """Refuse days that are named for ``own``, whose days :attr:`own` are already.

        The same days may be named again: regions may share one table of all of them.

        Raises:
            CalendarConflictError: they are other days.
            IdentifierError: ``own`` is no region code.
        """
        here = region_chain(parse_region(own))[-1]
        named = dict(self.elsewhere).get(here)
        if named is not None and named.version != self.own.version:
            msg = (
                f"with_regions names calendar {named.version} for {here}, whose own calendar is "
                f"{self.own.version}: give the days of {here} as the first argument only"
            )
            raise CalendarConflictError(msg, region=here)

    def at(self, key: str) -> WorkCalendar | None:
        """Return the calendar under ``key`` (empty: the own one), ``None`` where there is none."""
        return dict(self.elsewhere).get(key) if key else self.own


def with_regions(calendar: WorkCalendar, calendars: Mapping[str, WorkCalendar]) -> WorkCalendar:
    """Return ``calendar`` with those of other regions beside it; as it is where there are none.

    Args:
        calendar: of the own region. One that knows regions already learns more of them.
        calendars: by region code; each holds for its region and what lies in it. Other days for
            the own region than those of ``calendar`` are refused where they would be used: by
            plans, and when an engine is opened (:meth:`WorkCalendars.refuse_another`).

    Raises:
        IdentifierError: a key is no region code.
    """
    if not calendars:
        return calendar
    known: dict[str, WorkCalendar] = {}
    own = calendar
    if isinstance(calendar, WorkCalendars):
        own, known = calendar.own, dict(calendar.elsewhere)
    for code, one in calendars.items():
        known[region_chain(parse_region(code))[-1]] = one
    return WorkCalendars(own=own, elsewhere=tuple((code, known[code]) for code in sorted(known)))


def calendar_at(calendar: WorkCalendar, key: str) -> WorkCalendar:
    """Return the calendar under ``key``, which :meth:`WorkCalendars.key_for` gave once.

    The own one where ``key`` is empty. Where nobody knows that region's days any more the own ones
    are borrowed, and what is counted in them is provisional.

    References:
        Domain page, section 7, rule 10.
    """
    if not isinstance(calendar, WorkCalendars):
        return BorrowedDays(lent=calendar) if key else calendar
    return calendar.at(key) or BorrowedDays(lent=calendar.own)


def versions_of(calendar: WorkCalendar) -> str:
    """Return the versions of all calendars in one text: it changes when any answer may."""
    if not isinstance(calendar, WorkCalendars):
        return calendar.version
    others = (f"{code}={one.version}" for code, one in calendar.elsewhere)
    return ";".join((calendar.own.version, *others))
