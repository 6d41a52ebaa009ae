"""When a department may be asked: turn, circuit, pace, repeats, taken and judged in one place."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from oneservice.departments.client_answers import Call
from oneservice.departments.client_latency import Latency, Verdict
from oneservice.departments.client_pace import Circuit, CircuitState, RetryBudget, Starts
from oneservice.departments.client_slots import Slots
from oneservice.errors import (
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
    RetryBudgetSpentError,
)
from oneservice.ports import Clock

__all__ = ["Turns"]

_NOTHING_LEFT: Final = re.compile(r"; *r=0 *; *t=(\d{1,9})(?!\d)")
_MOST_REMEMBERED: Final = 10_000
"""Failed requests that are known as such; a repeat of an older one counts as a first try."""

_log = logging.getLogger(__name__)


class Turns:
    """The pace with one department; ``clock`` is the one by which repeats are scheduled."""

    def __init__(self, in_flight: int, per_minute: int, clock: Clock) -> None:
        self._slots = Slots(in_flight)
        self._starts = Starts(per_minute)
        self._circuit = Circuit()
        self._budget = RetryBudget()
        self._failed: OrderedDict[str, None] = OrderedDict()
        self._latencies: dict[str, Latency] = {}
        self._is_crowded = False
        self._fine = 0
        self._clock = clock
        self._most, self._most_per_minute = in_flight, per_minute

    @property
    def width(self) -> int:
        """How many requests may be under way at present."""
        return self._slots.width

    @asynccontextmanager
    async def turn(
        self,
        call: Call,
        probe: Callable[[], Awaitable[object]],
        *,
        name: str = "",
        kind: str = "",
    ) -> AsyncIterator[None]:
        """Hold a turn to make one exchange; how it ends sets the further pace.

        Args:
            call: names the exchange in errors.
            probe: makes one harmless exchange; awaited first where the circuit is half-open.
            name: tells the request from all others, so that a repeat is known as one; empty where
                it must not count.
            kind: of what its time is compared with; empty where it is held open or large.

        Raises:
            RetryBudgetSpentError: not sent; too many requests were repeats of late.
            DepartmentUnavailableError: not sent; the department is to be left alone for now, or
                the probe failed.
        """
        async with self._slots:
            await self._past_the_circuit(call, probe)
            self._spend(call, name)
            await self._begin()
            began_s = asyncio.get_running_loop().time()
            with self._judged(call, name):
                yield
            self._widen(kind, began_s)

    def announced(self, in_flight: int, per_minute: int) -> None:
        """Obey the limits that the department announces, where they are lower than our own.

        Ours are a person's word and never exceeded; later announcements may lead back to them.
        """
        self._slots.limit(min(self._most, in_flight))
        self._starts.limit(max(1, min(self._most_per_minute, per_minute)))

    def heard(self, headers: Mapping[str, str]) -> None:
        """Obey ``RateLimit`` where nothing is left (draft-ietf-httpapi-ratelimit-headers)."""
        match = _NOTHING_LEFT.search(headers.get("ratelimit", ""))
        if match is not None:
            self._starts.hold(asyncio.get_running_loop().time(), float(match[1]))

    async def _past_the_circuit(self, call: Call, probe: Callable[[], Awaitable[object]]) -> None:
        now = self._clock.now()
        match self._circuit.state(now):
            case CircuitState.OPEN:
                wait_s = self._circuit.wait_s(now)
                raise call.unavailable(f"not sent: no call is made for {wait_s} s", wait_s)
            case CircuitState.HALF_OPEN:
                self._circuit = self._circuit.probing(now)
                await self._begin()
                with self._judged(call, ""):
                    await probe()
                self._circuit = self._circuit.succeeded()
                self._slots.grow()
            case CircuitState.CLOSED:
                pass

    def _spend(self, call: Call, name: str) -> None:
        """Count a first try, or pay for a repeat."""
        if name not in self._failed:
            self._budget = self._budget.tried()
            return
        now = self._clock.now()
        left = self._budget.repeated(now)
        if left is None:
            wait_s = self._budget.wait_s(now)
            raise RetryBudgetSpentError(
                f"{call.method} {call.what}: not sent: too many requests were repeats, the next "
                f"one may go out in {wait_s} s",
                department=call.department,
                retry_after_s=wait_s,
            )
        self._budget = left
        del self._failed[name]  # paid for; who asks the same beside it tries for the first time

    async def _begin(self) -> None:
        """Wait until another request may begin within the minute."""
        loop = asyncio.get_running_loop()
        while (wait_s := self._starts.wait_s(loop.time())) > 0:  # noqa: ASYNC110 - time passes
            await asyncio.sleep(wait_s)
        self._starts.begin(loop.time())

    @contextmanager
    def _judged(self, call: Call, name: str) -> Iterator[None]:
        try:
            yield
        except (DepartmentUnavailableError, DepartmentUnknownOutcomeError) as error:
            self._remember(name)
            self._slow_down(call, getattr(error, "retry_after_s", 0))
            raise

    def _remember(self, name: str) -> None:
        if name:
            self._failed[name] = None
            if len(self._failed) > _MOST_REMEMBERED:
                self._failed.popitem(last=False)

    def _widen(self, kind: str, began_s: float) -> None:
        """Have one more request under way after a success, or fewer where it came late."""
        if not kind:
            self._slots.grow()
            return
        ended_s = asyncio.get_running_loop().time()
        known = self._latencies.get(kind, Latency())
        self._latencies[kind], verdict = known.answered(began_s, ended_s)
        match verdict:
            case Verdict.FINE:
                self._fine += 1
                # Where it was crowded before, one more per round and not per answer.
                if not self._is_crowded or self._fine >= self._slots.width:
                    self._fine = 0
                    self._slots.grow()
            case Verdict.SLOW:
                self._is_crowded, self._fine = True, 0
                self._slots.narrow()
            case Verdict.STALE:
                self._is_crowded, self._fine = False, 0
                self._latencies = {one: Latency(since_s=ended_s) for one in self._latencies}
                self._slots.begin_anew()
            case Verdict.NOTHING:
                pass

    def _slow_down(self, call: Call, retry_after_s: int) -> None:
        now = self._clock.now()
        if retry_after_s:
            self._slots.halve()
            self._circuit = self._circuit.pushed_back(now, retry_after_s)
            return
        was_closed = self._circuit.state(now) is CircuitState.CLOSED
        self._circuit = self._circuit.failed(now)
        if was_closed and (wait_s := self._circuit.wait_s(now)):
            _log.warning(
                "%s: ten failures within a minute, no call for %d s", call.department, wait_s
            )
