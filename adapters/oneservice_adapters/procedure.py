"""What an office declares of a step: how it goes, what it looks at, which paper comes out of it.

All of it is data, but for the few questions that only the application itself can answer (which
track, which materials, what is printed on the paper); those are small functions of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission

__all__ = [
    "Course",
    "Holder",
    "Paper",
    "Procedure",
    "Profile",
    "Special",
    "Story",
    "always",
    "printed",
]


class Story(StrEnum):
    """How a demonstration wants a step to end, instead of what the application deserves."""

    GRANTED = "granted"
    """The usual: whatever is complete is granted."""
    REFUSED = "refused"
    NOT_ACCEPTED = "not_accepted"
    SILENCE = "silence"
    """The office never says anything, so that the application counts as accepted from receipt."""
    LATE = "late"
    """Silence past every limit; twelve working days after the receipt it accepts and decides."""
    PROMPT = "prompt"
    """It decides at ten o'clock on the second working day, so that somebody can cross it."""
    CORRECTED = "corrected"
    """After acceptance something else is found wanting, which stops the clock once more."""
    TOLERANCE = "tolerance"
    """What may follow later and is missing follows on a promise (容缺受理)."""
    REVOKED = "revoked"
    """It grants; ten working days later it turns out that a paper was false (撤销)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A procedure that stops the clock (特别程序).

    Args:
        ground: its kind, as catalogs name it.
        by_law: the clause that lets the clock stop.
        result: what the office says when it is over.
        starts_on: working day after acceptance on which it begins.
        lasts: working days that it takes, the first included.
    """

    ground: str
    by_law: str
    result: Mapping[str, str]
    starts_on: int = 2
    lasts: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long one application takes.

    Args:
        promised_working_days: by which the office decides.
        is_on_the_spot: all of it happens while the caller waits.
        special: what stops the clock, if anything does.
        notice_days: natural days for which something is published; nobody decides before they
            have run out. 0: there is no notice.
        crew_minutes: minutes, by day and night, in which a crew is out and done; 0: desk work.
    """

    promised_working_days: int
    is_on_the_spot: bool = False
    special: Special | None = None
    notice_days: int = 0
    crew_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """To whom a paper is given; ``code`` is a credit code or a *masked* citizen number."""

    name: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a grant yields.

    Args:
        type: type of the result, as catalogs and trust lists name it.
        title: what is printed at the top.
        type_no: three digits under which the type's authority counts it (GB/T 36904).
        number: the number on its face, from region, application and serial; the serial counts
            the step's applications at this office.
        holder: for whom; the business by default.
        face: what else is printed on it.
        valid_years: ``None``: without end.
        conditions: what the holder must keep to.
        duties: what comes after (一冊指导), as in section 9 of the protocol.
        is_certificate: whether a signed certificate comes with it, or the number alone.
    """

    type: str
    title: Mapping[str, str]
    type_no: str
    number: Callable[[str, Submission, int], str]
    holder: Callable[[Submission, str], Holder] | None = None
    face: Callable[[Submission], Mapping[str, Any]] = field(default=lambda _: {})
    valid_years: int | None = None
    conditions: tuple[str, ...] = ()
    duties: tuple[Mapping[str, Any], ...] = ()
    is_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One step at its office.

    Args:
        step_id: the step, as catalogs name it.
        by_law: the clause under which the office asks for papers, and refuses.
        course: how this application goes.
        materials: what this application must have: the catalog's main materials.
        knows: all materials that the office looks at; told in the capabilities.
        refusal: what it says when it refuses.
        paper: what a grant yields; ``None`` where a grant says all there is to say.
        wanting: what is wrong in what the form says, with words of its own.
        recheck: what is asked for after acceptance where a demonstration wants that.
        tolerates: minor materials that may follow (容缺), ``tolerance_working_days`` after
            acceptance at the latest.
    """

    step_id: str
    by_law: str
    course: Callable[[Submission], Course]
    promised_working_days: int
    materials: Callable[[Submission], tuple[str, ...]]
    knows: tuple[str, ...]
    refusal: Mapping[str, str]
    paper: Paper | None = None
    is_on_the_spot: bool = False
    wanting: Callable[[Submission], tuple[CorrectionItem, ...]] = field(default=lambda _: ())
    recheck: tuple[CorrectionItem, ...] = ()
    tolerates: tuple[str, ...] = ()
    tolerance_working_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One department: who it is, how it signs, what it does.

    ``code_no`` is the last digit of the organisation code's stem; the office of each region has
    its own credit code made of it. ``event_alg`` is ``ed25519`` or ``ecdsa-p256-sha256``.
    """

    department: str
    name: Mapping[str, str]
    code_no: int
    seal_suite: Cryptosuite
    event_alg: str
    procedures: tuple[Procedure, ...]

    def procedure(self, step_id: str) -> Procedure:
        """Return the procedure of a step that this department serves."""
        return next(one for one in self.procedures if one.step_id == step_id)


def always(*materials: str) -> Callable[[Submission], tuple[str, ...]]:
    """Return a rule that asks for the same materials whatever the application says."""
    return lambda _: materials


def printed(*names: str, **renamed: str) -> Callable[[Submission], Mapping[str, Any]]:
    """Return a rule that prints fields of the form, some under another name.

    What was not asked is not printed.
    """
    fields = {name: name for name in names} | renamed

    def face(submission: Submission) -> Mapping[str, Any]:
        given = submission.fields
        return {shown: given[name] for shown, name in fields.items() if name in given}

    return face
