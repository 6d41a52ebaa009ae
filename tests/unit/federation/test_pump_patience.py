"""Who waits for a commit keeps nobody waiting: the pump alone, over a register that is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from oneservice.errors import CaseNotFoundError, JournalError
from oneservice.federation import pumping
from oneservice.federation.pumping import Pump

LATE, THERE = ("neighbour", "a.late"), ("neighbour", "b.there")


class SlowRegister:
    """Knows some applications at once, others only after so many looks."""

    def __init__(self, looks: dict[str, int], error: type[Exception] = CaseNotFoundError) -> None:
        self.left = looks
        self.error = error
        self.seen: list[str] = []
        self.looked: list[str] = []
        self._asked = asyncio.Event()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when what was looked at makes it so."""
        async with asyncio.timeout(60):
            while not is_so():
                self._asked.clear()
                await self._asked.wait()

    async def submissions(self, **_: Any) -> tuple[()]:
        return ()

    async def submission(self, submission_id: str, *, caller: str) -> object:
        del caller
        self.looked.append(submission_id)
        self._asked.set()
        if self.left.get(submission_id, 0) > 0:
            self.left[submission_id] -= 1
            raise self.error(submission_id)
        self.seen.append(submission_id)
        return object()

    async def case_under(self, _key: str) -> None:
        """No case yet: so there is nothing to tell, and the look is done."""


def pump_over(register: SlowRegister) -> Pump:
    return Pump(cast("Any", register), cast("Any", register))


async def test_others_are_told_while_one_is_not_committed(monkeypatch: Any) -> None:
    monkeypatch.setattr(pumping, "_COMMITTING_S", 3600.0)
    register = SlowRegister({LATE[1]: 99})
    pump = pump_over(register)
    pump.opened(LATE, None)
    running = asyncio.create_task(pump.run())
    await register.until(lambda: LATE[1] in register.looked)
    pump.opened(THERE, None)
    await register.until(lambda: THERE[1] in register.seen)
    running.cancel()
    assert LATE[1] not in register.seen


@pytest.mark.parametrize("error", [CaseNotFoundError, JournalError])
async def test_what_failed_is_looked_at_again_without_a_hint(
    monkeypatch: Any, error: type[Exception]
) -> None:
    monkeypatch.setattr(pumping, "_COMMITTING_S", 0.001)
    register = SlowRegister({LATE[1]: 4}, error)
    pump = pump_over(register)
    pump.opened(LATE, None)
    running = asyncio.create_task(pump.run())
    await register.until(lambda: LATE[1] in register.seen)
    await asyncio.sleep(0)  # the look is over, and what it found is noted
    running.cancel()
    assert register.looked == [LATE[1]] * 5
    assert not pump._stuck


async def test_who_never_comes_is_let_go() -> None:
    register = SlowRegister({LATE[1]: 99})
    pump = pump_over(register)
    pump.opened(LATE, None)
    for _ in range(20):
        await pump.pump_all()
    assert len(register.looked) == pumping._MOST_MISSES
    assert not pump._stuck


async def test_each_application_waits_for_one_timer_only() -> None:
    """Looks by hand, by hints and by readers must not leave a chain of looks behind each."""
    register = SlowRegister({LATE[1]: 99})
    pump = pump_over(register)
    pump.opened(LATE, None)
    timers = []
    for _ in range(5):
        await pump.pump_all()
        timers.append(pump._stuck[LATE].timer)
    assert [one.cancelled() for one in timers] == [True] * 4 + [False]
    timers[-1].cancel()


async def test_a_busy_counter_still_looks_at_what_waits_for_time(monkeypatch: Any) -> None:
    """News of others without end must not put off what nobody will ever give a hint of."""
    monkeypatch.setattr(pumping, "_LOOK_EVERY_S", 0.01)
    register = SlowRegister({})
    pump = pump_over(register)
    told = register.case_under

    async def more_news(key: str) -> None:
        await told(key)
        await asyncio.sleep(0)
        pump.opened(THERE, None)

    monkeypatch.setattr(register, "case_under", more_news)
    pump._waiting.add(LATE)
    pump.opened(THERE, None)
    running = asyncio.create_task(pump.run())
    await register.until(lambda: LATE[1] in register.seen)
    running.cancel()


async def test_who_breaks_off_leaves_the_rest_due() -> None:
    """A reader for whom the counter is brought up to date may hang up in the middle of it."""
    register = SlowRegister({})
    pump = pump_over(register)
    reached, never = asyncio.Event(), asyncio.Event()

    async def hangs(_key: str) -> None:
        reached.set()
        await never.wait()

    register.case_under = hangs  # type: ignore[method-assign]
    pump.opened(LATE, None)
    pump.opened(THERE, None)
    reading = asyncio.create_task(pump.pump())
    await reached.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert pump._due == {LATE, THERE}
    assert pump._stirred.is_set()


async def test_no_timer_outlives_the_pump(monkeypatch: Any) -> None:
    monkeypatch.setattr(pumping, "_COMMITTING_S", 3600.0)
    register = SlowRegister({LATE[1]: 99})
    pump = pump_over(register)
    pump.opened(LATE, None)
    pump.opened(THERE, None)
    running = asyncio.create_task(pump.run())
    await register.until(lambda: THERE[1] in register.seen)
    assert not pump._stuck[LATE].timer.cancelled()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert pump._stuck[LATE].timer.cancelled()
