"""Where a case stands: the fold of its journal, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.counter_state import NO_COUNTER, Counter
from oneservice.case.course import UNCOURSED, UNTURNED, CaseCourse, Course, Promise
from oneservice.case.people import NO_PEOPLE, People
from oneservice.case.step_spec import StepSpec
from oneservice.case.submissions import Submission
from oneservice.workdays import Suspension

__all__ = [
    "DECIDED",
    "OPENS_THE_NEXT",
    "Bundle",
    "Case",
    "CaseStatus",
    "Correction",
    "Delivery",
    "SubCase",
    "SubCaseStatus",
]


class SubCaseStatus(StrEnum):
    """Where a sub-case (子办件) stands, seen from the engine (domain section 3)."""

    WAITING = "waiting"
    """A step that it requires is not granted yet."""
    FILING = "filing"
    """Its bytes are stored and on their way; the department has not confirmed them."""
    RECEIVED = "received"
    ACCEPTED = "accepted"
    CORRECTION_REQUESTED = "correction_requested"
    SUSPENDED = "suspended"
    GRANTED = "granted"
    GRANTED_PENDING_MATERIAL = "granted_pending_material"
    REFUSED = "refused"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    NOT_APPLICABLE = "not_applicable"
    """A step that it requires ended without a grant, so it cannot come any more."""


DECIDED: Final = frozenset(
    {
        SubCaseStatus.GRANTED,
        SubCaseStatus.REFUSED,
        SubCaseStatus.NOT_ACCEPTED,
        SubCaseStatus.WITHDRAWN,
        SubCaseStatus.LAPSED,
        SubCaseStatus.NOT_APPLICABLE,
    }
)
"""States from which a sub-case does not move on."""

OPENS_THE_NEXT: Final = frozenset({SubCaseStatus.GRANTED, SubCaseStatus.GRANTED_PENDING_MATERIAL})
"""States of a required step in which the steps behind it may be filed."""


class CaseStatus(StrEnum):
    """Where a case (办件) stands as a whole (domain section 3)."""

    SUBMITTED = "submitted"
    IN_PROGRESS = "in_progress"
    PARTIALLY_CONCLUDED = "partially_concluded"
    """All results are handed out; only checks after the grant are still to come."""
    CONCLUDED = "concluded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is due."""
        return self in _ENDED_CASES


