"""What operators order: tried at once, taken over from paper, handed over, closed."""

from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, date, datetime
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    Actor,
    AdoptOutcome,
    AskWithdrawal,
    BulkJoined,
    CaseClosed,
    CaseStatus,
    CloseCase,
    ConsentAwaited,
    ConsentEnded,
    ConsentRecorded,
    ConsentRefused,
    Deliver,
    DeliveryDidFail,
    Event,
    JoinBulk,
    MandateEnded,
    MandateGiven,
    Migrated,
    NotFoundThere,
    OutcomeAdopted,
    PlanChange,
    Read,
    Reassign,
    Resume,
    RetryNow,
    RetryOrdered,
    StepSpec,
    Unit,
    evolve,
    open_waits,
    outstanding,
    read_record,
    standing_of,
    write_record,
)
from oneservice.errors import IllegalInputError, NotAllowedError

SHA = Digest("sha256:" + "6" * 64)
PAPER = Digest("sha256:" + "8" * 64)
OP = Actor.operator("op-7")
AT = datetime(2026, 10, 10, 2, tzinfo=UTC)
WHY = "telephoned with the office"


def failed(life: Any, at: Any, effect: Any = "unknown", name: str = "permit") -> None:
    life.give(
        DeliveryDidFail(
            at=at,
            sub_case_id=name,
            message_id=f"c1.{name}.1",
            effect=effect,
            problem="not-allowed" if effect == "refused" else "timeout",
        )
    )


def adopt(at: Any, decision: Any = "granted", **more: Any) -> AdoptOutcome:
    members: dict[str, Any] = {
        "at": at,
        "sub_case_id": "permit",
        "decision": decision,
        "decided_on": date(2026, 10, 9),
        "evidence": PAPER,
        "by": OP,
        "why": WHY,
        "number": "JY-9",
    }
    return AdoptOutcome(**(members | more))


# --- retry ------------------------------------------------------------------------------------


def test_what_waits_for_its_next_try_is_tried_at_once(begin: Any, hour: Any) -> None:
    life = begin()
    failed(life, hour("09-28"))
    (waits,) = [one for one in outstanding(life.case, life.calendar) if isinstance(one, Read)]
    assert waits.not_before is not None
    life.give(RetryNow(at=hour("09-28"), sub_case_id="permit", by=OP, why=WHY))
    (due,) = [one for one in outstanding(life.case, life.calendar) if isinstance(one, Read)]
    assert due == dataclasses.replace(waits, not_before=None), "the same read, now"
    assert life.sub().deliveries[0].tries == 1, "how often it failed stays counted"


def test_there_is_nothing_to_retry_where_nothing_waits(begin: Any, hour: Any) -> None:
    life = begin()
    order = RetryNow(at=hour("09-28"), sub_case_id="permit", by=OP, why=WHY)
    with pytest.raises(IllegalInputError, match="nothing waits"):
        life.give(order)
    failed(life, hour("09-28"), "refused")
    with pytest.raises(IllegalInputError, match="resume"):
        life.give(order)


# --- adopt ------------------------------------------------------------------------------------


@pytest.mark.parametrize("doubt", ["unknown", "halted"])
@pytest.mark.parametrize("decision", ["granted", "refused", "not_accepted", "withdrawn"])
def test_a_decision_on_paper_is_taken_over_in_doubt(
    begin: Any, step: Any, hour: Any, doubt: str, decision: str
) -> None:
    life = begin(step("permit"), step("sign", requires=("permit",)))
    failed(life, hour("09-28"), "unknown" if doubt == "unknown" else "refused")
    life.give(adopt(hour("10-10"), decision))
    permit = life.sub()
    assert (permit.status, permit.adopted, permit.halted) == (decision, decision, None)
    assert permit.deliveries == ()
    adoption = life.case.people.adoption("permit")
    assert (adoption.evidence, adoption.by, adoption.number) == (PAPER, OP, "JY-9")
    assert [one.kind for one in life.events if one.kind == "department_reported"] == []
    life.file("10-10")
    assert life.status("sign") == ("filing" if decision == "granted" else "not_applicable")


