"""A yard with one correct adapter, which the mutants break in one place each."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.clocks import SystemClock
from oneservice.conformance import (
    Identity,
    Patience,
    Target,
    Verdict,
    add_test_step,
    conform,
)
from oneservice.departments import (
    AdapterApp,
    Caller,
    Callers,
    Ed25519EventKey,
    Progress,
    Retirement,
    VerifyingKey,
    parse_event,
    running,
    sign_event,
)
from oneservice.errors import CaseError

QUICK = Patience(
    answer_s=20.0, news_s=0.4, slow_s=12.0, wait_s=2, grace_s=10.0, ring_s=10.0, silence_s=0.6
)
"""What comes in time need not be waited for, so there is time for a machine that stands still."""


def public(key: Ed25519EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


@dataclass(frozen=True, kw_only=True)
class Yard:
    """One correct adapter and everything that the kit may use with it."""

    app: AdapterApp
    callers: Callers
    event_key: Ed25519EventKey
    target: Target
    port: int

    @contextlib.asynccontextmanager
    async def served(self, wrapped: Any = None) -> AsyncIterator[Target]:
        """Serve the adapter, or what was wrapped around it."""
        async with running(wrapped or self.app, port=self.port):
            yield self.target


def made_yard(folder: Path, free_port: Callable[[], int], **changes: Any) -> Yard:
    keys = {
        name: Ed25519EventKey.generate(name) for name in ("one-1", "one-2", "one-0", "two-1", "ev")
    }
    callbacks = {name: f"http://127.0.0.1:{free_port()}/hook" for name in ("cb-1", "cb-end")}
    callers = Callers(
        Caller(id="one", keys=(public(keys["one-1"]), public(keys["one-2"])), callbacks=callbacks),
        Caller(id="two", keys=(public(keys["two-1"]),)),
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}/oneservice/v1"
    now = SystemClock().now()
    options: dict[str, Any] = {
        "store": folder / "register.db",
        "event_key": keys["ev"],
        "callers": callers,
        "base_url": url,
        "body_deadline_s": 3.0,
        "retirement": Retirement(
            deprecated_at=now,
            sunset_at=now + timedelta(days=400),
            successor="https://dept.example/oneservice/v2",
        ),
    }
    app = AdapterApp("sample-office", **(options | changes))
    add_test_step(app)
    log = folder / "access.log"
    log.touch()
    target = Target(
        url=url,
        caller=Identity(key=keys["one-1"]),
        other=Identity(key=keys["two-1"]),
        next_key=keys["one-2"],
        withdrawn_key=keys["one-0"],
        callbacks=callbacks,
        ending_callback="cb-end",
        log=log,
        patience=QUICK,
    )
    return Yard(app=app, callers=callers, event_key=keys["ev"], target=target, port=port)


@dataclass
class Asked:
    """A request on its way through a mutant; the body is left alone unless it is asked for."""

    scope: dict[str, Any]
    receive: Any
    small: bytes = b""

    @property
    def method(self) -> str:
        return self.scope["method"]

    @property
    def path(self) -> str:
        return self.scope["path"].removeprefix("/oneservice/v1")

    @property
    def query(self) -> str:
        return self.scope["query_string"].decode()

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.scope["headers"]}

    @property
    def submission_id(self) -> str:
        """The id of a submission that is filed or read, and of nothing below it."""
        parts = self.path.split("/")
        return parts[2] if len(parts) == 3 and parts[1] == "submissions" else ""

    @property
    def caller(self) -> str:
        return "two" if 'keyid="two-1"' in self.headers.get("signature-input", "") else "one"

    def without(self, *names: str) -> Asked:
        """Return the request without some header fields."""
        kept = [one for one in self.scope["headers"] if one[0].decode() not in names]
        return Asked({**self.scope, "headers": kept}, self.receive, self.small)


@dataclass
class Got:
    """An answer on its way back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        is_problem = self.body and "problem" in self.headers.get("content-type", "")
        return self.json["type"].rpartition(":")[2] if is_problem else ""

    def but(self, document: Any = None, *, status: int | None = None, **headers: str | None) -> Got:
        """Return the answer with another document, status, or header (``None``: without it)."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {**self.headers, **changed}
        kept.pop("content-digest", None)
        return Got(
            status or self.status,
            {name: value for name, value in kept.items() if value is not None},
            self.body if document is None else json.dumps(document).encode(),
        )


Inner = Callable[[Asked], Awaitable[Got]]
Change = Callable[[Asked, Inner], Awaitable[Got]]


class Mutant:
    """A correct adapter behind something that changes what goes through it."""

    def __init__(self, app: AdapterApp, change: Change) -> None:
        self.app, self.change = app, change
        self.base_url, self.open, self.drain = app.base_url, app.open, app.drain

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = await _with_small_body(Asked(scope, receive))
        got = await self.change(asked, self._inner)
        headers = {**got.headers}
        if asked.method != "HEAD" and got.status not in {204, 304}:
            headers["content-length"] = str(len(got.body))
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": got.status, "headers": pairs})
        body = b"" if asked.method == "HEAD" else got.body
        await send({"type": "http.response.body", "body": body})

    async def _inner(self, asked: Asked) -> Got:
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await self.app(asked.scope, asked.receive, keep)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Got(sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:]))


async def _with_small_body(asked: Asked) -> Asked:
    """Read a small body that is announced; large, endless and dripping ones go by unread."""
    size = int(asked.headers.get("content-length", "0"))
    if not 0 < size < 8_000:
        return asked
    data = b""
    while len(data) < size:
        message = await asked.receive()
        if message["type"] != "http.request":
            break
        data += message.get("body", b"")
    rest = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive() -> Any:
        return rest.pop() if rest else await asked.receive()

    return Asked(asked.scope, receive, data)


Rewrite = Callable[[dict[str, Any], list[dict[str, Any]]], dict[str, Any] | None]


@dataclass
class Rewriter:
    """Tells every history another way, whole and well signed: only what is meant is wrong."""

    key: Ed25519EventKey
    rewrite: Rewrite
    raw: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_chained: bool = True

    def told(self, document: Any) -> Any:
        if isinstance(document, dict) and "events" in document:
            return self._entry(document)
        if isinstance(document, dict) and "changes" in document:
            return document | {"changes": [self._entry(one) for one in document["changes"]]}
        return document

    def _entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        known = self.raw.setdefault(entry["submission_id"], [])
        for one in entry["events"]:
            if one["seq"] == len(known) + 1:
                known.append(one)
        chain = self._chain(known)
        events = [chain[one["seq"] - 1] for one in entry["events"] if one["seq"] <= len(chain)]
        head = dict(entry["head"])
        if head["seq"] <= len(chain):
            head["digest"] = chain[head["seq"] - 1]["digest"]
        return entry | {"events": events, "head": head}

    def _chain(self, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
        chain: list[dict[str, Any]] = []
        for event in known:
            changed = self.rewrite(copy.deepcopy(event), known) or copy.deepcopy(event)
            if self.is_chained:
                changed["prev"] = chain[-1]["digest"] if chain else None
            signed = sign_event(parse_event(changed), self.key)
            chain.append(signed.as_json())
        return chain


@dataclass
class Lab:
    """What mutants are made of."""

    yard: Yard

    @property
    def app(self) -> AdapterApp:
        return self.yard.app

    def answers(self, change: Callable[[Asked, Got], Got | None]) -> Mutant:
        """Return a mutant that changes answers."""

        async def through(asked: Asked, inner: Inner) -> Got:
            got = await inner(asked)
            return change(asked, got) or got

        return Mutant(self.app, through)

    def through(self, change: Change) -> Mutant:
        """Return a mutant that has requests and answers in its hands."""
        return Mutant(self.app, change)

    def histories(self, rewrite: Rewrite, *, is_chained: bool = True) -> Mutant:
        """Return a mutant that tells histories another way."""
        rewriter = Rewriter(self.yard.event_key, rewrite, is_chained=is_chained)

        def change(_: Asked, got: Got) -> Got | None:
            has_events = got.status in {200, 201} and "json" in got.headers.get("content-type", "")
            return got.but(rewriter.told(got.json)) if has_events else None

        return self.answers(change)

    async def says_more(self, submission_id: str, *outcomes: Any) -> None:
        """Let the office record something that nobody asked it for."""
        with contextlib.suppress(CaseError):
            await self.app.record(
                submission_id, *(outcomes or (Progress(label="oops"),)), caller="one"
            )


@contextlib.contextmanager
def access_log(folder: Path) -> Iterator[None]:
    """Let the adapters' log of requests go to a file that the kit is told of, too."""
    logger = logging.getLogger("oneservice.departments.access")
    handler = logging.FileHandler(folder / "access.log")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
        if not logger.handlers:  # several are judged at once: the last one leaves it as it was
            logger.propagate = True
            logger.setLevel(logging.NOTSET)


@pytest.fixture
def judged(tmp_path: Path, free_port: Callable[[], int]) -> Callable[..., Awaitable[list[str]]]:
    """Return what runs the whole kit against mutants, and tells what is broken in each."""

    async def judge(make: Callable[[Lab], Any] | None, **changes: Any) -> list[str]:
        folder = tmp_path / (make.__name__ if make is not None else "correct")
        folder.mkdir()
        yard = made_yard(folder, free_port, **changes)
        made = make(Lab(yard)) if make is not None else yard.app
        wrapped = await made if inspect.isawaitable(made) else made
        with access_log(folder):
            async with yard.served(wrapped) as target:
                report = await conform(target)
        broken = [one.statement.number for one in report.of(Verdict.FAIL)]
        unknown = {one.statement.number for one in report.of(Verdict.NOT_APPLICABLE)}
        return broken + sorted(unknown - {"P-11", "P-12"})

    return judge


@pytest.fixture
def yard(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Yard]:
    with access_log(tmp_path):
        yield made_yard(tmp_path, free_port)


@pytest.fixture
def in_thread() -> Callable[..., Awaitable[Any]]:
    """Return what runs a command, which has an event loop of its own."""
    return asyncio.to_thread
