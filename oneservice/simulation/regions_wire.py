"""The wires between regions: real bytes of HTTP over connections that a simulated world makes.

Theory of operation. A region's client is the real one: it asks its event loop for a connection, and
:class:`WireLoop` hands it one end of a wire. What is written there is a request of HTTP/1.1; once
it is whole the fault plan decides what becomes of it, and the counter of the other region, which is
an ASGI app as everywhere, is called with it. Its answer travels back as bytes, whole, cut or bent.
So signatures, digests, deadlines and parsers on both sides are those of production.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

from oneservice.ports import Clock
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.faults import AT_BORDER, FaultKind, FaultPlan
from oneservice.simulation.loop import SimulatedLoop
from oneservice.simulation.regions_connection import (
    HttpRequest,
    NearEnd,
    as_bytes,
    bent,
    plain_answer,
    pushed_back,
    retraced,
)

__all__ = ["CALLING", "Counter", "WireLoop", "Wires", "address_of"]

CALLING: Final[ContextVar[str]] = ContextVar("calling", default="")
"""The region in whose process the present task runs."""

_LATENCIES_S: Final = (0.02, 0.08)
_LATE_S: Final = (15, 600)
"""What is delayed, or comes twice, comes so late; after some minutes its signature has expired."""
_SLOW_S: Final = (1, 9)
_T = TypeVar("_T")
_PORT: Final = 8443

Message = MutableMapping[str, Any]
App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Who answers in a region: an ASGI app, and what to do when the process dies amid a request."""

    app: App
    died: Callable[[], None]


def address_of(number: int) -> str:
    """Return the address of the counter of the region of that number; loopback, so without TLS."""
    return f"http://127.0.0.{number}:{_PORT}/oneservice/v1"


