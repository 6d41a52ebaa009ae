"""An adapter in another language, without a line of ours: ``examples/adapter-node``.

It runs as a real process, is killed with ``kill -9``, serves one step of the restaurant beside our
own offices, and is judged by the conformance kit. Where it and we disagree, the text is wrong, or
one of us.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import random
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

import oneservice_adapters as offices
from oneservice.canonical import canonical, digest_bytes
from oneservice.case import Applicant, fold
from oneservice.catalog import load_answers
from oneservice.certificates import (
    BUNDLE_TYPE,
    Certificate,
    Cryptosuite,
    Entitlement,
    ListedKey,
    PublishedStatus,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    examine_bundle,
    verify,
)
from oneservice.clocks import FileClock, SystemClock
from oneservice.conformance import Identity, Target, Verdict, conform
from oneservice.departments import (
    DepartmentEndpoint,
    EcdsaEventKey,
    Ed25519EventKey,
    EventKey,
    HttpDepartments,
    MessageSigner,
    event_keys_of,
    parse_event,
    verify_event,
)
from oneservice.departments.wire import content_digest
from oneservice.engine import Engine, KeySigner
from oneservice.ports import SealHolder

ROOT = Path(__file__).resolve().parents[2]
ADAPTER = ROOT / "examples" / "adapter-node"
REGION = "990101"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
OURS = ("city-management", "health", "market-regulation")
NEEDED = (*OURS, "drainage")
HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
PATIENCE_S = 90.0
MATERIALS = ("m_premises", "m_drain_table", "m_drain_plan", "m_drain_promise")

_NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(_NODE is None, reason="node (20 or newer) is not installed here")


@dataclass(slots=True)
class NodeOffice:
    """The process, its folder, and how to start it again."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    limit_kib: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/oneservice/v1"

    @property
    def command(self) -> list[str]:
        where = ("--dir", str(self.folder), "--port", str(self.port))
        return [str(_NODE), str(ADAPTER / "main.js"), *where, *self.options]

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder.with_suffix(".log")).open("ab") as log:
            self.process = subprocess.Popen(
                self._limited,
                stdin=subprocess.PIPE,  # closes with this process, however it ends
                stdout=subprocess.PIPE,
                stderr=log,
            )
        told = json.loads(self._output.readline())
        assert told["url"] == self.url

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()
            self.process = None

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return what its journal holds of a kind; a line that is not whole is not there yet."""
        path = self.folder / "journal"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        found = [json.loads(line.partition(b" ")[2]) for line in lines]
        return [one for one in found if one["kind"] == kind]

    def trusted(self) -> TrustedIssuer:
        return offices.read_office_card(self.folder).trusted_issuer(since=SINCE)

    @property
    def _limited(self) -> list[str]:
        command = [*self.command, "--until-stdin-closes"]
        if self.limit_kib is None:
            return command
        limit = f"trap '' XFSZ; ulimit -f {self.limit_kib * 2}; exec {shlex.join(command)}"
        return ["sh", "-c", limit]  # in blocks of 512 bytes

    @property
    def _output(self) -> IO[bytes]:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout


@pytest.fixture
def started(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Callable[..., NodeOffice]]:
    """Start offices that end with the test."""
    with contextlib.ExitStack() as stack:

        def start(*options: str) -> NodeOffice:
            office = NodeOffice(tmp_path / f"node-{len(options)}", free_port(), options)
            stack.callback(office.kill)
            office.start()
            return office

        yield start


def registered(folder: Path, *callers: dict[str, Any]) -> str:
    path = folder / "callers.json"
    path.write_bytes(canonical(list(callers)))
    return str(path)


def entry(name: str, *keys: EventKey, **more: Any) -> dict[str, Any]:
    rows = [
        {
            "keyid": key.keyid,
            "alg": key.alg,
            "public_key": base64.b64encode(key.public_key).decode(),
        }
        for key in keys
    ]
    return {"id": name, "keys": rows, **more}


def body_of(case: str, *materials: str, **fields: Any) -> bytes:
    return canonical(
        {
            "case_id": case,
            "step_id": "drainage",
            "attempt": 1,
            "region": REGION,
            "applicant": {"kind": "organisation", "name": "示例面馆", "code": "92990101MA99000523"},
            "fields": {"area": "80", "grease_trap": True, **fields},
            "materials": [{"material": one, "source": "generated"} for one in materials],
        }
    )


def trust_of(*issuers: TrustedIssuer) -> TrustStore:
    return TrustStore(
        territory=REGION,
        version=1,
        issued_at=SINCE,
        expires_at=SINCE + timedelta(days=3650),
        issuers=issuers,
    )


def check_history(status: dict[str, Any], trust: TrustStore) -> None:
    """Check digests, chain, signatures and fold as an engine does, with our own code."""
    keys = {one.keyid: one for one in event_keys_of(trust, "drainage")}
    events = tuple(parse_event(one) for one in status["events"])
    for event in events:
        verify_event(event, keys)
    folded = fold(status["submission_id"], events)
    assert (folded.state, folded.head) == (status["state"], status["head"]["digest"])


def test_an_archived_id_is_free_again(tmp_path: Path, started: Callable[..., NodeOffice]) -> None:
    clock = FileClock(tmp_path / "clock", start=START)
    office = started("--clock", str(tmp_path / "clock"))
    with httpx.Client(headers=HEADERS, base_url=office.url) as http:
        first = http.put("/submissions/a", content=body_of("a", *MATERIALS))
        assert first.status_code == 201
        assert http.put("/submissions/a/withdrawals/w", content=b"{}").status_code == 201
        conflict = http.put("/submissions/a", content=body_of("b", *MATERIALS))
        assert conflict.status_code == 409
        before = http.get("/changes").json()
        assert [one["submission_id"] for one in before["changes"]] == ["a"]
        clock.advance(timedelta(days=402))
        gone = http.get("/submissions/a")
        assert (gone.status_code, gone.json()["type"].rpartition(":")[2]) == (
            404,
            "unknown-submission",
        )
        again = http.put("/submissions/a", content=body_of("b", *MATERIALS))
        assert again.status_code == 201
        assert again.json()["events"][0]["seq"] == 1
        news = http.get("/changes", params={"after": before["cursor"]}).json()
        assert [one["events"][0] for one in news["changes"]] == again.json()["events"][:1]
        office.kill()
        office.start()
        after = http.get("/submissions/a").json()
        assert after["head"] == again.json()["head"]
        check_history(after, trust_of(office.trusted()))


def test_a_signature_without_its_other_field_is_none(
    tmp_path: Path, started: Callable[..., NodeOffice]
) -> None:
    key = Ed25519EventKey.generate("one-1")
    office = started("--callers", registered(tmp_path, entry("one", key)))
    url = f"{office.url}/changes"
    headers = {"Content-Digest": content_digest(b""), "OneService-Version": "1.0"}
    signed = MessageSigner(key=key).headers(
        method="GET", url=url, headers=headers, created_at=SystemClock().now()
    )
    with httpx.Client(headers=headers) as http:
        assert http.get(url, headers=dict(signed)).status_code == 200
        for name, value in signed.items():
            found = http.get(url, headers={name: value})
            assert found.json()["type"].endswith(":signature-missing")


def test_a_message_of_too_many_values_is_too_large(started: Callable[..., NodeOffice]) -> None:
    office = started()
    crowd = b'{"x_list":[' + b"[0]," * 30_000 + b"0]}"
    many = b'{"x":[' + b",".join([b"[" + b"0," * 999 + b"0]"] * 25) + b"]}"
    with httpx.Client(headers=HEADERS, base_url=office.url) as http:
        assert http.put("/submissions/a", content=crowd).status_code in {400, 413}
        found = http.put("/submissions/a", content=many)
        assert (found.status_code, found.json()["values"]) == (413, 20_000)
        assert http.get("/submissions/a").status_code == 404


def test_its_own_tests_pass() -> None:
    ran = subprocess.run(
        [str(_NODE), "--test"], cwd=ADAPTER, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:]


def test_every_course_ends_in_a_history_that_our_code_believes(
    tmp_path: Path, started: Callable[..., NodeOffice]
) -> None:
    clock = FileClock(tmp_path / "clock", start=START)
    office = started("--clock", str(tmp_path / "clock"))
    trust = trust_of(office.trusted())
    courses = {
        "granted": body_of("a", *MATERIALS),
        "refused": body_of("b", *MATERIALS, grease_trap=False),
        "not_accepted": body_of("c", *MATERIALS).replace(b'"990101"', b'"990102"'),
        "lapsed": body_of("d"),
        "suspended": body_of("e", *MATERIALS, area="420"),
    }
    with httpx.Client(headers=HEADERS, base_url=office.url) as http:
        for name, body in courses.items():
            assert http.put(f"/submissions/{name}", content=body).status_code == 201
        for _ in range(30):
            clock.advance(timedelta(days=0.9))
            statuses = {name: http.get(f"/submissions/{name}").json() for name in courses}
    for status in statuses.values():
        check_history(status, trust)
    types = {name: [one["type"] for one in found["events"]] for name, found in statuses.items()}
    assert types == {
        "granted": ["received", "accepted", "granted"],
        "refused": ["received", "accepted", "refused"],
        "not_accepted": ["received", "not_accepted"],
        "lapsed": ["received", "correction_requested", "lapsed"],
        "suspended": ["received", "accepted", "suspended", "resumed", "granted"],
    }
    document = statuses["granted"]["events"][-1]["data"]["outcome"]["certificate"]
    claims = verify(Certificate.of(document), trust=trust, at=clock.now()).claims
    assert claims.evidence is not None
    assert claims.evidence.request_digest == digest_bytes(courses["granted"])


def test_a_promised_material_may_follow(tmp_path: Path, started: Callable[..., NodeOffice]) -> None:
    clock = FileClock(tmp_path / "clock", start=START)
    office = started("--clock", str(tmp_path / "clock"))
    whole = json.loads(body_of("t", *MATERIALS[1:]))
    promise = {"material": "m_premises", "until": "2026-10-12"}
    with httpx.Client(headers=HEADERS, base_url=office.url) as http:
        body = canonical({**whole, "promises": [promise]})
        assert http.put("/submissions/t", content=body).status_code == 201
        clock.advance(timedelta(days=2))
        assert http.get("/submissions/t").json()["state"] == "granted_pending_material"
        late = canonical({"materials": [{"material": "m_premises"}]})
        assert http.put("/submissions/t/supplements/s1", content=late).status_code == 201
        status = http.get("/submissions/t").json()
    assert status["state"] == "granted"
    assert status["events"][1]["data"]["tolerated"] == ["m_premises"]
    check_history(status, trust_of(office.trusted()))


def test_killed_at_any_moment_it_files_once(started: Callable[..., NodeOffice]) -> None:
    """``kill -9`` while applications come in; the same bytes again, until it knows them."""
    chance = random.Random(20260928)
    office = started("--decide-after", "0")
    bodies: dict[str, bytes] = {}
    with httpx.Client(headers=HEADERS, timeout=60) as http:

        def put(name: str) -> int:
            found = http.put(f"{office.url}/submissions/{name}", content=bodies[name])
            return found.status_code

        answered = set()
        for one in range(12):
            name = f"k{one}.drainage.1"
            bodies[name] = body_of(f"k{one}", *MATERIALS)
            fuse = threading.Timer(chance.uniform(0, 0.012), office.process.kill)  # type: ignore[union-attr]
            fuse.start()
            with contextlib.suppress(httpx.HTTPError):
                answered.add((name, put(name)))
            fuse.join()
            office.kill()
            office.start()
            repeated = {name: put(name) for name in bodies}
            assert all(repeated[name] == 200 for name, _ in answered)
            assert set(repeated.values()) <= {200, 201}
        statuses = [http.get(f"{office.url}/submissions/{name}").json() for name in bodies]
    assert len(answered) < len(bodies), "no kill hit anything"
    trust = trust_of(office.trusted())
    for status in statuses:
        assert [one["type"] for one in status["events"]] == ["received", "accepted", "granted"]
        check_history(status, trust)
    filed = [one["id"] for one in office.records("filed")]
    assert sorted(filed) == sorted(bodies)
    outcomes = {status["events"][-1]["data"]["outcome"]["number"] for status in statuses}
    assert len(outcomes) == len(bodies)


def test_a_second_process_is_kept_out(started: Callable[..., NodeOffice]) -> None:
    first = started()
    second = subprocess.run(
        [str(_NODE), str(ADAPTER / "main.js"), "--dir", str(first.folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "another process serves" in second.stderr


def test_a_graceful_end_and_a_start_change_nothing(started: Callable[..., NodeOffice]) -> None:
    office = started()
    drawing, name = b"%PDF-1.7 a drawing", digest_bytes(b"%PDF-1.7 a drawing").replace(":", "-")
    upload = {**HEADERS, "Content-Type": "application/pdf"}
    with httpx.Client(headers=HEADERS, base_url=office.url) as http:
        http.put("/submissions/g", content=body_of("g", *MATERIALS))
        assert http.put(f"/documents/{name}", content=drawing, headers=upload).status_code == 201
        before = http.get("/submissions/g").content
        feed = http.get("/changes").json()
        assert office.process is not None
        office.process.terminate()
        assert office.process.wait(120) == 0
        office.kill()
        office.start()
        assert http.get("/submissions/g").content == before
        assert http.get("/changes").json() == feed, "cursors outlive the process"
        part = http.get(f"/documents/{name}", headers={"Range": "bytes=-7"})
    assert (part.status_code, part.content) == (206, drawing[-7:])


def test_a_step_that_is_no_longer_served_stays_readable(
    started: Callable[..., NodeOffice],
) -> None:
    office = started("--test-step")
    with httpx.Client(headers=HEADERS, base_url=office.url) as http:
        body = body_of("r", "m_conform").replace(b'"drainage"', b'"conform"')
        assert http.put("/submissions/r", content=body).status_code == 201
        office.kill()
        office.options = ()
        office.start()
        assert http.get("/submissions/r").json()["state"] == "accepted"
        assert http.put("/submissions/r", content=body).status_code == 200
        assert http.put("/submissions/r2", content=body).status_code == 404


def test_callers_who_go_away_take_no_place(started: Callable[..., NodeOffice]) -> None:
    """Half a body, an abandoned wait, an answer that nobody reads: 16 at once must stay free."""
    office = started("--in-flight", "4")
    http = httpx.Client(headers=HEADERS, base_url=office.url)
    cursor = http.get("/changes").json()["cursor"]
    version = b"Host: a\r\nOneService-Version: 1.0\r\n"
    half = b"PUT /oneservice/v1/submissions/x HTTP/1.1\r\n" + version
    half += b"Content-Type: application/json\r\nContent-Length: 999\r\n\r\n{"
    wait = f"GET /oneservice/v1/changes?wait=25&after={cursor} HTTP/1.1\r\n".encode() + version
    for sent in (half, wait + b"\r\n") * 4:
        with socket.create_connection(("127.0.0.1", office.port), 30) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
    give_up, in_a_row = time.monotonic() + 60, 0
    while in_a_row < 20:  # the last of them may still be on their way
        found = http.get("/capabilities")
        in_a_row = in_a_row + 1 if found.status_code == 200 else 0
        assert in_a_row or found.headers["Retry-After"]
        assert time.monotonic() < give_up, "what they left is still counted"
        time.sleep(0.02)
    http.close()


_V = "OneService-Version: 1.0\r\n"
_PUT = f"PUT /oneservice/v1/submissions/x HTTP/1.1\r\nHost: a\r\n{_V}"
_JSON = "Content-Type: application/json\r\n"
RAW = {
    "no HTTP at all": ("hello\r\n\r\n", 400, "malformed"),
    "another protocol": ("\x16\x03\x01\x02\x00\x01\x00", 400, "malformed"),
    "two lengths": (f"{_PUT}Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "malformed"),
    "a header without end": (_PUT + "X: " + "x" * 40_000, 413, "too-large"),
    "a large body announced": (
        f"{_PUT}{_JSON}Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
        413,
        "too-large",
    ),
    "a compressed body": (
        f"{_PUT}{_JSON}Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
        415,
        "media-type",
    ),
    "another kind of body": (f"{_PUT}Content-Length: 2\r\n\r\n{{}}", 415, "media-type"),
    "no version": (
        "GET /oneservice/v1/changes HTTP/1.1\r\nHost: a\r\n\r\n",
        400,
        "unsupported-version",
    ),
    "another host's address": (
        f"GET http://evil.example/oneservice/v1/changes HTTP/1.1\r\n{_V}\r\n",
        404,
        "unknown-path",
    ),
    "a way around": (
        f"GET /oneservice/v1/documents/../changes HTTP/1.1\r\n{_V}\r\n",
        404,
        "unknown-path",
    ),
    "a digest that does not fit": (
        f"{_PUT}{_JSON}Content-Digest: sha-256=:AAAA:\r\nContent-Length: 2\r\n\r\n{{}}",
        400,
        "digest-mismatch",
    ),
}


def test_whatever_comes_in_is_answered_with_a_problem_of_the_table(
    started: Callable[..., NodeOffice],
) -> None:
    office = started()
    found = {}
    for name, (sent, _, _) in RAW.items():
        with socket.create_connection(("127.0.0.1", office.port), 30) as line:
            line.sendall(sent.encode("latin-1"))
            answer = b""
            with contextlib.suppress(ConnectionError):
                while b"urn:oneservice:problem:" not in answer and (piece := line.recv(65536)):
                    answer += piece
        status = int(answer.split(b" ")[1])
        code = answer.partition(b"urn:oneservice:problem:")[2].split(b'"')[0].decode()
        found[name] = (status, code)
    assert found == {name: (status, code) for name, (_, status, code) in RAW.items()}
    assert httpx.get(f"{office.url}/changes", headers=HEADERS).json()["changes"] == []


def test_a_full_disk_is_503_and_records_nothing(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """A limit on the size of files is what a full disk looks like to the process."""
    office = NodeOffice(tmp_path / "full", free_port(), limit_kib=8)
    office.start()
    try:
        with httpx.Client(headers=HEADERS, base_url=office.url) as http:
            answers = [
                http.put(f"/submissions/f{one}", content=body_of("f", *MATERIALS))
                for one in range(12)
            ]
            codes = [one.status_code for one in answers]
            assert set(codes) == {201, 503}, codes
            refused = [one for one in answers if one.status_code == 503]
            assert all(one.headers["Retry-After"] for one in refused)
            assert refused[0].json()["type"] == "urn:oneservice:problem:unavailable"
            states = [http.get(f"/submissions/f{one}").status_code for one in range(12)]
        office.kill()
        office.limit_kib = None
        office.start()
        with httpx.Client(headers=HEADERS, base_url=office.url) as http:
            again = [http.get(f"/submissions/f{one}").status_code for one in range(12)]
            assert http.put("/submissions/f11", content=body_of("f", *MATERIALS)).is_success
    finally:
        office.kill()
    assert states == again == [200 if code == 201 else 404 for code in codes]


def test_a_caller_may_sign_with_either_algorithm(
    tmp_path: Path, started: Callable[..., NodeOffice]
) -> None:
    keys = Ed25519EventKey.generate("ed"), EcdsaEventKey.generate("ec")
    office = started("--callers", registered(tmp_path, entry("portal", *keys)))
    for key in keys:
        who = Identity(key=key)
        url = f"{office.url}/capabilities"
        assert httpx.get(url, headers=who.fields("GET", url, b"", {})).status_code == 200
    assert httpx.get(url, headers=HEADERS).status_code == 401


# --- one step of the restaurant, the others by our own offices ------------------------------


def published_lists(folder: Path) -> list[bytes]:
    """Return every status list that our offices ever published."""
    return [path.read_bytes() for path in folder.glob("*/status/[0-9]*/token.jwt")]


@contextlib.asynccontextmanager
async def restaurant(
    folder: Path, node: NodeOffice, portal: Ed25519EventKey, clock: FileClock
) -> AsyncIterator[tuple[Engine, TrustStore]]:
    """Open an engine over three offices of ours and the one in Node, whose calls it signs."""
    seal = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    holder = SealHolder(
        id=f"https://centre.{REGION}.example/issuer",
        name={"zh": "示例", "en": "sample"},
        region=REGION,
    )
    lead = TrustedIssuer(
        id=holder.id,
        name=holder.name,
        region=REGION,
        keys=(ListedKey.for_certificates(holder.id, seal.public_multibase, valid_from=SINCE),),
        entitlements=(Entitlement(type=BUNDLE_TYPE, region=REGION, valid_from=SINCE),),
    )
    with contextlib.ExitStack() as stack:
        running = {
            name: stack.enter_context(
                offices.start_process(name, folder / name, region=REGION, clock=folder / "clock")
            )
            for name in OURS
        }
        urls = {name: office.url for name, office in running.items()} | {"drainage": node.url}
        cards = [offices.read_office_card(folder / name) for name in OURS]
        issuers = (lead, node.trusted(), *(one.trusted_issuer(since=SINCE) for one in cards))
        list_key = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
        trust = trust_of(*issuers).signed(
            key=list_key, signer_id="https://list.example", created=SINCE
        )
        endpoints = {
            name: DepartmentEndpoint(
                base_url=url,
                keys=event_keys_of(trust, name),
                per_minute=100_000,
                signer=MessageSigner(key=portal) if name == "drainage" else None,
            )
            for name, url in urls.items()
        }
        async with (
            HttpDepartments(endpoints, clock=clock) as departments,
            Engine.embedded(
                folder / "cases.db",
                region=REGION,
                departments=departments,
                signer=KeySigner(holder, seal),
                trust=trust,
                clock=clock,
                feed_every=timedelta(hours=2),
            ) as engine,
        ):
            yield engine, trust


async def kill_twice(node: NodeOffice) -> int:
    """Kill it when the application is on its disk, and again when the decision is."""
    kills = 0
    async with asyncio.timeout(PATIENCE_S):
        for kind in ("filed", "decided"):
            while not node.records(kind):  # noqa: ASYNC110 - the file is another process's
                await asyncio.sleep(0.005)
            node.kill()
            kills += 1
            await asyncio.to_thread(node.start)
    return kills


async def test_it_serves_a_step_of_the_restaurant_and_is_killed(
    tmp_path: Path, started: Callable[..., NodeOffice]
) -> None:
    clock = FileClock(tmp_path / "clock", start=START, pace_s_per_day=0.15)
    portal = Ed25519EventKey.generate("portal-2026")
    node = started(
        *("--clock", str(tmp_path / "clock"), "--per-minute", "100000"),
        *("--callers", registered(tmp_path, entry("city-portal", portal, regions=["9901"]))),
    )
    form = load_answers(ROOT / "examples" / "noodle-shop.yaml")
    async with restaurant(tmp_path, node, portal, clock) as (engine, trust):
        killing = asyncio.create_task(kill_twice(node))
        case = await engine.submit(
            engine.plan(form.thing, answers=form.answers),
            Applicant(name=form.applicant.name, code=form.applicant.code),
            fields=form.fields,
            materials={name: form.material_bytes(name) for name in form.materials},
        )
        async with asyncio.timeout(PATIENCE_S):
            ended = await engine.settled(case.id)
            assert await killing == 2
        bundle = await engine.bundle(case.id)
        findings = await engine.findings(case.id)
    assert ended.status == "concluded"
    assert not [one for one in findings if "drainage" in str(one)]
    status = PublishedStatus.of(published_lists(tmp_path), trust=trust)
    report = examine_bundle(bundle.dump(), trust=trust, at=clock.now(), status=status)
    assert report.verdict == "valid", report.as_json()
    [filed] = node.records("filed")
    assert filed["id"].endswith(".drainage.1")
    assert filed["evidence"]["input"].count("portal-2026") == 1, "who asked is proven"
    [document] = [
        one["data"]["outcome"]["certificate"]
        for record in node.records("decided")
        for one in record["events"]
        if one["type"] == "granted"
    ]
    assert document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert canonical(document) in bundle.dump()


# --- the kit --------------------------------------------------------------------------------


async def test_every_department_statement_holds(
    tmp_path: Path, started: Callable[..., NodeOffice], free_port: Callable[[], int]
) -> None:
    keys = {name: Ed25519EventKey.generate(name) for name in ("now", "next", "gone", "other")}
    callbacks = {f"cb-{one}": f"http://127.0.0.1:{free_port()}/cb-{one}" for one in range(2)}
    portal = entry("portal", keys["now"], keys["next"], callbacks=callbacks)
    node = started(
        *("--callers", registered(tmp_path, portal, entry("other", keys["other"]))),
        *("--test-step", "--deprecated-at", "2027-01-01T00:00:00Z"),
        *("--sunset-at", "2027-12-31T00:00:00Z"),
        *("--successor", "https://dept.example/oneservice/v2"),
    )
    log = node.folder.with_suffix(".log")
    with killing_hook(tmp_path, node, log) as hook:
        target = Target(
            url=node.url,
            caller=Identity(key=keys["now"]),
            other=Identity(key=keys["other"]),
            next_key=keys["next"],
            withdrawn_key=keys["gone"],
            callbacks=callbacks,
            ending_callback="cb-1",
            hook=hook,
            log=log,
        )
        report = await conform(target)
    assert [(one.statement.number, one.why) for one in report.of(Verdict.FAIL)] == []
    assert [(one.statement.number, one.why) for one in report.of(Verdict.NOT_APPLICABLE)] == []
    assert len(report.of(Verdict.PASS)) >= 60


@contextlib.contextmanager
def killing_hook(folder: Path, node: NodeOffice, log: Path) -> Iterator[str]:
    """Yield a command that kills the office and starts it again, as its operator would write it."""
    assert node.process is not None
    pid = folder / "pid"
    pid.write_text(str(node.process.pid))
    script = folder / "hook.sh"
    script.write_text(
        f"kill -9 $(cat {shlex.quote(str(pid))})\n"
        f"{shlex.join(node.command)} >/dev/null 2>>{shlex.quote(str(log))} &\n"
        f"echo $! >{shlex.quote(str(pid))}\n"
    )
    try:
        yield f"sh {shlex.quote(str(script))}"
    finally:
        subprocess.run(["sh", "-c", f"kill -9 $(cat {shlex.quote(str(pid))})"], check=False)
