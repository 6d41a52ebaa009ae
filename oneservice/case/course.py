"""The rarer turns of a sub-case and of a case, kept apart from what every case has.

Most sub-cases are filed, accepted and granted; what only some go through stands here, so that the
common state stays small and a copy of it stays cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

__all__ = [
    "UNCOURSED",
    "UNTURNED",
    "CaseCourse",
    "CaseIncident",
    "Course",
    "EndedAttempt",
    "Extended",
    "Promise",
    "Remark",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a department's own signed event leaves to be said; ``code`` as in ``findings``.

    ``seq`` is the event's number in its submission, ``detail`` a fact of it that names nobody.
    """

    code: str
    seq: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """An extension (延期) as the department told it; whether it counts is the law's to say."""

    days: int
    decided_on: date
    approved_by: str
    reason: str
    notice_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A material that may follow (容缺后补): signed for by the applicant, awaited by the office.

    ``until`` is the last day, inclusive; ``None`` where the department named none that can be read.
    ``can_follow_now``: the department takes it by a supplement without a correction id.
    """

    sub_case_id: str
    material: str
    until: date | None
    since: datetime
    can_follow_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAttempt:
    """An attempt that is over: the next one has an id of its own (protocol P-19)."""

    attempt: int
    department: str
    submission_id: str
    status: str
    ended_at: datetime | None
    accepted_at: datetime | None
    why: str
    reasons: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happened to a sub-case beyond the ordinary.

    ``clock_from`` starts the limits of a check after a grant (事后核查): the grant that it checks.
    ``near`` and ``overdue`` hold what was recorded once. ``rung`` counts the rungs climbed, the
    last one at ``rung_at``. ``silence_at``: granted by silence (超期默许) from that instant.
    ``corrections_before`` counts requests before acceptance, of which the law allows one.
    ``because`` names the step whose end dropped this one. ``changed_seq`` is the record of the
    case in which a result changed after it was granted.
    """

    earlier: tuple[EndedAttempt, ...] = ()
    clock_from: datetime | None = None
    tolerated: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()
    extension: Extended | None = None
    remarks: tuple[Remark, ...] = ()
    corrections_before: int = 0
    suspended_at: datetime | None = None
    suspended_until: date | None = None
    near: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    rung: int = 0
    rung_at: datetime | None = None
    is_ladder_spent: bool = False
    silence_at: datetime | None = None
    halted_at: datetime | None = None
    returns: int = 0
    is_reassigned: bool = False
    """Its department is not the catalog's: it was given to this one."""
    because: str | None = None
    changed_seq: int = 0
    said_due_on: str = ""
    """The last day by the department's own clock, where it is not ours."""


UNTURNED: Final = Course()
"""Nothing out of the ordinary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseIncident:
    """What a whole case shows to people: no rung of ``sub_case_id``'s ladder has answered."""

    at: datetime
    sub_case_id: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCourse:
    """The clocks of the whole case, and what happened to it beyond the ordinary.

    ``promised_days`` is the promise along the critical path, ``joint_days`` the cap of joint
    handling, both in working days, ``-1``: none. ``joint_more_days`` were approved once.
    """

    lead: str = ""
    promised_days: int = -1
    joint_days: int = -1
    joint_more_days: int = 0
    near: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    incidents: tuple[CaseIncident, ...] = ()
    wants_bundle: bool = False
    """A fresh bundle was asked for: results changed after the last one was handed out."""


UNCOURSED: Final = CaseCourse()
"""A case without limits of its own: histories of the first release told none."""
