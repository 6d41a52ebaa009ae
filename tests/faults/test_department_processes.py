"""The reference departments as real processes: to the end of the clock, and through kill -9.

Every office here is ``python -m oneservice_adapters`` on loopback, spoken to by plain httpx, with a
clock in a file. What it says is checked as an engine and an auditor would: chain, signatures,
certificate, against a trust list made from ``office.json``.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.canonical import digest_bytes
from oneservice.case import fold
from oneservice.certificates import (
    Certificate,
    KeyUse,
    PublishedStatus,
    TrustStore,
    decode_multikey,
    verify,
)
from oneservice.clocks import FileClock
from oneservice.departments import (
    DocumentRef,
    MaterialItem,
    SubmissionBody,
    SupplementBody,
    VerifyingKey,
    WithdrawalBody,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    parse_event,
    verify_event,
)
from oneservice.errors import EnvironmentalError, JournalLockedError
from oneservice_adapters import (
    DEPARTMENTS,
    OfficeProcess,
    prepare_office,
    read_office_card,
    start_process,
    steps_of,
)
from oneservice_adapters.offices import profile_of

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
SHOP = {"name": "示例面馆", "credit_code": "92990101MA99000523", "area": "80"}
PERSON = {"staff_name": "李四", "staff_id_no": "980201200002290031", "staff_post": "厨师"}
DRAWING = b"%PDF-1.7 a drawing"
STREET = DEPARTMENTS[:7]
"""The restaurant's offices: enough processes for one machine."""
STEPS = [(department, step) for department in STREET for step in steps_of(department)[:4]]


