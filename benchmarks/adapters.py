"""The SDK behind uvicorn, against bare ASGI and against the least that is durable, on one server.

Each adapter is a process of its own; what is told is the server's processor time per request, over
a connection that is kept, ours and the other in turn. Two floors, because one would mislead: *bare
ASGI* answers the same bytes from memory and keeps nothing; the *durable floor* parses the body,
signs a digest, commits one row and reads by one query.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.measuring import Pair
from benchmarks.served_adapter import BASE, CALLER_KEY
from oneservice.departments import MessageSigner, SubmissionBody, compose_submission
from oneservice.departments.wire import content_digest

__all__ = ["measure_adapters"]

_CALLS: Final = 200
_ROUNDS: Final = 7
_FEED: Final = "/changes?after=v1.0&limit=20"
_FLOORS: Final = {
    "bare": "bare ASGI: the same bytes from memory, nothing kept",
    "floor": "bare ASGI, parse, one signature, one durable row or one query",
    "floor-signed": "the same, and the request's signature verified",
}


@dataclass
class _Served:
    """An adapter in a process of its own, and one connection to it."""

    kind: str
    folder: Path
    _process: subprocess.Popen[str] = field(init=False)
    _line: socket.socket = field(init=False)
    _authority: str = field(init=False)
    _signer: MessageSigner | None = field(init=False)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.served_adapter", self.kind, str(self.folder)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._authority = self._process.stdout.readline().split("/")[2]
        host, port = self._authority.split(":")
        self._line = socket.create_connection((host, int(port)))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        is_signed = self.kind.endswith("signed")
        self._signer = MessageSigner(key=CALLER_KEY) if is_signed else None
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()

    def asked(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Ask, and return status and body."""
        digest = content_digest(body)
        head = {
            "Host": self._authority,
            "OneService-Version": "1.0",
            "Content-Digest": digest,
            **({"Content-Type": "application/json"} if body else {}),
            "Content-Length": str(len(body)),
        }
        if self._signer is not None:
            now = datetime.now(tz=UTC)  # noqa: TID251 - the server's clock is the machine's
            url = f"http://{self._authority}{path}"
            head |= self._signer.headers(method=method, url=url, headers=head, created_at=now)
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self._line.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        return self._answer()

    def cpu_ns(self) -> int:
        """Return the processor time that the server has used."""
        return int(self.asked("GET", "/cpu")[1])

    def _answer(self) -> tuple[int, bytes]:
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._line.recv(65_536)
        head, _, body = got.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < size:
            body += self._line.recv(65_536)
        return int(head.split(b" ", 2)[1]), body


def _body() -> bytes:
    fields = {f"field_{number}": "x" * 40 for number in range(20)}
    applicant = {"kind": "organisation"}
    return compose_submission(
        SubmissionBody(case_id="c1", step_id="plain", attempt=1, applicant=applicant, fields=fields)
    )


def measure_adapters() -> Iterator[Pair]:
    """Yield every kind of request against both floors."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        served = {"sdk": stack.enter_context(_Served("sdk", folder))}
        _teach(served["sdk"], folder)
        for kind in ("bare", "floor", "floor-signed"):
            served[kind] = stack.enter_context(_Served(kind, folder))
        (folder / "signed").mkdir()
        served["signed"] = stack.enter_context(_Served("signed", folder / "signed"))
        for one in served.values():
            for number in range(20):
                one.asked("PUT", f"{BASE}/submissions/c{number}", _body())
        numbers = count(1000)
        yield from _compared(served, "read the capabilities", "sdk", _get("/capabilities"))
        yield from _compared(served, "read a status", "sdk", _get("/submissions/c7"))
        yield from _compared(served, "read a status, signed", "signed", _get("/submissions/c7"))
        yield from _compared(served, "read a page of 20 events", "sdk", _get(_FEED))
        yield from _compared(served, "repeat an application", "sdk", _put(lambda: "c7"))
        yield from _compared(
            served, "file an application, durably", "sdk", _put(lambda: f"n{next(numbers)}")
        )


def _teach(ours: _Served, folder: Path) -> None:
    """Let the others know what ours answers, so that all send the same bytes."""
    canned: dict[str, tuple[int, str]] = {}
    for method, path, body in (
        ("PUT", "/submissions/c-shown", _body()),
        ("GET", "/submissions/c-shown", b""),
        ("GET", "/capabilities", b""),
    ):
        status, answer = ours.asked(method, BASE + path, body)
        canned[f"{method} {path.split('/')[1]}"] = (status, answer.decode())
    for number in range(20):
        ours.asked("PUT", f"{BASE}/submissions/c{number}", _body())
    canned["GET changes"] = (200, ours.asked("GET", BASE + _FEED)[1].decode())
    (folder / "canned.json").write_text(json.dumps(canned))


_Ask = Callable[[_Served], Any]


def _get(path: str) -> _Ask:
    return lambda served: served.asked("GET", BASE + path)


def _put(name: Callable[[], str]) -> _Ask:
    body = _body()
    return lambda served: served.asked("PUT", f"{BASE}/submissions/{name()}", body)


def _compared(served: dict[str, _Served], name: str, ours: str, ask: _Ask) -> Iterator[Pair]:
    durable = "floor-signed" if ours == "signed" else "floor"
    spent: dict[str, list[float]] = {kind: [] for kind in (ours, "bare", durable)}
    for turn in range(_ROUNDS + 1):
        for kind, times in spent.items():
            before = served[kind].cpu_ns()
            for _ in range(_CALLS):
                status, _ = ask(served[kind])
                assert status in {200, 201}
            if turn:  # the first one warms up
                times.append((served[kind].cpu_ns() - before) / _CALLS / 1000)
    for floor in ("bare", durable):
        yield Pair(
            name=f"SDK: {name}",
            ours_us=min(spent[ours]),
            floor_us=min(spent[floor]),
            floor=_FLOORS[floor],
            clock="server CPU",
        )
