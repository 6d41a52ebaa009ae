"""A department on a real loopback server, for the tests of the SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.canonical import Digest, digest_bytes
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    DocumentRef,
    Ed25519EventKey,
    Granted,
    GrantedPendingMaterial,
    MaterialItem,
    NotAccepted,
    Outcome,
    OutcomeDocument,
    Received,
    Refused,
    Submission,
    SubmissionBody,
    SupplementBody,
    VerifyingKey,
    WithdrawalBody,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    parse_status,
    running,
    verify_event,
)
from oneservice.departments.wire import content_digest
from oneservice.ports import StatusPage

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)


class HandClock:
    """An instant that tests move."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant

    def pass_days(self, days: int) -> None:
        self.instant += timedelta(days=days)


@dataclass
class Desk:
    """An adapter, its address, and a caller of it."""

    app: AdapterApp
    url: str
    http: httpx.AsyncClient
    clock: HandClock
    key: Ed25519EventKey
    filed: list[str]

    def body(self, step: str = "plain", **members: Any) -> bytes:
        applicant = {"kind": "organisation", "name": "Li's Noodles"}
        given = {"case_id": "c1", "step_id": step, "attempt": 1, "applicant": applicant}
        return compose_submission(SubmissionBody(**(given | members)))

    async def put(self, path: str, data: bytes, **headers: str) -> httpx.Response:
        return await self.http.put(
            self.url + path,
            content=data,
            headers={
                "Content-Type": "application/json",
                "Content-Digest": content_digest(data),
                **headers,
            },
        )

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(self.url + path, headers=headers)

    async def file(self, name: str, step: str = "plain", **members: Any) -> StatusPage:
        answer = await self.put(f"/submissions/{name}", self.body(step, **members))
        assert answer.status_code == 201, answer.text
        return self.proven(answer)

    async def read(self, name: str, after: int = 0) -> StatusPage:
        answer = await self.get(f"/submissions/{name}?after={after}")
        assert answer.status_code == 200, answer.text
        return self.proven(answer)

    async def upload(self, data: bytes, media_type: str = "application/pdf") -> Digest:
        digest = digest_bytes(data)
        path = f"/documents/{digest.replace(':', '-')}"
        answer = await self.http.put(
            self.url + path, content=data, headers={"Content-Type": media_type}
        )
        assert answer.status_code in {200, 201}, answer.text
        return digest

    def supplement(self, **members: Any) -> bytes:
        return compose_supplement(SupplementBody(**members))

    def withdrawal(self, **members: Any) -> bytes:
        return compose_withdrawal(WithdrawalBody(**members))

    def item(self, material: str, *digests: Digest) -> MaterialItem:
        documents = tuple(
            DocumentRef(digest=digest, media_type="application/pdf") for digest in digests
        )
        return MaterialItem(material=material, documents=documents)

    def proven(self, answer: httpx.Response) -> StatusPage:
        """Parse a status document and prove each of its events (P-20, P-21)."""
        page = parse_status(answer.content)
        key = VerifyingKey(keyid=self.key.keyid, alg=self.key.alg, public_key=self.key.public_key)
        for event in page.events:
            verify_event(event, {key.keyid: key})
        return page


def declare(app: AdapterApp, filed: list[str]) -> None:
    """Declare one step for each way that a department can answer."""

    @app.step("plain", promised_working_days=8)
    def plain(submission: Submission) -> Outcome:
        filed.append(submission.id)
        return Received()

    @app.step("needs_layout", materials=("m_layout",))
    async def needs_layout(submission: Submission) -> Outcome:
        if "m_layout" not in submission.materials:
            return CorrectionRequested(materials=("m_layout",), note="The floor plan is missing.")
        return Accepted()

    @app.step("spot", is_on_the_spot=True)
    def spot(_submission: Submission) -> tuple[Outcome, ...]:
        paper = OutcomeDocument(data=b"0123456789" * 10, media_type="application/pdf")
        return Accepted(reference="JY-1"), Granted(number="JY1", documents=(paper,))

    @app.step("refusing")
    def refusing(_submission: Submission) -> tuple[Outcome, ...]:
        return Accepted(), Refused(reasons=("The room is too small.",))

    @app.step("incompetent")
    def incompetent(_submission: Submission) -> Outcome:
        return NotAccepted(reasons=({"zh": "不属于本机关职权范围"},))

    @app.step("pending")
    def pending(_submission: Submission) -> tuple[Outcome, ...]:
        until = START.date() + timedelta(days=14)
        later = GrantedPendingMaterial(
            pending={"m_health": until, "m_rules": until}, granted=Granted(number="JY2")
        )
        return Accepted(how="tolerance", tolerated=("m_health", "m_rules")), later

    @app.step("kept", withdraw="never")
    def kept(_submission: Submission) -> Outcome:
        return Accepted()


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """A department; a test that is about slow senders gives the seconds that a body may take."""
    clock = HandClock()
    key = Ed25519EventKey.generate("dept-1")
    filed: list[str] = []
    app = AdapterApp(
        "market-regulation",
        name={"zh": "市场监督管理局"},
        region="990101",
        store=tmp_path / "register.db",
        event_key=key,
        clock=clock,
        authenticate=lambda scope: dict(scope["headers"]).get(b"x-caller", b"engine").decode(),
        body_deadline_s=getattr(request, "param", 30.0),
    )
    declare(app, filed)
    headers = {"OneService-Version": "1.0"}
    async with running(app) as url, httpx.AsyncClient(headers=headers, timeout=120) as http:
        yield Desk(app=app, url=url, http=http, clock=clock, key=key, filed=filed)
