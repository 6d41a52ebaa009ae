"""The only place that reads the time: the real clock, and two that move when they are told to.

Everything else is handed a ``Clock`` (see ``oneservice.ports``), so that a case of many days can be
lived through in a second, and a test says on which day it plays.

All virtual clocks obey one rule: **time never goes back**. Moving one to an instant that it has
passed changes nothing. It is what makes one clock usable by several waiters and processes.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from bisect import insort
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from oneservice.errors import FileUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FileClock", "SystemClock", "VirtualClock"]

_SLICE_S: Final = 60.0
"""Longest sleep in one piece: a machine that was suspended or set notices within a minute."""
_ONE_DAY: Final = timedelta(days=1)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock

    async def wait_until(self, instant: datetime) -> None:
        """Sleep in real time until ``instant`` (aware) has come."""
        while (left_s := (instant - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - only time passes
            await asyncio.sleep(min(left_s, _SLICE_S))


class VirtualClock:
    """An instant that stands still until somebody moves it or waits.

    ``start`` is aware. Waiting moves the clock, so that nobody ever sleeps; where several wait, it
    stops at each one's instant in turn, the earliest first.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._waiting = _Waiting()

    def now(self) -> datetime:
        """Return the virtual instant in UTC."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to ``instant`` (aware), unless it has passed."""
        self._now = max(self._now, instant.astimezone(UTC))

    def advance(self, distance: timedelta) -> None:
        """Let ``distance`` pass; a negative one changes nothing."""
        self.set(self._now + distance)

    async def wait_until(self, instant: datetime) -> None:
        """Jump to ``instant`` (aware); other tasks run at least once before this returns."""
        with self._waiting.place(instant):
            await asyncio.sleep(0)
            while self._now < instant:
                self.set(self._waiting.earliest())
                await asyncio.sleep(0)


class FileClock:
    """A virtual instant in a small file, shared by all processes that name the file.

    The file holds one line of RFC 3339; it is replaced in one step under a lock, so a reader sees
    the old instant or the new one, and a process that is killed leaves a whole file behind. It is
    read anew for each ``now()`` (about ten microseconds): modification times are too coarse, and
    inode numbers too quickly used again, for a cache to be right.

    Args:
        path: the file; its folder must exist. ``path.lock`` and, briefly, ``path.tmp`` lie beside.
        start: aware; the instant of a file that does not exist yet. An existing one goes on.
        pace_s_per_day: real seconds that a virtual day takes for who waits; 0 jumps at once.

    Raises:
        FileUnusableError: the file is missing and there is no ``start``, it cannot be read or
            written, or it holds no instant. Every method that touches it may raise this.
    """

    def __init__(
        self, path: Path, *, start: datetime | None = None, pace_s_per_day: float = 0.0
    ) -> None:
        self._path = path
        self._pace_s_per_day = pace_s_per_day
        self._waiting = _Waiting()
        if start is not None:
            self._create(start)
        self.now()

    def now(self) -> datetime:
        """Return the virtual instant in UTC, as any process last set it."""
        try:
            with self._path.open("rb", buffering=0) as file:
                text = file.read(64)
        except OSError as error:
            raise self._unusable(f"cannot be read ({error.strerror})") from error
        try:
            instant = datetime.fromisoformat(text.decode("ascii").strip())
        except ValueError:  # UnicodeDecodeError is one too
            raise self._unusable("holds no instant") from None
        if instant.tzinfo is None:  # the machine's own zone would be a guess
            raise self._unusable("holds no instant, but a time without a zone")
        return instant.astimezone(UTC)

    def set(self, instant: datetime) -> None:
        """Move to ``instant`` (aware) for every process, unless it has passed."""
        with self._locked():
            if instant > self.now():
                self._write(instant)

    def advance(self, distance: timedelta) -> None:
        """Let ``distance`` pass for every process; a negative one changes nothing."""
        self.set(self.now() + distance)

    async def wait_until(self, instant: datetime) -> None:
        """Move to ``instant`` (aware), a day at a time at the pace that was asked for."""
        with self._waiting.place(instant):
            await asyncio.sleep(0)
            while (now := self.now()) < instant:
                goal = min(self._waiting.earliest(), now + _ONE_DAY)
                # Two who wait sleep through the same stretch, and the later `set` changes nothing.
                await asyncio.sleep((goal - now) / _ONE_DAY * self._pace_s_per_day)
                self.set(goal)

    def _create(self, start: datetime) -> None:
        with self._locked():
            if not self._path.exists():
                self._write(start)

    def _write(self, instant: datetime) -> None:
        """Replace the file; the caller holds the lock, so the name of the new one is free."""
        fresh = self._path.with_name(f"{self._path.name}.tmp")
        line = instant.astimezone(UTC).isoformat(timespec="microseconds")
        try:
            fresh.write_bytes(line.encode("ascii") + b"\n")
            fresh.replace(self._path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise self._unusable(f"cannot be written ({error.strerror})") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock beside the file; the system frees it when a process dies."""
        beside = self._path.with_name(f"{self._path.name}.lock")
        try:
            handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._unusable(f"cannot be locked ({error.strerror})") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _unusable(self, problem: str) -> FileUnusableError:
        return FileUnusableError(
            f"clock file {self._path}: {problem}; check that the folder exists and may be written, "
            "or remove the file and start the clock anew"
        )


class _Waiting:
    """The instants that are being waited for, in order."""

    def __init__(self) -> None:
        self._instants: list[datetime] = []

    def earliest(self) -> datetime:
        return self._instants[0]

    @contextmanager
    def place(self, instant: datetime) -> Iterator[None]:
        insort(self._instants, instant)
        try:
            yield
        finally:
            self._instants.remove(instant)
