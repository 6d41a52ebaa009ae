"""Clocks: real, virtual, and shared through a file."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import signal
import stat
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.clocks import FileClock, SystemClock, VirtualClock
from oneservice.errors import FileUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from oneservice.ports import Clock

START = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def every_kind(folder: Path) -> tuple[Clock, ...]:
    """Fail in the type checker when a clock stops being a Clock."""
    return SystemClock(), VirtualClock(START), FileClock(folder / "clock", start=START)


def test_all_clocks_speak_aware_utc(tmp_path: Path) -> None:
    for clock in every_kind(tmp_path):
        assert clock.now().tzinfo is UTC


async def test_waiting_for_the_past_returns_at_once_and_moves_nothing(tmp_path: Path) -> None:
    for clock in every_kind(tmp_path):
        before = clock.now()
        await clock.wait_until(before - DAY)
        assert clock.now() - before < timedelta(seconds=5)


async def test_the_system_clock_waits_in_real_time() -> None:
    clock = SystemClock()
    goal = clock.now() + timedelta(milliseconds=30)
    began = time.monotonic()
    await clock.wait_until(goal)
    assert clock.now() >= goal
    assert time.monotonic() - began >= 0.029


async def test_the_system_clock_sleeps_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set forward during a long sleep is noticed: no slice exceeds a minute."""
    slices: list[float] = []
    present = [START]

    async def sleep(seconds: float) -> None:
        slices.append(seconds)
        present[0] += timedelta(hours=1)

    clock = SystemClock()
    monkeypatch.setattr(clock, "now", lambda: present[0], raising=False)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    await clock.wait_until(START + timedelta(hours=2))
    assert slices == [60.0, 60.0]


class TestVirtual:
    async def test_waiting_jumps_and_lets_others_run(self) -> None:
        clock = VirtualClock(START)
        ran: list[str] = []
        task = asyncio.create_task(_append(ran))
        await clock.wait_until(START + 40 * DAY)
        assert clock.now() == START + 40 * DAY
        assert ran == ["other"]
        await task

    async def test_several_who_wait_are_served_earliest_first(self) -> None:
        clock = VirtualClock(START)
        seen: list[tuple[int, datetime]] = []

        async def wait(days: int) -> None:
            await clock.wait_until(START + days * DAY)
            seen.append((days, clock.now()))

        await asyncio.gather(*(wait(days) for days in (5, 2, 9, 2)))
        assert [days for days, _ in seen] == [2, 2, 5, 9]
        assert all(now == START + days * DAY for days, now in seen)

    async def test_one_who_gives_up_waiting_holds_nobody_back(self) -> None:
        clock = VirtualClock(START)
        task = asyncio.create_task(clock.wait_until(START + DAY))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await clock.wait_until(START + 3 * DAY)
        assert clock.now() == START + 3 * DAY

    @given(st.lists(st.timedeltas(timedelta(days=-400), timedelta(days=400)), max_size=20))
    def test_it_never_goes_back(self, moves: list[timedelta]) -> None:
        clock = VirtualClock(START)
        for move in moves:
            before = clock.now()
            clock.advance(move)
            assert clock.now() == max(before, before + move)
            clock.set(before - DAY)
            assert clock.now() >= before

    def test_other_zones_are_turned_into_utc(self) -> None:
        shanghai = timezone(timedelta(hours=8))
        clock = VirtualClock(datetime(2026, 9, 21, 9, 0, tzinfo=shanghai))
        assert clock.now() == START
        assert clock.now().tzinfo is UTC


class TestFile:
    def test_it_goes_on_where_it_was(self, tmp_path: Path) -> None:
        FileClock(tmp_path / "clock", start=START).advance(3 * DAY)
        assert FileClock(tmp_path / "clock", start=START).now() == START + 3 * DAY
        assert FileClock(tmp_path / "clock").now() == START + 3 * DAY

    def test_two_objects_see_one_time(self, tmp_path: Path) -> None:
        one = FileClock(tmp_path / "clock", start=START)
        other = FileClock(tmp_path / "clock")
        one.set(START + DAY)
        assert other.now() == START + DAY
        other.set(START)
        assert one.now() == START + DAY

    async def test_waiting_jumps(self, tmp_path: Path) -> None:
        clock = FileClock(tmp_path / "clock", start=START)
        await clock.wait_until(START + 400 * DAY + timedelta(microseconds=1))
        assert clock.now() == START + 400 * DAY + timedelta(microseconds=1)

    async def test_the_pace_lets_days_pass_visibly(self, tmp_path: Path) -> None:
        clock = FileClock(tmp_path / "clock", start=START, pace_s_per_day=0.02)
        began = time.monotonic()
        both = clock.wait_until(START + 3 * DAY), clock.wait_until(START + 2 * DAY)
        await asyncio.gather(*both)
        passed_s = time.monotonic() - began
        assert clock.now() == START + 3 * DAY
        assert 0.06 <= passed_s < 20

    def test_processes_share_it_and_never_turn_it_back(self, tmp_path: Path) -> None:
        clock = FileClock(tmp_path / "clock", start=START)
        context = multiprocessing.get_context("spawn")
        others = [context.Process(target=_push, args=(tmp_path / "clock", n)) for n in range(3)]
        for other in others:
            other.start()
        last = clock.now()
        while any(other.is_alive() for other in others):
            now = clock.now()
            assert now >= last
            last = now
        for other in others:
            other.join()
        assert [other.exitcode for other in others] == [0, 0, 0]
        assert clock.now() == START + timedelta(minutes=299)

    def test_a_missing_file_without_a_start_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileUnusableError, match="clock"):
            FileClock(tmp_path / "clock")

    def test_a_missing_folder_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileUnusableError, match="folder"):
            FileClock(tmp_path / "nowhere" / "clock", start=START)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff\xfe", b"yesterday", b"2026-13-01T00:00:00Z", b"2026-09-28T01:00:00"],
    )
    def test_rubbish_in_the_file_is_an_error(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "clock").write_bytes(content)
        with pytest.raises(FileUnusableError, match="holds no instant"):
            FileClock(tmp_path / "clock", start=START)

    def test_a_full_disk_leaves_the_old_instant(self, tmp_path: Path, no_space: None) -> None:
        del no_space
        with pytest.raises(FileUnusableError, match="cannot be written"):
            FileClock(tmp_path / "clock", start=START)
        assert [path.name for path in tmp_path.iterdir()] == ["clock.lock"]

    def test_only_the_clock_and_its_lock_stay_behind(self, tmp_path: Path) -> None:
        FileClock(tmp_path / "clock", start=START).advance(DAY)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["clock", "clock.lock"]
        assert stat.S_ISREG((tmp_path / "clock").stat().st_mode)


@pytest.fixture
def no_space() -> Iterator[None]:
    """Forbid this process to write a single byte into a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


async def _append(ran: list[str]) -> None:
    await asyncio.sleep(0)
    ran.append("other")


def _push(path: Path, offset: int) -> None:
    clock = FileClock(path)
    for minute in range(offset, 300, 3):
        clock.set(START + timedelta(minutes=minute))