_ENDED_CASES: Final = frozenset({CaseStatus.CONCLUDED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message that the department has not confirmed yet.

    A filing ``is_recalled`` when a consent that it rests on ended or became another one: it is
    looked for at the department, and not sent again where it never arrived.
    """

    message: Literal["submission", "supplement", "withdrawal"]
    message_id: str
    submission_id: str
    request_digest: Digest
    answers: str | None = None
    effect: Literal["none", "unknown"] = "none"
    tries: int = 0
    not_before: datetime | None = None
    is_recalled: bool = False
    names: tuple[str, ...] = ()
    """Ids of the fields and materials of an answer that goes elsewhere on somebody's consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a department asks for (补正), with the day until which it waits."""

    correction_id: str
    sub_case_id: str
    items: tuple[Mapping[str, Any], ...]
    is_complete_list: bool
    due_on: str
    asked_at: datetime | None = None

    @property
    def materials(self) -> tuple[str, ...]:
        """Ids of the materials that are asked for."""
        return tuple(str(item["material"]) for item in self.items if item.get("material"))

    @property
    def fields(self) -> tuple[str, ...]:
        """JSON pointers of the form fields that are asked for."""
        return tuple(str(item["pointer"]) for item in self.items if item.get("pointer"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCase:
    """One department's handling of one step.

    ``digests`` are those of the department's events so far: another digest under a known number
    is a rewritten history. ``pauses`` are the intervals in which the clock stands.
    ``deemed_due_at`` is the end of the silence that made it accepted; ``withdrawals`` counts the
    requests, each of which has an id of its own.
    """

    spec: StepSpec
    status: SubCaseStatus = SubCaseStatus.WAITING
    attempt: int = 0
    submission: Submission | None = None
    digests: tuple[Digest, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    head_seen: int = 0
    read_tries: int = 0
    read_not_before: datetime | None = None
    received_at: datetime | None = None
    notice_from: datetime | None = None
    accepted_at: datetime | None = None
    deemed_due_at: datetime | None = None
    pauses: tuple[Suspension, ...] = ()
    correction: Correction | None = None
    withdrawal: Literal["no", "asked", "sent", "refused"] = "no"
    withdrawals: int = 0
    withdrawal_asked_at: datetime | None = None
    outcome: Mapping[str, Any] | None = None
    reasons: tuple[Mapping[str, Any], ...] = ()
    remedies: tuple[Mapping[str, Any], ...] = ()
    decided_at: datetime | None = None
    halted: str | None = None
    incident: str | None = None
    passed: tuple[str, ...] = ()
    is_revoked: bool = False
    adopted: SubCaseStatus | None = None
    """What was taken over from paper; it stands until the department signs a decision."""
    course: Course = UNTURNED

    @property
    def id(self) -> str:
        """The id of the sub-case within its case."""
        return self.spec.id

    @property
    def is_decided(self) -> bool:
        """Whether it does not move on any more."""
        return self.status in DECIDED

    @property
    def is_deemed(self) -> bool:
        """Whether silence made it accepted (默认受理)."""
        return self.deemed_due_at is not None

    @property
    def is_granted(self) -> bool:
        """Whether its result stands: granted, and not revoked since."""
        return self.status is SubCaseStatus.GRANTED and not self.is_revoked

    @property
    def opens_the_next(self) -> bool:
        """Whether steps behind it may be filed: a grant opens them until it is revoked."""
        return self.status in OPENS_THE_NEXT and not self.is_revoked

    @property
    def is_granted_by_silence(self) -> bool:
        """Whether silence granted it (超期默许), and no decision of the office has followed yet."""
        return self.course.silence_at is not None and self.outcome is None

    @property
    def basis(self) -> Literal["signed", "silence", "adopted"]:
        """What its decision rests on: the department's word, its silence, or an adopted paper."""
        if self.is_granted_by_silence:
            return "silence"
        has_signed = self.submission is not None and self.submission.has_ended
        return "adopted" if self.adopted is not None and not has_signed else "signed"

    @property
    def clock_from(self) -> datetime | None:
        """When its limits began: acceptance, or the grant that it checks afterwards."""
        return self.course.clock_from or self.accepted_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The sealed certificate that hands out all results together.

    ``version`` counts from 1: a later one was sealed because results had changed.
    """

    certificate_id: str
    certificate: Digest
    over_seq: int
    over_head: Digest
    issued_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One applicant's run of a one-thing, pinned to a plan."""

    id: str
    thing: str
    region: str
    plan: Digest
    definition: Digest
    calendar: str
    form: Digest
    opened_at: datetime
    sub_cases: Mapping[str, SubCase]
    bundle: Bundle | None = None
    outcome: CaseStatus | None = None
    concluded_at: datetime | None = None
    withdrawal_by: Actor | None = None
    counter: Counter = NO_COUNTER
    people: People = NO_PEOPLE
    seq: int = 0
    """How many facts were recorded: the number of the last record."""
    course: CaseCourse = UNCOURSED

    @property
    def status(self) -> CaseStatus:
        """Where the case stands as a whole."""
        if self.outcome is not None:
            return self.outcome
        if self.bundle is not None:
            return CaseStatus.PARTIALLY_CONCLUDED
        if any(one.submission is not None for one in self.sub_cases.values()):
            return CaseStatus.IN_PROGRESS
        return CaseStatus.SUBMITTED

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """Everything that departments ask the applicant for, now."""
        return tuple(one.correction for one in self.sub_cases.values() if one.correction)

    @property
    def promises(self) -> tuple[Promise, ...]:
        """Every material that the applicant still owes on a signed promise (容缺后补)."""
        owing = (sub for sub in self.sub_cases.values() if not sub.is_decided)
        return tuple(one for sub in owing for one in sub.course.promises)

    @property
    def is_bundle_outdated(self) -> bool:
        """Whether a result changed, or came, after the bundle was sealed."""
        bundle = self.bundle
        return bundle is not None and any(
            one.course.changed_seq > bundle.over_seq for one in self.sub_cases.values()
        )

    @property
    def granted(self) -> tuple[SubCase, ...]:
        """The sub-cases whose results stand."""
        return tuple(one for one in self.sub_cases.values() if one.is_granted)

    @property
    def has_incident(self) -> bool:
        """Whether people are shown that something fails or is silent; trying goes on."""
        is_shown = any(one.incident is not None for one in self.sub_cases.values())
        return is_shown or bool(self.course.incidents)

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody must act.

        A correction is open, a promised material can be brought, a sub-case halted, a consent gone.
        """
        subs = self.sub_cases.values()
        if any(one.correction or one.halted for one in subs):
            return True
        if any(one.can_follow_now for one in self.promises):
            return True
        return any(self._lacks_only_consent(one) for one in subs)

    def _lacks_only_consent(self, sub: SubCase) -> bool:
        if not self.people.consents or sub.status is not SubCaseStatus.WAITING:
            return False
        if not self.people.lacking(sub.id, sub.spec.department):
            return False
        return all(self.sub_cases[name].opens_the_next for name in sub.spec.requires)
