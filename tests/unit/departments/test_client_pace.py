"""How hard a department is pressed: width, starts per minute, circuit, and turns."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.clocks import VirtualClock
from oneservice.departments.client_answers import Call
from oneservice.departments.client_pace import Circuit, CircuitState, Starts, Width
from oneservice.departments.client_slots import Slots
from oneservice.departments.client_turns import Turns
from oneservice.errors import DepartmentUnavailableError

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CALL = Call(department="health", method="GET", what="changes")


class TestWidth:
    @given(st.integers(1, 8), st.lists(st.booleans(), max_size=40))
    def test_it_stays_between_one_and_most(self, most: int, pushes: list[bool]) -> None:
        width = Width(most=most, current=most)
        for is_push_back in pushes:
            before = width.current
            width = width.halved() if is_push_back else width.grown()
            assert 1 <= width.current <= most
            assert width.current == (max(1, before // 2) if is_push_back else min(most, before + 1))


class TestStarts:
    @given(st.integers(1, 5), st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=60))
    def test_never_more_than_allowed_within_a_minute(
        self, per_minute: int, pauses: list[float]
    ) -> None:
        starts, now, began = Starts(per_minute), 1000.0, []
        for pause in pauses:
            now += pause
            now += starts.wait_s(now)
            assert starts.wait_s(now) <= 1e-6
            starts.begin(now)
            began.append(now)
        for first, after in zip(began, began[per_minute:], strict=False):
            assert after - first >= 60 - 1e-6

    def test_below_the_limit_nobody_waits(self) -> None:
        starts = Starts(3)
        for _ in range(3):
            assert starts.wait_s(5.0) == 0
            starts.begin(5.0)
        assert starts.wait_s(15.0) == 50


class TestCircuit:
    def test_nine_failures_leave_it_closed_and_the_tenth_opens_it(self) -> None:
        circuit = Circuit()
        for second in range(9):
            circuit = circuit.failed(NOW + second * SECOND)
            assert circuit.state(NOW + second * SECOND) is CircuitState.CLOSED
        at = NOW + 9 * SECOND
        circuit = circuit.failed(at)
        assert circuit.state(at) is CircuitState.OPEN
        assert circuit.wait_s(at) == 30
        assert circuit.state(at + 30 * SECOND) is CircuitState.HALF_OPEN

    def test_failures_of_more_than_a_minute_do_not_count(self) -> None:
        circuit = Circuit()
        for step in range(50):
            circuit = circuit.failed(NOW + step * 7 * SECOND)
        assert circuit.state(NOW + 350 * SECOND) is CircuitState.CLOSED
        assert len(circuit.failed_at) <= 10

    def test_a_probe_closes_it_or_leaves_it_open(self) -> None:
        circuit = Circuit(open_until=NOW)
        probing = circuit.probing(NOW)
        assert probing.state(NOW) is CircuitState.OPEN
        assert probing.succeeded() == Circuit()
        assert probing.failed(NOW + SECOND).wait_s(NOW + SECOND) == 30

    def test_the_longest_pause_counts_and_ends_by_itself(self) -> None:
        circuit = Circuit().pushed_back(NOW, 60).pushed_back(NOW, 5)
        assert circuit.wait_s(NOW) == 60
        assert circuit.state(NOW + 60 * SECOND) is CircuitState.CLOSED

    def test_a_part_of_a_second_is_a_second(self) -> None:
        circuit = Circuit().pushed_back(NOW, 1)
        assert circuit.wait_s(NOW + timedelta(milliseconds=999)) == 1
        assert circuit.wait_s(NOW + SECOND) == 0


class TestSlots:
    async def test_first_come_first_served(self) -> None:
        slots, order = Slots(1), []

        async def one(name: int) -> None:
            async with slots:
                order.append(name)
                await asyncio.sleep(0)

        await asyncio.gather(*(one(name) for name in range(20)))
        assert order == list(range(20))

    async def test_halved_slots_let_fewer_in_and_grow_again(self) -> None:
        slots = Slots(8)
        slots.halve()
        slots.halve()
        assert (slots.width, slots.busy) == (2, 0)
        release = asyncio.Event()

        async def one() -> None:
            async with slots:
                await release.wait()

        tasks = [asyncio.create_task(one()) for _ in range(5)]
        await asyncio.sleep(0)
        assert slots.busy == 2
        slots.grow()
        assert slots.busy == 3
        release.set()
        await asyncio.gather(*tasks)
        assert slots.busy == 0

    @pytest.mark.parametrize("seed", range(20))
    async def test_cancelled_at_any_moment_no_slot_is_lost(self, seed: int) -> None:
        chance, slots, most = random.Random(seed), Slots(3), 0

        async def one() -> None:
            nonlocal most
            async with slots:
                most = max(most, slots.busy)
                for _ in range(chance.randrange(3)):
                    await asyncio.sleep(0)

        tasks = [asyncio.create_task(one()) for _ in range(200)]
        for task in chance.sample(tasks, 100):
            task.cancel()
            if chance.random() < 0.5:
                await asyncio.sleep(0)
            if chance.random() < 0.2:
                chance.choice((slots.halve, slots.grow))()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (slots.busy, most) == (0, 3)
        async with asyncio.timeout(120), slots:
            assert slots.busy == 1

    async def test_a_turn_handed_over_to_someone_who_is_cancelled_is_passed_on(self) -> None:
        slots = Slots(1)
        await slots.__aenter__()
        first, second = (asyncio.create_task(_hold(slots)) for _ in range(2))
        await asyncio.sleep(0)
        await slots.__aexit__(None, None, None)  # hands over to `first`, which has not run yet
        first.cancel()
        assert await asyncio.wait_for(second, 30) == "held"
        assert slots.busy == 0
        with pytest.raises(asyncio.CancelledError):
            await first


async def _hold(slots: Slots) -> str:
    async with slots:
        return "held"


async def _no_probe() -> None:
    pytest.fail("no probe is due")


class TestTurns:
    async def test_the_minute_is_kept_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slept: list[float] = []
        present = [100.0]

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            present[0] += seconds

        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: present[0])
        monkeypatch.setattr("oneservice.departments.client_turns.asyncio.sleep", sleep)
        turns = Turns(8, 2, VirtualClock(NOW))
        for _ in range(5):
            async with turns.turn(CALL, _no_probe):
                present[0] += 1
        # Begun at 100, 101, 160, 161, 220: never three within sixty seconds.
        assert slept == [58.0, 58.0]
        assert present[0] == 221

    async def test_the_wait_is_told(self) -> None:
        turns = Turns(8, 600, VirtualClock(NOW))
        with pytest.raises(DepartmentUnavailableError):
            async with turns.turn(CALL, _no_probe):
                raise CALL.unavailable("pushed back", 17)
        with pytest.raises(DepartmentUnavailableError) as caught:
            async with turns.turn(CALL, _no_probe):
                pytest.fail("nothing may be sent")
        assert caught.value.retry_after_s == 17

    async def test_opening_is_logged_once(self, caplog: pytest.LogCaptureFixture) -> None:
        turns = Turns(8, 600, VirtualClock(NOW))
        for _ in range(12):
            with pytest.raises(DepartmentUnavailableError):
                async with turns.turn(CALL, _no_probe):
                    raise CALL.unavailable("no way")
        assert [record.getMessage() for record in caplog.records] == [
            "health: ten failures within a minute, no call for 30 s"
        ]


@given(st.integers(1, 8), st.integers(1, 20), st.lists(st.integers(0, 2), max_size=20))
def test_an_announced_width_is_never_exceeded(most: int, announced: int, steps: list[int]) -> None:
    width = Width(most=most, current=most)
    for step in steps:
        width = (width.halved, width.grown, width.narrowed)[step]()
    width = width.limited(min(most, announced))
    assert 1 <= width.current <= width.most == min(most, announced)


def test_starts_that_began_count_under_a_lower_limit() -> None:
    starts = Starts(5)
    for second in range(5):
        starts.begin(float(second))
    starts.limit(2)
    assert starts.wait_s(5.0) == 58.0
    starts.limit(5)
    assert starts.wait_s(5.0) == 0  # the older ones were let go of: a department's word, not ours
