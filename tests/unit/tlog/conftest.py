"""Logs, witnesses and an in-memory web for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from oneservice.clocks import VirtualClock
from oneservice.errors import WebUnavailableError
from oneservice.ports import WebAnswer, WebRequest
from oneservice.tlog import TileLog
from oneservice.transparency import NoteSigner, SignatureType

START = datetime(2026, 9, 28, 1, tzinfo=UTC)


class LoopbackWeb:
    """The port, over ASGI applications in this process: ``http://NAME/…`` asks ``sites[NAME]``."""

    def __init__(self, sites: Mapping[str, Any]) -> None:
        self.sites = dict(sites)
        self.asked: list[WebRequest] = []

    async def exchange(self, request: WebRequest) -> WebAnswer:
        self.asked.append(request)
        parts = urlsplit(request.url)
        site = self.sites.get(parts.hostname or "")
        if site is None:
            msg = f"{parts.hostname}: it cannot be reached"
            raise WebUnavailableError(msg)
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(event: Any) -> None:
            sent.append(event)

        scope = {"type": "http", "method": request.method, "path": parts.path, "headers": []}
        await site(scope, receive, send)
        head, *bodies = sent
        headers = {name.decode(): value.decode() for name, value in head["headers"]}
        body = b"".join(one["body"] for one in bodies)
        if len(body) > request.max_bytes:
            msg = f"{parts.hostname}: its answer is larger than such an answer may be"
            raise WebUnavailableError(msg)
        return WebAnswer(status=head["status"], headers=headers, body=body)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture(scope="session")
def signer() -> NoteSigner:
    return NoteSigner.generate("log.example/990101")


@pytest.fixture(scope="session")
def cosigner() -> NoteSigner:
    return NoteSigner.generate("witness.example/audit", type=SignatureType.COSIGNATURE_V1)


@pytest.fixture
def entries() -> Callable[..., list[bytes]]:
    return lambda count, start=0: [b"entry %d" % (start + index) for index in range(count)]


@pytest.fixture
def log(tmp_path: Path, signer: NoteSigner) -> Any:
    with TileLog.create(tmp_path / "log", signer) as found:
        yield found


@pytest.fixture
def loopback() -> type[LoopbackWeb]:
    return LoopbackWeb
