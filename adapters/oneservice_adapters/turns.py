"""What a story changes in an office's ordinary course: what it asks for, and on which day it acts.

Demonstrations want certain turns at certain hours; here is all that they change. As in the agenda,
everything follows from the application's history.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from oneservice.departments import Submission
from oneservice_adapters.hours import ZONE, after_working_minutes, on_working_day
from oneservice_adapters.procedure import Course, Story

__all__ = [
    "instant_of",
    "late_acceptance",
    "morning",
    "revocation_at",
    "story_decision",
    "was_rechecked",
    "working_days_of_special",
]

_LATE_WORKING_DAYS: Final = 12
_PROMPT_WORKING_DAYS: Final = 2
_REVOKED_WORKING_DAYS: Final = 10
_LOOK_MINUTES: Final = 240
_FORENOON: Final = time(10)


def instant_of(submission: Submission, *types: str) -> datetime:
    """Return when the newest event of one of ``types`` took effect; the receipt without one."""
    for event in reversed(submission.history):
        if event.type in types:
            return datetime.fromisoformat(event.at)
    return submission.received_at


def morning(since: datetime, working_days: int) -> datetime:
    """Return ten o'clock, so many working days after the day of ``since``."""
    day = on_working_day(since.astimezone(ZONE).date(), working_days)
    return datetime.combine(day, _FORENOON, tzinfo=ZONE)


def revocation_at(submission: Submission) -> datetime:
    """Return when a granted result is taken back, where a story wants that."""
    return morning(instant_of(submission, "granted", "material_received"), _REVOKED_WORKING_DAYS)


def late_acceptance(submission: Submission) -> datetime:
    """Return when a silent office speaks at last: long after the law accepted for it."""
    return morning(submission.received_at, _LATE_WORKING_DAYS)


def was_rechecked(submission: Submission) -> bool:
    """Say whether something was asked for after acceptance."""
    types = [event.type for event in submission.history]
    since = types.index("accepted") if "accepted" in types else len(types)
    return "correction_requested" in types[since:]


def story_decision(
    story: Story, submission: Submission, course: Course, accepted_at: datetime
) -> datetime | None:
    """Return when the story wants a decision; ``None``: at the office's own time."""
    match story:
        case Story.LATE:
            return after_working_minutes(accepted_at, _LOOK_MINUTES)
        case Story.PROMPT:
            return morning(accepted_at, _PROMPT_WORKING_DAYS)
        case Story.TOLERANCE:
            return morning(accepted_at, working_days_of_special(course) + 1)
        case Story.CORRECTED if was_rechecked(submission):
            return morning(instant_of(submission, "correction_received"), 2)
        case _:
            return None


def working_days_of_special(course: Course) -> int:
    """Return on which working day after acceptance the special procedure ends; 0: there is none."""
    special = course.special
    return 0 if special is None else special.starts_on + special.lasts - 1
