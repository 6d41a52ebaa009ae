"""What an office will do with an application, and when: a pure function of what has happened.

Nothing here is remembered. After a crash, or a clock that jumped a month, the same history gives
the same things at the same hours; what a supplement or a withdrawal changed is in the history too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from oneservice.departments import (
    Accepted,
    CorrectionRequested,
    Granted,
    GrantedPendingMaterial,
    Lapsed,
    NotAccepted,
    Outcome,
    Reason,
    Refused,
    ResultRevoked,
    Resumed,
    Submission,
    Suspended,
)
from oneservice_adapters.chance import draw
from oneservice_adapters.examination import examine, still_missing
from oneservice_adapters.hours import (
    ZONE,
    after_working_minutes,
    next_day,
    notice_over,
    on_working_day,
)
from oneservice_adapters.procedure import Course, Procedure, Special, Story
from oneservice_adapters.turns import (
    instant_of,
    late_acceptance,
    morning,
    revocation_at,
    story_decision,
    was_rechecked,
    working_days_of_special,
)

__all__ = ["Due", "Practice", "agenda"]

_LATE_FORENOON = time(10)
_ALMOST_CLOSING = time(16, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that an office will do. ``make`` says what, when its time has come."""

    at: datetime
    make: Callable[[], Outcome] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """How an office treats one application.

    Args:
        procedure: of its step.
        story: how a demonstration wants it to end.
        region: that the office serves.
        seed: of the office; moves the hours, never the decision.
        grant: makes the grant that takes effect at an instant.
    """

    procedure: Procedure
    story: Story
    region: str
    seed: int
    grant: Callable[[datetime], Granted]


def agenda(submission: Submission, practice: Practice) -> tuple[Due, ...]:
    """Return everything that will happen if nobody interferes, in order."""
    return tuple(_ahead(submission, practice))


def _ahead(submission: Submission, practice: Practice) -> Iterator[Due]:
    match str(submission.state):
        case "received":
            yield from _intake(submission, practice)
        case "accepted" | "suspended":
            yield from _review(submission, practice, instant_of(submission, "accepted"))
        case "correction_requested":
            last = _data_of(submission, "correction_requested").get("due_on")
            text = {"zh": "逾期未补正", "en": "what was asked for did not come in time"}
            yield _lapse(str(last), text)
        case "granted_pending_material":
            pending = _data_of(submission, "granted_pending_material")["pending"]
            text = {"zh": "逾期未补交承诺的材料", "en": "what was promised did not come in time"}
            yield _lapse(max(one["until"] for one in pending), text)
        case "granted" if practice.story is Story.REVOKED:
            yield from _revocation(submission)
        case _:
            return


def _revocation(submission: Submission) -> Iterator[Due]:
    """Take the result back once, and for good."""
    if any(event.type == "result_revoked" for event in submission.history):
        return
    text = {"zh": "申请材料中的平面图虚假", "en": "the floor plan that was handed in is false"}
    revoked = ResultRevoked(reason=text, by_law="《行政许可法》第六十九条第二款")
    yield Due(at=revocation_at(submission), make=lambda: revoked)


def _lapse(last_day: str, text: Mapping[str, str]) -> Due:
    at = next_day(date.fromisoformat(last_day))
    return Due(at=at, make=lambda: Lapsed(reason=text))


def _intake(submission: Submission, practice: Practice) -> Iterator[Due]:
    """Look at the papers some hours after they came, and accept what is complete."""
    if practice.story is Story.SILENCE:
        return
    course = practice.procedure.course(submission)
    if practice.story is Story.LATE:
        at, days = late_acceptance(submission), course.promised_working_days
        yield Due(at=at, make=lambda: Accepted(promised_working_days=days, how="deemed"))
        yield from _review(submission, practice, at)
        return
    at = instant_of(submission, "correction_received", "received")
    if course.crew_minutes:  # somebody sits at the telephone, by day and night
        at += timedelta(minutes=draw(practice.seed, submission.id, f"intake/{at:%j}", 1, 5))
    elif not course.is_on_the_spot:
        minutes = draw(practice.seed, submission.id, f"intake/{at:%j}", 60, 240)
        at = after_working_minutes(at, minutes)
    objection: Outcome | None = examine(submission, practice.procedure, region=practice.region)
    if practice.story is Story.NOT_ACCEPTED:
        objection = NotAccepted(reasons=(_told(practice.procedure, "not_accepted"),))
    if objection is not None:
        found = objection
        yield Due(at=at, make=lambda: found)
        return
    follows = _what_may_follow(submission, practice)
    accepted = Accepted(
        promised_working_days=course.promised_working_days,
        how="tolerance" if follows else "explicit",
        tolerated=follows,
    )
    yield Due(at=at, make=lambda: accepted)
    yield from _review(submission, practice, at)


