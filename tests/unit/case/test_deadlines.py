"""Lights, overdue policies, ladders, silence that grants, the caps of a whole case (2026)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.case import (
    Actor,
    AskFreshBundle,
    AskWithdrawal,
    BundleSigned,
    CaseStatus,
    DeliveryDidFail,
    ExtendJoint,
    NotFoundThere,
    ReportDidFail,
    StepSpec,
    SubCase,
    TimePassed,
    Wake,
    case_due_date,
    due_date,
    due_on,
    next_due,
    outstanding,
    transition,
)
from oneservice.case.limits import near_on
from oneservice.case.step_spec import Rung, Unit
from oneservice.errors import IllegalInputError
from oneservice.workdays import (
    LEGAL_ZONE,
    Light,
    TabulatedCalendar,
    announced_calendar,
    legal_day,
    step_clocks,
)

SHA = "sha256:" + "6" * 64
LADDER = (
    Rung(level="county", office="district", days=3),
    Rung(level="city", office="city", days=2),
)


def accepted(begin: Any, *steps: Any, **opening: Any) -> Any:
    life = begin(*steps, **opening)
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    return life


def kinds(events: Any) -> list[str]:
    return [one.kind for one in events]


# --- the light ---------------------------------------------------------------------------------


def test_the_light_turns_once_at_the_configured_share(begin: Any) -> None:
    """80 % of 8 working days: on the seventh, 10-13; the promise ends with 10-14."""
    life = accepted(begin)
    assert life.wait("10-12", 23) == ()
    (near,) = life.wait("10-13")
    assert near.kind == "deadline_near"
    assert near.due_at.astimezone(LEGAL_ZONE).date() == date(2026, 10, 15)
    assert life.wait("10-14", 23) == ()
    assert kinds(life.wait("10-15")) == ["deadline_passed"]
    assert life.problems() == ["overdue-promised"]


def test_the_share_is_the_items_own(begin: Any, step: Any) -> None:
    life = accepted(begin, step(warning_share=50))
    assert kinds(life.wait("10-09")) == ["deadline_near"]


@given(
    days=st.integers(1, 30),
    share=st.integers(1, 100),
    start=st.dates(date(2026, 1, 5), date(2026, 9, 1)),
)
def test_the_light_is_the_one_that_the_clocks_read(
    days: int, share: int, start: date, life_of: Any
) -> None:
    sub = life_of(days=days, share=share, start=start)
    calendar = announced_calendar()
    near = near_on(sub, calendar)
    assert near is not None

    def light(day: date) -> Light:
        return step_clocks(
            calendar,
            accepted_on=start,
            today=day,
            promised_days=days,
            statutory_days=None,
            warn_at=Decimal(share) / 100,
        ).light

    assert light(near) is Light.WARNING
    if near - timedelta(days=1) > start:
        assert light(near - timedelta(days=1)) is Light.ON_TIME


@pytest.fixture(scope="module")
def life_of() -> Callable[..., Any]:
    def made(*, days: int, share: int, start: date) -> SubCase:
        spec = StepSpec(
            id="a",
            step_id="a",
            department="o",
            kind="decision",
            promised_days=days,
            warning_share=share,
        )
        return SubCase(spec=spec, accepted_at=datetime.combine(start, time(9), tzinfo=LEGAL_ZONE))

    return made


def test_time_touches_only_what_is_due(begin: Any, step: Any) -> None:
    life = accepted(begin, step(), step("far", promised_days=200, statutory_days=-1))
    for kind in ("received", "accepted"):
        life.told(kind, "09-28", "far")
    events = life.wait("10-15")
    assert {one.sub_case_id for one in events} == {"permit"}
    assert life.wait("10-15", 12) == ()
    wakes = [one for one in outstanding(life.case, life.calendar) if isinstance(one, Wake)]
    due = next_due(life.case, life.calendar)
    assert due is not None
    assert [one.not_before for one in wakes] == [due.instant]


def test_a_long_sleep_records_all_that_ended_in_its_order(begin: Any) -> None:
    life = accepted(begin)
    events = life.wait("12-31")
    assert kinds(events) == ["deadline_near", "deadline_passed", "deadline_passed"]
    assert [one.due_at for one in events[1:]] == sorted(one.due_at for one in events[1:])


# --- overdue: none, escalate, deemed granted ---------------------------------------------------


def test_a_late_step_climbs_its_ladder_rung_by_rung(begin: Any, step: Any) -> None:
    """督办: late after 10-14; the district until 10-20, the city until 10-23, then the lead."""
    life = accepted(begin, step(on_overdue="escalate", ladder=LADDER, statutory_days=-1))
    events = life.wait("10-15")
    assert kinds(events) == ["deadline_near", "deadline_passed", "escalated"]
    assert (events[-1].rung, events[-1].to, events[-1].level) == (1, "district", "county")
    assert legal_day(events[-1].due_at) == date(2026, 10, 21)
    assert life.wait("10-20", 23) == ()
    (second,) = life.wait("10-21")
    assert (second.rung, second.to) == (2, "city")
    assert life.wait("10-23", 23) == ()
    (last,) = life.wait("10-24")
    assert (last.kind, last.to) == ("case_escalated", "lead-office")
    assert life.case.has_incident
    assert "escalation-unanswered" in life.problems()
    assert life.wait("12-31") == ()
    life.told("granted", "12-31")
    assert "escalation-unanswered" not in life.problems()


def test_without_a_ladder_the_lead_is_told_at_once(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="escalate", statutory_days=-1))
    assert kinds(life.wait("10-15"))[-1] == "case_escalated"


def test_no_rung_is_climbed_while_the_applicant_owes_an_answer(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="escalate", ladder=LADDER, correction="run"))
    life.told("correction_requested", "10-13", due_on="2026-12-01")
    assert "escalated" not in kinds(life.wait("10-28"))
    life.told("correction_received", "10-28")
    assert kinds(life.wait("10-29")) == ["escalated"]


def test_silence_grants_at_the_end_of_the_limit_of_the_law(begin: Any, step: Any) -> None:
    """超期默许: not at the promise (10-14) but at the limit of the law (10-30), no certificate."""
    life = accepted(begin, step(on_overdue="deemed_granted"), step("sign", requires=("permit",)))
    assert kinds(life.wait("10-15")) == ["deadline_near", "deadline_passed"]
    events = life.wait("10-31")
    assert kinds(events) == ["deadline_passed", "deemed_granted"]
    assert life.status() == "granted"
    assert life.sub().is_granted_by_silence
    assert life.sub().basis == "silence"
    assert life.sub().outcome is None
    assert "granted-by-silence" in life.problems()
    assert life.status("sign") == "filing"


def test_where_the_law_sets_no_limit_the_promise_binds(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted", statutory_days=-1))
    assert kinds(life.wait("10-15"))[-1] == "deemed_granted"


def test_a_later_grant_completes_what_silence_granted(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted"))
    life.wait("10-31")
    since = life.sub().decided_at
    life.told("granted", "11-03")
    assert life.sub().outcome["number"] == "JY-1"
    assert life.sub().decided_at == since
    assert not life.sub().is_granted_by_silence


def test_a_later_refusal_is_told_to_people_and_the_grant_stands(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted"))
    life.wait("10-31")
    life.told("refused", "11-03")
    assert life.status() == "granted"
    assert life.sub().reasons == ()
    assert "decided-after-silence" in life.problems()


def test_to_take_it_back_the_office_grants_on_record_and_revokes(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted"))
    life.wait("10-31")
    life.told("granted", "11-03")
    life.told("result_revoked", "11-04")
    assert not life.sub().is_granted
    assert life.status() == "granted"


@pytest.mark.parametrize(
    "kind", ["correction_requested", "suspended", "extended", "granted_pending_material"]
)
def test_after_silence_nothing_is_owed_and_no_clock_stands(
    begin: Any, step: Any, kind: str
) -> None:
    """Licensing Law art. 32: what is lacking is told at once, not after the limit has ended."""
    life = accepted(begin, step(on_overdue="deemed_granted"))
    life.wait("10-31")
    was = life.sub()
    life.told(kind, "11-03")
    sub = life.sub()
    assert (sub.status, sub.decided_at, sub.correction) == ("granted", was.decided_at, None)
    assert (sub.pauses, sub.course.suspended_at, sub.course.extension) == ((), None, None)
    assert not life.case.corrections
    assert not life.case.needs_a_person
    assert "handled-after-silence" in life.problems()
    brings = {one.material for one in sub.course.promises}
    assert brings == ({"m_health"} if kind == "granted_pending_material" else set())


def test_a_question_in_time_that_was_only_heard_later_is_open(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted"))
    asked = life.signed("correction_requested", "10-30")
    life.wait("10-31")
    life.give(life.read("permit", "11-02", asked))
    assert life.status() == "correction_requested"
    assert life.case.corrections


def test_a_decision_in_time_that_was_only_heard_later_was_no_silence(begin: Any, step: Any) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted"))
    refused = life.signed("refused", "10-30")
    life.wait("10-31")
    assert life.status() == "granted"
    life.give(life.read("permit", "11-02", refused))
    assert life.status() == "refused"
    assert life.sub().course.silence_at is None
    assert life.sub().remedies


@pytest.mark.parametrize("what", ["unread", "withdrawal", "correction", "unknown read"])
def test_no_silence_while_something_is_open_or_unread(
    begin: Any, step: Any, hour: Any, what: str
) -> None:
    life = accepted(begin, step(on_overdue="deemed_granted", correction="run"))
    match what:
        case "unread":
            life.give(life.read("permit", "10-12", *life.told_of["c1.permit.1"].history, held=2))
            ahead = life.signed("progress", "10-12")
            read = life.read("permit", "10-12", ahead)
            life.give(type(read)(**{n: getattr(read, n) for n in read.__slots__} | {"events": ()}))
        case "withdrawal":
            life.give(AskWithdrawal(at=hour("10-12")))
        case "correction":
            life.told("correction_requested", "10-13", due_on="2026-12-01")
        case _:
            life.give(
                ReportDidFail(
                    at=hour("10-12"), sub_case_id="permit", problem="cut off", is_contract=False
                )
            )
    assert "deemed_granted" not in kinds(life.wait("11-03"))


# --- returned reports --------------------------------------------------------------------------


def report(step: Any, units: int = 2) -> Any:
    names = ("second", "third")[:units]
    return step(
        promised_days=3,
        statutory_days=-1,
        accept_hours=4,
        max_returns=2,
        units=tuple(Unit(duty=f"row-{one}", department=one, region="990102") for one in names),
    )


RETURNED = {"reasons": [{"code": "not-competent", "text": {"en": "not ours"}}]}


def test_hours_not_days_are_given_to_take_a_report(begin: Any, step: Any) -> None:
    """派单: received at 10:00, four hours; silence means that the unit takes it."""
    life = begin(report(step))
    life.told("received", "09-28")
    assert life.wait("09-28", 13) == ()
    assert kinds(life.wait("09-28", 14)) == ["deemed_accepted"]


def test_a_returned_report_goes_to_the_next_unit_and_at_last_to_the_lead(
    begin: Any, step: Any
) -> None:
    life = begin(report(step), step("close", requires=("permit",)))
    for attempt, unit in enumerate(("office", "second", "third"), 1):
        assert life.sub().spec.department == unit
        assert life.sub().submission.submission_id == f"c1.permit.{attempt}"
        life.told("received", "09-28")
        life.told("not_accepted", "09-28", **RETURNED)
    assert life.sub().spec.department == "lead-office"
    assert life.status() == "waiting"
    assert "lead department decides" in life.sub().halted
    assert life.case.needs_a_person
    assert life.status("close") == "waiting", "nothing behind it is dropped meanwhile"
    assert [one.department for one in life.sub().course.earlier] == ["office", "second", "third"]
    assert life.sub().spec.region == "990102"


def test_any_other_reason_ends_it(begin: Any, step: Any) -> None:
    life = begin(report(step))
    life.told("received", "09-28")
    life.told("not_accepted", "09-28")
    assert life.status() == "not_accepted"


# --- unknown outcomes --------------------------------------------------------------------------


def test_unknown_is_probed_bounded_then_shown_once_and_never_under_a_new_id(
    begin: Any, hour: Any
) -> None:
    """Sends and reads that fail count together; eight of them make exactly one incident."""
    life = begin()
    problems = []
    for number in range(30):
        failed: Any = (
            DeliveryDidFail(
                at=hour("09-28"),
                sub_case_id="permit",
                message_id="c1.permit.1",
                effect="unknown",
                problem="cut off",
            )
            if number % 2
            else ReportDidFail(
                at=hour("09-28"), sub_case_id="permit", problem="no answer", is_contract=False
            )
        )
        problems += kinds(life.give(failed))
        if number == 6:
            assert not life.case.has_incident
    assert problems.count("incident_raised") == 1
    assert problems.index("incident_raised") == 8
    assert life.sub().attempt == 1
    owed = {
        getattr(one, "submission_id", "c1.permit.1")
        for one in outstanding(life.case, life.calendar)
    }
    assert owed == {"c1.permit.1"}
    life.give(NotFoundThere(at=hour("09-29"), sub_case_id="permit", submission_id="c1.permit.1"))
    assert life.case.has_incident, "it stays until the department has answered"
    life.told("received", "09-29")
    assert not life.case.has_incident


# --- the whole case ----------------------------------------------------------------------------


def test_the_cap_of_joint_handling_is_a_clock_of_the_case(begin: Any, step: Any) -> None:
    """45 working days from the first acceptance on 09-28 end on 12-04 (domain table)."""
    life = accepted(
        begin, step(promised_days=100, statutory_days=-1), joint_days=45, promised_days=60
    )
    joint = case_due_date(life.case, "joint", life.calendar)
    assert joint is not None
    assert joint.on == date(2026, 12, 4)
    events = life.wait("12-05")
    assert [(one.kind, one.limit) for one in events] == [
        ("case_deadline_near", "joint"),
        ("case_deadline_passed", "joint"),
    ]
    assert "joint-overdue" in life.problems()


def test_joint_handling_is_extended_once_in_time_and_within_the_law(
    begin: Any, step: Any, hour: Any, operator: Actor
) -> None:
    life = accepted(begin, step(promised_days=100, statutory_days=-1), joint_days=45)

    def ask(day: str, days: int = 15, approved_by: str = "city government") -> ExtendJoint:
        return ExtendJoint(
            at=hour(day), days=days, approved_by=approved_by, reason="load", by=operator
        )

    with pytest.raises(IllegalInputError, match="1 to 15"):
        life.give(ask("10-12", days=16))
    with pytest.raises(IllegalInputError, match="approved"):
        life.give(ask("10-12", approved_by=" "))
    with pytest.raises(IllegalInputError, match="ended on"):
        life.give(ask("12-05"))
    life.give(ask("12-04"))
    with pytest.raises(IllegalInputError, match="once"):
        life.give(ask("12-04", days=1))
    joint = case_due_date(life.case, "joint", life.calendar)
    assert joint is not None
    assert joint.on == date(2026, 12, 25)


def test_the_clocks_of_the_case_stop_when_all_results_are_in(begin: Any) -> None:
    life = accepted(begin, joint_days=45, promised_days=9)
    life.told("granted", "09-29")
    assert life.wait("12-31") == ()


def signed(hour: Any, day: str, over: int) -> BundleSigned:
    return BundleSigned(
        at=hour(day),
        certificate_id="urn:b",
        certificate=SHA,
        over_seq=over,
        over_head=SHA,  # type: ignore[arg-type]
    )


def test_partially_concluded_means_that_only_checks_are_to_come(
    begin: Any, step: Any, hour: Any
) -> None:
    life = accepted(
        begin,
        step(),
        step("check", kind="follow_up", requires=("permit",)),
        step("bundle", kind="bundle"),
    )
    life.told("granted", "09-28")
    life.give(signed(hour, "09-29", len(life.events)))
    assert life.case.status is CaseStatus.PARTIALLY_CONCLUDED
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "10-09", "check")
    assert life.case.status is CaseStatus.CONCLUDED


def test_a_result_that_changed_after_the_bundle_gives_a_fresh_one_on_demand(
    begin: Any, step: Any, hour: Any
) -> None:
    life = accepted(begin, step(), step("bundle", kind="bundle"))
    life.told("granted", "09-28")
    life.give(signed(hour, "09-29", len(life.events)))
    assert life.case.status is CaseStatus.CONCLUDED
    with pytest.raises(IllegalInputError, match="no result changed"):
        life.give(AskFreshBundle(at=hour("09-30")))
    life.told("result_replaced", "10-09")
    assert life.problems()[-1] == "bundle-outdated"
    life.give(AskFreshBundle(at=hour("10-09")))
    assert life.case.status is CaseStatus.PARTIALLY_CONCLUDED
    life.give(signed(hour, "10-10", len(life.events)))
    assert life.case.bundle.version == 2
    assert life.case.status is CaseStatus.CONCLUDED
    assert "bundle-outdated" not in life.problems()


# --- calendars ---------------------------------------------------------------------------------


def test_a_deadline_in_a_year_that_is_not_announced_is_marked_and_moves_with_the_calendar(
    begin: Any, step: Any, hour: Any
) -> None:
    """Domain section 7, rule 10: provisional until the calendar arrives."""
    announced = announced_calendar()
    known = TabulatedCalendar(
        version="short", tables={y: t for y, t in announced.tables.items() if y < 2026}
    )
    life = accepted(begin, step(promised_days=5, statutory_days=-1))
    found = due_date(life.sub(), "promised", life.calendar)
    assert found is not None
    assert not found.is_provisional
    guess = due_date(life.sub(), "promised", known)
    assert guess is not None
    assert guess.is_provisional
    assert guess.on < found.on, "Monday to Friday know no national holiday"
    late = TimePassed(at=hour("10-09"))
    early, _ = transition(life.case, late, case_id="c1", calendar=known)
    assert early == (), "nothing passes by a guess"
    now, _ = transition(life.case, late, case_id="c1", calendar=announced)
    assert "deadline_passed" not in kinds(now)
    assert due_on(life.sub(), "promised", announced) == date(2026, 10, 10)
