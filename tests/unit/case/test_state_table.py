"""Every row of the state tables, as the law reads: given, when, then (2026 calendar).

Rows of the adapter protocol, section 6, and of the domain page, section 3. Working days around the
national holiday: 09-28, 29, 30, then 10-08, 09, 10 (a Saturday that is worked), 12, 13, 14, 15, 16.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.case import (
    TRANSITIONS,
    Actor,
    AskWithdrawal,
    CaseStatus,
    EventType,
    FileAgain,
    SubCaseStatus,
    SupplementGiven,
    due_on,
    follow_up_of,
    outstanding,
)
from oneservice.case.commands import IssueBundle
from oneservice.errors import IllegalInputError

Begin = Callable[..., Any]
Step = Callable[..., Any]
Hour = Callable[..., datetime]
SHA = "sha256:" + "6" * 64


def due(life: Any, limit: Any = "promised", name: str = "permit") -> str | None:
    day: date | None = due_on(life.sub(name), limit, life.calendar)
    return day.isoformat()[5:] if day is not None else None


# --- received, accepted ------------------------------------------------------------------------


def test_received_starts_the_notice_clock_only(begin: Begin) -> None:
    """When the papers come in, five working days run, and no limit does."""
    life = begin()
    assert life.status() == "filing"
    life.told("received", "09-28")
    assert life.status() == "received"
    assert due(life, "notice") == "10-10"
    assert due(life) is None


def test_silence_for_five_working_days_accepts_from_receipt(begin: Begin) -> None:
    """Art. 32: nothing said by 10-10, so accepted from 09-28; the limits run from then."""
    life = begin()
    life.told("received", "09-28")
    assert life.wait("10-10", 23) == ()
    (deemed,) = [one for one in life.wait("10-11") if one.kind == "deemed_accepted"]
    assert deemed.accepted_at == life.sub().received_at
    assert life.status() == "accepted"
    assert life.sub().is_deemed
    assert due(life) == "10-14"


def test_acceptance_starts_the_limits_on_the_next_working_day(begin: Begin) -> None:
    """Art. 42, 82: eight working days after 09-28 end on 10-14, twenty on 10-30."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    assert life.status() == "accepted"
    assert (due(life), due(life, "statutory")) == ("10-14", "10-30")


