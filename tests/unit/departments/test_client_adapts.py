"""Repeats within a budget, and no more under way than a department works on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.clocks import VirtualClock
from oneservice.departments.client_answers import Answer, Call
from oneservice.departments.client_endpoint import DepartmentEndpoint
from oneservice.departments.client_exchange import Exchanges
from oneservice.departments.client_latency import Latency, Verdict
from oneservice.departments.client_pace import RetryBudget, Width
from oneservice.errors import (
    DepartmentUnavailableError,
    RetryBudgetSpentError,
)

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


# --- the budget, pure ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first_tries", "repeats_at_once"),
    [(0, 5), (4, 5), (5, 6), (50, 15), (500, 105), (5000, 105)],
)
def test_first_tries_earn_a_fifth_and_five_are_free(first_tries: int, repeats_at_once: int) -> None:
    budget: RetryBudget | None = RetryBudget()
    for _ in range(first_tries):
        assert budget is not None
        budget = budget.tried()
    granted = 0
    while budget is not None:
        last, budget = budget, budget.repeated(NOW)
        granted += 1
    # A fifth is no sum of halves: one more or less is rounding.
    assert abs(granted - 1 - repeats_at_once) <= 1
    assert last.wait_s(NOW) in range(1, 13)


@pytest.mark.parametrize(("after_s", "granted"), [(0, 0), (11, 0), (12, 1), (36, 3), (600, 5)])
def test_the_reserve_fills_up_within_a_minute(after_s: int, granted: int) -> None:
    empty = RetryBudget(free=0.0, counted_at=NOW)
    later = NOW + timedelta(seconds=after_s)
    count, budget = 0, empty.repeated(later)
    while budget is not None:
        count, budget = count + 1, budget.repeated(later)
    assert count == granted
    assert empty.wait_s(NOW) == 12


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    assert RetryBudget(free=0.0, counted_at=NOW).repeated(NOW - timedelta(hours=1)) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=200))
def test_repeats_never_exceed_their_share_and_the_reserve(steps: list[tuple[bool, int]]) -> None:
    budget, now, first, granted = RetryBudget(), NOW, 0, 0
    for is_first, pause_s in steps:
        now += timedelta(seconds=pause_s)
        if is_first:
            budget, first = budget.tried(), first + 1
        elif (left := budget.repeated(now)) is not None:
            budget, granted = left, granted + 1
        minutes = (now - NOW).total_seconds() / 60
        assert granted <= first * 0.2 + 5 + minutes * 5 + 1e-6


# --- latency, pure -------------------------------------------------------------------------------


def told(known: Latency, *times_s: float, at_s: float = 0.0) -> tuple[Latency, list[Verdict]]:
    verdicts = []
    for took_s in times_s:
        known, verdict = known.answered(at_s, at_s + took_s)
        verdicts.append(verdict)
        at_s += took_s
    return known, verdicts


@pytest.mark.parametrize(
    ("times_s", "verdict"),
    [
        ((0.1, 0.1, 0.1), Verdict.FINE),
        ((0.1, 0.19, 0.19, 0.19, 0.19), Verdict.FINE),
        ((0.1, 0.6), Verdict.SLOW),
        ((0.1, 0.4, 0.4), Verdict.SLOW),
        ((0.1, 0.4), Verdict.FINE),  # one alone is an accident
        ((0.001, 0.04, 0.04, 0.04, 0.04), Verdict.FINE),  # below what a network does anyway
        ((0.4, 0.1, 0.1), Verdict.FINE),  # it has become faster
    ],
)
def test_slow_is_twice_as_long_as_usual(times_s: tuple[float, ...], verdict: Verdict) -> None:
    assert told(Latency(), *times_s)[1][-1] is verdict


def test_one_verdict_for_a_round() -> None:
    known, verdicts = told(Latency(), 0.1, 0.6)
    assert verdicts[-1] is Verdict.SLOW
    assert known.answered(0.3, 5.0) == (known, Verdict.NOTHING)  # it began before the verdict


def test_what_is_usual_is_learned_again() -> None:
    known, _ = told(Latency(), 0.1)
    known, verdict = known.answered(400.0, 400.5)
    assert verdict is Verdict.STALE
    known, verdicts = told(known, 0.5, 0.5, 0.5, at_s=401.0)
    assert set(verdicts) == {Verdict.FINE}
    assert known.usual_s == 0.5


@given(st.integers(1, 8), st.lists(st.sampled_from(["narrow", "grow", "halve"]), max_size=40))
def test_what_only_seems_slow_is_left_a_quarter(most: int, steps: list[str]) -> None:
    width = Width(most=most, current=most)
    for step in steps:
        before = width.current
        if step == "narrow":
            width = width.narrowed()
            assert width.current >= min(before, max(1, most // 4))
            assert width.current < before or before <= max(1, most // 4)
        else:
            width = width.grown() if step == "grow" else width.halved()
        assert 1 <= width.current <= most


# --- on real sockets -----------------------------------------------------------------------------


@contextmanager
def only_sleep_takes_time() -> Iterator[None]:
    """Let the loop's time pass while it sleeps for a timer, and never else.

    A machine that stands still is no slow department. Both sides run in this loop, so whatever they
    send is there at once.
    """
    loop: Any = asyncio.get_running_loop()
    real, select, counted_s = loop.time, loop._selector.select, loop.time()

    def selected(timeout: float | None = None) -> list[Any]:
        nonlocal counted_s
        events: list[Any] = select(timeout)
        counted_s += 0.0 if events else timeout or 0.0
        return events

    loop.time, loop._selector.select = lambda: counted_s, selected
    try:
        yield
    finally:
        loop.time, loop._selector.select = real, select


@dataclass
class Office:
    """Works on ``at_once`` requests at a time, each for ``work_s``; others wait in its queue."""

    at_once: int = 2
    work_s: float = 0.03
    answers: bytes = OK
    waiting: int = 0
    longest_queue: int = 0
    served: int = 0
    desks: asyncio.Semaphore = field(init=False)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.waiting += 1
                self.longest_queue = max(self.longest_queue, self.waiting)
                async with self.desks:
                    await asyncio.sleep(self.work_s)
                self.waiting -= 1
                if b"/capabilities" not in head:
                    self.served += 1
                    if not self.answers:
                        break
                writer.write(self.answers or OK)

    @asynccontextmanager
    async def called(self) -> AsyncIterator[tuple[Exchanges, VirtualClock]]:
        self.desks = asyncio.Semaphore(self.at_once)
        talking: set[asyncio.Task[None]] = set()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = asyncio.current_task()
            assert own is not None
            talking.add(own)
            with suppress(asyncio.CancelledError):
                await self.serve(reader, writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        clock = VirtualClock(NOW)
        way = Exchanges(
            "health",
            DepartmentEndpoint(
                base_url=f"http://127.0.0.1:{port}/v1", keys=(), per_minute=10**6, deadline_s=5
            ),
            clock=clock,
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )
        try:
            with only_sleep_takes_time():
                yield way, clock
        finally:
            await way.aclose()
            server.close()
            for one in talking:  # however long it takes: none is left open for a later test
                one.cancel()
            await asyncio.gather(*talking, return_exceptions=True)


async def ask(way: Exchanges, number: int = 1) -> Answer:
    call = Call(department="health", method="GET", what=f"submission c{number}")
    return await way.exchange(way.request(call, "submissions", f"c{number}"))


async def press(way: Exchanges, count: int) -> list[int]:
    """Ask ``count`` times from as many callers; return the widths that were seen on the way."""
    widths: list[int] = []

    async def one(number: int) -> None:
        await ask(way, number)
        widths.append(way.width)

    await asyncio.gather(*(one(number) for number in range(count)))
    return widths


async def test_a_department_that_is_crowded_gets_fewer_at_a_time() -> None:
    office = Office(at_once=2, work_s=0.06)
    async with office.called() as (way, _):
        await ask(way)  # what is usual
        assert way.width == 8
        widths = await press(way, 80)
        settled = widths[len(widths) // 2 :]
        assert max(settled) <= 6  # of 8 allowed: twice what it works on, and one more tried
        assert min(settled) >= 2
        office.longest_queue = 0
        await press(way, 20)
        assert office.longest_queue <= 6


async def test_a_department_that_slows_down_and_recovers() -> None:
    office = Office(at_once=8, work_s=0.02)
    async with office.called() as (way, _):
        assert set(await press(way, 40)) == {8}
        office.work_s = 0.2
        slow = await press(way, 40)
        assert slow[-1] <= 4
        office.work_s = 0.02
        assert (await press(way, 120))[-1] >= 7


async def test_a_fast_department_is_never_held_back() -> None:
    office = Office(at_once=8, work_s=0.0)
    async with office.called() as (way, _):
        assert set(await press(way, 200)) == {8}


async def test_repeats_are_not_sent_when_the_budget_is_spent() -> None:
    """Six cases are tried every ten seconds for five minutes, and never answered.

    What the circuit asks now and then is: it alone would let all of them in again and again.
    """
    office = Office(at_once=8, work_s=0.0, answers=b"")
    async with office.called() as (way, clock):
        refused = 0
        for _ in range(30):
            for number in range(6):
                before = office.served
                with pytest.raises(DepartmentUnavailableError) as caught:
                    await ask(way, number)
                if isinstance(caught.value, RetryBudgetSpentError):
                    refused += 1
                    assert office.served == before
            clock.set(clock.now() + timedelta(seconds=10))
        assert refused > 40
        # Six first tries, a fifth of them, five free ones, and five in each minute.
        assert office.served <= 6 + 1 + 5 + 25


async def test_a_spent_budget_says_so_and_when_to_come_again() -> None:
    office = Office(at_once=8, work_s=0.0, answers=b"")
    async with office.called() as (way, clock):
        caught: Exception | None = None
        for _ in range(40):
            with pytest.raises(DepartmentUnavailableError) as error:
                await ask(way)
            if isinstance(error.value, RetryBudgetSpentError):
                caught = error.value
                break
            clock.set(clock.now() + timedelta(seconds=7))
        assert isinstance(caught, RetryBudgetSpentError)
        assert caught.code == "retry_budget_spent"
        assert caught.retry_after_s in range(1, 13)
        assert "too many requests were repeats" in str(caught)
        office.answers = Office().answers
        clock.set(clock.now() + timedelta(seconds=60))
        assert (await ask(way)).status == 200
        clock.set(clock.now() + timedelta(seconds=1))
        for number in range(50):  # all of them first tries: nobody is in their way
            await ask(way, 100 + number)
