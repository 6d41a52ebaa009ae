"""When a department may be asked: turn, circuit and pace, taken and judged in one place."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from oneservice.departments.client_answers import Call
from oneservice.departments.client_pace import Circuit, CircuitState, Starts
from oneservice.departments.client_slots import Slots
from oneservice.errors import DepartmentUnavailableError, DepartmentUnknownOutcomeError
from oneservice.ports import Clock

__all__ = ["Turns"]

_NOTHING_LEFT: Final = re.compile(r"; *r=0 *; *t=(\d{1,9})(?!\d)")

_log = logging.getLogger(__name__)


class Turns:
    """The pace with one department; ``clock`` is the one by which repeats are scheduled."""

    def __init__(self, in_flight: int, per_minute: int, clock: Clock) -> None:
        self._slots = Slots(in_flight)
        self._starts = Starts(per_minute)
        self._circuit = Circuit()
        self._clock = clock

    @asynccontextmanager
    async def turn(self, call: Call, probe: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
        """Hold a turn to make one exchange; how it ends sets the further pace.

        Args:
            call: names the exchange in errors.
            probe: makes one harmless exchange; awaited first where the circuit is half-open.

        Raises:
            DepartmentUnavailableError: not sent; the department is to be left alone for now, or
                the probe failed.
        """
        async with self._slots:
            now = self._clock.now()
            match self._circuit.state(now):
                case CircuitState.OPEN:
                    wait_s = self._circuit.wait_s(now)
                    raise call.unavailable(f"not sent: no call is made for {wait_s} s", wait_s)
                case CircuitState.HALF_OPEN:
                    self._circuit = self._circuit.probing(now)
                    await self._begin()
                    with self._judged(call):
                        await probe()
                    self._circuit = self._circuit.succeeded()
                case CircuitState.CLOSED:
                    pass
            await self._begin()
            with self._judged(call):
                yield

    def heard(self, headers: Mapping[str, str]) -> None:
        """Obey ``RateLimit`` where nothing is left (draft-ietf-httpapi-ratelimit-headers)."""
        match = _NOTHING_LEFT.search(headers.get("ratelimit", ""))
        if match is not None:
            self._starts.hold(asyncio.get_running_loop().time(), float(match[1]))

    async def _begin(self) -> None:
        """Wait until another request may begin within the minute."""
        loop = asyncio.get_running_loop()
        while (wait_s := self._starts.wait_s(loop.time())) > 0:  # noqa: ASYNC110 - time passes
            await asyncio.sleep(wait_s)
        self._starts.begin(loop.time())

    @contextmanager
    def _judged(self, call: Call) -> Iterator[None]:
        try:
            yield
        except (DepartmentUnavailableError, DepartmentUnknownOutcomeError) as error:
            self._slow_down(call, getattr(error, "retry_after_s", 0))
            raise
        self._slots.grow()

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
