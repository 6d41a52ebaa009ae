"""Checks before filing and evidence with consent: our client at our adapter, over a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from oneservice.canonical import Digest, digest_bytes
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    AdapterApp,
    Consent,
    DepartmentEndpoint,
    DocumentRef,
    Ed25519EventKey,
    EvidenceAnswer,
    EvidenceRequest,
    EvidenceRequestBody,
    EvidenceState,
    Finding,
    HttpDepartments,
    MaterialItem,
    Outcome,
    OutcomeDocument,
    Received,
    Submission,
    SubmissionBody,
    VerifyingKey,
    compose_evidence_request,
    compose_submission,
    evidence_json,
    findings_json,
    parse_evidence,
    parse_findings,
    parse_problem,
    running,
)
from oneservice.errors import (
    AdapterError,
    CaseNotFoundError,
    DepartmentContractError,
    ProtocolProblemError,
)

HERE = "market-regulation"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY = Ed25519EventKey.generate("dept-1")
MOMENT = "2026-09-28T01:00:00Z"
S = EvidenceState


class Form(BaseModel):
    area: str


@dataclass
class Desk:
    app: AdapterApp
    url: str
    clock: VirtualClock
    client: HttpDepartments
    asked: list[EvidenceRequest] = field(default_factory=list)
    answers: list[EvidenceAnswer] = field(default_factory=list)


def endpoint(url: str) -> DepartmentEndpoint:
    key = VerifyingKey(keyid=KEY.keyid, alg=KEY.alg, public_key=KEY.public_key)
    return DepartmentEndpoint(base_url=url, keys=(key,))


def bare(tmp_path: Path, clock: VirtualClock) -> AdapterApp:
    app = AdapterApp(HERE, store=tmp_path / "register.db", event_key=KEY, clock=clock)

    @app.step("plain", fields=Form)
    def plain(submission: Submission) -> Outcome:
        assert submission.now == clock.now()
        return Received()

    return app


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = VirtualClock(START)
    app = bare(tmp_path, clock)
    asked: list[EvidenceRequest] = []
    answers: list[EvidenceAnswer] = []

    @app.check("plain")
    def check(submission: Submission) -> list[Finding]:
        if "m_layout" in submission.materials:
            return []
        text = {"en": "The floor plan is missing."}
        return [Finding(pointer="/materials", problem="missing", text=text)]

    @app.evidence("business_licence")
    async def licence(request: EvidenceRequest) -> EvidenceAnswer:
        asked.append(request)
        return answers.pop(0)

    @app.evidence("criminal_record", needs_consent=False)
    def record(request: EvidenceRequest) -> EvidenceAnswer:
        asked.append(request)
        return EvidenceAnswer(state=S.NOT_FOUND)

    async with (
        running(app) as url,
        HttpDepartments({HERE: endpoint(url)}, clock=clock) as client,
    ):
        yield Desk(app, url, clock, client, asked, answers)


def application(**members: Any) -> bytes:
    given = {"case_id": "c1", "step_id": "plain", "attempt": 1, "fields": {"area": "82.5"}}
    return compose_submission(
        SubmissionBody(**(given | {"applicant": {"kind": "person"}} | members))
    )


# --- checks ---


async def test_a_check_tells_what_is_wanting_and_records_nothing(desk: Desk) -> None:
    found = await desk.client.check(HERE, application())
    assert [(one.pointer, one.problem, one.blocks) for one in found] == [
        ("/materials", "missing", True)
    ]
    paper = DocumentRef(digest=Digest(f"sha256:{'0' * 64}"), media_type="application/pdf")
    layout = MaterialItem(material="m_layout", documents=(paper,))
    found = await desk.client.check(HERE, application(materials=(layout,)))
    assert [(one.pointer, one.problem) for one in found] == [
        ("/materials/0/documents/0", "missing-document")
    ]
    found = await desk.client.check(HERE, application(fields={"area": 1, "name": "Wang"}))
    assert [(one.pointer, one.problem) for one in found] == [("/fields/area", "invalid")]
    assert "Wang" not in str(found)
    fine = MaterialItem(material="m_layout", certificate={"id": "x"})
    assert await desk.client.check(HERE, application(materials=(fine,))) == ()
    assert await desk.app.submissions() == ()
    assert (await desk.client.changes(HERE, cursor=None)).changes == ()
    for body, problem in (
        (application(step_id="x"), "unknown-step"),
        (b"{}", "invalid-submission"),
    ):
        with pytest.raises(DepartmentContractError) as caught:
            await desk.client.check(HERE, body)
        assert caught.value.problem == problem


async def test_p05_what_is_not_offered_is_not_asked_for(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with running(bare(tmp_path, clock)) as url:
        async with HttpDepartments({HERE: endpoint(url)}, clock=clock) as client:
            for call in (
                client.check(HERE, application()),
                client.request_evidence(HERE, "e1", request()),
                client.evidence(HERE, "e1"),
            ):
                with pytest.raises(DepartmentContractError) as caught:
                    await call
                assert caught.value.problem == "feature-not-offered"
        headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
        async with httpx.AsyncClient(headers=headers) as http:
            for method, path in (("POST", "/checks"), ("PUT", "/evidence-requests/e1")):
                answer = await http.request(method, url + path, content=b"{}")
                assert parse_problem(answer.content).code == "unknown-path"


# --- evidence ---


def request(**changed: Any) -> bytes:
    given: dict[str, Any] = {
        "evidence_type": "business_licence",
        "subject": {"kind": "organisation", "name": "Li's Noodles"},
        "purpose": "c42",
        "consent": Consent(id="k7", scope="business_licence", until="2026-12-31"),
        "accepts": ("certificate", "pdf"),
    }
    return compose_evidence_request(EvidenceRequestBody(**(given | changed)))


def delivered(**more: Any) -> EvidenceAnswer:
    given = {"certificate": {"id": "x"}, "issued_at": MOMENT, "as_of": MOMENT}
    return EvidenceAnswer(state=S.DELIVERED, **(given | more))


async def test_one_request_has_one_answer_for_ever(desk: Desk) -> None:
    paper = OutcomeDocument(data=b"%PDF licence", media_type="application/pdf", name="l.pdf")
    desk.answers.append(delivered(papers=(paper,)))
    found = await desk.client.request_evidence(HERE, "e1", request())
    assert found.state is S.DELIVERED
    assert [one.digest for one in found.documents] == [paper.digest]
    assert await desk.client.document(HERE, paper.digest) == paper.data
    assert await desk.client.request_evidence(HERE, "e1", request()) == found
    assert await desk.client.evidence(HERE, "e1") == found
    assert len(desk.asked) == 1
    assert (desk.asked[0].id, desk.asked[0].now) == ("e1", START)
    with pytest.raises(DepartmentContractError) as caught:
        await desk.client.request_evidence(HERE, "e1", request(purpose="c43"))
    assert caught.value.problem == "evidence-conflict"
    with pytest.raises(DepartmentContractError) as caught:
        await desk.client.evidence(HERE, "e2")
    assert caught.value.problem == "unknown-request"


@pytest.mark.parametrize("state", [S.NOT_FOUND, S.AMBIGUOUS, S.DECLINED])
async def test_final_answers_without_content(desk: Desk, state: EvidenceState) -> None:
    desk.answers.append(EvidenceAnswer(state=state))
    for _ in range(2):
        found = await desk.client.request_evidence(HERE, "e1", request())
        assert found == EvidenceAnswer(state=state)
    assert len(desk.asked) == 1


async def test_what_is_not_final_is_asked_again(desk: Desk) -> None:
    states = [
        EvidenceAnswer(state=S.PENDING),
        EvidenceAnswer(state=S.LATER, available_from="2026-10-01"),
        EvidenceAnswer(state=S.NEEDS_SUBJECT, missing=("birth_date",)),
        delivered(),
    ]
    desk.answers.extend(states)
    seen = [await desk.client.request_evidence(HERE, "e1", request())]
    seen += [await desk.client.evidence(HERE, "e1") for _ in range(4)]
    assert seen == [*states, states[-1]]


async def test_a_person_who_looks_first_decides(desk: Desk) -> None:
    url = "https://dept.example/preview?token=1"
    desk.answers.append(EvidenceAnswer(state=S.NEEDS_SUBJECT, preview_url=url))
    found = await desk.client.request_evidence(HERE, "e1", request())
    assert found.preview_url == url
    assert await desk.client.evidence(HERE, "e1") == found
    assert len(desk.asked) == 1
    await desk.app.answer_evidence("e1", EvidenceAnswer(state=S.DECLINED), caller="local")
    assert (await desk.client.evidence(HERE, "e1")).state is S.DECLINED
    with pytest.raises(AdapterError):
        await desk.app.answer_evidence("e1", delivered(), caller="local")
    with pytest.raises(CaseNotFoundError):
        await desk.app.answer_evidence("e9", delivered(), caller="local")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"consent": None}, "/consent"),
        ({"consent": None, "by_law": "Art. 1"}, "/consent"),
        ({"consent": Consent(id="k7", scope="tax")}, "/consent/scope"),
        (
            {"consent": Consent(id="k7", scope="business_licence", until="2026-09-27")},
            "/consent/until",
        ),
        ({"accepts": ()}, "/accepts"),
        ({"accepts": ("fax",)}, "/accepts"),
        ({"subject": {}}, "/subject/kind"),
    ],
)
async def test_without_leave_nothing_is_told(
    desk: Desk, changed: dict[str, Any], pointer: str
) -> None:
    headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
    async with httpx.AsyncClient(headers=headers) as http:
        answer = await http.put(f"{desk.url}/evidence-requests/e1", content=request(**changed))
    problem = parse_problem(answer.content)
    assert (answer.status_code, problem.code) == (422, "invalid-submission")
    assert problem.members["errors"][0]["pointer"] == pointer
    assert desk.asked == []


async def test_a_law_may_do_without_consent_where_the_department_says_so(desk: Desk) -> None:
    asked = request(evidence_type="criminal_record", consent=None, by_law="Art. 100")
    assert (await desk.client.request_evidence(HERE, "e1", asked)).state is S.NOT_FOUND
    with pytest.raises(DepartmentContractError):
        await desk.client.request_evidence(
            HERE, "e2", request(evidence_type="criminal_record", consent=None)
        )
    with pytest.raises(DepartmentContractError) as caught:
        await desk.client.request_evidence(HERE, "e3", request(evidence_type="x"))
    assert caught.value.problem == "unknown-evidence-type"


@pytest.mark.parametrize(
    "answer",
    [
        EvidenceAnswer(state=S.DELIVERED),
        delivered(as_of=None),
        EvidenceAnswer(state=S.PENDING, certificate={"id": "x"}),
        EvidenceAnswer(state=S.NEEDS_SUBJECT),
        EvidenceAnswer(state=S.NEEDS_SUBJECT, preview_url="https://a.example/", missing=("x",)),
        EvidenceAnswer(state=S.NEEDS_SUBJECT, preview_url="http://a.example/"),
        EvidenceAnswer(state=S.LATER),
        delivered(
            certificate=None,
            papers=(OutcomeDocument(data=b"{}", media_type="application/json"),),
        ),
    ],
)
async def test_an_answer_that_is_none_is_the_departments_own_fault(
    desk: Desk, answer: EvidenceAnswer
) -> None:
    desk.answers.append(answer)
    headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
    async with httpx.AsyncClient(headers=headers) as http:
        sent = await http.put(f"{desk.url}/evidence-requests/e1", content=request())
        assert parse_problem(sent.content).code == "internal"
        assert (await http.get(f"{desk.url}/evidence-requests/e1")).status_code == 404


async def test_an_answer_is_kept_before_it_is_given(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    calls: list[str] = []
    for _ in range(2):
        app = bare(tmp_path, clock)

        @app.evidence("business_licence")
        def licence(request: EvidenceRequest) -> EvidenceAnswer:
            calls.append(request.id)
            return delivered()

        async with (
            running(app) as url,
            HttpDepartments({HERE: endpoint(url)}, clock=clock) as client,
        ):
            assert (await client.request_evidence(HERE, "e1", request())).state is S.DELIVERED
    assert calls == ["e1"]


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "lost"},
        {"state": "ambiguous", "documents": [{"digest": "sha256:x", "media_type": "a/b"}]},
        {"state": "ambiguous", "certificate": {"name": "one of them"}},
        {"state": "delivered"},
        {"state": "delivered", "certificate": {}, "issued_at": MOMENT},
        {"state": "later"},
        {"state": "later", "available_from": "soon"},
        {"state": "needs_subject", "preview_url": "javascript:alert(1)"},
        {"state": "needs_subject", "preview_url": "https://u:p@a.example/"},
        {},
    ],
)
def test_answers_are_read_strictly(changed: dict[str, Any]) -> None:
    with pytest.raises(ProtocolProblemError):
        parse_evidence(json.dumps(changed).encode())


def test_what_is_written_is_read_again() -> None:
    document = DocumentRef(digest=digest_bytes(b"x"), media_type="application/pdf", size_bytes=1)
    for answer in (
        delivered(),
        delivered(certificate=None, documents=(document,)),
        EvidenceAnswer(state=S.LATER, available_from=MOMENT),
        EvidenceAnswer(state=S.NEEDS_SUBJECT, missing=("a", "b")),
    ):
        assert parse_evidence(evidence_json(answer)) == answer
    finding = Finding(pointer="/fields/a", problem="x", text={"zh": "缺"}, blocks=False)
    assert parse_findings(findings_json((finding, replace(finding, pointer="")))) == (
        finding,
        replace(finding, pointer=""),
    )
    for body in (b"[]", b"{}", b'{"findings":[{"pointer":"a","problem":"b"}]}'):
        with pytest.raises(ProtocolProblemError):
            parse_findings(body)


async def test_p54_bytes_are_hashed_before_use(desk: Desk) -> None:
    async def liar(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"other bytes"})

    async with (
        running(liar, lifespan="off") as url,
        HttpDepartments({HERE: endpoint(url)}, clock=desk.clock) as client,
    ):
        with pytest.raises(DepartmentContractError) as caught:
            await client.document(HERE, digest_bytes(b"bytes"))
        assert caught.value.problem == "digest-mismatch"
