"""The stories of the demonstration: whose case it is, how the offices behave, what people do when.

A script is data. What the applicant still has to do follows from the case and from nothing else, so
that a story that was killed goes on with whatever is left of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from oneservice.case import Case, Correction, SubCase
from oneservice.catalog import AnswersFile, load_answers
from oneservice.cli.options import OFFICE_ZONE
from oneservice.errors import FileUnusableError
from oneservice.workdays import announced_calendar, due_working_day, legal_day

__all__ = ["Act", "Script", "StoryName", "acts_of", "example", "script_of"]

_MORNING: Final = time(9, 30)
_AT_TEN: Final = time(10)


class StoryName(StrEnum):
    """The stories that can be asked for; without one, everything goes as it should."""

    CORRECTION = "correction"
    TOLERANCE = "tolerance"
    COMMITMENT = "commitment"
    REFUSAL = "refusal"
    WITHDRAWAL = "withdrawal"
    OVERDUE = "overdue"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One story.

    Args:
        name: under which it is asked for; ``None``: the noodle shop for which all goes well.
        file: the applicant, an example.
        answers: of the applicant, where the story wants other ones.
        fields: of the form, likewise.
        without: materials that the applicant does not hand in at first.
        rules: what the district rules beyond the published catalogs, an example file.
        offices: how steps go at their departments, by department and step.
        about: the steps that are told in full.
        answers_on: on which working day after it was asked a correction is answered; 0: at once.
        mends: new values of fields that a department asks for.
        withdrawn: by step, the virtual day (2026) on which the applicant wants it back, at ten.
        revoked: the step whose result is taken back after all was handed out; the story ends then.
    """

    name: StoryName | None = None
    file: str = "noodle-shop.yaml"
    answers: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    rules: str | None = None
    offices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    about: tuple[str, ...] = ()
    answers_on: int = 0
    mends: Mapping[str, Any] = field(default_factory=dict)
    withdrawn: Mapping[str, datetime] = field(default_factory=dict)
    revoked: str | None = None

    def is_over(self, case: Case) -> bool:
        """Say whether nothing more is to be told of ``case``."""
        if not case.status.has_ended:
            return False
        return self.revoked is None or case.sub_cases[self.revoked].is_revoked

    def applicant(self, given: AnswersFile) -> AnswersFile:
        """Return what the applicant of this story hands in, made of the example's file."""
        changes = {
            "answers": {**given.answers, **self.answers},
            "fields": {**given.fields, **self.fields},
            "materials": {
                name: one for name, one in given.materials.items() if name not in self.without
            },
        }
        return given.model_copy(update=changes)

    def whole(self) -> AnswersFile:
        """Return the example's file: what was held back at first is in it."""
        return load_answers(example(self.file))


def _at_ten(month: int, day: int) -> datetime:
    return datetime(2026, month, day, _AT_TEN.hour, tzinfo=OFFICE_ZONE)


_SCRIPTS: Final[tuple[Script, ...]] = (
    Script(
        name=StoryName.CORRECTION,
        fields={"sign_bottom_height": "2.1"},
        without=("m_sign_drawing",),
        offices={"market-regulation": {"food_permit": "corrected"}},
        about=("signboard", "food_permit"),
        answers_on=2,
        mends={"sign_bottom_height": "2.8"},
    ),
    Script(
        name=StoryName.TOLERANCE,
        file="hotpot-house.yaml",
        without=("m_gas",),
        rules="stories/tolerance.yaml",
        offices={"fire-rescue": {"fire_check": "tolerance"}},
        about=("fire_check",),
    ),
    Script(
        name=StoryName.COMMITMENT,
        file="hotpot-house.yaml",
        answers={"fire_track": "commitment"},
        about=("fire_check", "fire_followup"),
    ),
    Script(
        name=StoryName.REFUSAL,
        file="dumpling-house.yaml",
        offices={"market-regulation": {"registration": "refused"}},
        about=("registration",),
    ),
    Script(
        name=StoryName.WITHDRAWAL,
        offices={"city-management": {"signboard": "prompt"}},
        about=("signboard", "drainage"),
        # The office decides about the sign on 30 September at ten, too: the two cross.
        withdrawn={"drainage": _at_ten(9, 29), "signboard": _at_ten(9, 30)},
    ),
    Script(
        name=StoryName.OVERDUE,
        rules="stories/overdue.yaml",
        offices={"market-regulation": {"food_permit": "late"}},
        about=("food_permit",),
    ),
    Script(
        name=StoryName.REVOCATION,
        offices={"market-regulation": {"food_permit": "revoked"}},
        about=("food_permit",),
        revoked="food_permit",
    ),
)


def script_of(name: StoryName | None) -> Script:
    """Return the script of a story; for ``None`` the one in which all goes well."""
    return next((one for one in _SCRIPTS if one.name is name), Script())


def example(name: str) -> Path:
    """Return an example's file, from the checkout or from the wheel.

    Raises:
        FileUnusableError: neither has it.
    """
    here = Path(__file__).resolve()
    for root in (here.parents[1], here.parents[2]):
        candidate = root / "examples" / name
        if candidate.is_file():
            return candidate
    msg = f"{name} is not installed; run from a checkout, or give --answers FILE without --story"
    raise FileUnusableError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that the applicant does at ``at``: answer, keep a promise, or withdraw a step."""

    at: datetime
    sub_case_id: str
    correction: Correction | None = None
    materials: tuple[str, ...] = ()
    withdraws: bool = False


def acts_of(case: Case, script: Script) -> Iterator[Act]:
    """Yield what the applicant still has to do in ``case``, with the instant of each."""
    for sub in case.sub_cases.values():
        if any(one.message == "supplement" for one in sub.deliveries):
            continue  # on its way
        if sub.correction is not None:
            yield _answer(sub.correction, script)
        promised = tuple(one for one in sub.course.promises if one.can_follow_now)
        if promised and not sub.is_decided:
            days = [one.until or legal_day(one.since) for one in promised]
            yield Act(
                at=datetime.combine(min(days), _MORNING, tzinfo=OFFICE_ZONE),
                sub_case_id=sub.id,
                materials=tuple(one.material for one in promised),
            )
        if sub.id in script.withdrawn and _may_be_withdrawn(sub):
            yield Act(at=script.withdrawn[sub.id], sub_case_id=sub.id, withdraws=True)


def _may_be_withdrawn(sub: SubCase) -> bool:
    return sub.withdrawal == "no" and not sub.is_decided


def _answer(correction: Correction, script: Script) -> Act:
    asked_at = correction.asked_at
    at = asked_at or datetime.min.replace(tzinfo=OFFICE_ZONE)
    if script.answers_on and asked_at is not None:
        day = due_working_day(announced_calendar(), legal_day(asked_at), script.answers_on)
        at = datetime.combine(day, _MORNING, tzinfo=OFFICE_ZONE)
    return Act(
        at=at,
        sub_case_id=correction.sub_case_id,
        correction=correction,
        materials=correction.materials,
    )
