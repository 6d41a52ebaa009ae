"""Supplements and withdrawals: statements P-39 to P-46."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.departments import (
    Accepted,
    CorrectionRequested,
    Granted,
    MaterialReceived,
    Outcome,
    Progress,
    Submission,
    Supplement,
    Withdrawal,
    WithdrawalRefused,
    parse_problem,
)


async def corrected(desk: Any, correction_id: str = "r2") -> bytes:
    layout = await desk.upload(b"layout")
    data: bytes = desk.supplement(
        correction_id=correction_id,
        fields={"area": "80"},
        materials=(desk.item("m_layout", layout),),
    )
    return data


def refused(answer: Any, code: str) -> dict[str, Any]:
    problem = parse_problem(answer.content)
    assert (answer.status_code, problem.code) == (409, code)
    return dict(problem.members)


async def test_p39_an_answer_to_the_open_correction_is_taken(desk: Any) -> None:
    await desk.file("c1.l.1", "needs_layout", fields={"area": "8", "seats": 4})
    data = await corrected(desk)
    answer = await desk.put("/submissions/c1.l.1/supplements/s1", data)
    assert answer.status_code == 201
    page = desk.proven(answer)
    assert page.state == "received"
    assert page.events[2].data == {
        "correction_id": "r2",
        "supplement_id": "s1",
        "request_digest": digest_bytes(data),
    }
    found = await desk.app.submission("c1.l.1")
    assert found.fields == {"area": "80", "seats": 4}  # it replaces only what it names
    assert list(found.materials) == ["m_layout"]
    layout = found.materials["m_layout"].documents[0].digest
    assert await desk.app.document(found, layout) == b"layout"


async def test_p40_p42_repeats_change_nothing(desk: Any) -> None:
    await desk.file("c1.l.1", "needs_layout")
    data = await corrected(desk)
    await desk.put("/submissions/c1.l.1/supplements/s1", data)
    head = (await desk.read("c1.l.1")).head_digest
    again = await desk.put("/submissions/c1.l.1/supplements/s1", data)
    assert (again.status_code, desk.proven(again).head_digest) == (200, head)
    refused(
        await desk.put("/submissions/c1.l.1/supplements/s1", data + b" "), "supplement-conflict"
    )
    await desk.app.record("c1.l.1", CorrectionRequested(fields=("area",)))
    late = await desk.put("/submissions/c1.l.1/supplements/s1", data)
    assert (late.status_code, desk.proven(late).state) == (200, "correction_requested")


async def test_p41_closed_and_unknown_corrections_are_not_open(desk: Any) -> None:
    await desk.file("c1.l.1", "needs_layout")
    unknown = await corrected(desk, "r9")
    before = await desk.read("c1.l.1")
    found = refused(await desk.put("/submissions/c1.l.1/supplements/s9", unknown), "not-open")
    assert found == {
        "state": "correction_requested",
        "head": {"seq": 2, "digest": before.head_digest},
    }
    assert await desk.read("c1.l.1") == before
    await desk.put("/submissions/c1.l.1/supplements/s1", await corrected(desk))
    other = await corrected(desk)
    refused(await desk.put("/submissions/c1.l.1/supplements/s2", other), "not-open")
    nobody = await desk.put("/submissions/c1.nobody.1/supplements/s1", other)
    assert (nobody.status_code, parse_problem(nobody.content).code) == (404, "unknown-submission")


async def test_p43_promised_materials_may_come_one_by_one(desk: Any) -> None:
    page = await desk.file("c1.p.1", "pending")
    assert page.state == "granted_pending_material"
    rules, health = await desk.upload(b"rules"), await desk.upload(b"health")
    none = desk.supplement(materials=(desk.item("m_layout", rules),))
    refused(await desk.put("/submissions/c1.p.1/supplements/s0", none), "not-open")
    first = desk.supplement(materials=(desk.item("m_rules", rules),))
    answer = await desk.put("/submissions/c1.p.1/supplements/s1", first)
    assert (answer.status_code, desk.proven(answer).state) == (201, "granted_pending_material")
    desk.clock.pass_days(3)
    second = desk.supplement(materials=(desk.item("m_health", health),))
    answer = await desk.put("/submissions/c1.p.1/supplements/s2", second)
    page = desk.proven(answer)
    assert page.state == "granted"
    assert page.events[-1].data["supplement_id"] == "s2"
    assert page.events[-1].data["outcome"]["number"] == "JY2"
    assert page.events[-1].data["outcome"]["decided_on"] == "2026-10-01"
    again = await desk.put("/submissions/c1.p.1/supplements/s1", first)
    assert again.status_code == 200


async def test_a_hook_may_go_on_after_a_supplement(desk: Any) -> None:
    @desk.app.supplement("needs_layout")
    def go_on(submission: Submission, supplement: Supplement) -> tuple[Outcome, ...]:
        assert supplement.correction_id == "r2"
        assert "m_layout" in submission.materials
        return Accepted(), Granted(number="1")

    @desk.app.supplement("pending")
    async def other_number(_submission: Submission, _supplement: Supplement) -> Outcome:
        return MaterialReceived(granted=Granted(number="JY9"))

    await desk.file("c1.l.1", "needs_layout")
    answer = await desk.put("/submissions/c1.l.1/supplements/s1", await corrected(desk))
    assert desk.proven(answer).state == "granted"
    await desk.file("c1.p.1", "pending")
    some = desk.supplement(materials=(desk.item("m_health"),))
    page = desk.proven(await desk.put("/submissions/c1.p.1/supplements/s1", some))
    assert page.events[-1].data["outcome"]["number"] == "JY9"


async def test_a_hook_that_records_itself_is_told_instead_of_waiting_for_itself(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @desk.app.supplement("needs_layout")
    async def layout(submission: Submission, _supplement: Supplement) -> None:
        await desk.app.record(submission.id, Accepted())

    page = await desk.file("c1.needs_layout.1", "needs_layout")
    correction = page.events[-1].data["correction_id"]
    path = "/submissions/c1.needs_layout.1/supplements/s1"
    async with asyncio.timeout(120):
        answer = await desk.put(path, desk.supplement(correction_id=correction))
    assert answer.status_code == 500
    assert "return the outcomes" in caplog.text
    assert (await desk.read("c1.needs_layout.1")).head_seq == page.head_seq
    await desk.app.record("c1.needs_layout.1", Progress(label="the lock is free again"))


async def test_p44_p46_a_withdrawal_ends_it(desk: Any) -> None:
    await desk.file("c1.plain.1")
    wish = desk.withdrawal(reason={"en": "changed my mind"})
    answer = await desk.put("/submissions/c1.plain.1/withdrawals/w1", wish)
    page = desk.proven(answer)
    assert answer.status_code == 201
    assert [event.type for event in page.events[1:]] == ["withdrawal_requested", "withdrawn"]
    assert page.events[1].data["request_digest"] == digest_bytes(wish)
    assert page.events[2].data == {"withdrawal_id": "w1"}
    again = await desk.put("/submissions/c1.plain.1/withdrawals/w1", wish)
    assert again.status_code == 200
    refused(await desk.put("/submissions/c1.plain.1/withdrawals/w1", b"{} "), "withdrawal-conflict")
    found = refused(await desk.put("/submissions/c1.plain.1/withdrawals/w2", wish), "not-open")
    assert found["state"] == "withdrawn"


async def test_p45_a_refused_withdrawal_does_not_reopen(desk: Any) -> None:
    await desk.file("c1.k.1", "kept")
    wish = desk.withdrawal()
    answer = await desk.put("/submissions/c1.k.1/withdrawals/w1", wish)
    page = desk.proven(answer)
    assert page.state == "accepted"
    assert page.events[-1].type == "withdrawal_refused"
    again = await desk.put("/submissions/c1.k.1/withdrawals/w1", wish)
    assert (again.status_code, desk.proven(again).head_seq) == (200, page.head_seq)
    anew = await desk.put("/submissions/c1.k.1/withdrawals/w2", wish)
    assert (anew.status_code, desk.proven(anew).head_seq) == (201, page.head_seq + 2)


async def test_a_withdrawal_may_be_decided_later(desk: Any) -> None:
    @desk.app.withdrawal
    async def later(_submission: Submission, withdrawal: Withdrawal) -> None:
        assert withdrawal.body.requested_by == "applicant"

    await desk.file("c1.plain.1")
    wish = desk.withdrawal()
    answer = await desk.put("/submissions/c1.plain.1/withdrawals/w1", wish)
    assert desk.proven(answer).state == "received"
    second = await desk.put("/submissions/c1.plain.1/withdrawals/w2", wish)
    assert parse_problem(second.content).code == "in-progress"
    assert second.headers["Retry-After"] == "1"
    await desk.app.record("c1.plain.1", WithdrawalRefused(reasons=("too late",)))
    assert (await desk.put("/submissions/c1.plain.1/withdrawals/w2", wish)).status_code == 201


@pytest.mark.parametrize("step", ["spot", "refusing", "incompetent", "pending"])
async def test_p46_after_an_end_nothing_is_withdrawn(desk: Any, step: str) -> None:
    await desk.file("c1.s.1", step)
    answer = await desk.put("/submissions/c1.s.1/withdrawals/w1", desk.withdrawal())
    refused(answer, "not-open")
