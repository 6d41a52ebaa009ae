"""Time that nobody waits for: order, deadlines, and no way to the machine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from oneservice.errors import IllegalInputError
from oneservice.simulation.loop import LoopClock, SimulatedLoop, run

START = datetime(2026, 9, 28, 1, tzinfo=UTC)


def test_a_year_passes_in_no_time_and_to_the_microsecond() -> None:
    async def main(loop: SimulatedLoop) -> datetime:
        clock = LoopClock(loop, START)
        await clock.wait_until(START + timedelta(days=365, microseconds=7))
        return clock.now()

    assert run(main) == START + timedelta(days=365, microseconds=7)


def test_timers_come_in_their_order_and_equals_in_the_order_of_their_making() -> None:
    async def main(_: SimulatedLoop) -> list[str]:
        seen: list[str] = []

        async def later(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append(name)

        await asyncio.gather(later("c", 3), later("a", 1), later("b", 2), later("z", 0))
        return seen

    assert run(main) == ["z", "a", "b", "c"]


def test_a_deadline_ends_what_takes_longer() -> None:
    async def main(loop: SimulatedLoop) -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.sleep(31)
        return loop.time()

    assert run(main) == 30


def test_less_than_a_microsecond_is_still_later() -> None:
    async def main(loop: SimulatedLoop) -> int:
        before = loop.now_us
        await asyncio.sleep(1e-12)
        return loop.now_us - before

    assert run(main) == 1


def test_a_world_in_which_everybody_waits_says_so() -> None:
    async def main(loop: SimulatedLoop) -> None:
        await loop.create_future()

    with pytest.raises(IllegalInputError, match="stands still"):
        run(main)


def test_there_are_no_threads() -> None:
    async def main(loop: SimulatedLoop) -> None:
        await loop.run_in_executor(None, print)

    with pytest.raises(NotImplementedError):
        run(main)