@dataclass(slots=True)
class Street:
    """All offices of a street, each a process, on one clock."""

    clock: FileClock
    offices: dict[str, OfficeProcess]
    http: httpx.Client = field(default_factory=lambda: httpx.Client(headers=HEADERS, timeout=60))

    def put(self, department: str, path: str, content: bytes) -> httpx.Response:
        return self.http.put(f"{self.offices[department].url}/{path}", content=content)

    def status(self, department: str, submission_id: str) -> dict[str, Any]:
        answer = self.http.get(f"{self.offices[department].url}/submissions/{submission_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def to_the_end(self, department: str, submission_id: str) -> dict[str, Any]:
        """Let days pass until the office has decided."""
        for _ in range(60):
            status = self.status(department, submission_id)
            if status["state"] not in {"received", "accepted", "suspended"}:
                return status
            self.clock.advance(timedelta(days=1))
        pytest.fail(f"{department} never decided")


def body_of(department: str, step_id: str, case: str, *, without: tuple[str, ...] = ()) -> bytes:
    procedure = profile_of(department).procedure(step_id)
    return compose_submission(
        SubmissionBody(
            case_id=case,
            step_id=step_id,
            attempt=1,
            applicant={"kind": "organisation", "name": "示例面馆", "code": SHOP["credit_code"]},
            region="990101",
            fields=SHOP | (PERSON if step_id == "health_cert" else {}),
            materials=tuple(
                MaterialItem(material=one, source="generated")
                for one in procedure.knows
                if one not in without
            ),
        )
    )


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("street")
    clock = FileClock(folder / "clock", start=START)
    offices = {one: start_process(one, folder / one, clock=folder / "clock") for one in STREET}
    found = Street(clock, offices)
    yield found
    found.http.close()
    assert [office.terminate() for office in offices.values()] == [0] * len(offices)


def trust_of(*offices: OfficeProcess) -> TrustStore:
    return TrustStore(
        territory="990101",
        version=1,
        issued_at=SINCE,
        expires_at=SINCE + timedelta(days=3650),
        issuers=tuple(read_office_card(one.folder).trusted_issuer(since=SINCE) for one in offices),
    )


def check_history(status: dict[str, Any], trust: TrustStore, department: str) -> None:
    """Check digests, chain, signatures and fold, with keys that came out of band."""
    keys = {
        one.id: VerifyingKey(
            keyid=one.id, alg=one.suite, public_key=decode_multikey(one.multibase)[1]
        )
        for one in trust.event_keys(department)
        if one.use is KeyUse.EVENT
    }
    events = tuple(parse_event(one) for one in status["events"])
    for event in events:
        verify_event(event, keys)
        assert event.department == department
    folded = fold(status["submission_id"], events)
    assert (folded.state, folded.head) == (status["state"], status["head"]["digest"])


@pytest.mark.parametrize(("department", "step_id"), STEPS)
def test_an_application_lives_through_its_days(
    street: Street, department: str, step_id: str
) -> None:
    name = f"life.{step_id}.1"
    answer = street.put(department, f"submissions/{name}", body_of(department, step_id, "life"))
    assert answer.status_code == 201
    status = street.to_the_end(department, name)
    assert status["state"] == "granted"
    trust = trust_of(street.offices[department])
    check_history(status, trust, department)
    outcome = status["events"][-1]["data"]["outcome"]
    paper = profile_of(department).procedure(step_id).paper
    assert ("certificate" in outcome) is (paper is not None and paper.is_certificate)
    if "certificate" in outcome:
        certificate = Certificate.of(outcome["certificate"])
        address = street.offices[department].url.removesuffix("/oneservice/v1")
        published = street.http.get(f"{address}/status/1").content
        status_of = PublishedStatus.of([published], trust=trust)
        now = street.clock.now()
        claims = verify(certificate, trust=trust, at=now, status=status_of).claims
        assert claims.evidence is not None
        assert claims.evidence.request_digest == status["events"][0]["data"]["request_digest"]


def test_one_submission_per_person(street: Street) -> None:
    names = [f"staff.health_cert-{one}.1" for one in range(1, 6)]
    for name in names:
        street.put("health", f"submissions/{name}", body_of("health", "health_cert", "staff"))
    ends = [street.to_the_end("health", name) for name in names]
    numbers = {end["events"][-1]["data"]["outcome"]["number"] for end in ends}
    assert len(numbers) == len(names)


def test_a_drawing_follows_and_the_sign_is_granted(street: Street) -> None:
    name, digest = "late.signboard.1", digest_bytes(DRAWING)
    first = body_of("city-management", "signboard", "late", without=("m_sign_drawing",))
    assert street.put("city-management", f"submissions/{name}", first).status_code == 201
    asked = street.to_the_end("city-management", name)["events"][-1]["data"]
    assert [one["material"] for one in asked["items"]] == ["m_sign_drawing"]
    base = street.offices["city-management"].url
    uploaded = street.http.put(
        f"{base}/documents/{digest.replace(':', '-')}",
        content=DRAWING,
        headers={"Content-Type": "application/pdf"},
    )
    assert uploaded.status_code == 201
    document = DocumentRef(digest=digest, media_type="application/pdf", size_bytes=len(DRAWING))
    answer = compose_supplement(
        SupplementBody(
            correction_id=asked["correction_id"],
            materials=(MaterialItem(material="m_sign_drawing", documents=(document,)),),
        )
    )
    path = f"submissions/{name}/supplements/s1"
    assert street.put("city-management", path, answer).status_code == 201
    assert street.put("city-management", path, answer).status_code == 200
    status = street.to_the_end("city-management", name)
    assert [event["type"] for event in status["events"]] == [
        *("received", "correction_requested", "correction_received", "accepted", "granted")
    ]


def test_a_withdrawal_ends_it(street: Street) -> None:
    name = "back.drainage.1"
    street.put("drainage", f"submissions/{name}", body_of("drainage", "drainage", "back"))
    wish = compose_withdrawal(WithdrawalBody())
    assert street.put("drainage", f"submissions/{name}/withdrawals/w1", wish).status_code == 201
    street.clock.advance(timedelta(days=30))
    assert street.status("drainage", name)["state"] == "withdrawn"


def test_a_second_process_is_kept_out(street: Street) -> None:
    first = street.offices["health"]
    with (
        start_process("health", first.folder) as second,
        pytest.raises(JournalLockedError, match="another process serves"),
    ):
        _ = second.url
    assert first.is_running


def test_a_taken_port_is_told(street: Street, tmp_path: Path) -> None:
    port = int(street.offices["health"].url.split(":")[2].split("/")[0])
    with (
        start_process("tobacco", tmp_path, port=port) as second,
        pytest.raises(EnvironmentalError, match=f"port {port}"),
    ):
        _ = second.url
    assert not second.is_running


def test_a_refusal_comes_with_reasons_and_remedies(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock", start=START)
    stories = {"tobacco": "refused"}
    with start_process(
        "tobacco", tmp_path / "office", clock=tmp_path / "clock", stories=stories
    ) as office:
        street = Street(clock, {"tobacco": office})
        name = "no.tobacco.1"
        street.put("tobacco", f"submissions/{name}", body_of("tobacco", "tobacco", "no"))
        status = street.to_the_end("tobacco", name)
        street.http.close()
        assert status["state"] == "refused"
        check_history(status, trust_of(office), "tobacco")
        data = status["events"][-1]["data"]
        assert data["reasons"][0]["text"]["en"]
        assert [one["kind"] for one in data["remedies"]] == ["review", "lawsuit"]


ROUNDS = 10
FILING_S = 0.018
"""About what it takes to file: most kills hit it at work, some just after it has answered."""


def test_killed_at_any_moment_it_files_once(tmp_path: Path) -> None:
    """``kill -9`` while it takes applications in; the same bytes again, until it says 200."""
    chance = random.Random(20260928)
    clock = FileClock(tmp_path / "clock", start=START)
    folder = tmp_path / "office"
    bodies: dict[str, bytes] = {}
    unknown = 0
    with httpx.Client(headers=HEADERS, timeout=60) as http:
        for one in range(ROUNDS):
            office = start_process("market-regulation", folder, clock=tmp_path / "clock")
            base = office.url
            for name, body in bodies.items():  # what may have been lost, and what may not
                known = http.put(f"{base}/submissions/{name}", content=body)
                assert known.status_code in {200, 201}
                assert [event["type"] for event in known.json()["events"]] == ["received"]
            name = f"k{one}.food_permit.1"
            bodies[name] = body_of("market-regulation", "food_permit", f"k{one}")
            fuse = threading.Timer(chance.uniform(0, FILING_S), office.kill)
            fuse.start()
            try:
                http.put(f"{base}/submissions/{name}", content=bodies[name])
            except httpx.HTTPError:
                unknown += 1
            fuse.join()
        with start_process("market-regulation", folder, clock=tmp_path / "clock") as office:
            for name, body in bodies.items():
                http.put(f"{office.url}/submissions/{name}", content=body)
            clock.advance(timedelta(days=40))
            statuses = [http.get(f"{office.url}/submissions/{name}").json() for name in bodies]
            trust = trust_of(office)
    assert unknown  # otherwise no kill hit anything
    for status in statuses:
        assert status["state"] == "granted"
        check_history(status, trust, "market-regulation")
    numbers = {status["events"][-1]["data"]["outcome"]["number"] for status in statuses}
    assert len(numbers) == ROUNDS
    with contextlib.closing(sqlite3.connect(folder / "files.db")) as register:
        filed = register.execute("SELECT submission_id FROM files ORDER BY file_no").fetchall()
    assert [row[0] for row in filed] == list(bodies)


def test_killed_while_it_decides_it_decides_once(tmp_path: Path) -> None:
    """``kill -9`` while sixty days of office work are caught up in one look."""
    chance = random.Random(7)
    clock = FileClock(tmp_path / "clock", start=START)
    folder = tmp_path / "office"
    names = [f"d{one}.tobacco.1" for one in range(12)]
    with httpx.Client(headers=HEADERS, timeout=60) as http:
        with start_process("tobacco", folder, clock=tmp_path / "clock") as office:
            for one, name in enumerate(names):
                body = body_of("tobacco", "tobacco", f"d{one}")
                http.put(f"{office.url}/submissions/{name}", content=body)
        clock.advance(timedelta(days=60))
        for _ in range(4):
            office = start_process("tobacco", folder, clock=tmp_path / "clock")
            base = office.url
            fuse = threading.Timer(chance.uniform(0, 0.06), office.kill)
            fuse.start()
            with contextlib.suppress(httpx.HTTPError):
                http.get(f"{base}/changes")
            fuse.join()
        with start_process("tobacco", folder, clock=tmp_path / "clock") as office:
            for name in names:
                status = http.get(f"{office.url}/submissions/{name}").json()
                assert [event["type"] for event in status["events"]] == [
                    *("received", "accepted", "suspended", "resumed", "granted")
                ]
                check_history(status, trust_of(office), "tobacco")


PARENT = """
import sys, time
from pathlib import Path
from oneservice_adapters import start_process
office = start_process("health", Path(sys.argv[1]))
print(office.url, office.pid, flush=True)
time.sleep(60)
"""


def test_no_office_outlives_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    url, pid = parent.stdout.readline().split()
    assert httpx.get(f"{url}/capabilities", headers=HEADERS).status_code == 200
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            break
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.02)
    else:
        os.kill(int(pid), signal.SIGKILL)
        pytest.fail("the office outlived its parent")
    prepare_office(tmp_path, "health")


def test_the_line_that_it_prints(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "oneservice_adapters", "ecology", "--dir", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert line["department"] == "ecology"
    found = httpx.get(f"{line['url']}/capabilities", headers=HEADERS).json()
    assert found["department"]["id"] == "ecology"
    assert [one["step_id"] for one in found["steps"]] == list(steps_of("ecology"))
    process.stdin.close()
    assert process.wait(120) == 0
    assert process.stdout.read() == b""
    process.stdout.close()
