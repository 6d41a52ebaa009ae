"""The endpoint over real HTTP: reports, records, refusals, and callers who mean no good."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from oneservice.canonical import digest_bytes
from oneservice.certificates import Evidence, Policy, TrustStore
from oneservice.clocks import VirtualClock
from oneservice.departments import PROBLEMS as PROTOCOL_PROBLEMS
from oneservice.departments import running
from oneservice.errors import JournalFullError
from oneservice.relying import (
    Call,
    CallLimits,
    CallRecords,
    Reliance,
    VerifierApp,
    loopback_only,
)
from oneservice.relying.endpoint_wire import PROBLEMS

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "evidence"
EVIDENCE = (GOLDEN / "permit.evidence.json").read_bytes()
SHOWN = Evidence.parse((GOLDEN / "permit.sd-jwt.evidence.json").read_bytes())
TRUST = TrustStore.parse((GOLDEN / "trust-list.json").read_bytes())
AT = datetime(2027, 3, 1, tzinfo=UTC)
RELIANCE = Reliance(trust=TRUST, policy=Policy.standard())
JSON = {"content-type": "application/json"}


@asynccontextmanager
async def served(
    path: Path, reliance: Reliance = RELIANCE, **options: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, VerifierApp, CallRecords]]:
    """Serve the endpoint on loopback, with its records in ``path``."""
    records = CallRecords(path / "calls.db")
    app = VerifierApp(reliance, records=records, clock=VirtualClock(AT), **options)
    async with running(app) as url:
        base = str(httpx.URL(url).copy_with(path="/"))
        async with httpx.AsyncClient(base_url=base, timeout=120) as client:
            yield client, app, records
    records.close()


def calls(records: CallRecords) -> list[Call]:
    return [call for _, call in records.read()]


async def test_a_paper_gets_its_report_and_the_call_its_record(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, _, records):
        answer = await client.post("/verify", content=EVIDENCE, headers=JSON)
        assert answer.status_code == 200
        report = answer.json()
        assert (report["kind"], report["verdict"], report["policy"]) == (
            "evidence",
            "valid",
            "standard",
        )
        assert {"proof", "status"} <= {c["name"] for c in report["checks"] if c["result"] == "pass"}
        assert answer.headers["cache-control"] == "no-store"
        ((head, call),) = records.read()
        assert report["call"] == {"seq": head.seq, "digest": head.digest}
        assert call == Call(
            at=AT,
            caller="local",
            asked=digest_bytes(EVIDENCE),
            size=len(EVIDENCE),
            kind="evidence",
            judged_at=AT,
            verdict="valid",
            reason=None,
            policy="standard",
            lists=(
                {"territory": TRUST.territory, "version": TRUST.version, "digest": TRUST.digest},
            ),
        )


async def test_a_no_is_an_answer_and_other_moments_may_be_asked_for(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, _, records):
        early = await client.post("/verify?at=2020-01-01T00:00:00Z", content=EVIDENCE, headers=JSON)
        assert (early.status_code, early.json()["reason"]) == (200, "not_yet_valid")
        assert early.json()["judged_at"] == "2020-01-01T00:00:00Z"
        assert calls(records)[0].judged_at == datetime(2020, 1, 1, tzinfo=UTC)
        forged = EVIDENCE.replace(b"Noodles", b"Needles")
        answer = await client.post("/verify", content=forged, headers=JSON)
        assert answer.json()["verdict"] == "invalid"


async def test_what_must_pass_is_the_operators(tmp_path: Path) -> None:
    def known(scope: Mapping[str, Any]) -> str | None:
        return dict(scope["headers"]).get(b"x-caller", b"").decode() or None

    options = {"authenticate": known, "policies": {"archive": Policy.archive()}}
    async with served(tmp_path, **options) as (client, _, records):
        for caller, policy in (("bank", "standard"), ("archive", "archive")):
            answer = await client.post(
                "/verify", content=EVIDENCE, headers={**JSON, "x-caller": caller}
            )
            assert answer.json()["policy"] == policy
        refused = await client.post(
            "/verify?policy=dangerously-believe-any-issuer",
            content=EVIDENCE,
            headers={**JSON, "x-caller": "bank"},
        )
        assert refused.status_code == 400
        assert "not the caller's" in refused.json()["detail"]
        stranger = await client.post("/verify", content=EVIDENCE, headers=JSON)
        assert stranger.status_code == 401
        assert "www-authenticate" in stranger.headers
        assert [(one.caller, one.policy) for one in calls(records)] == [
            ("bank", "standard"),
            ("archive", "archive"),
        ]


async def test_presentations_are_made_for_one_occasion(tmp_path: Path) -> None:
    shown = SHOWN.certificate.dump()
    wrapped = SHOWN.dump()
    async with served(tmp_path, audience="https://me.example") as (client, _, records):
        for paper in (shown, wrapped):
            bare = await client.post("/verify", content=paper)
            assert (bare.status_code, "nonce" in bare.json()["detail"]) == (400, True)
            answer = await client.post("/verify?nonce=n-1", content=paper)
            assert answer.json()["reason"] == "holder_unproven", answer.json()["message"]
        plain = await client.post("/verify?nonce=n-1", content=EVIDENCE)
        assert plain.json()["verdict"] == "valid", "nobody presents a public certificate"
        assert len(calls(records)) == 3
    async with served(tmp_path) as (client, _, _records):
        refused = await client.post("/verify?nonce=n-1", content=shown)
        assert refused.status_code == 400


async def test_what_could_not_be_read_leaves_no_digest(tmp_path: Path) -> None:
    """Who knows that somebody asked about a citizen number could find it again by its digest."""
    async with served(tmp_path) as (client, _, records):
        answer = await client.post("/verify", content=b"110101199003074477")
        assert answer.json()["reason"] == "malformed"
        other = await client.post("/verify", content=(GOLDEN / "trust-list.json").read_bytes())
        assert other.json()["verdict"] == "indeterminate"
        assert [(one.asked, one.size > 0) for one in calls(records)] == [(None, True)] * 2


HOSTILE = {
    "empty": b"",
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "no utf-8": b"\xff\xfe" * 50,
    "surrogates": b'{"credentialSubject": "\\ud800"}',
    "twice": b'{"proof": 1, "proof": 2}',
    "long number": b'{"a": ' + b"9" * 10_000 + b"}",
    "many members": b"{" + b",".join(b'"%d":0' % n for n in range(100_000)) + b"}",
    "compact": b"eyJ.eyJ.x~" * 1000,
    "journal": b'{"prev": null, "seq": 1, "digest": "x"}\n' * 1000,
    "null": b"null",
    "pdf": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_bodies(tmp_path: Path, body: bytes) -> None:
    async with served(tmp_path) as (client, _, records):
        answer = await client.post("/verify", content=body)
        assert answer.status_code == 200
        assert answer.json()["verdict"] != "valid"
        assert len(calls(records)) == 1
        assert (await client.get("/health")).json()["status"] == "ok"


async def test_what_is_not_taken(tmp_path: Path) -> None:
    limits = CallLimits(body_bytes=1000)
    async with served(tmp_path, limits=limits) as (client, _, records):
        asked: list[tuple[int, str, httpx.Response]] = [
            (404, "unknown-path", await client.get("/")),
            (405, "method-not-allowed", await client.get("/verify")),
            (405, "method-not-allowed", await client.post("/health")),
            (413, "too-large", await client.post("/verify", content=b"x" * 1001)),
            (413, "too-large", await client.post("/verify", content=_chunks(1001))),
            (415, "media-type", await client.post("/verify", headers={"content-type": "a/b"})),
            (415, "media-type", await client.post("/verify", headers={"content-encoding": "br"})),
            (400, "malformed", await client.post("/verify?at=tomorrow")),
            (400, "malformed", await client.post("/verify?at=2027-01-01T00:00:00Z&at=")),
            (400, "malformed", await client.post("/verify?" + "&".join("a" * 50))),
        ]
        for status, code, answer in asked:
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == f"urn:oneservice:problem:{code}"
        assert not calls(records), "what was not judged is no call"
        assert (await client.head("/health")).content == b""


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100 + 1):
        yield b"x" * 100


async def test_a_body_that_does_not_end(tmp_path: Path) -> None:
    async with served(tmp_path, limits=CallLimits(body_s=0.2, at_once=1)) as (client, _, _records):
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(b"POST /verify HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        await writer.drain()
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        writer.close()
        # Its place is free again, and so it is after one that hangs up.
        _, gone = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        gone.write(b"POST /verify HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        await gone.drain()
        gone.close()
        await gone.wait_closed()
        assert (await _taken(client)).json()["verdict"] == "valid"


async def _taken(client: httpx.AsyncClient) -> httpx.Response:
    """Ask until there is a place and time, as a caller who is turned away should."""
    async with asyncio.timeout(60):
        while True:
            answer = await client.post("/verify", content=EVIDENCE)
            if answer.status_code not in {408, 429, 503}:
                return answer
            await asyncio.sleep(0.01)


async def test_more_than_are_taken_at_once_are_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    entered = threading.Event()
    real = Reliance.examine

    def slow(self: Reliance, data: bytes, *, at: datetime) -> Any:
        entered.set()
        assert go.wait(120)
        return real(self, data, at=at)

    monkeypatch.setattr(Reliance, "examine", slow)
    limits = CallLimits(at_once=1, judge_s=0.2, threads=1)
    async with served(tmp_path, limits=limits) as (client, _, records):
        first = asyncio.create_task(client.post("/verify", content=EVIDENCE))
        await asyncio.to_thread(entered.wait, 20)
        second = await client.post("/verify", content=EVIDENCE)
        assert (second.status_code, second.headers["retry-after"]) == (429, "1")
        late = await first
        assert late.status_code == 503, "it took too long"
        third = await client.post("/verify", content=EVIDENCE)
        assert third.status_code == 429, "the thread is still at work"
        go.set()
        assert (await _taken(client)).json()["verdict"] == "valid"
        assert len(calls(records)) == 1


async def test_no_record_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path) as (client, _, records):
        with monkeypatch.context() as patched:

            def full(_calls: object) -> None:
                msg = "the disk is full"
                raise JournalFullError(msg)

            patched.setattr(records, "append", full)
            answer = await client.post("/verify", content=EVIDENCE)
            assert answer.status_code == 503
            assert "verdict" not in answer.json()
            health = (await client.get("/health")).json()
            assert (health["status"], health["trouble"]) == ("trouble", ["the disk is full"])
        assert (await client.post("/verify", content=EVIDENCE)).status_code == 200
        assert (await client.get("/health")).json()["status"] == "ok"


async def test_many_at_once_are_each_recorded_once(tmp_path: Path) -> None:
    async with served(tmp_path, limits=CallLimits(at_once=200)) as (client, _, records):
        answers = await asyncio.gather(
            *(client.post("/verify", content=EVIDENCE) for _ in range(60))
        )
        told = sorted(answer.json()["call"]["seq"] for answer in answers)
        assert told == list(range(1, 61))
        assert len(calls(records)) == 60


async def test_a_defect_tells_nothing_of_the_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        msg = "110101199003074477"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr(Reliance, "examine", broken)
    async with served(tmp_path) as (client, _, _records):
        answer = await client.post("/verify", content=EVIDENCE)
    assert answer.status_code == 500
    assert "110101199003074477" not in answer.text + caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_health_names_the_lists_and_what_is_out_of_date(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, app, _records):
        health = (await client.get("/health")).json()
        assert health["lists"][0]["version"] == TRUST.version
        assert (health["status"], health["policy"]) == ("ok", "standard")
        old = replace(TRUST, expires_at=AT - timedelta(days=1), document=None)
        app.reliance = Reliance(trust=old, policy=Policy.standard())
        health = (await client.get("/health")).json()
        assert (health["status"], health["outdated"]) == ("trouble", [TRUST.territory])
        app.reliance = Reliance(trust=None, policy=Policy.standard())
        answer = await client.post("/verify", content=EVIDENCE)
        assert answer.json()["verdict"] == "indeterminate", "nobody is trusted"


async def test_it_describes_itself(tmp_path: Path) -> None:
    async with served(tmp_path, audience="https://me.example") as (client, _, _records):
        document = (await client.get("/openapi.json")).json()
        validate(document)
        assert {"/verify", "/health"} == set(document["paths"])
        names = [one["name"] for one in document["paths"]["/verify"]["post"]["parameters"]]
        assert names == ["at", "nonce"]
        answer = (await client.post("/verify?nonce=n", content=EVIDENCE)).json()
        schema = document["components"]["schemas"]["Report"]
        assert set(schema["required"]) <= set(answer)
        assert answer["kind"] in schema["properties"]["kind"]["enum"]


def test_problems_are_those_of_the_protocol() -> None:
    for code, (status, title) in PROBLEMS.items():
        assert PROTOCOL_PROBLEMS[code].statuses[0] == status
        assert PROTOCOL_PROBLEMS[code].title == title


@pytest.mark.parametrize(
    ("host", "headers", "caller"),
    [
        ("127.0.0.1", [], "local"),
        ("::1", [], "local"),
        ("::ffff:127.0.0.1", [], "local"),
        ("192.0.2.1", [], None),
        ("127.0.0.1.example", [], None),
        ("", [], None),
        ("127.0.0.1", [(b"x-forwarded-for", b"127.0.0.1")], None),
        ("127.0.0.1", [(b"forwarded", b"for=127.0.0.1")], None),
    ],
)
def test_only_this_machine_by_default(
    host: str, headers: list[tuple[bytes, bytes]], caller: str | None
) -> None:
    assert loopback_only({"client": (host, 1), "headers": headers}) == caller
    assert loopback_only({"client": None, "headers": headers}) is None