class Wires:
    """All ways between regions.

    Args:
        regions: their codes, in the order of their numbers.
        plan: decides what goes wrong with each request.
        clock: the true time.
        later: starts what happens later, whoever lives then.
    """

    def __init__(
        self,
        regions: tuple[str, ...],
        *,
        plan: FaultPlan,
        clock: Clock,
        later: Callable[[float, Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._regions = {f"127.0.0.{number}": name for number, name in enumerate(regions, 1)}
        self._plan = plan
        self._clock = clock
        self._later = later
        self._open: dict[str, Counter] = {}
        self._serving: dict[str, dict[asyncio.Task[None], None]] = {name: {} for name in regions}
        """What each region is answering, in the order in which it came."""
        self.cut: dict[tuple[str, str], int] = {}
        """Ways on which nothing gets through, and how many partitions lie on each."""
        self.exchanges = 0
        """Requests that were sent."""
        self.broken: list[str] = []
        """What went wrong at a counter that should not: the world looks at it."""
        self.unreached = 0
        """Connections that a partition swallowed."""

    def open(self, region: str, counter: Counter) -> None:
        """Let ``counter`` answer for ``region``."""
        self._open[region] = counter

    def close(self, region: str) -> None:
        """Let nobody answer for ``region``, and drop what is being answered."""
        self._open.pop(region, None)
        for task in tuple(self._serving[region]):
            task.cancel()

    async def connect(self, protocol: asyncio.Protocol, host: str) -> asyncio.Transport:
        """Return the near end of a connection to ``host``.

        Raises:
            ConnectionRefusedError: nobody listens there.
        """
        way = (CALLING.get(), self._regions[host])
        while self.cut.get(way):
            self.unreached += 1
            await asyncio.sleep(3600)  # nothing comes back; the caller has a deadline
        if way[1] not in self._open:
            raise ConnectionRefusedError
        return NearEnd(protocol, lambda end, request: self._carry(way, end, request))

    # --- inside --------------------------------------------------------------------------------

    def _carry(self, way: tuple[str, str], end: NearEnd, request: HttpRequest) -> None:
        """Take a whole request on its way."""
        self.exchanges += 1
        path = request.target.partition("?")[0].rpartition("/oneservice/v1/")[2]
        boundary = f"{way[0]}>{way[1]}/{request.method}/{path}"
        fault, crossing = self._plan.at(boundary, AT_BORDER, self._clock.now())
        known = retraced(request, self._plan.chance.number(f"{crossing}/trace"))
        task = asyncio.get_running_loop().create_task(
            self._through(way, end, known, fault, crossing)
        )
        end.carrying = task

    async def _through(
        self,
        way: tuple[str, str],
        end: NearEnd,
        request: HttpRequest,
        fault: FaultKind | None,
        crossing: str,
    ) -> None:
        chance = self._plan.chance
        await asyncio.sleep(chance.choice(f"{crossing}/latency", _LATENCIES_S))
        match fault:
            case FaultKind.REFUSE:
                end.lose(ConnectionResetError())
                return
            case FaultKind.DROP_REQUEST:
                return
            case FaultKind.DELAY:
                self._again(way, request, chance.between(f"{crossing}/late", *_LATE_S))
                return
            case FaultKind.DUPLICATE:
                self._again(way, request, chance.between(f"{crossing}/again", 0, _LATE_S[1]))
            case FaultKind.CRASH:
                counter = self._open.get(way[1])
                if counter is not None and chance.happens(f"{crossing}/early", 500):
                    counter.died()
            case FaultKind.PUSH_BACK:
                end.give(pushed_back(chance.choice(f"{crossing}/wait", (1, 30, 600))))
                return
            case _:
                pass
        answer = await self._answered(way[1], request)
        if answer is None:
            end.lose(ConnectionResetError())
            return
        await self._back(way, end, answer, fault, crossing)

    async def _back(
        self,
        way: tuple[str, str],
        end: NearEnd,
        answer: bytes,
        fault: FaultKind | None,
        crossing: str,
    ) -> None:
        chance = self._plan.chance
        if fault is FaultKind.REORDER:
            await asyncio.sleep(chance.between(f"{crossing}/slow", *_SLOW_S))
        if fault is FaultKind.DROP_ANSWER or self.cut.get(way):
            return
        match fault:
            case FaultKind.CRASH:
                counter = self._open.get(way[1])
                if counter is not None:
                    counter.died()
                end.lose(ConnectionResetError())
            case FaultKind.SERVER_ERROR:
                end.give(plain_answer(500, b"{}"))
            case FaultKind.TRUNCATE:
                end.give(answer[: chance.below(f"{crossing}/kept", len(answer))])
            case FaultKind.LIE:
                end.give(bent(answer, chance.number(f"{crossing}/bit")))
            case _:
                end.give(answer)

    def _again(self, way: tuple[str, str], request: HttpRequest, seconds: int) -> None:
        """Let a request arrive (once more) when nobody waits for its answer."""

        async def arrive() -> None:
            if not self.cut.get(way):
                await self._answered(way[1], request)

        self._later(seconds, arrive)

    async def _answered(self, region: str, request: HttpRequest) -> bytes | None:
        """Have the counter of ``region`` answer; ``None``: nobody does, or it died over it."""
        counter = self._open.get(region)
        if counter is None:
            return None
        parts: list[Message] = []
        task = asyncio.get_running_loop().create_task(_served(counter, region, request, parts))
        self._serving[region][task] = None
        task.add_done_callback(self._serving[region].pop)
        await asyncio.wait([task])
        if task.cancelled() or not parts:
            return None
        task.result()
        if parts[0]["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.broken.append(f"{region} answered 500 to {request.method} {request.target}")
        return as_bytes(parts)


async def _served(
    counter: Counter, region: str, request: HttpRequest, parts: list[Message]
) -> None:
    """Call the app as a server does; what breaks in it that is no crash is for the world."""
    CALLING.set(region)
    path, _, query = request.target.partition("?")
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": list(request.headers),
        "client": None,
        "server": None,
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        parts.append(message)

    try:
        await counter.app(scope, receive, send)
    except SimulatedCrash:
        parts.clear()
        counter.died()


class WireLoop(SimulatedLoop):
    """A simulated loop whose connections lead over :attr:`wires`."""

    wires: Wires

    def run_in_executor(  # type: ignore[override]  # it does return what it promises
        self, executor: object, func: Callable[..., _T], *args: object
    ) -> asyncio.Future[_T]:
        """Do at once what wants a thread: files of a world are small, and the order is fixed."""
        del executor
        done: asyncio.Future[_T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
            done.set_exception(error)
        return done

    async def create_connection(  # type: ignore[override]  # one way of calling it, of many
        self, protocol_factory: Callable[[], asyncio.Protocol], host: str, port: int, **_: object
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Return a connection to the region at ``host``."""
        del port
        protocol = protocol_factory()
        return await self.wires.connect(protocol, host), protocol
