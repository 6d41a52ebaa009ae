"""Desk time: working hours of working days as one axis of whole seconds.

Theory of operation. Whoever queues at an office waits in desk time: evenings, lunch and days off
do not exist on this axis. So a queue is plain arithmetic, and only its ends are turned back into
instants. The days come from :mod:`oneservice.workdays`; a table of them is built once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from oneservice.workdays import LEGAL_ZONE, WorkCalendar, provisionally

__all__ = ["SESSIONS", "OfficeHours", "seconds_of"]

SESSIONS: Final = ((9 * 3600, 12 * 3600), (13 * 3600 + 1800, 17 * 3600))
"""Seconds after midnight between which people are at their desks: 9-12 and 13.30-17."""
_FIRST: Final = date(2020, 1, 1)
_CHUNK: Final = 366
_DAY_S: Final = 86_400
_OFFSET_S: Final = int((LEGAL_ZONE.utcoffset(None) or timedelta(0)).total_seconds())
_FIRST_DAY: Final = (_FIRST - date(1970, 1, 1)).days
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


def seconds_of(instant: datetime) -> int:
    """Return ``instant`` (aware) in whole seconds since 1970, UTC; fractions are cut."""
    return (instant.astimezone(UTC) - _EPOCH) // _SECOND


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


class OfficeHours:
    """Turns instants into desk time and back; instants are whole seconds since 1970, UTC.

    In a year that is not announced yet Monday to Friday are worked: an office makes appointments
    in January although the notice comes later. Days before 2020 are not known.
    """

    def __init__(
        self, calendar: WorkCalendar, sessions: tuple[tuple[int, int], ...] = SESSIONS
    ) -> None:
        if any(end <= start for start, end in sessions) or any(
            later[0] < earlier[1] for earlier, later in pairwise(sessions)
        ):
            msg = "sessions are (start, end) in seconds after midnight, in order, not overlapping"
            raise ValueError(msg)
        self._calendar = calendar
        self._sessions = sessions
        self.day_s = sum(end - start for start, end in sessions)
        """Desk seconds of one working day."""
        self._before: list[int] = [0]  # working days before each day since the first
        self._days: list[int] = []  # the working days, counted from the first day

    def desk_time(self, instant: int) -> int:
        """Return the desk seconds that have passed at ``instant``."""
        day, second = divmod(instant + _OFFSET_S, _DAY_S)
        index = day - _FIRST_DAY
        before = self._before
        if not 0 <= index < len(before) - 1:
            self._know(index)
        full = before[index]
        desk = full * self.day_s
        if before[index + 1] > full:
            for start, end in self._sessions:
                if second > start:
                    desk += min(second, end) - start
        return desk

    def instant(self, desk: int) -> int:
        """Return the earliest instant at which ``desk`` seconds of desk time have passed."""
        number, rest = divmod(desk, self.day_s)
        if not rest and number:  # the evening before, not the next morning
            number, rest = number - 1, self.day_s
        midnight = self._midnight(number)
        for start, end in self._sessions:
            if rest <= end - start:
                return midnight + start + rest
            rest -= end - start
        raise AssertionError  # pragma: no cover - the sessions sum up to the day

    def after(self, instant: int, seconds: int) -> int:
        """Return when ``seconds`` (>= 0) of desk time after ``instant`` have passed."""
        return max(instant, self.instant(self.desk_time(instant) + seconds))

    def opening(self, instant: int, days: int) -> int:
        """Return when the office opens on the working day ``days`` (>= 1) after ``instant``'s."""
        return self._midnight(self.working_days(instant) + days - 1) + self._sessions[0][0]

    def day_is_over(self, instant: int, days: int) -> int:
        """Return the first instant after the working day ``days`` (>= 1) after ``instant``'s."""
        return self._midnight(self.working_days(instant) + days - 1) + _DAY_S

    def working_days(self, instant: int) -> int:
        """Return the number of working days up to and including the day of ``instant``.

        The difference of two is what ``workdays.working_days_elapsed`` counts between their days.
        """
        index = (instant + _OFFSET_S) // _DAY_S - _FIRST_DAY
        if not 0 <= index < len(self._before) - 1:
            self._know(index)
        return self._before[index + 1]

    def day(self, instant: int, days: int) -> date:
        """Return the working day that is ``days`` (>= 1) after the day of ``instant``."""
        number = self.working_days(instant) + days - 1
        return date.fromordinal((self._midnight(number) + _OFFSET_S) // _DAY_S + _EPOCH_ORDINAL)

    def _midnight(self, number: int) -> int:
        """Return the instant at which the working day ``number`` (from 0) begins."""
        while number >= len(self._days):
            self._know(len(self._before))
        return (self._days[number] + _FIRST_DAY) * _DAY_S - _OFFSET_S

    def _know(self, index: int) -> None:
        """Extend the table so that day ``index`` is in it."""
        if index < 0:
            msg = f"offices keep no hours before {_FIRST}"
            raise ValueError(msg)
        until = index + _CHUNK
        days, _ = provisionally(
            self._calendar,
            lambda calendar: [
                number
                for number in range(len(self._before) - 1, until)
                if calendar.is_working_day(_FIRST + timedelta(days=number))
            ],
        )
        worked = set(days)
        for number in range(len(self._before) - 1, until):
            self._before.append(self._before[-1] + (number in worked))
        self._days += days
