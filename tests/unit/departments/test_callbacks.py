"""Callbacks as hints, over real sockets: P-60 on the department's side, P-61 and P-62 on ours."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from oneservice.clocks import VirtualClock
from oneservice.departments import (
    CALLBACK_TAG,
    REQUEST_TAG,
    Accepted,
    AdapterApp,
    CallbackReceiver,
    Caller,
    Callers,
    Ed25519EventKey,
    MessageSigner,
    Outcome,
    Received,
    Submission,
    SubmissionBody,
    Target,
    VerifyingKey,
    callback_json,
    compose_submission,
    parse_callback,
    parse_problem,
    running,
    verify_message,
)
from oneservice.departments.wire import content_digest
from oneservice.errors import EndpointInvalidError, ProtocolProblemError

HERE = "fire-rescue"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY = Ed25519EventKey.generate("dept-1")
PUBLIC = VerifyingKey(keyid=KEY.keyid, alg=KEY.alg, public_key=KEY.public_key)


@dataclass
class Ear:
    """Whatever a caller registered: notes what comes and answers as told."""

    statuses: list[int] = field(default_factory=list)
    usual: int = 204
    retry_after: bytes = b"1"
    came: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.came.append((scope, body))
        status = self.statuses.pop(0) if self.statuses else self.usual
        headers = [(b"retry-after", self.retry_after), (b"location", b"http://127.0.0.1:9/")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    @property
    def ids(self) -> list[list[str]]:
        return [[one.submission_id for one in parse_callback(body)] for _, body in self.came]


@asynccontextmanager
async def ear() -> AsyncIterator[Ear]:
    found = Ear()
    async with running(found, lifespan="off") as url:
        found.url = url.replace("/oneservice/v1", "/hooks/fire")
        yield found


def adapter(tmp_path: Path, clock: VirtualClock, callers: Callers) -> AdapterApp:
    app = AdapterApp(
        HERE,
        store=tmp_path / "register.db",
        event_key=KEY,
        clock=clock,
        callers=callers,
        authenticate=lambda scope: dict(scope["headers"]).get(b"x-caller", b"portal").decode(),
    )

    @app.step("plain")
    def plain(_submission: Submission) -> Outcome:
        return Received()

    return app


def registered(url: str, name: str = "cb-1") -> Callers:
    return Callers(Caller(id="portal", callbacks={name: url}), Caller(id="other"))


async def filed(app: AdapterApp, *names: str, callback: str | None = "cb-1", **more: str) -> None:
    body = compose_submission(
        SubmissionBody(
            case_id="c",
            step_id="plain",
            attempt=1,
            applicant={"kind": "person", "name": "Wang"},
            callback=callback,
        )
    )
    headers = {"OneService-Version": "1.0", "Content-Type": "application/json", **more}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, headers=headers) as http:
        for name in names:
            answer = await http.put(f"http://a/submissions/{name}", content=body)
            assert answer.status_code == 201, answer.text


async def quiet(app: AdapterApp) -> None:
    """Have all that is due sent; the background may have been first."""
    await app.send_callbacks()


async def test_p60_news_rings_where_a_person_registered_it(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard, adapter(tmp_path, clock, registered(heard.url)) as app:
        assert "callbacks" in app.capabilities().features
        assert app.capabilities().keys[0].use == ("event", "callback")
        await filed(app, "c1.plain.1")
        await quiet(app)
        scope, body = heard.came[0]
        assert json.loads(body).keys() == {"changes"}
        assert b"Wang" not in body
        hint = parse_callback(body)[0]
        assert (hint.submission_id, hint.head_seq) == ("c1.plain.1", 1)
        fields = {name.decode(): value.decode() for name, value in scope["headers"]}
        target = Target.of("POST", heard.url)
        verify_message(target, fields, keys={KEY.keyid: PUBLIC}, tag=CALLBACK_TAG, now=START)
        assert fields["content-digest"] == content_digest(body)
        await quiet(app)
        assert len(heard.came) == 1  # nothing new, nothing sent
        await app.record("c1.plain.1", Accepted())
        await quiet(app)
        assert parse_callback(heard.came[-1][1])[0].head_seq == 2


async def test_p60_nothing_else_is_ever_called(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard, adapter(tmp_path, clock, registered(heard.url)) as app:
        await filed(app, "c1.plain.1", callback=None)
        await filed(app, "c2.plain.1", callback="cb-2")
        await filed(app, "c3.plain.1", **{"x-caller": "other"})
        await quiet(app)
        assert heard.came == []
        await filed(app, "c4.plain.1")
        await quiet(app)
        assert heard.ids[-1] == ["c4.plain.1"]


async def test_the_background_rings_by_itself(tmp_path: Path) -> None:
    async with ear() as heard, adapter(tmp_path, VirtualClock(START), registered(heard.url)) as app:
        await filed(app, "c1.plain.1")
        async with asyncio.timeout(120):
            while not heard.came:  # noqa: ASYNC110 - another task sends
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [200, 302, 404, 500, 503])
async def test_p60_failures_are_repeated_with_growing_pauses_and_outlive_a_restart(
    tmp_path: Path, status: int
) -> None:
    clock = VirtualClock(START)
    async with ear() as heard:
        heard.usual = status
        gaps, last = [], START
        async with adapter(tmp_path, clock, registered(heard.url)) as app:
            await filed(app, "c1.plain.1")
            await quiet(app)
            assert len(heard.came) == 1
            await filed(app, "c2.plain.1")
            await quiet(app)
            assert len(heard.came) == 1  # news does not break a pause
        async with adapter(tmp_path, clock, registered(heard.url)) as app:
            await quiet(app)
            assert len(heard.came) == 1  # nor does a restart
            while len(heard.came) < 12:
                clock.advance(timedelta(seconds=1))
                before = len(heard.came)
                await quiet(app)
                if len(heard.came) > before:
                    gaps.append((clock.now() - last).total_seconds())
                    last = clock.now()
            assert gaps[-1] > 100 * gaps[0]
            assert heard.ids[-1] == ["c1.plain.1", "c2.plain.1"]  # coalesced
            heard.usual = 204
            clock.advance(timedelta(hours=1))
            await quiet(app)
            clock.advance(timedelta(hours=1))
            count = len(heard.came)
            await quiet(app)
            assert len(heard.came) == count


async def test_retry_after_is_obeyed(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard, adapter(tmp_path, clock, registered(heard.url)) as app:
        heard.statuses, heard.retry_after = [503], b"7200"
        await filed(app, "c1.plain.1")
        await quiet(app)
        clock.advance(timedelta(seconds=7199))
        await quiet(app)
        assert len(heard.came) == 1
        clock.advance(timedelta(seconds=1))
        await quiet(app)
        assert len(heard.came) == 2


async def test_p60_gone_stops_it_until_another_address_is_registered(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard, ear() as next_ear:
        heard.usual = 410
        callers = registered(heard.url)
        async with adapter(tmp_path, clock, callers) as app:
            await filed(app, "c1.plain.1")
            await quiet(app)
        async with adapter(tmp_path, clock, callers) as app:
            clock.advance(timedelta(days=2))
            await filed(app, "c2.plain.1")
            await quiet(app)
            assert len(heard.came) == 1
            callers.put(Caller(id="portal", callbacks={"cb-1": next_ear.url}))
            await quiet(app)
            assert next_ear.ids == [["c2.plain.1"]]


async def test_after_three_days_old_news_is_let_go_and_fresh_news_goes_out(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard:
        heard.usual = 500
        async with adapter(tmp_path, clock, registered(heard.url)) as app:
            await filed(app, "c1.plain.1")
            await quiet(app)
            for _ in range(200):
                clock.advance(timedelta(minutes=30))
                await quiet(app)
            count = len(heard.came)
            assert 100 < count < 160
            clock.advance(timedelta(days=1))
            await quiet(app)
            assert len(heard.came) == count
            heard.usual = 204
            await filed(app, "c2.plain.1")
            await quiet(app)
            assert heard.ids[-1] == ["c2.plain.1"]


async def test_a_caller_that_never_answers_delays_nobody_else(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    over = asyncio.Event()

    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    silence = await asyncio.start_server(never, "127.0.0.1", 0)
    port = silence.sockets[0].getsockname()[1]
    async with ear() as heard:
        callers = Callers(
            Caller(
                id="portal",
                callbacks={"cb-1": f"http://127.0.0.1:{port}/hooks", "cb-2": heard.url},
            )
        )
        async with adapter(tmp_path, clock, callers) as app:
            await filed(app, "c1.plain.1")
            await asyncio.sleep(0.05)
            await filed(app, "c2.plain.1", callback="cb-2")
            async with asyncio.timeout(120):
                while not heard.came:  # noqa: ASYNC110 - another task sends
                    await asyncio.sleep(0.01)
            assert heard.ids == [["c2.plain.1"]]
            over.set()
    silence.close()
    await silence.wait_closed()


async def test_nobody_there_is_a_failure_too(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with adapter(tmp_path, clock, registered("http://127.0.0.1:9/hooks")) as app:
        await filed(app, "c1.plain.1")
        await quiet(app)
        assert await app.send_callbacks() == 0
        clock.advance(timedelta(days=1))
        assert await app.send_callbacks() == 1


async def test_more_news_than_one_message_holds(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard:
        async with adapter(tmp_path, clock, Callers(Caller(id="portal"))) as app:
            await filed(app, *(f"c{number}.plain.1" for number in range(503)))
            await app.record("c502.plain.1", Accepted())
        async with adapter(tmp_path, clock, registered(heard.url)) as app:
            while await app.send_callbacks():
                pass
            assert [len(one) for one in heard.ids] == [500, 3]
            assert heard.ids[1] == ["c500.plain.1", "c501.plain.1", "c502.plain.1"]
            assert all(len(body) < 256 * 1024 for _, body in heard.came)


# --- the engine's ear ---


@asynccontextmanager
async def receiver(
    keys: tuple[VerifyingKey, ...] = (PUBLIC,), *, fails: bool = False
) -> AsyncIterator[tuple[CallbackReceiver, str, list[str]]]:
    looked: list[str] = []
    box: list[CallbackReceiver] = []

    def look(department: str) -> None:
        looked.append(department)
        if fails:
            raise RuntimeError(department)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await box[0](scope, receive, send)

    async with running(app, lifespan="off") as base:
        url = base.replace("/oneservice/v1", "/callbacks")
        box.append(CallbackReceiver({HERE: keys}, look, base_url=url, clock=VirtualClock(START)))
        yield box[0], f"{url}/{HERE}", looked


def ring(url: str, body: bytes = b"{}", *, key: Any = KEY, tag: str = CALLBACK_TAG) -> Any:
    headers = {"OneService-Version": "1.0", "Content-Digest": content_digest(body)}
    made = MessageSigner(key=key, tag=tag).headers(
        method="POST", url=url, headers=headers, created_at=START
    )
    return {"headers": headers | dict(made), "content": body}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"no json",
        b"\xff" * 1000,
        b"[" * 100_000,
        callback_json(()),
        b'{"changes":[{"submission_id":"nobody.knows.1","head":{"seq":9}}]}',
    ],
)
async def test_p61_p62_whatever_it_holds_it_is_noted(body: bytes) -> None:
    async with receiver() as (_, url, looked), httpx.AsyncClient() as http:
        for count in (1, 2):
            answer = await http.post(url, **ring(url, body))
            assert (answer.status_code, answer.content) == (204, b"")
            assert looked == [HERE] * count


async def test_p61_noise_is_kept_out() -> None:
    async with receiver() as (_, url, looked), httpx.AsyncClient() as http:
        forged = ring(url, key=Ed25519EventKey.generate(KEY.keyid))
        stranger = ring(url, key=Ed25519EventKey.generate("stranger"))
        for request, code in (
            ({"content": b"{}"}, "signature-missing"),
            (forged, "signature-invalid"),
            (stranger, "unknown-key"),
            (ring(url, tag=REQUEST_TAG), "signature-invalid"),
            (ring(f"{url}x"), "signature-invalid"),
            (ring(url) | {"content": b"[]"}, "digest-mismatch"),
        ):
            answer = await http.post(url, **request)
            assert parse_problem(answer.content).code == code
        assert looked == []


async def test_p62_slow_large_and_lost_callers() -> None:
    async with receiver(keys=()) as (_, url, looked), httpx.AsyncClient(timeout=60) as http:
        began = time.monotonic()
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        head = f"POST {place.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{"
        writer.write(head.encode())
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 408")
        assert time.monotonic() - began < 9
        writer.close()
        large = await http.post(url, content=b"x" * (256 * 1024 + 1))
        assert parse_problem(large.content).code == "too-large"
        assert looked == []
        assert (await http.post(url, content=b"unsigned")).status_code == 204
        assert looked == [HERE]


async def test_the_ear_knows_its_paths_and_methods() -> None:
    async with receiver() as (ear_app, url, looked), httpx.AsyncClient() as http:
        assert (await http.post(f"{url}1", **ring(f"{url}1"))).status_code == 404
        wrong = await http.get(url)
        assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
        ear_app.retire(HERE)
        gone = await http.post(url, **ring(url))
        assert (gone.status_code, parse_problem(gone.content).code) == (410, "retired")
        assert looked == []


async def test_a_hook_that_fails_costs_the_caller_nothing() -> None:
    async with receiver(fails=True) as (_, url, looked), httpx.AsyncClient() as http:
        assert (await http.post(url, **ring(url))).status_code == 204
        assert looked == [HERE]


def test_an_ear_needs_an_address() -> None:
    with pytest.raises(EndpointInvalidError):
        CallbackReceiver({}, print, base_url="http://portal.example/", clock=VirtualClock(START))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{}", b'{"changes":[1]}', b'{"changes":[{"submission_id":"a b"}]}'),
        b'{"changes":[{"submission_id":"a","head":{"seq":0,"digest":"x"}}]}',
    ],
)
def test_hints_are_read_strictly(body: bytes) -> None:
    with pytest.raises(ProtocolProblemError):
        parse_callback(body)


async def test_p55_no_address_in_a_message_is_ever_called(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with ear() as heard, adapter(tmp_path, clock, Callers(Caller(id="portal"))) as app:
        url = heard.url
        body = {
            "case_id": "c",
            "step_id": "plain",
            "attempt": 1,
            "applicant": {"kind": "person", "homepage": url},
            "fields": {"logo": url, "$ref": url},
            "materials": [
                {"material": "m", "source": url, "certificate": {"credentialStatus": {"id": url}}}
            ],
            "callback": "cb-1",
            "callback_url": url,
        }
        headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, headers=headers) as http:
            answer = await http.put("http://a/submissions/c1.plain.1", json=body)
            assert answer.status_code == 201, answer.text
            note = {"material": [], "note": {"en": url}, "callback": url}
            await http.put("http://a/submissions/c1.plain.1/supplements/s1", json=note)
        await app.record("c1.plain.1", Accepted())
        await quiet(app)
        assert heard.came == []