def test_where_the_department_answers_nothing_is_taken_over(begin: Any, hour: Any) -> None:
    life = begin()
    with pytest.raises(IllegalInputError, match="by the protocol"):
        life.give(adopt(hour("10-10")))
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    with pytest.raises(IllegalInputError, match="by the protocol"):
        life.give(adopt(hour("10-10")))
    life.told("granted", "09-29")
    with pytest.raises(IllegalInputError, match="signed word"):
        life.give(adopt(hour("10-10")))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sub_case_id": "sign"}, "never filed"),
        ({"decided_on": date(2026, 10, 11)}, "to come"),
        ({"decided_on": date(2026, 9, 27)}, "older than the case"),
        ({"number": "9" * 65}, "at most 64"),
        ({"second": OP}, "four eyes"),
        ({"second": Actor.clerk("w-1")}, "four eyes"),
    ],
)
def test_a_paper_that_cannot_be_is_refused(
    begin: Any, step: Any, hour: Any, wrong: Any, said: str
) -> None:
    life = begin(step("permit"), step("sign", requires=("permit",)))
    failed(life, hour("09-28"))
    with pytest.raises(IllegalInputError, match=said):
        life.give(adopt(hour("10-10"), **wrong))
    life.give(adopt(hour("10-10"), second=Actor.officer("of-2")))


def test_the_department_may_still_confirm_it(begin: Any, hour: Any) -> None:
    life = begin()
    failed(life, hour("09-28"))
    life.give(adopt(hour("10-10")))
    for kind in ("received", "accepted"):
        life.told(kind, "10-12")
        assert life.status() == "granted", "it stands until a decision is signed"
    life.told("granted", "10-12")
    assert (life.status(), life.sub().halted) == ("granted", None)
    assert life.sub().outcome["number"] == "JY-1", "their own word completes it"
    assert (life.sub().basis, life.problems()) == ("signed", [])


def test_after_a_paper_was_taken_over_its_department_asks_in_vain(begin: Any, hour: Any) -> None:
    life = begin()
    failed(life, hour("09-28"))
    life.give(adopt(hour("10-10")))
    outcome = life.sub().outcome
    assert life.sub().basis == "adopted"
    assert "decision-adopted" in life.problems()
    for kind in ("received", "accepted", "correction_requested"):
        life.told(kind, "10-12")
    assert not life.case.corrections
    life.told("correction_received", "10-13")
    life.told("suspended", "10-13")
    life.told("resumed", "10-14")
    life.told("granted_pending_material", "10-14")
    assert (life.status(), life.sub().halted, life.sub().pauses) == ("granted", None, ())
    assert life.sub().outcome == outcome, "the paper's own, until one is signed"


def test_a_signed_decision_against_it_halts_with_both_on_record(begin: Any, hour: Any) -> None:
    life = begin()
    failed(life, hour("09-28"))
    life.give(adopt(hour("10-10")))
    life.told("received", "10-12")
    life.told("accepted", "10-12")
    events = life.told("refused", "10-13")
    assert [one.kind for one in events][:2] == ["department_reported", "sub_case_halted"]
    assert life.sub().halted.startswith("contradicted: refused is signed, granted was adopted")
    assert events[1].evidence[0].type == "refused"
    assert life.case.people.adoption("permit") is not None
    life.give(Resume(at=hour("10-14"), sub_case_id="permit", by=OP, why=WHY))
    assert (life.status(), life.sub().halted) == ("refused", None), "the signed word counts"


def test_a_return_against_an_adopted_grant_halts_and_asks_no_other_unit(
    begin: Any, step: Any, hour: Any
) -> None:
    units = (Unit(duty="d2", department="second", region="990102"),)
    life = begin(step("permit", accept_hours=4, units=units, max_returns=1))
    failed(life, hour("09-28"))
    life.give(adopt(hour("10-10")))
    life.told("received", "10-12")
    life.told("not_accepted", "10-12", reasons=[{"code": "not-competent"}])
    assert life.sub().halted.startswith("contradicted: not_accepted is signed")
    assert life.sub().spec.department == "office"


# --- hand over --------------------------------------------------------------------------------


