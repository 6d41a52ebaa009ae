"""The adapter protocol: our SDK on bare ASGI, our client on bare httpx, signatures on a library.

The SDK is measured by :mod:`benchmarks.adapters`, behind a server; the bare client has the same
pool and no cookies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import http_message_signatures as stranger
import httpx
from cryptography.hazmat.primitives.asymmetric import ed25519

from benchmarks import adapters, callers
from benchmarks.measuring import Pair, compared
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    REQUEST_TAG,
    AdapterApp,
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    MessageSigner,
    Outcome,
    Received,
    Submission,
    SubmissionBody,
    Target,
    VerifyingKey,
    compose_submission,
    verify_message,
)
from oneservice.departments.message_signatures import COMPONENTS
from oneservice.departments.wire import content_digest

__all__ = ["measure"]

_NOW: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
_KEY: Final = Ed25519EventKey.generate("dept-1")
_HERE: Final = "fire-rescue"
_BASE: Final = "/oneservice/v1"
_CALLS: Final = 60
_ROUNDS: Final = 9


def measure() -> Iterator[Pair]:
    """Yield filing and reading, calls of the client, a signature and its verification."""
    yield from adapters.measure_adapters()
    yield from _client()
    yield from callers.many_callers()
    yield from _signatures()


def _body() -> bytes:
    fields = {f"field_{number}": "x" * 40 for number in range(20)}
    return compose_submission(
        SubmissionBody(
            case_id="c1",
            step_id="plain",
            attempt=1,
            applicant={"kind": "organisation"},
            fields=fields,
        )
    )


async def _asked(app: Any, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """Make one request of an ASGI app without a server."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"oneservice-version", b"1.0"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
    }
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return told[0]["status"], told[1]["body"]


# --- the client ---


def _client() -> Iterator[Pair]:
    loop = asyncio.new_event_loop()
    answer = loop.run_until_complete(_status_document())
    server = loop.run_until_complete(loop.create_server(lambda: _Canned(answer), "127.0.0.1", 0))
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{_BASE}"
    key = VerifyingKey(keyid=_KEY.keyid, alg=_KEY.alg, public_key=_KEY.public_key)
    signer = MessageSigner(key=Ed25519EventKey.generate("engine-1"))
    bare = httpx.AsyncClient(limits=httpx.Limits(max_connections=8), trust_env=False)
    headers = {"OneService-Version": "1.0", "Accept-Encoding": "identity"}

    async def floor() -> None:
        found = await bare.get(f"{url}/submissions/c1?after=1", headers=headers)
        assert found.status_code == 200
        found.json()

    for name, by in (("", None), (", signed", signer)):
        endpoint = DepartmentEndpoint(base_url=url, keys=(key,), per_minute=10**9, signer=by)
        ours = HttpDepartments({_HERE: endpoint}, clock=VirtualClock(_NOW))
        yield compared(
            f"client: read a status document{name}",
            _runner(loop, lambda ours=ours: ours.read(_HERE, "c1", after=1)),  # type: ignore[misc]
            _runner(loop, floor),
            floor_name="bare httpx, same pool, server included",
            calls=_CALLS,
            rounds=_ROUNDS,
        )
        loop.run_until_complete(ours.aclose())
    loop.run_until_complete(bare.aclose())
    server.close()
    loop.close()


def _runner(
    loop: asyncio.AbstractEventLoop, make: Callable[[], Coroutine[Any, Any, object]]
) -> Callable[[], object]:
    return lambda: loop.run_until_complete(make())


async def _status_document() -> bytes:
    """Return what an adapter answers when nothing is new: the head, and no events."""
    app = AdapterApp(_HERE, store=":memory:", event_key=_KEY)

    @app.step("plain")
    async def plain(_submission: Submission) -> Outcome:
        return Received()

    async with app:
        await _asked(app, "PUT", f"{_BASE}/submissions/c1", _body())
        _, data = await _asked(app, "GET", f"{_BASE}/submissions/c1")
    return data.replace(data[data.index(b'"events":[') : data.index(b',"head"')], b'"events":[]')


class _Canned(asyncio.Protocol):
    """A server that answers every request with the same bytes."""

    def __init__(self, body: bytes) -> None:
        self._answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nOneService-Version: 1.0\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        ) + body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self._transport.write(self._answer)


# --- signatures ---


class _Message:
    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = "PUT", url, headers


class _Keys(stranger.HTTPSignatureKeyResolver):
    def __init__(self, private: ed25519.Ed25519PrivateKey) -> None:
        self._private = private

    def resolve_public_key(self, key_id: str) -> Any:
        del key_id
        return self._private.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        del key_id
        return self._private


def _signatures() -> Iterator[Pair]:
    url = f"https://dept.example{_BASE}/submissions/c42.food_permit.1"
    given = {"Content-Digest": content_digest(b"x"), "OneService-Version": "1.0"}
    signer = MessageSigner(key=_KEY)
    created = datetime.now(tz=UTC)  # noqa: TID251 - the library reads the clock
    resolver = _Keys(_KEY.private)
    algorithm = stranger.algorithms.ED25519
    theirs = stranger.HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver)
    verifier = stranger.HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=resolver)

    def sign() -> dict[str, str]:
        made = signer.headers(method="PUT", url=url, headers=given, created_at=created)
        return given | dict(made)

    def sign_theirs() -> None:
        theirs.sign(
            _Message(url, dict(given)),
            key_id=_KEY.keyid,
            created=created,
            tag=REQUEST_TAG,
            covered_component_ids=COMPONENTS,
            use_existing_digest=True,
        )

    signed = sign()
    fields = {name.lower(): value for name, value in signed.items()}
    keys = {_KEY.keyid: VerifyingKey(keyid=_KEY.keyid, alg=_KEY.alg, public_key=_KEY.public_key)}
    target = Target.of("PUT", url)
    yield compared(
        "sign a request",
        sign,
        sign_theirs,
        floor_name="http-message-signatures",
        calls=200,
        rounds=_ROUNDS,
    )
    yield compared(
        "verify a request",
        lambda: verify_message(target, fields, keys=keys, tag=REQUEST_TAG, now=created),
        lambda: verifier.verify(_Message(url, dict(signed)), expect_tag=REQUEST_TAG),
        floor_name="http-message-signatures",
        calls=200,
        rounds=_ROUNDS,
    )
