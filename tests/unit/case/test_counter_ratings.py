"""Ratings: one per handling, by whom it was for; a bad one is followed up, on a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    ENGINE,
    LEVELS,
    Actor,
    Case,
    CaseChannel,
    CaseStatus,
    FollowUp,
    FollowUpAdvanced,
    FollowUpClosed,
    FollowUpEscalated,
    FollowUpOpened,
    FollowUpOverdue,
    FollowUpStage,
    Input,
    RateResult,
    RatingTerms,
    ReportFollowUp,
    ResultRated,
    StepSpec,
    SubCase,
    SubCaseStatus,
    TimePassed,
    Wait,
    WaitKind,
    Wake,
    Who,
    counter_findings,
    decide,
    follow_up_due,
    open_waits,
    outstanding,
    transition,
    trips,
)
from oneservice.errors import IllegalInputError, NotAllowedError
from oneservice.workdays import announced_calendar

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CALENDAR = announced_calendar()
SHA = Digest("sha256:" + "6" * 64)
OFFICER = Actor.officer("o-17")
TERMS = RatingTerms(lead="government-services")
CONTACTED, VERIFIED, CORRECTED, ANSWERED = (
    FollowUpStage.CONTACTED,
    FollowUpStage.VERIFIED,
    FollowUpStage.CORRECTED,
    FollowUpStage.ANSWERED,
)


def sub(name: str, status: SubCaseStatus, *, attempt: int = 1, kind: str = "decision") -> SubCase:
    spec = StepSpec(id=name, step_id=name, department="market-regulation", kind=kind)
    return SubCase(spec=spec, status=status, attempt=attempt)


SUBS = (
    sub("granted", SubCaseStatus.GRANTED),
    sub("refused", SubCaseStatus.REFUSED),
    sub("not_accepted", SubCaseStatus.NOT_ACCEPTED),
    sub("withdrawn", SubCaseStatus.WITHDRAWN),
    sub("lapsed", SubCaseStatus.LAPSED),
    sub("never_filed", SubCaseStatus.WITHDRAWN, attempt=0),
    sub("moot", SubCaseStatus.NOT_APPLICABLE, attempt=0),
    sub("accepted", SubCaseStatus.ACCEPTED),
    sub("waiting", SubCaseStatus.WAITING, attempt=0),
    sub("bundle", SubCaseStatus.GRANTED, kind="bundle"),
)
OPEN = Case(
    id="c1",
    thing="restaurant",
    region="990101",
    plan=SHA,
    definition=SHA,
    calendar="2026",
    form=SHA,
    opened_at=AT,
    sub_cases={one.id: one for one in SUBS},
)


def events(case: Case, given: Input) -> list[type]:
    return [type(one) for one in decide(case, given, case_id="c1", calendar=CALENDAR)]


def after(case: Case, *inputs: Input) -> Case:
    for given in inputs:
        case = transition(case, given, case_id="c1", calendar=CALENDAR)[1]
    return case


def rated(level: int, days: int = 0, **changes: Any) -> RateResult:
    given = RateResult(
        at=AT + timedelta(days=days),
        sub_case_id="granted",
        level=level,
        channel=CaseChannel.ONLINE,
        by=APPLICANT,
        terms=TERMS,
    )
    return replace(given, **changes)


def done(stage: FollowUpStage, days: int = 0, **changes: Any) -> ReportFollowUp:
    founded = True if stage is VERIFIED else None
    given = ReportFollowUp(
        at=AT + timedelta(days=days),
        sub_case_id="granted",
        stage=stage,
        by=OFFICER,
        is_founded=founded,
    )
    return replace(given, **changes)


def answered(case: Case, days: int = 0) -> Case:
    stages = (CONTACTED, VERIFIED, CORRECTED, ANSWERED)
    return after(case, *(done(stage, days) for stage in stages))


def follow_up(case: Case) -> FollowUp:
    rating = case.counter.rating("granted")
    assert rating is not None
    assert rating.follow_up is not None
    return rating.follow_up


# --- rating -------------------------------------------------------------------------------------


def test_the_five_levels_have_their_names() -> None:
    assert [LEVELS[level][0] for level in (5, 4, 3, 2, 1)] == [
        "非常满意",
        "满意",
        "基本满意",
        "不满意",
        "非常不满意",
    ]


@pytest.mark.parametrize(
    ("name", "may"),
    [(one.id, one.id in ("granted", "refused", "not_accepted", "withdrawn", "lapsed"))
     for one in SUBS],
)  # fmt: skip
def test_a_handling_is_rated_when_it_has_ended(name: str, *, may: bool) -> None:
    given = rated(4, sub_case_id=name)
    if may:
        assert events(OPEN, given) == [ResultRated]
    else:
        with pytest.raises(IllegalInputError):
            after(OPEN, given)


@pytest.mark.parametrize("level", [0, 6, -1, True, "5"])
def test_there_are_five_levels(level: Any) -> None:
    with pytest.raises(IllegalInputError, match="one of 5"):
        after(OPEN, rated(level))


@pytest.mark.parametrize("level", [5, 4, 3])
def test_one_handling_is_rated_once(level: int) -> None:
    case = after(OPEN, rated(level))
    assert events(case, rated(level, 1)) == []  # told again
    with pytest.raises(IllegalInputError, match="rated once"):
        after(case, rated(1))


def test_another_attempt_is_another_handling() -> None:
    case = after(OPEN, rated(5))
    again = replace(case.sub_cases["granted"], attempt=2)
    case = replace(case, sub_cases={**case.sub_cases, "granted": again})
    case = after(case, rated(2))
    rating = case.counter.rating("granted")
    assert rating is not None
    assert (rating.attempt, rating.level) == (2, 2)
    first = case.counter.rating("granted", 1)
    assert first is not None
    assert first.level == 5


@pytest.mark.parametrize(
    "by",
    [Actor.clerk("w-3"), OFFICER, Actor.operator("op-1"), ENGINE, Actor.party("other_parent")],
)
def test_staff_never_rate(by: Actor) -> None:
    with pytest.raises(NotAllowedError):
        after(OPEN, rated(5, by=by))


def test_an_agent_needs_a_mandate() -> None:
    with pytest.raises(NotAllowedError, match="mandate"):
        after(OPEN, rated(5, by=Actor.agent("ag-3", mandate="m1")))


def test_rating_on_site_is_a_journey() -> None:
    case = after(OPEN, rated(5, channel=CaseChannel.KIOSK, place="hall-1/k-1"))
    assert trips(case).count == 1
    with pytest.raises(IllegalInputError, match="place"):
        after(OPEN, rated(5, channel=CaseChannel.WINDOW))


# --- the follow-up ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [2, 1])
def test_a_bad_rating_is_followed_up_to_the_end(level: int) -> None:
    assert events(OPEN, rated(level)) == [ResultRated, FollowUpOpened]
    case = answered(after(OPEN, rated(level)), 3)
    assert follow_up(case).stage is ANSWERED
    assert follow_up(case).is_founded
    assert events(case, rated(4, 4)) == [ResultRated, FollowUpClosed]
    case = after(case, rated(4, 4))
    assert not follow_up(case).is_open
    rating = case.counter.rating("granted")
    assert rating is not None
    assert [one.level for one in rating.given] == [level, 4]
    with pytest.raises(IllegalInputError, match="rated once"):
        after(case, rated(1, 5))


def test_a_second_bad_rating_goes_to_the_lead_department_once() -> None:
    case = answered(after(OPEN, rated(1)), 3)
    assert events(case, rated(1, 4)) == [ResultRated, FollowUpEscalated]
    case = after(case, rated(1, 4))
    assert follow_up(case).escalated_to == "government-services"
    assert follow_up(case).round == 2
    assert follow_up(case).stage is FollowUpStage.OPENED
    case = answered(case, 6)
    assert events(case, rated(1, 7)) == [ResultRated, FollowUpClosed]


STAGES = [CONTACTED, VERIFIED, CORRECTED, ANSWERED]


@pytest.mark.parametrize("reached", range(4))
@pytest.mark.parametrize("stage", [*STAGES, FollowUpStage.OPENED, FollowUpStage.CLOSED])
def test_stages_come_in_their_order(reached: int, stage: FollowUpStage) -> None:
    case = after(OPEN, rated(1), *(done(one) for one in STAGES[:reached]))
    if reached < 4 and stage is STAGES[reached]:
        assert events(case, done(stage)) == [FollowUpAdvanced]
    else:
        with pytest.raises(IllegalInputError):
            after(case, done(stage))


def test_what_is_unfounded_is_answered_and_not_corrected() -> None:
    case = after(OPEN, rated(2), done(CONTACTED), done(VERIFIED, is_founded=False))
    with pytest.raises(IllegalInputError, match="nothing to put right"):
        after(case, done(CORRECTED))
    assert follow_up(after(case, done(ANSWERED))).stage is ANSWERED


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (done(CONTACTED, is_founded=True), "is_founded"),
        (done(CONTACTED, sub_case_id="refused"), "no bad rating"),
        (done(CONTACTED, by=Actor.clerk("w-3")), "not for the role"),
        (done(CONTACTED, by=APPLICANT), "not for the role"),
        (rated(4, 1), "rate again when answered"),
    ],
)
def test_what_does_not_fit_is_refused(given: Input, why: str) -> None:
    with pytest.raises(IllegalInputError, match=why):
        after(after(OPEN, rated(1)), given)


def test_verifying_says_what_it_found() -> None:
    with pytest.raises(IllegalInputError, match="is_founded"):
        after(after(OPEN, rated(1), done(CONTACTED)), done(VERIFIED, is_founded=None))


# --- its clocks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "last_day"),
    [
        (TERMS, date(2026, 10, 23)),  # 15 working days over National Day, 10-10 is worked
        (RatingTerms(days=5), date(2026, 10, 10)),  # a Saturday that is worked
        (RatingTerms(days=5, unit="natural_days"), date(2026, 10, 3)),
    ],
)
def test_the_answer_is_due_within_the_promise(terms: RatingTerms, last_day: date) -> None:
    case = after(OPEN, rated(1, terms=terms))
    assert follow_up_due(follow_up(case), CALENDAR) == last_day
    late = datetime(last_day.year, last_day.month, last_day.day, 16, tzinfo=UTC)
    assert Wake(not_before=late) in outstanding(case, CALENDAR)
    assert events(case, TimePassed(at=late - timedelta(seconds=1))) == []
    assert events(case, TimePassed(at=late)) == [FollowUpOverdue]
    case = after(case, TimePassed(at=late))
    assert [one.problem for one in counter_findings(case)] == ["follow-up-overdue"]
    assert events(case, TimePassed(at=late + timedelta(days=90))) == []  # told once
    case = answered(case, 60)
    assert not counter_findings(case)


def test_who_does_not_rate_again_leaves_it_at_that() -> None:
    case = answered(after(OPEN, rated(1)), 1)  # 2026-09-29, so until 2026-10-12
    late = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)
    assert Wake(not_before=late) in outstanding(case, CALENDAR)
    assert events(case, TimePassed(at=late)) == [FollowUpClosed]
    case = after(case, TimePassed(at=late))
    assert follow_up(case).closed_because == "not_rated_again"
    assert not [one for one in outstanding(case, CALENDAR) if isinstance(one, Wake)]


def test_each_round_has_its_own_clock() -> None:
    case = after(answered(after(OPEN, rated(1)), 1), rated(2, 2))
    assert follow_up_due(follow_up(case), CALENDAR) == date(2026, 10, 27)
    late = datetime(2026, 10, 27, 16, 0, tzinfo=UTC)
    case = after(case, TimePassed(at=late))
    assert follow_up(case).overdue_rounds == (2,)


# --- several handlings of one step --------------------------------------------------------------


def filed_again(case: Case, status: SubCaseStatus) -> Case:
    again = replace(case.sub_cases["granted"], attempt=2, status=status)
    return replace(case, sub_cases={**case.sub_cases, "granted": again})


def test_an_earlier_handling_is_followed_up_whatever_is_thought_of_the_next() -> None:
    case = filed_again(after(OPEN, rated(1)), SubCaseStatus.GRANTED)
    case = answered(after(case, rated(5, 1)), 3)
    first, second = case.counter.rating("granted", 1), case.counter.rating("granted", 2)
    assert first is not None
    assert second is not None
    assert first.follow_up is not None
    assert first.follow_up.stage is ANSWERED
    assert second.follow_up is None


def test_of_two_bad_handlings_the_older_one_is_answered_first() -> None:
    case = filed_again(after(OPEN, rated(1)), SubCaseStatus.GRANTED)
    case = answered(answered(after(case, rated(2, 1)), 3), 4)
    stages = [one.follow_up.stage for one in case.counter.ratings if one.follow_up is not None]
    assert stages == [ANSWERED, ANSWERED]
    with pytest.raises(IllegalInputError, match="the applicant's rating"):
        after(case, done(CONTACTED, 5))


def test_the_answer_is_rated_while_the_next_handling_goes_on() -> None:
    case = filed_again(answered(after(OPEN, rated(1)), 3), SubCaseStatus.ACCEPTED)
    assert events(case, rated(4, 4)) == [ResultRated, FollowUpClosed]
    first = after(case, rated(4, 4)).counter.rating("granted", 1)
    assert first is not None
    assert [one.level for one in first.given] == [1, 4]
    assert first.follow_up is not None
    assert not first.follow_up.is_open
    with pytest.raises(IllegalInputError, match="when it has ended"):
        after(filed_again(OPEN, SubCaseStatus.ACCEPTED), rated(4))


def test_a_bad_rating_is_awaited_by_whoever_is_to_act_next() -> None:
    def wait(case: Case) -> Wait:
        ended = replace(case, outcome=CaseStatus.CONCLUDED)
        (found,) = open_waits(ended, CALENDAR)
        assert found.kind is WaitKind.FOLLOW_UP
        assert found.until > found.since
        return found

    case = after(OPEN, rated(1))
    assert (wait(case).who, wait(case).then) == (Who.OPERATOR, "follow_up_overdue")
    late = after(case, TimePassed(at=wait(case).until))
    assert wait(late).is_told
    told = wait(answered(case))
    assert (told.who, told.then) == (Who.APPLICANT, "follow_up_closed")
    closed = after(answered(case), TimePassed(at=told.until))
    assert open_waits(replace(closed, outcome=CaseStatus.CONCLUDED), CALENDAR) == ()