def test_a_step_in_nobodys_hands_goes_to_another_department(
    begin: Any, step: Any, hour: Any
) -> None:
    life = begin(step("permit"), step("sign", requires=("permit",)))
    order = Reassign(at=hour("09-29"), sub_case_id="sign", department="housing", by=OP, why=WHY)
    life.give(order)
    assert life.sub("sign").spec.department == "housing"
    with pytest.raises(IllegalInputError, match="has it already"):
        life.give(order)


def test_what_a_department_may_hold_is_not_handed_over(begin: Any, hour: Any) -> None:
    life = begin()
    order = Reassign(at=hour("09-29"), sub_case_id="permit", department="housing", by=OP, why=WHY)
    with pytest.raises(IllegalInputError, match="in hand"):
        life.give(order)
    failed(life, hour("09-28"))
    with pytest.raises(IllegalInputError, match="in hand"):
        life.give(order)
    life.told("received", "09-29")
    life.give(
        NotFoundThere(at=hour("09-30"), sub_case_id="permit", submission_id="c1.permit.1", held=1)
    )
    assert life.sub().halted is not None
    with pytest.raises(IllegalInputError, match="may hold it"):
        life.give(order)


@pytest.mark.parametrize(
    ("department", "region", "told"),
    [
        ("Wang Wei", "", "no department can be meant"),
        ("", "", "no department can be meant"),
        ("housing\ud800", "", "no department can be meant"),
        ("x" * 65, "", "no department can be meant"),
        ("housing", "Wang Wei", "6 digits"),
        ("housing", "001234", "begins with 00"),
    ],
)
def test_a_step_goes_to_nobody_who_cannot_be_meant(  # noqa: PLR0917 - fixtures
    begin: Any, step: Any, hour: Any, department: str, region: str, told: str
) -> None:
    life = begin(step("permit"), step("sign", requires=("permit",)))
    order = Reassign(
        at=hour("09-29"),
        sub_case_id="sign",
        department=department,
        region=region,
        by=OP,
        why=WHY,
    )
    with pytest.raises(IllegalInputError, match=told) as caught:
        life.give(order)
    assert "Wang" not in str(caught.value)
    life.give(dataclasses.replace(order, department="housing", region="990102"))
    assert life.sub("sign").spec.region == "990102"


@pytest.mark.parametrize("decision", ["approved", "lapsed", "", "Wang Wei"])
def test_only_a_decision_is_adopted(begin: Any, hour: Any, decision: str) -> None:
    life = begin()
    failed(life, hour("09-28"))
    with pytest.raises(IllegalInputError, match="choose of granted, refused") as caught:
        life.give(adopt(hour("10-10"), decision))
    assert "Wang" not in str(caught.value)


def test_what_a_department_would_never_take_is_handed_over(begin: Any, hour: Any) -> None:
    life = begin()
    failed(life, hour("09-28"), "refused")
    life.give(
        Reassign(at=hour("09-29"), sub_case_id="permit", department="housing", by=OP, why=WHY)
    )
    life.file("09-29")
    (sent,) = [one for one in outstanding(life.case, life.calendar) if isinstance(one, Deliver)]
    assert (sent.department, sent.submission_id) == ("housing", "c1.permit.2")


# --- close ------------------------------------------------------------------------------------


def test_closing_ends_what_is_open_and_keeps_what_is_granted(
    begin: Any, step: Any, hour: Any
) -> None:
    life = begin(
        step("permit"),
        step("fire"),
        step("check", kind="follow_up", requires=("permit",)),
        step("lost"),
        step("sign", requires=("fire",)),
    )
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-29")
    life.told("received", "09-29", "fire")
    failed(life, hour("09-28"), name="lost")
    (first, *_) = life.give(CloseCase(at=hour("10-09"), by=OP, why="the company was dissolved"))
    assert (first.kind, first.left) == ("case_closed", ("lost",))
    life.file("10-09")
    assert life.status("permit") == "granted"
    assert life.status("sign") == "withdrawn", "never filed"
    assert life.status("lost") == "withdrawn", "nothing more is asked about it"
    assert life.sub("fire").withdrawal == "sent", "the department lets it go, or refuses"
    assert life.status("check") != "withdrawn", "the check of a grant goes on"
    with pytest.raises(IllegalInputError, match="closed before"):
        life.give(CloseCase(at=hour("10-10"), by=OP, why=WHY))