def test_not_accepted_ends_it_with_reasons_and_remedies(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("not_accepted", "09-29")
    assert life.status() == "not_accepted"
    assert life.sub().reasons
    assert life.sub().remedies
    assert life.case.status is CaseStatus.REJECTED


@pytest.mark.parametrize("kind", ["refused", "not_accepted"])
@pytest.mark.parametrize("lacking", ["reasons", "remedies"])
def test_a_refusal_without_reasons_or_remedies_is_no_refusal(
    begin: Begin, kind: str, lacking: str
) -> None:
    """Art. 38: it is a contract error; nothing of it is applied, and people see it."""
    life = begin()
    life.told("received", "09-28")
    if kind == "refused":
        life.told("accepted", "09-28")
    before = life.status()
    life.give(life.read("permit", "09-29", life.signed(kind, "09-29", **{lacking: []})))
    assert life.status() == before
    assert lacking in life.sub().incident


# --- corrections -------------------------------------------------------------------------------


def test_a_correction_before_acceptance_starts_the_notice_anew(begin: Begin) -> None:
    """Art. 32: the five days run again from the day on which the papers are complete."""
    life = begin()
    life.told("received", "09-28")
    life.told("correction_requested", "09-29")
    assert life.status() == "correction_requested"
    assert [one.correction_id for one in life.case.corrections] == ["r1"]
    life.told("correction_received", "10-09")
    assert life.status() == "received"
    assert due(life, "notice") == "10-15"
    assert life.problems() == []


def test_a_second_correction_before_acceptance_is_a_finding(begin: Begin) -> None:
    """Art. 32: everything at once (一次性告知)."""
    life = begin()
    life.told("received", "09-28")
    life.told("correction_requested", "09-29")
    life.told("correction_received", "09-30")
    life.told("correction_requested", "10-09", correction_id="r2")
    assert life.problems() == ["correction-repeated"]
    assert life.status() == "correction_requested"


def test_a_list_that_is_not_complete_is_a_finding(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("correction_requested", "09-29", is_complete_list=False)
    assert life.problems() == ["correction-not-complete"]


def test_a_correction_after_acceptance_stops_the_clock(begin: Begin) -> None:
    """Domain section 7, rule 5: 10-09 to 10-12 do not count, so eight days end on 10-19."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("correction_requested", "10-09")
    assert due(life) is None
    life.told("correction_received", "10-12")
    assert life.status() == "accepted"
    assert due(life) == "10-19"


def test_by_policy_a_correction_lets_the_clock_run(begin: Begin, step: Step) -> None:
    life = begin(step(correction="run"))
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("correction_requested", "10-09")
    assert due(life) == "10-14"


def test_a_correction_that_nobody_answers_is_told_and_may_lapse(begin: Begin) -> None:
    """Due on 10-16, three working days of grace: told on 10-22; the department lets it lapse."""
    life = begin()
    life.told("received", "09-28")
    life.told("correction_requested", "09-29")
    assert life.wait("10-21", 23) == ()
    assert [one.kind for one in life.wait("10-22")] == ["wait_overdue"]
    assert life.problems() == ["correction-overdue"]
    assert life.wait("11-30") == ()
    life.told("lapsed", "12-01")
    assert life.status() == "lapsed"
    assert life.sub().reasons[0]["code"] == "lapsed"


# --- suspension, extension ---------------------------------------------------------------------


def test_a_special_procedure_with_ground_and_notice_stops_the_clock(begin: Begin) -> None:
    """Art. 45; domain table: from 09-29, 8 working days, suspended 10-09 to 10-12, end on 10-20."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-29")
    life.told("suspended", "10-09")
    assert life.status() == "suspended"
    assert due(life) is None
    life.told("resumed", "10-12")
    assert life.status() == "accepted"
    assert due(life) == "10-20"


@pytest.mark.parametrize("lacking", ["by_law", "notice_no"])
def test_a_suspension_without_ground_or_notice_gives_no_time(begin: Begin, lacking: str) -> None:
    """Art. 45: it must be announced in writing; without that the days count."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("suspended", "10-09", **{lacking: " "})
    assert life.status() == "suspended"
    assert due(life) == "10-14"
    assert life.problems() == ["suspension-without-notice"]


def test_a_suspension_past_its_announced_end_is_told(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-29")
    life.told("suspended", "10-09")
    assert [one.kind for one in life.wait("10-13")] == ["wait_overdue"]
    assert life.problems() == ["suspension-overdue"]
    life.told("resumed", "10-14")
    assert life.problems() == []


def test_one_extension_in_time_moves_both_limits(begin: Begin) -> None:
    """Art. 42: five working days more, decided within the limit."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("extended", "10-12")
    assert (due(life), due(life, "statutory")) == ("10-21", "11-06")
    assert life.problems() == []


@pytest.mark.parametrize(
    ("day", "data", "problem"),
    [
        ("10-12", {"working_days": 11}, "extension-too-long"),
        ("11-02", {}, "extension-late"),
        ("10-12", {"approved_by": ""}, "extension-unapproved"),
        ("10-12", {"reason": " "}, "extension-unapproved"),
        ("10-12", {"notice_no": ""}, "extension-unapproved"),
    ],
)
def test_an_extension_against_the_law_is_kept_and_gives_no_time(
    begin: Begin, day: str, data: dict[str, Any], problem: str
) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("extended", day, **data)
    assert life.sub().course.extension is not None
    assert (due(life), due(life, "statutory")) == ("10-14", "10-30")
    assert problem in life.problems()


def test_an_extension_after_the_promise_moves_only_the_limit_of_the_law(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("extended", "10-20")
    assert (due(life), due(life, "statutory")) == ("10-14", "11-06")
    assert "extension-late" not in life.problems()


def test_a_second_extension_is_a_contract_error(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("extended", "10-12")
    life.give(life.read("permit", "10-13", life.signed("extended", "10-13")))
    assert due(life) == "10-21"
    assert "once only" in life.sub().incident


# --- tolerance ---------------------------------------------------------------------------------


def test_accepted_on_a_promise_shows_what_is_owed(begin: Begin, step: Step) -> None:
    """容缺受理: the applicant sees the promise from acceptance on."""
    life = begin(step(tolerance_days=6))
    life.told("received", "09-28")
    life.told("accepted", "09-28", how="tolerance", tolerated=["m_health"])
    (promise,) = life.case.promises
    assert (promise.material, promise.can_follow_now) == ("m_health", False)
    assert life.sub().course.tolerated == ("m_health",)
    assert next(one.kind for one in life.wait("10-13")) == "deadline_near"
    assert "promise-overdue" in life.problems()


def test_granted_but_for_a_paper_is_granted_when_it_comes(begin: Begin, hour: Hour) -> None:
    """容缺通过: a supplement without a correction id delivers it; then the paper is issued."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28", how="tolerance", tolerated=["m_health"])
    life.told("granted_pending_material", "09-30")
    assert life.status() == "granted_pending_material"
    (promise,) = life.case.promises
    assert (promise.until, promise.can_follow_now) == (date(2026, 10, 12), True)
    given = SupplementGiven(
        at=hour("10-09"),
        sub_case_id="permit",
        correction_id=None,
        supplement_id="s2",
        request_digest=SHA,  # type: ignore[arg-type] - a digest by its look
        materials=("m_health",),
    )
    life.give(given)
    with pytest.raises(IllegalInputError, match="on its way"):
        life.give(given)
    life.told("material_received", "10-10")
    assert life.status() == "granted"
    assert life.case.promises == ()
    assert life.sub().deliveries == ()


def test_a_promise_is_kept_whole_or_not_at_all(begin: Begin, hour: Hour) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    pending = [{"material": "m_health", "until": "2026-10-12"}, {"material": "m_lease"}]
    life.told("granted_pending_material", "09-30", pending=pending)
    with pytest.raises(IllegalInputError, match="m_lease"):
        life.give(
            SupplementGiven(
                at=hour("10-09"),
                sub_case_id="permit",
                correction_id=None,
                supplement_id="s2",
                request_digest=SHA,  # type: ignore[arg-type] - a digest by its look
                materials=("m_health",),
            )
        )


def test_a_promise_that_is_not_kept_is_told_and_may_lapse(begin: Begin) -> None:
    """Until 10-12: told on 10-13; the grant but for a paper lapses by the department's act."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("granted_pending_material", "09-30")
    assert [one.kind for one in life.wait("10-13")] == ["wait_overdue"]
    assert life.problems() == ["promise-overdue"]
    life.told("lapsed", "10-20")
    assert life.status() == "lapsed"
    assert life.case.promises == ()


# --- decisions ---------------------------------------------------------------------------------


def test_granted_stops_every_clock(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("granted", "10-12")
    assert life.status() == "granted"
    assert life.wait("12-31") == ()


def test_refused_after_a_correction(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("correction_requested", "10-09")
    life.told("refused", "10-12")
    assert life.status() == "refused"
    assert life.case.corrections == ()


def test_progress_and_private_events_change_nothing(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    before = life.sub().course
    life.told("progress", "09-29")
    assert life.status() == "received"
    assert life.sub().course == before


# --- withdrawal --------------------------------------------------------------------------------


def test_withdrawn_before_filing_ends_at_once(begin: Begin, step: Step, hour: Hour) -> None:
    life = begin(step("licence"), step(requires=("licence",)))
    life.give(AskWithdrawal(at=hour("09-28"), sub_case_ids=("permit",)))
    assert life.status() == "withdrawn"


def test_withdrawn_when_the_department_lets_go(begin: Begin, hour: Hour) -> None:
    life = begin()
    life.told("received", "09-28")
    life.give(AskWithdrawal(at=hour("09-29")))
    life.file("09-29")
    life.told("withdrawal_requested", "09-29")
    life.told("withdrawn", "09-30", withdrawal_id="c1.permit.1.w1")
    assert life.status() == "withdrawn"
    assert life.case.status is CaseStatus.WITHDRAWN


def test_a_refused_withdrawal_goes_on_and_may_be_asked_again(begin: Begin, hour: Hour) -> None:
    life = begin()
    life.told("received", "09-28")
    life.give(AskWithdrawal(at=hour("09-29")))
    life.file("09-29")
    life.told("withdrawal_requested", "09-29")
    life.told("withdrawal_refused", "09-30")
    assert life.status() == "received"
    life.give(AskWithdrawal(at=hour("09-30")))
    life.file("09-30")
    assert [one.message_id for one in life.sub().deliveries] == ["c1.permit.1.w2"]


def test_a_decision_that_crosses_a_withdrawal_stands(begin: Begin, hour: Hour) -> None:
    """P-47: the grant was signed before the request came."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.give(AskWithdrawal(at=hour("09-29")))
    life.file("09-29")
    life.told("granted", "09-29")
    assert life.status() == "granted"
    assert life.sub().deliveries == ()


# --- after the grant ---------------------------------------------------------------------------


def test_a_result_is_replaced_and_revoked_and_the_grant_stays_on_record(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("granted", "09-30")
    life.told("result_replaced", "10-09")
    assert life.sub().outcome == {"number": "JY-2"}
    assert life.sub().is_granted
    life.told("result_revoked", "10-12")
    assert life.status() == "granted"
    assert not life.sub().is_granted
    assert life.problems() == ["result-revoked"]


def test_a_commitment_is_granted_first_and_checked_afterwards(begin: Begin, step: Step) -> None:
    """告知承诺: the check is filed by itself and its 20 working days start with the grant."""
    check = step(
        "check", kind="follow_up", requires=("permit",), promised_days=20, statutory_days=20
    )
    bundle = step("bundle", kind="bundle", requires=("permit",), statutory_days=-1)
    life = begin(step(), check, bundle)
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    assert life.status("check") == "waiting"
    life.told("granted", "09-28")
    assert life.status("check") == "filing"
    assert follow_up_of(life.case, "permit") == "pending"
    assert due(life, "promised", "check") == "10-30"  # by the grant, filed or not
    owed = outstanding(life.case, life.calendar)
    assert any(isinstance(one, IssueBundle) for one in owed), "the bundle does not wait for it"
    life.told("received", "10-09", "check")
    life.told("accepted", "10-09", "check")
    assert due(life, "promised", "check") == "10-30"
    life.told("granted", "10-20", "check")
    assert follow_up_of(life.case, "permit") == "verified"


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (("correction_requested",), "to_be_corrected"),
        (("refused",), "failed"),
    ],
)
def test_what_a_check_after_the_grant_comes_to(
    begin: Begin, step: Step, told: tuple[str, ...], outcome: str
) -> None:
    life = begin(step(), step("check", kind="follow_up", requires=("permit",)))
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-28")
    for kind in ("received", "accepted", *told):
        life.told(kind, "10-09", "check")
    assert follow_up_of(life.case, "permit") == outcome
    assert life.sub().is_granted, "the grant stands until it is revoked"
    if outcome == "failed":
        assert "follow-up-failed" in life.problems()
    life.told("result_revoked", "10-12")
    assert follow_up_of(life.case, "permit") == "revoked"


# --- another attempt ---------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["not_accepted", "lapsed", "refused"])
def test_another_attempt_after_an_end_without_a_grant(
    begin: Begin, step: Step, hour: Hour, end: str
) -> None:
    """Protocol section 6: a new submission that continues the old one; dependants come back."""
    life = begin(step(), step("sign", requires=("permit",)))
    life.told("received", "09-28")
    if end == "lapsed":
        life.told("correction_requested", "09-29")
    if end == "refused":
        life.told("accepted", "09-29")
    life.told(end, "10-12")
    assert life.status("sign") == "not_applicable"
    assert life.case.status is CaseStatus.REJECTED
    annulled = "FY-2026-7" if end == "refused" else ""
    life.give(
        FileAgain(
            at=hour("10-13"),
            sub_case_id="permit",
            by=Actor.operator("op-7"),
            why="mended",
            annulled_by=annulled,
        )
    )
    assert life.status("sign") == "waiting"
    assert life.case.status is CaseStatus.SUBMITTED
    life.file("10-13")
    assert life.sub().submission.submission_id == "c1.permit.2"
    assert life.sub().course.earlier[-1].submission_id == "c1.permit.1"
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "10-14")
    assert life.status() == "granted"
    assert life.status("sign") == "filing"


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ((), "filing"),
        (("received",), "received"),
        (("received", "accepted", "refused"), "annulled"),
        (("received", "accepted", "granted"), "granted"),
    ],
)
def test_no_other_attempt_before_the_old_one_ended_or_against_a_refusal_that_stands(
    begin: Begin, hour: Hour, told: tuple[str, ...], match: str
) -> None:
    life = begin()
    for kind in told:
        life.told(kind, "09-28")
    with pytest.raises(IllegalInputError, match=match):
        life.give(
            FileAgain(
                at=hour("10-13"), sub_case_id="permit", by=Actor.operator("op-7"), why="again"
            )
        )


def test_a_step_behind_a_refusal_is_not_applicable(begin: Begin, step: Step) -> None:
    life = begin(step(), step("sign", requires=("permit",)), step("drain"))
    for kind in ("received", "accepted", "refused"):
        life.told(kind, "09-28")
    assert life.status("sign") == "not_applicable"
    assert life.status("drain") == "filing", "what is independent goes on"


def test_every_row_of_the_protocol_is_reached_here() -> None:
    """Each event type of the table is told in some test of this file."""
    source = Path(__file__).read_text(encoding="utf-8")
    for kind in EventType:
        assert f'"{kind}"' in source, f"no test tells {kind}"
    assert set(TRANSITIONS) == set(EventType)
    for status in SubCaseStatus:
        assert f'"{status}"' in source, f"no test reaches {status}"


# --- what an office says after its silence ----------------------------------------------------


def test_while_an_office_that_was_silent_says_nothing_people_are_told(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.wait("10-20")
    assert "accepted-by-silence" in life.problems()
    life.told("accepted", "10-21")
    assert "accepted-by-silence" not in life.problems()


def test_who_was_silent_and_then_does_not_accept_is_shown_to_people(begin: Begin) -> None:
    """Licensing Law art. 32: it was accepted by then, so it had to be decided."""
    life = begin()
    life.told("received", "09-28")
    life.wait("10-20")
    life.told("not_accepted", "10-21")
    assert life.status() == "not_accepted", "what it signed is kept"
    assert life.problems() == ["not-accepted-after-silence"]


def test_who_had_spoken_in_time_and_was_heard_late_is_not_blamed(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.wait("10-20")
    told = life.signed("not_accepted", "09-30")
    life.give(life.read("permit", "10-21", told))
    assert life.problems() == []


def test_a_correction_after_silence_is_shown_to_people(begin: Begin) -> None:
    life = begin()
    life.told("received", "09-28")
    life.wait("10-20")
    life.told("correction_requested", "10-21", due_on="2026-10-28")
    assert "correction-after-silence" in life.problems()
