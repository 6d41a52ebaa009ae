"""Running an adapter as a server of its own, with uvicorn (extra ``server``)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from oneservice.departments.serving_protocol import counter_protocol
from oneservice.departments.wire import BASE_PATH, MAX_HEADER_BYTES
from oneservice.errors import AdapterError, EnvironmentalError, PortInUseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import uvicorn

    from oneservice.departments.tls import ServerTls

__all__ = ["bind", "running", "serve"]

STOP_S: Final = 5
"""Seconds that a stopping server gives to requests under way."""
IDLE_S: Final = 75
"""Idle keep-alive (protocol section 14)."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening-to-be socket; port 0 picks a free one.

    Raises:
        PortInUseError: somebody listens there already, or we may not.
        EnvironmentalError: this machine has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, for asyncio switches Nagle's delay (40 ms an answer) off only then.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            msg = f"port {port} of {host} is taken or not ours: stop its owner, or name another"
            raise PortInUseError(msg, port=port) from error
        msg = f"{host} is no address of this machine"
        raise EnvironmentalError(msg) from error
    return found


async def serve(
    app: Any,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    until_stdin_closes: bool = False,
    on_listening: Callable[[str], None] | None = None,
    tls: ServerTls | None = None,
    **options: Any,
) -> None:
    """Serve ``app`` until a signal stops it.

    Args:
        app: an :class:`AdapterApp`, or any ASGI application.
        host: address to listen on.
        port: 0 picks a free one.
        until_stdin_closes: stop too when standard input ends: so a child process never outlives
            the one that started it, however that one died.
        on_listening: is told the base URL as soon as requests are answered.
        tls: certificate and key, and whose client certificates count; the app is then told who
            is connected (ASGI's TLS extension, which :class:`MutualTls` reads).
        options: more settings for ``uvicorn.Config``.

    Raises:
        PortInUseError: before anything else is started.
        JournalError: the adapter's register cannot be used.
        AdapterError: uvicorn is not installed, or the app could not start.
    """
    sock = bind(host, port)
    try:
        options |= tls.options() if tls is not None else {}
        server = _server(app, options)
        address = _base_url(sock, is_tls="ssl_certfile" in options)
        has_no_address = getattr(app, "base_url", address) is None
        if has_no_address:
            app.base_url = address  # callers' signatures cover it
        opening = getattr(app, "open", None)
        if opening is not None:
            await opening()  # so that the true error is raised, not uvicorn's exit
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        watching = asyncio.create_task(_stop_with_stdin(server)) if until_stdin_closes else None
        try:
            await _started(server, serving)
            if on_listening is not None:
                on_listening(address)
            await asyncio.shield(serving)  # whoever cancels us must not tear the server apart
        finally:
            if watching is not None:
                watching.cancel()
            await _stop(server, serving)
            if has_no_address:
                app.base_url = None
    finally:
        sock.close()


@contextlib.asynccontextmanager
async def running(
    app: Any, host: str = "127.0.0.1", port: int = 0, **options: Any
) -> AsyncIterator[str]:
    """Serve ``app`` in this event loop while the block runs; yields the base URL."""
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(
        serve(app, host, port, on_listening=listening.set_result, **options)
    )
    try:
        either: list[asyncio.Future[Any]] = [server, listening]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            await server
        yield listening.result()
    finally:
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server


def _server(app: Any, options: dict[str, Any]) -> uvicorn.Server:
    try:
        import uvicorn  # noqa: PLC0415 - an extra; only who serves needs it
    except ImportError as error:
        msg = "serving needs uvicorn: install the extra `server` of this library"
        raise AdapterError(msg) from error

    class Server(uvicorn.Server):
        """uvicorn, which lets waiting readers go before it stops."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            try:
                await super().startup(sockets)
            except SystemExit as error:  # a library must not end its caller's process
                msg = "the adapter could not start; its log says why"
                raise AdapterError(msg) from error

        def handle_exit(self, sig: int, frame: Any) -> None:
            _drain(app)
            super().handle_exit(sig, frame)

    settings: dict[str, Any] = {
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": IDLE_S,
        "timeout_graceful_shutdown": STOP_S,
        "h11_max_incomplete_event_size": MAX_HEADER_BYTES * 2,
        "ws": "none",
        "http": counter_protocol(),
        "lifespan": "on",
    }
    return Server(uvicorn.Config(app, **(settings | options)))


def _drain(app: Any) -> None:
    drain = getattr(app, "drain", None)
    if drain is not None:
        drain()


def _base_url(sock: socket.socket, *, is_tls: bool) -> str:
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if is_tls else 'http'}://{shown}:{port}{BASE_PATH}"


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            await serving
            msg = "the adapter could not start; its log says why"
            raise AdapterError(msg)
        await asyncio.sleep(0.01)  # uvicorn tells nobody; it sets a flag


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    _drain(server.config.app)
    server.should_exit = True
    while not serving.done():  # a second cancellation must not leave the server running
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(serving)


async def _stop_with_stdin(server: uvicorn.Server) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    try:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except (OSError, ValueError, AttributeError):
        return  # a file, /dev/null, or none at all: it never closes
    while await reader.read(4096):
        pass
    _drain(server.config.app)
    server.should_exit = True
