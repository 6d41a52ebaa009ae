"""``python -m benchmarks.served_adapter KIND FOLDER``: one of three adapters behind uvicorn.

``sdk`` is ours. ``bare`` answers what ours would, from memory: ASGI and nothing else. ``floor``
does what cannot be left out, in the plainest way: parse the body, hash it, sign one digest, one
durable row for what is new, one hop to the thread of the database and one query for what is read;
``floor-signed`` verifies the request's signature besides, trusting that it is spelt as ours.
``GET /cpu`` tells the process's time in nanoseconds.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sqlite3
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import orjson
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.departments import (
    AdapterApp,
    Caller,
    Callers,
    Ed25519EventKey,
    Outcome,
    Received,
    ServiceLimits,
    Submission,
    VerifyingKey,
    bind,
    serve,
)

__all__ = ["BASE", "CALLER_KEY", "KINDS"]

KINDS: Final = ("sdk", "signed", "bare", "floor", "floor-signed")
BASE: Final = "/oneservice/v1"
_PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # the page's own vector
CALLER_KEY: Final = Ed25519EventKey(keyid="caller-1", private=_PRIVATE)
_PUBLIC: Final = _PRIVATE.public_key()
_EVENT_KEY: Final = Ed25519EventKey(keyid="dept-1", private=_PRIVATE)
_HEAD: Final = [(b"content-type", b"application/json")]


def sdk(folder: Path, *, is_signed: bool) -> AdapterApp:
    """Return an adapter on the SDK with one step that takes everything in."""
    public = VerifyingKey(
        keyid=CALLER_KEY.keyid, alg=CALLER_KEY.alg, public_key=CALLER_KEY.public_key
    )
    app = AdapterApp(
        "fire-rescue",
        store=folder / "sdk.db",
        event_key=_EVENT_KEY,
        limits=ServiceLimits(per_minute=10**9),
        callers=Callers(Caller(id="portal", keys=(public,))) if is_signed else None,
    )

    @app.step("plain")
    async def plain(_submission: Submission) -> Outcome:
        return Received()

    return app


class Bare:
    """Answers from memory: the first answer that it was shown for this method and resource."""

    def __init__(self, canned: Mapping[str, tuple[int, bytes]]) -> None:
        self._canned = canned

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        key = f"{scope['method']} {scope['path'].split('/')[3]}"
        status, body = self._canned[key]
        head = [*_HEAD, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})


class Floor:
    """The least that keeps the promise of a durable, signed answer."""

    def __init__(
        self, path: Path, canned: Mapping[str, tuple[int, bytes]], *, is_signed: bool
    ) -> None:
        self._canned = canned
        self._is_signed = is_signed
        self._thread = ThreadPoolExecutor(1)
        self._connection = self._thread.submit(self._open, path).result()

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        found = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        found.execute("PRAGMA journal_mode = WAL")
        found.execute("PRAGMA synchronous = FULL")
        found.execute("CREATE TABLE events (id TEXT PRIMARY KEY, event BLOB)")
        return found

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        data = b""
        while True:
            message = await receive()
            data += message.get("body", b"")
            if not message.get("more_body"):
                break
        if self._is_signed:
            _verify(scope)
        segments = scope["path"].split("/")
        status, body = self._canned[f"{scope['method']} {segments[3]}"]
        if segments[3] != "capabilities":
            loop = asyncio.get_running_loop()
            status, body = await loop.run_in_executor(
                self._thread, self._work, scope["method"], segments[-1], data, body
            )
        head = [*_HEAD, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    def _work(self, method: str, name: str, data: bytes, shown: bytes) -> tuple[int, bytes]:
        if name == "changes":
            rows = self._connection.execute("SELECT event FROM events LIMIT 20").fetchall()
            return 200, b"[" + b",".join(row[0] for row in rows) + b"]"
        found = self._connection.execute("SELECT event FROM events WHERE id = ?", (name,))
        row = found.fetchone()
        if method == "GET" or row is not None:
            hashlib.sha256(data).digest()
            return 200, row[0]
        orjson.loads(data)
        digest = hashlib.sha256(data).hexdigest().encode()
        event = shown[:-160] + digest + _EVENT_KEY.sign(digest).hex().encode()[:96]
        self._connection.execute("INSERT INTO events VALUES (?, ?)", (name, event))
        return 201, event


def _verify(scope: Any) -> None:
    """Check a signature that stands as ours does; raises where it does not hold."""
    fields = dict(scope["headers"])
    parameters = fields[b"signature-input"].partition(b"=")[2]
    value = base64.b64decode(fields[b"signature"].partition(b"=:")[2][:-1])
    base = b'"@method": %s\n"@authority": %s\n"@path": %s\n"@query": ?%s\n' % (
        scope["method"].encode(),
        fields[b"host"],
        scope["raw_path"],
        scope["query_string"],
    )
    base += b'"content-digest": %s\n"oneservice-version": %s\n"@signature-params": %s' % (
        fields[b"content-digest"],
        fields[b"oneservice-version"],
        parameters,
    )
    _PUBLIC.verify(value, base)


class Timed:
    """Tells the process's time beside what ``app`` answers."""

    def __init__(self, app: Any) -> None:
        self.app = app
        for name in ("open", "drain"):
            if hasattr(app, name):
                setattr(self, name, getattr(app, name))
        if hasattr(app, "base_url"):
            self.base_url: str | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "base_url" and value is not None:
            self.app.base_url = value
        object.__setattr__(self, name, value)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/cpu":
            body = str(time.process_time_ns()).encode()
            head = [(b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": body})
            return
        await self.app(scope, receive, send)


async def main(kind: str, folder: Path) -> None:
    """Serve until standard input closes; the first line says where."""
    if kind in {"sdk", "signed"}:
        app = sdk(folder, is_signed=kind == "signed")
        await serve(Timed(app), until_stdin_closes=True, on_listening=_tell)
        return
    canned = {
        name: (status, body.encode())
        for name, (status, body) in orjson.loads((folder / "canned.json").read_bytes()).items()
    }
    is_signed = kind == "floor-signed"
    other: Any = (
        Bare(canned)
        if kind == "bare"
        else Floor(folder / f"{kind}.db", canned, is_signed=is_signed)
    )
    sock = bind("127.0.0.1", 0)
    config = uvicorn.Config(Timed(other), log_level="warning", access_log=False, lifespan="off")
    serving = asyncio.create_task(uvicorn.Server(config).serve(sockets=[sock]))
    _tell(f"http://127.0.0.1:{sock.getsockname()[1]}{BASE}")
    await asyncio.to_thread(sys.stdin.read)
    serving.cancel()


def _tell(url: str) -> None:
    print(url, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
