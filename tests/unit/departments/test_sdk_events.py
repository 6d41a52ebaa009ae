"""What a department writes: statements P-20 to P-30, and what it may not write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.case import REQUIRED_DATA, EventType, fold
from oneservice.departments import (
    Accepted,
    CorrectionRequested,
    Decision,
    Extended,
    Granted,
    Lapsed,
    NotAccepted,
    Outcome,
    Progress,
    Reason,
    Refused,
    ResultReplaced,
    ResultRevoked,
    Resumed,
    Suspended,
    WithdrawalRefused,
    Withdrawn,
    default_remedies,
)
from oneservice.departments.wording import people_text
from oneservice.errors import AdapterError, CaseNotFoundError, IllegalInputError

ALL_OF_LIFE: tuple[Outcome, ...] = (
    Accepted(),
    Progress(label="现场核查已预约"),
    Suspended(ground="on_site_check", by_law="art. 45", expected_until=date(2026, 10, 9)),
    Resumed(result="passed"),
    Extended(working_days=10, reason="busy", approved_by="head of office"),
    CorrectionRequested(fields=("area", "/applicant/name"), by_law="art. 32"),
)


async def test_p20_to_p27_a_long_history_holds(desk: Any) -> None:
    await desk.file("c1.plain.1")
    for outcome in ALL_OF_LIFE:
        desk.clock.pass_days(1)
        await desk.app.record("c1.plain.1", outcome)
    page = await desk.read("c1.plain.1")
    assert [event.seq for event in page.events] == list(range(1, 8))  # P-20
    folded = fold("c1.plain.1", page.events)  # P-22
    assert page.state == folded.state == "correction_requested"  # P-23
    assert (page.head_seq, page.head_digest) == (folded.seq, folded.head)
    for event in page.events:  # P-27
        assert set(REQUIRED_DATA[EventType(event.type)]) <= set(event.data)
    for after in range(9):  # P-24, P-25
        rest = await desk.read("c1.plain.1", after)
        assert rest.events == page.events[after:]
        assert rest.head_seq == 7
    assert (await desk.read("c1.plain.1")).events == page.events  # P-26
    items = page.events[6].data["items"]
    assert [item["pointer"] for item in items] == ["/fields/area", "/applicant/name"]


async def test_a_head_that_is_known_is_304(desk: Any) -> None:
    await desk.file("c1.plain.1")
    answer = await desk.get("/submissions/c1.plain.1")
    again = await desk.get("/submissions/c1.plain.1", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("step", ["refusing", "incompetent"])
async def test_p28_a_no_has_reasons_and_remedies(desk: Any, step: str) -> None:
    page = await desk.file("c1.no.1", step)
    data = page.events[-1].data
    assert data["reasons"][0]["text"]
    assert [(one["kind"], one["until"]) for one in data["remedies"]] == [
        ("review", "2026-11-27"),
        ("lawsuit", "2027-03-28"),
    ]


@pytest.mark.parametrize(
    ("decided", "lawsuit"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2026, 1, 15), date(2026, 7, 15)),
    ],
)
def test_six_months_end_on_the_same_day_or_the_last(decided: date, lawsuit: date) -> None:
    assert default_remedies(decided)[1].until == lawsuit


ILLEGAL: tuple[tuple[str, Outcome], ...] = (
    ("plain", Granted(number="1")),
    ("plain", Resumed(result="x")),
    ("plain", Lapsed(reason="x")),
    ("plain", WithdrawalRefused(reasons=("x",))),
    ("plain", Refused(reasons=("x",))),
    ("spot", Accepted()),
    ("spot", Progress(label="x")),
    ("spot", Withdrawn()),
    ("kept", NotAccepted(reasons=("x",))),
    ("refusing", ResultReplaced(granted=Granted())),
)


@pytest.mark.parametrize(("step", "outcome"), ILLEGAL)
async def test_an_illegal_decision_is_refused_and_writes_nothing(
    desk: Any, step: str, outcome: Outcome
) -> None:
    before = await desk.file("c1.s.1", step)
    with pytest.raises(IllegalInputError, match=r"c1\.s\.1: .* (not allowed|lacks its)"):
        await desk.app.record("c1.s.1", Progress(label="first"), outcome)
    after = await desk.read("c1.s.1")
    assert after == before


@pytest.mark.parametrize(
    "outcome",
    [
        CorrectionRequested(),
        Refused(reasons=()),
        Refused(reasons="one text"),  # type: ignore[arg-type]
        Granted(certificate={"score": 0.5}),
        Granted(conditions=("x" * 70_000,)),
        Granted(certificate={"x": ["y" * 60_000] * 5}),
    ],
)
async def test_what_cannot_be_written_is_told_to_the_integrator(
    desk: Any, outcome: Outcome
) -> None:
    await desk.file("c1.plain.1")
    with pytest.raises(AdapterError):
        await desk.app.record("c1.plain.1", Accepted(), outcome)
    assert (await desk.read("c1.plain.1")).head_seq == 1


async def test_when_it_took_effect_lies_between_receipt_and_now(desk: Any) -> None:
    await desk.file("c1.plain.1")
    received = desk.clock.now()
    desk.clock.pass_days(7)
    for at in (received - timedelta(seconds=1), desk.clock.now() + timedelta(seconds=1)):
        with pytest.raises(AdapterError, match="between the receipt and now"):
            await desk.app.record("c1.plain.1", Accepted(), at=at)
    with pytest.raises(AdapterError):
        await desk.app.record("c1.plain.1", Accepted(), at=datetime(2026, 9, 29))  # noqa: DTZ001
    found = await desk.app.record("c1.plain.1", Accepted(how="deemed"), at=received)
    assert found.history[-1].at == "2026-09-28T01:00:00Z"
    assert found.history[-1].recorded_at == "2026-10-05T01:00:00Z"


async def test_days_are_those_of_the_department(desk: Any) -> None:
    desk.clock.instant = datetime(2026, 9, 28, 16, 30, tzinfo=UTC)  # 00:30 on the 29th in China
    page = await desk.file("c1.spot.1", "spot")
    assert page.events[-1].data["outcome"]["decided_on"] == "2026-09-29"
    assert page.events[0].data["receipt_no"].startswith("SJ-20260929-")


async def test_a_result_can_be_replaced_and_revoked(desk: Any) -> None:
    await desk.file("c1.spot.1", "spot")
    await desk.app.record("c1.spot.1", ResultReplaced(granted=Granted(number="JY3")))
    revoked = ResultRevoked(reason="Obtained by deceit.", by_law="art. 69")
    found = await desk.app.record("c1.spot.1", revoked)
    assert [event.type for event in found.history[-2:]] == ["result_replaced", "result_revoked"]
    assert found.state == "granted"


async def test_recording_for_nobody_is_told(desk: Any) -> None:
    with pytest.raises(CaseNotFoundError):
        await desk.app.record("c1.nobody.1", Accepted())
    await desk.put("/submissions/c1.plain.1", desk.body(), **{"X-Caller": "a"})
    await desk.put("/submissions/c1.plain.1", desk.body(), **{"X-Caller": "b"})
    with pytest.raises(AdapterError, match="2 callers"):
        await desk.app.record("c1.plain.1", Accepted())
    found = await desk.app.record("c1.plain.1", Accepted(), caller="b")
    assert found.caller == "b"
    assert [one.caller for one in await desk.app.submissions(step_id="plain")] == ["a", "b"]
    with pytest.raises(CaseNotFoundError):
        await desk.app.submission("c1.plain.1", caller="c")


async def test_a_back_office_decides_what_has_fallen_due_before_anybody_reads(desk: Any) -> None:
    @desk.app.before_read
    async def decide(now: datetime) -> list[Decision]:
        return [
            Decision(submission_id=one.id, outcomes=Accepted(), at=one.received_at)
            for one in await desk.app.submissions(step_id="plain")
            if one.state == "received" and now - one.received_at >= timedelta(days=2)
        ]

    await desk.file("c1.plain.1")
    assert (await desk.read("c1.plain.1")).state == "received"
    desk.clock.pass_days(2)
    assert (await desk.read("c1.plain.1")).state == "accepted"


async def test_a_plain_back_office_function_may_return_decisions(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    todo = [Decision(submission_id="c1.plain.1", outcomes=(Accepted(), Granted(number="9")))]

    @desk.app.before_read
    def decide(_now: datetime) -> list[Decision]:
        return [todo.pop()] if todo else []

    # The decision is for a submission that nobody filed: it is left out, and the counter is open.
    assert (await desk.get("/changes")).status_code == 200
    assert "a decision was left out: no submission c1.plain.1" in caplog.text
    await desk.file("c1.plain.1")
    todo.append(Decision(submission_id="c1.plain.1", outcomes=(Accepted(), Granted(number="9"))))
    assert (await desk.read("c1.plain.1")).state == "granted"


@pytest.mark.parametrize(
    ("text", "language"), [("plan", "en"), ("平面图", "zh"), ("plan 图", "zh"), ("", "en")]
)
def test_the_language_of_a_text_is_seen_from_its_script(text: str, language: str) -> None:
    assert people_text(text) == {language: text}


def test_reasons_keep_code_and_clause() -> None:
    reason = Reason(code="area", text={"zh": "面积不足"}, by_law="art. 5")
    assert reason.as_json() == {"code": "area", "text": {"zh": "面积不足"}, "by_law": "art. 5"}
