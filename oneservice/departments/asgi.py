"""The ASGI side of an adapter: events of the server in, answers out, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oneservice.departments.exchange import (
    Answer,
    ClientGoneError,
    Receive,
    Request,
    Scope,
    Send,
    problem_answer,
)
from oneservice.departments.faults import own_fault
from oneservice.errors import AdapterError, OneServiceError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.gate import Gate
    from oneservice.departments.routes import Routes

__all__ = ["AsgiFace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsgiFace:
    """Speaks ``http`` and ``lifespan``; ``open`` is harmless to repeat."""

    routes: Routes
    gate: Gate
    open: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]

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
        try:
            answer = await self._answer(request)
        except ClientGoneError:
            return
        await answer.send(send, is_head=request.method == "HEAD")

    async def _answer(self, request: Request) -> Answer:
        try:
            await self.open()
            return await self.routes.answer(request, self.gate)
        except ProtocolProblemError as error:
            return problem_answer(error, trace=request.trace)
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - the wire must answer whatever went wrong
            return problem_answer(own_fault(error), trace=request.trace)
