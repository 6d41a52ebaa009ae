"""The ASGI side of an adapter: events of the server in, answers out, whatever goes wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oneservice.departments.exchange import (
    CALLER,
    Answer,
    ClientGoneError,
    Receive,
    Request,
    Scope,
    Send,
    problem_answer,
)
from oneservice.departments.faults import own_fault
from oneservice.departments.tracing import TRACE_HEADER, TRACEPARENT, trace_id
from oneservice.departments.wire import is_id
from oneservice.errors import AdapterError, OneServiceError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.gate import Gate
    from oneservice.departments.routes import Routes
    from oneservice.departments.status_routes import StatusRoutes

__all__ = ["AsgiFace"]

_log = logging.getLogger("oneservice.departments.access")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsgiFace:
    """Speaks ``http`` and ``lifespan``; ``open`` is harmless to repeat."""

    routes: Routes
    gate: Gate
    open: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    lists: StatusRoutes | None = None
    standing_headers: tuple[tuple[str, str], ...] = ()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope.

        Raises:
            AdapterError: the scope is of another kind.
        """
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            msg = f"an adapter does not speak {scope['type']}"
            raise AdapterError(msg)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.open()
        except OneServiceError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope, receive)
        began_s = time.perf_counter()
        sent = request.headers.get(TRACE_HEADER, "")
        token = TRACEPARENT.set(sent if trace_id(sent) else None)
        try:
            answer = await self._answer(request)
        except ClientGoneError:
            return
        finally:
            TRACEPARENT.reset(token)
        caller = str(request.scope.get(CALLER, "-"))
        extra = (*self.routes.pace.headers(caller), *self.standing_headers)
        await answer.send(send, is_head=request.method == "HEAD", extra=extra)
        if _log.isEnabledFor(logging.INFO):
            _log.info(
                "%s %s %d caller=%s traceparent=%s %.1f ms",
                request.method,
                _told(request),
                answer.status,
                caller,
                sent if trace_id(sent) else "-",
                1000 * (time.perf_counter() - began_s),
            )

    async def _answer(self, request: Request) -> Answer:
        try:
            await self.open()
            if self.lists is not None and self.lists.serves(request):
                return await self.lists.answer(request)
            return await self.routes.answer(request, self.gate)
        except ProtocolProblemError as error:
            return problem_answer(error, trace=request.trace)
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - the wire must answer whatever went wrong
            return problem_answer(own_fault(error), trace=request.trace)


def _told(request: Request) -> str:
    """Return the path for the log: ids only, never a query, nothing that is no resource of ours."""
    segments = request.below.split("/")[1:]
    is_ours = segments[:1] != [""] and CALLER in request.scope
    return request.below if is_ours and all(is_id(one) for one in segments) else "-"