def test_who_closed_it_is_told_the_applicant(begin: Any, step: Any, hour: Any) -> None:
    life = begin(step("permit"), step("own"), step("lost"), step("sign", requires=("permit",)))
    for name in ("permit", "own"):
        life.told("received", "09-28", name)
    failed(life, hour("09-28"), name="lost")
    life.give(AskWithdrawal(at=hour("09-29"), sub_case_ids=("own",), by=APPLICANT))
    life.file("09-29")
    life.give(CloseCase(at=hour("10-09"), by=OP, why="the company was dissolved"))
    life.file("10-09")
    for name in ("permit", "own"):
        life.told("withdrawn", "10-10", name, withdrawal_id=f"c1.{name}.1.w1")
    read = standing_of(life.case, life.no_plan, on=date(2026, 10, 10), calendar=life.calendar)
    told = {one.sub_case_id: (one.why.en, one.why.zh) for one in read.missing}
    closed = ("the service centre closed the case", "政务服务中心已终止办理")
    assert told == {
        "permit": closed,
        "own": ("you withdrew it", "您已撤回"),
        "lost": closed,
        "sign": closed,
    }


def test_a_case_with_nothing_granted_ends_at_once(begin: Any, hour: Any) -> None:
    life = begin()
    failed(life, hour("09-28"))
    life.give(CloseCase(at=hour("10-09"), by=OP, why=WHY))
    assert life.case.status is CaseStatus.WITHDRAWN
    assert life.case.people.closed.why == WHY
    assert outstanding(life.case, life.calendar) == ()


def pending(begin: Any, step: Any) -> Any:
    """Granted but for a material, with an outcome of the department's own."""
    life = begin(step("permit"), step("sign"))
    for kind in ("received", "accepted"):
        life.told(kind, "09-29")
    outcome = {"decision": "granted", "number": "JY-9"}
    life.told("granted_pending_material", "09-30", outcome=outcome)
    return life


def test_a_closed_case_does_not_wait_for_a_material_for_ever(
    begin: Any, step: Any, hour: Any
) -> None:
    life = pending(begin, step)
    with pytest.raises(IllegalInputError, match="signed word"):
        life.give(adopt(hour("10-08")))
    assert _ends_of_promise(life)[-1] == "CloseCase"
    life.give(CloseCase(at=hour("10-09"), by=OP, why="the office was dissolved"))
    life.file("10-09")
    assert life.status() == "granted_pending_material", "what is granted stands"
    assert _ends_of_promise(life)[-1] == "AdoptOutcome"
    with pytest.raises(IllegalInputError, match="'granted' only"):
        life.give(adopt(hour("10-10"), "refused", decided_on=date(2026, 9, 30)))
    life.give(adopt(hour("10-10"), decided_on=date(2026, 10, 9)))
    permit = life.sub()
    assert (life.status(), permit.course.promises) == ("granted", ())
    assert permit.outcome["number"] == "JY-9", "the grant is the department's own"
    assert permit.decided_at == hour("09-30")
    assert not [one for one in open_waits(life.case, life.calendar) if str(one.kind) == "promise"]


def _ends_of_promise(life: Any) -> tuple[str, ...]:
    waits = open_waits(life.case, life.calendar)
    (wait,) = [one for one in waits if str(one.kind) == "promise"]
    return wait.ends_by


# --- many at once -----------------------------------------------------------------------------


def test_a_bulk_is_on_record_with_what_it_did_or_not_at_all(begin: Any, hour: Any) -> None:
    life = begin()
    order = RetryNow(at=hour("09-28"), sub_case_id="permit", by=OP, why=WHY)
    with pytest.raises(IllegalInputError):
        life.give(JoinBulk(at=hour("09-28"), bulk=SHA, order=order))
    assert "bulk_joined" not in life.kinds()
    failed(life, hour("09-28"))
    events = life.give(JoinBulk(at=hour("09-28"), bulk=SHA, order=order))
    assert [one.kind for one in events] == ["bulk_joined", "retry_ordered"]
    clerk = dataclasses.replace(order, by=Actor.clerk("w-1"))
    with pytest.raises(NotAllowedError):
        life.give(JoinBulk(at=hour("09-28"), bulk=SHA, order=clerk))


