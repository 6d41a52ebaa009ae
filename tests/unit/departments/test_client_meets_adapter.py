"""The two sides of the wire together: our client against our SDK behind a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    DepartmentEndpoint,
    DocumentRef,
    Ed25519EventKey,
    HttpDepartments,
    MaterialItem,
    Outcome,
    ServiceLimits,
    Submission,
    SubmissionBody,
    SupplementBody,
    VerifyingKey,
    WithdrawalBody,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    running,
)
from oneservice.errors import DepartmentContractError, DepartmentInProgressError
from oneservice.ports import Departments, StatusPage

DEPARTMENT = "fire-rescue"
START = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
PLAN = b"%PDF-1.7 floor plan"


def application(case_id: str, *, has_plan: bool = True) -> bytes:
    document = DocumentRef(digest=digest_bytes(PLAN), media_type="application/pdf")
    layout = MaterialItem(material="m_layout", documents=(document,), source="applicant")
    return compose_submission(
        SubmissionBody(
            case_id=case_id,
            step_id="fire_check",
            attempt=1,
            applicant={"kind": "organisation", "name": "Li's Noodles"},
            materials=(layout,) if has_plan else (),
        )
    )


@pytest.fixture
async def departments(tmp_path: Path) -> AsyncIterator[Departments]:
    key = Ed25519EventKey.generate("fire-2026a")
    clock = VirtualClock(START)
    app = AdapterApp(DEPARTMENT, store=tmp_path / "register.db", event_key=key, clock=clock)

    @app.step("fire_check", promised_working_days=5, materials=("m_layout",))
    def fire_check(submission: Submission) -> Outcome:
        if "m_layout" not in submission.materials:
            return CorrectionRequested(materials=("m_layout",), note="The floor plan is missing.")
        return Accepted()

    async with running(app) as base_url:
        trusted = VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
        way = DepartmentEndpoint(base_url=base_url, keys=(trusted,))
        async with HttpDepartments({DEPARTMENT: way}, clock=clock) as client:
            yield client


async def test_from_the_document_to_the_feed(departments: Departments) -> None:
    with pytest.raises(DepartmentContractError) as caught:
        await departments.submit(DEPARTMENT, "c1.fire_check.1", application("c1"))
    assert caught.value.problem == "missing-document"
    assert await departments.read(DEPARTMENT, "c1.fire_check.1", after=0) is None
    for _ in range(2):
        await departments.put_document(DEPARTMENT, PLAN, "application/pdf")
    filed = await departments.submit(DEPARTMENT, "c1.fire_check.1", application("c1"))
    assert [one.type for one in filed.events] == ["received", "accepted"]
    assert await departments.submit(DEPARTMENT, "c1.fire_check.1", application("c1")) == filed
    assert await departments.read(DEPARTMENT, "c1.fire_check.1", after=0) == filed
    rest = await departments.read(DEPARTMENT, "c1.fire_check.1", after=1)
    assert rest is not None
    assert rest.events == filed.events[1:]
    snapshot = await departments.changes(DEPARTMENT, cursor=None)
    assert [(one.submission_id, one.head_seq) for one in snapshot.changes] == [
        ("c1.fire_check.1", 2)
    ]
    nothing = await departments.changes(DEPARTMENT, cursor=snapshot.cursor)
    assert nothing.changes == ()
    body = compose_withdrawal(WithdrawalBody(reason={"en": "moved away"}))
    gone = await departments.withdraw(DEPARTMENT, "c1.fire_check.1", "w1", body)
    assert gone.state == "withdrawn"
    news = await departments.changes(DEPARTMENT, cursor=nothing.cursor)
    assert [event.type for one in news.changes for event in one.events] == [
        "withdrawal_requested",
        "withdrawn",
    ]


async def test_a_correction_is_answered(departments: Departments) -> None:
    asked = await departments.submit(
        DEPARTMENT, "c2.fire_check.1", application("c2", has_plan=False)
    )
    assert asked.state == "correction_requested"
    await departments.put_document(DEPARTMENT, PLAN, "application/pdf")
    document = DocumentRef(digest=digest_bytes(PLAN), media_type="application/pdf")
    layout = MaterialItem(material="m_layout", documents=(document,), source="applicant")
    body = compose_supplement(
        SupplementBody(
            correction_id=str(asked.events[-1].data["correction_id"]), materials=(layout,)
        )
    )
    answered = await departments.supplement(DEPARTMENT, "c2.fire_check.1", "s1", body)
    assert "correction_received" in [one.type for one in answered.events]
    with pytest.raises(DepartmentContractError) as caught:
        await departments.supplement(DEPARTMENT, "c2.fire_check.1", "s2", body)
    assert caught.value.problem == "not-open"


async def test_conflicts_and_unknown_steps_have_their_codes(departments: Departments) -> None:
    body = application("c3", has_plan=False)
    await departments.submit(DEPARTMENT, "c3.fire_check.1", body)
    other = body.replace(b"Noodles", b"Dumplings")
    stranger = body.replace(b"fire_check", b"tax_check")
    for sent, problem in ((other, "submission-conflict"), (b"{}", "submission-conflict")):
        with pytest.raises(DepartmentContractError) as caught:
            await departments.submit(DEPARTMENT, "c3.fire_check.1", sent)
        assert caught.value.problem == problem
    with pytest.raises(DepartmentContractError) as caught:
        await departments.submit(DEPARTMENT, "c3.tax_check.1", stranger)
    assert caught.value.problem == "unknown-step"
    with pytest.raises(DepartmentContractError) as caught:
        await departments.changes(DEPARTMENT, cursor="no such cursor")
    assert caught.value.problem == "cursor-expired"


async def test_forty_at_once_file_one(departments: Departments) -> None:
    body = application("c4", has_plan=False)
    results = await asyncio.gather(
        *(departments.submit(DEPARTMENT, "c4.fire_check.1", body) for _ in range(40)),
        return_exceptions=True,
    )
    assert all(isinstance(one, (StatusPage, DepartmentInProgressError)) for one in results)
    pages = [one for one in results if isinstance(one, StatusPage)]
    assert {one.head_digest for one in pages} == {pages[0].head_digest}


class Crowded(AdapterApp):
    """Counts how many requests are under way, and is slow enough for them to meet."""

    under_way = most = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await super().__call__(scope, receive, send)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0.02)
            return await super().__call__(scope, receive, send)
        finally:
            self.under_way -= 1


async def test_the_client_lowers_itself_to_what_the_department_announces(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    key = Ed25519EventKey.generate("fire-2026a")
    limits = ServiceLimits(in_flight=2, per_minute=100_000)
    app = Crowded(
        DEPARTMENT, store=tmp_path / "register.db", event_key=key, clock=clock, limits=limits
    )
    app.step("fire_check")(lambda _: Accepted())

    async def read_many(client: HttpDepartments) -> int:
        app.most = 0
        reads = (client.read(DEPARTMENT, f"c{one}.x", after=0) for one in range(12))
        await asyncio.gather(*reads, return_exceptions=True)
        return app.most

    async with running(app) as url:
        trusted = VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
        way = DepartmentEndpoint(base_url=url, keys=(trusted,), in_flight=6)
        async with HttpDepartments({DEPARTMENT: way}, clock=clock) as client:
            assert (await client.capabilities(DEPARTMENT)).limits.in_flight == 2
            assert await read_many(client) == 2
        async with HttpDepartments({DEPARTMENT: way}, clock=clock) as client:
            assert await read_many(client) > 2  # nothing was announced to this one yet