def _review(submission: Submission, practice: Practice, accepted_at: datetime) -> Iterator[Due]:
    """Stop the clock for a special procedure where there is one; decide within the promise."""
    course = practice.procedure.course(submission)
    if practice.story is Story.LATE:
        course = replace(course, special=None)
    done = {event.type for event in submission.history}
    if course.special is not None:
        began, ended = _appointment(course.special, accepted_at)
        if "suspended" not in done:
            yield _suspension(course.special, began, ended)
        if "resumed" not in done:
            result = course.special.result
            yield Due(at=ended, make=lambda: Resumed(result=result))
    recheck = practice.procedure.recheck if practice.story is Story.CORRECTED else ()
    if recheck and not was_rechecked(submission):
        at = morning(accepted_at, working_days_of_special(course) + 1)
        yield Due(at=at, make=lambda: CorrectionRequested(items=recheck))
        return  # when it is decided follows from the answer
    at = story_decision(practice.story, submission, course, accepted_at) or _decision_at(
        submission, practice, course, accepted_at
    )
    yield Due(at=at, make=lambda: _decision(submission, practice, at))


def _decision(submission: Submission, practice: Practice, at: datetime) -> Outcome:
    if practice.story is Story.REFUSED:
        return Refused(reasons=(_told(practice.procedure, "refused"),))
    follows = _what_may_follow(submission, practice)
    if not follows:
        return practice.grant(at)
    accepted_on = instant_of(submission, "accepted").astimezone(ZONE).date()
    until = on_working_day(accepted_on, practice.procedure.tolerance_working_days)
    # No paper yet: nobody may rely on it before the material is there.
    granted = replace(practice.grant(at), certificate=None)
    return GrantedPendingMaterial(pending=dict.fromkeys(follows, until), granted=granted)


def _what_may_follow(submission: Submission, practice: Practice) -> tuple[str, ...]:
    if practice.story is not Story.TOLERANCE:
        return ()
    return still_missing(submission, practice.procedure.tolerates)


def _appointment(special: Special, accepted_at: datetime) -> tuple[datetime, datetime]:
    """Return when a special procedure begins and ends."""
    first = on_working_day(accepted_at.astimezone(ZONE).date(), special.starts_on)
    last = first if special.lasts == 1 else on_working_day(first, special.lasts - 1)
    return (
        datetime.combine(first, _LATE_FORENOON, tzinfo=ZONE),
        datetime.combine(last, _ALMOST_CLOSING, tzinfo=ZONE),
    )


def _suspension(special: Special, began: datetime, ended: datetime) -> Due:
    suspended = Suspended(ground=special.ground, by_law=special.by_law, expected_until=ended.date())
    return Due(at=began, make=lambda: suspended)


def _decision_at(
    submission: Submission, practice: Practice, course: Course, accepted_at: datetime
) -> datetime:
    """Return the instant of the decision, on a day before the promise ends.

    Days on which the clock stands still do not count, so they come on top.
    """
    if course.is_on_the_spot:
        return accepted_at
    if course.notice_days:
        return notice_over(accepted_at, course.notice_days)
    seed, promised = practice.seed, course.promised_working_days
    if course.crew_minutes:
        longest = course.crew_minutes
        minutes = draw(seed, submission.id, "decision", longest // 2, longest)
        return accepted_at + timedelta(minutes=minutes)
    if promised <= 1:
        minutes = draw(seed, submission.id, "decision", 60, 200)
        return after_working_minutes(accepted_at, minutes)
    earliest, stopped = (promised + 1) // 2, 0
    if course.special is not None:
        # A special procedure that starts late must be over before anybody can decide.
        earliest, stopped = max(earliest, course.special.starts_on), course.special.lasts
    days = draw(seed, submission.id, "decision", earliest, max(earliest, promised - 1))
    day = on_working_day(accepted_at.astimezone(ZONE).date(), days + stopped)
    opens = datetime.combine(day, time.min, tzinfo=ZONE)
    return after_working_minutes(opens, draw(seed, submission.id, "hour", 30, 360))


def _told(procedure: Procedure, code: str) -> Reason:
    return Reason(code=code, text=procedure.refusal, by_law=procedure.by_law)


def _data_of(submission: Submission, kind: str) -> dict[str, Any]:
    for event in reversed(submission.history):
        if event.type == kind:
            return dict(event.data)
    return {}
