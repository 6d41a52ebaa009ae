"""The way to simulated offices: real turns, real pace, real breaker; the wire itself is a plan.

Each exchange takes its turn as the client's do, waits as long as the seed says, and meets what the
fault plan has for it. What was sent may take effect hours later, after the caller gave up or died:
such late effects belong to the world, not to the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from oneservice.departments.client_answers import Call
from oneservice.departments.client_turns import Turns
from oneservice.errors import DepartmentError
from oneservice.ports import ChangesPage, Clock, Departments, StatusPage
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.faults import AT_REQUEST, FaultKind, FaultPlan
from oneservice.simulation.lies import lied

__all__ = ["Line", "Network", "OfficeClock", "quietly"]

_T = TypeVar("_T")

_DEADLINE_S: Final = 30.0
"""As the client's own for a whole exchange (protocol section 14)."""
_LATEST_S: Final = 6 * 3600
"""A request that was delayed takes effect this many seconds later at most."""
_LATENCIES_S: Final = (0.02, 0.3)
"""Few, so that answers often come together, as they do over real wires."""
_CLOSED_S: Final = 900
"""What an office that works on a backup asks writers to wait."""


class OfficeClock:
    """The clock in an office: wrong by ``skew``, or standing still while a backup is looked at."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.skew = timedelta(0)
        self.stands_at: datetime | None = None

    def now(self) -> datetime:
        """Return what the office takes for the present."""
        return self.stands_at or self._clock.now() + self.skew

    async def wait_until(self, instant: datetime) -> None:
        """Wait on the true clock."""
        await self._clock.wait_until(instant - self.skew)


class Line:
    """The way to one office."""

    def __init__(self, office: Departments, clock: OfficeClock) -> None:
        self.office = office
        self.clock = clock
        self.is_read_only = False
        """Whether it takes nothing in: an old backup is being looked at."""


class Network:
    """A :class:`oneservice.ports.Departments` for one life of an engine.

    Args:
        lines: by department; they outlive the engine.
        plan: decides at each exchange what goes wrong.
        clock: the engine's, by which it paces itself.
        later: starts an effect that the world owes, whoever still waits for it.
        died: is told that the process died amid a call.
        restless: makes the error for an engine that never comes to rest.
        most_at_once: exchanges before that is believed.
        pace: exchanges at once with one office, and how many may begin in a minute.
    """

    def __init__(
        self,
        lines: Mapping[str, Line],
        *,
        plan: FaultPlan,
        clock: Clock,
        later: Callable[[float, Callable[[], Awaitable[object]]], None],
        died: Callable[[], None],
        restless: Callable[[], Exception],
        most_at_once: int,
        pace: tuple[int, int],
    ) -> None:
        self._lines = lines
        self._plan = plan
        self._clock = clock
        self._later = later
        self._died = died
        self._restless = restless
        self._most_at_once = most_at_once
        self._turns = {name: Turns(*pace, clock) for name in lines}
        self.dispatches = 0
        """Filings, supplements, withdrawals and documents that were sent, repeats included."""
        self.exchanges = 0
        self.since_rest = 0
        """Exchanges since everything that was due had been done."""
        self.is_dead = False
        self.contradictions: list[tuple[str, int, int]] = []
        """Reads that showed less than the engine held: submission, what it held, the head."""

    @property
    def names(self) -> Collection[str]:
        """Return the ids of all departments."""
        return self._lines.keys()

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body``."""
        office = self._lines[department].office
        call = Call(department=department, method="PUT", what=f"submission {submission_id}")
        return await self._exchange(call, lambda: office.submit(department, submission_id, body))

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the events after ``after``."""
        office = self._lines[department].office
        call = Call(department=department, method="GET", what=f"submission {submission_id}")
        page = await self._exchange(
            call, lambda: office.read(department, submission_id, after=after), held=after
        )
        head = 0 if page is None else page.head_seq
        if head < after:
            self.contradictions.append((submission_id, after, head))
        return page

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Hand in what was asked for."""
        office = self._lines[department].office
        call = Call(department=department, method="PUT", what=f"supplement {supplement_id}")
        return await self._exchange(
            call, lambda: office.supplement(department, submission_id, supplement_id, body)
        )

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Ask to withdraw."""
        office = self._lines[department].office
        call = Call(department=department, method="PUT", what=f"withdrawal {withdrawal_id}")
        return await self._exchange(
            call, lambda: office.withdraw(department, submission_id, withdrawal_id, body)
        )

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed."""
        office = self._lines[department].office
        call = Call(department=department, method="GET", what="changes")
        return await self._exchange(call, lambda: office.changes(department, cursor=cursor))

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Make sure that the office has these bytes."""
        office = self._lines[department].office
        call = Call(department=department, method="PUT", what="document")
        await self._exchange(call, lambda: office.put_document(department, document, media_type))

    async def _exchange(
        self, call: Call, work: Callable[[], Awaitable[_T]], *, held: int = 0
    ) -> _T:
        async with self._turns[call.department].turn(call, self._probe):
            if self.is_dead:
                raise SimulatedCrash
            self.exchanges += 1
            self.since_rest += 1
            if self.since_rest > self._most_at_once:
                raise self._restless()
            self.dispatches += not call.is_safe
            line = self._lines[call.department]
            boundary = f"{call.department}/{call.method}/{call.what}".replace(" ", "/")
            fault, crossing = self._plan.at(boundary, AT_REQUEST, self._clock.now())
            if line.is_read_only and not call.is_safe:
                raise call.unavailable("pushed back with 503", _CLOSED_S)
            if fault is None:
                await asyncio.sleep(self._latency_s(crossing))
                return await work()
            return await self._through(fault, crossing, call, work, held)

    async def _through(
        self,
        fault: FaultKind,
        crossing: str,
        call: Call,
        work: Callable[[], Awaitable[_T]],
        held: int,
    ) -> _T:
        """Do ``work`` as far as ``fault`` lets it through."""
        await self._before(fault, crossing, call, work)
        answer = await work()
        chance = self._plan.chance
        match fault:
            case FaultKind.DROP_ANSWER:
                await asyncio.sleep(_DEADLINE_S)
                raise call.lost("no whole answer within the deadline")
            case FaultKind.SERVER_ERROR:
                raise call.lost("answered 500")
            case FaultKind.TRUNCATE if chance.happens(f"{crossing}/closed", 500):
                raise call.lost("the connection broke")
            case FaultKind.TRUNCATE:
                raise call.broken("half an answer", "malformed")
            case FaultKind.LIE:
                return lied(call, answer, held=held, chance=chance, crossing=crossing)
            case FaultKind.CRASH:
                self._die()
            case FaultKind.REORDER:
                await asyncio.sleep(chance.between(f"{crossing}/slow", 2, 28))
            case FaultKind.DUPLICATE:
                self._owe(call, chance.between(f"{crossing}/again", 0, 3600), work)
            case _:
                await asyncio.sleep(self._latency_s(crossing))
        return answer

    async def _before(
        self,
        fault: FaultKind,
        crossing: str,
        call: Call,
        work: Callable[[], Awaitable[object]],
    ) -> None:
        """Raise where ``fault`` lets nothing come back, or nothing through."""
        chance = self._plan.chance
        match fault:
            case FaultKind.REFUSE:
                raise call.unavailable("not sent: it cannot be reached")
            case FaultKind.PUSH_BACK:
                wait_s = chance.choice(f"{crossing}/wait", (1, 30, 120, 3600))
                raise call.unavailable(f"pushed back for {wait_s} s", wait_s)
            case FaultKind.DROP_REQUEST | FaultKind.DELAY:
                if fault is FaultKind.DELAY:
                    self._owe(call, chance.between(f"{crossing}/late", 31, _LATEST_S), work)
                await asyncio.sleep(_DEADLINE_S)
                raise call.lost("no whole answer within the deadline")
            case FaultKind.FORGET_CURSOR if call.what == "changes":
                raise call.broken("the cursor is no longer known", "cursor-expired")
            case FaultKind.SERVER_ERROR if chance.happens(f"{crossing}/early", 500):
                raise call.lost("answered 500")
            case FaultKind.CRASH if chance.happens(f"{crossing}/early", 500):
                self._die()
            case _:
                return

    def _owe(self, call: Call, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Let ``work`` happen later, unless the office takes nothing in then."""
        line = self._lines[call.department]

        async def arrive() -> None:
            if call.is_safe or not line.is_read_only:
                await work()

        self._later(seconds, arrive)

    async def _probe(self) -> None:
        """Ask for something harmless: the simulated line always answers that."""

    def _latency_s(self, crossing: str) -> float:
        return self._plan.chance.choice(f"{crossing}/latency", _LATENCIES_S)

    def _die(self) -> None:
        self._died()
        raise SimulatedCrash


async def quietly(work: Callable[[], Awaitable[object]]) -> None:
    """Let an effect happen of which nobody hears."""
    try:
        await work()
    except DepartmentError:
        return