def test_an_operator_withdraws_with_a_reason(begin: Any, hour: Any) -> None:
    life = begin()
    with pytest.raises(NotAllowedError, match="why"):
        life.give(AskWithdrawal(at=hour("09-29"), by=OP))
    (asked, *_) = life.give(AskWithdrawal(at=hour("09-29"), by=OP, why=WHY))
    assert (asked.by, asked.why) == (OP, WHY)


# --- whatever was recorded ----------------------------------------------------------------------


FACTS: list[Any] = [
    MandateGiven(at=AT, mandate_id="m1", agent="ag-3", proof=SHA, by=OP),
    MandateEnded(at=AT, mandate_id="unknown", end="revoked", by=OP),
    ConsentRecorded(
        at=AT,
        consent_id="owner",
        agreed_at=AT,
        purpose="thing",
        level="low",
        proof=SHA,
        sub_case_ids=("unknown",),
        is_required=True,
        by=OP,
    ),
    ConsentRefused(
        at=AT,
        consent_id="applicant.elsewhere",
        purpose="restaurant",
        sub_case_ids=("permit",),
        by=OP,
    ),
    ConsentAwaited(
        at=AT, consent_id="applicant.far", purpose="restaurant", sub_case_ids=("permit",)
    ),
    ConsentEnded(at=AT, consent_id="unknown", end="expired", by=OP),
    BulkJoined(at=AT, bulk=SHA, by=OP),
    RetryOrdered(at=AT, sub_case_id="permit", by=OP, why=WHY),
    OutcomeAdopted(
        at=AT,
        sub_case_id="permit",
        decision="granted",
        decided_on=date(2026, 10, 9),
        evidence=PAPER,
        by=OP,
        why=WHY,
    ),
    CaseClosed(at=AT, by=OP, why=WHY, left=("permit",)),
    Migrated(
        at=AT,
        before=SHA,
        plan=PAPER,
        definition=SHA,
        calendar="c",
        form=SHA,
        kept=("permit",),
        steps=(
            StepSpec(id="permit", step_id="permit", department="office", kind="decision"),
            StepSpec(id="new", step_id="new", department="office", kind="decision"),
        ),
        changes=(PlanChange(part="step", id="new", zh="新增", en="new"),),
        by=OP,
        why=WHY,
    ),
]
HISTORIES: tuple[tuple[str, ...], ...] = (
    (),
    ("received",),
    ("received", "accepted", "correction_requested"),
    ("received", "accepted", "suspended"),
    ("received", "accepted", "granted"),
    ("received", "accepted", "granted", "result_revoked"),
    ("received", "accepted", "refused"),
    ("received", "withdrawn"),
)


def test_every_fact_of_this_family_is_tried() -> None:
    own = {type(one) for one in FACTS}
    modules = ("people_events", "operating_events", "migration_events")
    assert own == {one for one in typing.get_args(Event) if one.__module__.endswith(modules)}


@pytest.mark.parametrize("history", HISTORIES, ids="-".join)
@pytest.mark.parametrize("fact", FACTS, ids=lambda one: one.kind)
def test_what_was_recorded_is_never_refused_and_comes_back(
    begin: Any, history: tuple[str, ...], fact: Any
) -> None:
    """In whatever state; and out of the journal as it went in."""
    life = begin()
    for kind in history:
        life.told(kind, "09-28")
    after = evolve(life.case, fact, case_id="c1")
    assert after.seq == life.case.seq + 1
    assert outstanding(after, life.calendar) == outstanding(after, life.calendar)
    record = write_record(fact, case_id="c1", seq=1, prev=None, secret="5" * 64)
    assert read_record(record.line, case_id="c1", seq=1, prev=None).event == fact


def test_what_is_granted_survives_every_order(begin: Any, step: Any, hour: Any) -> None:
    life = begin(step("permit"), step("sign", requires=("permit",)))
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-28")
    granted = life.sub()
    with pytest.raises(IllegalInputError):
        life.give(adopt(hour("10-10"), "refused"))
    with pytest.raises(IllegalInputError):
        life.give(
            Reassign(at=hour("10-10"), sub_case_id="permit", department="housing", by=OP, why=WHY)
        )
    life.give(CloseCase(at=hour("10-10"), by=OP, why=WHY))
    assert life.sub() == granted
