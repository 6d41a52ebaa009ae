"""What a department decides, in the integrator's words; each outcome becomes one event.

An outcome says what the law wants said; numbers, dates and remedies that were left out are filled
in from the submission, so that the same decision in the same place gives the same event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal, TypeAlias

from oneservice.canonical import digest_bytes
from oneservice.case import EventType
from oneservice.departments.wire import instant_text
from oneservice.errors import AdapterError

__all__ = [
    "Accepted",
    "CorrectionRequested",
    "Extended",
    "Granted",
    "GrantedPendingMaterial",
    "Lapsed",
    "MaterialReceived",
    "NotAccepted",
    "Outcome",
    "OutcomeContext",
    "OutcomeDocument",
    "Progress",
    "Reason",
    "Received",
    "Refused",
    "Remedy",
    "ResultReplaced",
    "ResultRevoked",
    "Resumed",
    "Suspended",
    "Text",
    "WithdrawalRefused",
    "Withdrawn",
    "default_remedies",
    "people_text",
]

Text: TypeAlias = "str | Mapping[str, str]"
"""Text for people: by language, or one text whose language is seen from its script."""

CORRECTION_DAYS = 15
"""Natural days to answer a correction request where the department names none (ours)."""
REVIEW_DAYS = 60
"""Administrative Reconsideration Law (2023) art. 20: sixty days from knowing the act."""
LAWSUIT_MONTHS = 6
"""Administrative Litigation Law art. 46: six months from knowing the act."""


def people_text(text: Text) -> dict[str, str]:
    """Return text by language; a plain text counts as ``zh`` when it has a CJK character."""
    if not isinstance(text, str):
        return dict(text)
    is_chinese = any("\u2e80" <= character <= "\u9fff" for character in text)
    return {"zh" if is_chinese else "en": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why not: a code for machines, a text for people, the clause."""

    text: Text
    code: str = "other"
    by_law: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the wire writes it (section 9)."""
        found: dict[str, Any] = {"code": self.code, "text": people_text(self.text)}
        return found | ({"by_law": self.by_law} if self.by_law else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What the applicant can do against a decision; ``until`` is the last day."""

    kind: Literal["review", "lawsuit"]
    until: date
    where: Text

    def as_json(self) -> dict[str, Any]:
        """Return it as the wire writes it (section 9)."""
        return {
            "kind": self.kind,
            "until": self.until.isoformat(),
            "where": people_text(self.where),
        }


def default_remedies(decided_on: date) -> tuple[Remedy, ...]:
    """Return the two remedies that the law grants against an administrative decision.

    References:
        Administrative Reconsideration Law (2023) art. 20; Administrative Litigation Law art. 46.
    """
    month = decided_on.month - 1 + LAWSUIT_MONTHS
    first = date(decided_on.year + month // 12, month % 12 + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    lawsuit = min(first + timedelta(days=decided_on.day - 1), following - timedelta(days=1))
    return (
        Remedy(
            kind="review",
            until=decided_on + timedelta(days=REVIEW_DAYS),
            where={"zh": "本级人民政府", "en": "the people's government of this level"},
        ),
        Remedy(
            kind="lawsuit",
            until=lawsuit,
            where={"zh": "有管辖权的人民法院", "en": "the people's court that has jurisdiction"},
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeContext:
    """Where an outcome is recorded: what fills in that which the integrator left out."""

    submission_id: str
    seq: int
    at: datetime
    zone: tzinfo
    step_id: str
    promised_working_days: int
    request_digest: str
    correction_id: str | None = None
    withdrawal_id: str | None = None
    supplement_id: str | None = None
    pending_materials: tuple[str, ...] = ()
    pending_outcome: Mapping[str, Any] | None = None

    @property
    def today(self) -> date:
        """The day in the department's zone."""
        return self.at.astimezone(self.zone).date()

    def number(self, prefix: str) -> str:
        """Return a number for a paper: the day and eight digits that follow from the place.

        Derived, not counted: a repeat after a crash gives the same number, and two processes
        never give one number twice.
        """
        seed = f"{self.request_digest}/{self.submission_id}/{self.seq}/{prefix}"
        serial = int(hashlib.sha256(seed.encode()).hexdigest()[:12], 16) % 10**8
        return f"{prefix}-{self.today:%Y%m%d}-{serial:08d}"


Fact: TypeAlias = tuple[EventType, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Taken in, decided later. The ``received`` event itself is always written by the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """受理: complete and in the right form; the limit starts. ``reference``: acceptance no."""

    reference: str | None = None
    promised_working_days: int | None = None
    how: Literal["explicit", "deemed", "tolerance"] = "explicit"
    tolerated: tuple[str, ...] = ()

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        days = self.promised_working_days
        return EventType.ACCEPTED, {
            "acceptance_no": self.reference or context.number("SL"),
            "promised_working_days": context.promised_working_days if days is None else days,
            "how": self.how,
            "tolerated": list(self.tolerated),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAccepted:
    """不予受理: no application for this office; the applicant can contest it."""

    reasons: tuple[Reason | Text, ...]
    remedies: tuple[Remedy, ...] = ()

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.NOT_ACCEPTED, _against(self.reasons, self.remedies, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """不予许可: the decision is no, with reasons and remedies."""

    reasons: tuple[Reason | Text, ...]
    remedies: tuple[Remedy, ...] = ()

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.REFUSED, _against(self.reasons, self.remedies, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRequested:
    """补正: everything that is missing, told once.

    ``materials`` are material ids, ``fields`` names of fields (a leading ``/`` makes it a JSON
    pointer into the submission). ``due_on`` defaults to fifteen natural days from today.
    """

    materials: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    note: Text = ""
    due_on: date | None = None
    by_law: str | None = None
    problem: str = "missing"
    is_complete_list: bool = True

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        if not self.materials and not self.fields:
            msg = "a correction request must name at least one material or field"
            raise AdapterError(msg)
        pointers = (name if name.startswith("/") else f"/fields/{name}" for name in self.fields)
        items = [
            *(self._item("material", name) for name in self.materials),
            *(self._item("pointer", name) for name in pointers),
        ]
        due_on = self.due_on or context.today + timedelta(days=CORRECTION_DAYS)
        return EventType.CORRECTION_REQUESTED, {
            "correction_id": f"r{context.seq}",
            "items": items,
            "is_complete_list": self.is_complete_list,
            "due_on": due_on.isoformat(),
        }

    def _item(self, kind: str, name: str) -> dict[str, Any]:
        item: dict[str, Any] = {kind: name, "problem": self.problem}
        if self.note:
            item["text"] = people_text(self.note)
        return item | ({"by_law": self.by_law} if self.by_law else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """特别程序: an inspection, a hearing, a publication stops the clock; the law must say so."""

    ground: str
    by_law: str
    expected_until: date
    notice_no: str | None = None

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.SUSPENDED, {
            "kind": self.ground,
            "by_law": self.by_law,
            "notice_no": self.notice_no or context.number("TZ"),
            "expected_until": self.expected_until.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The special procedure is over; the clock runs again."""

    result: Text

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        del context
        return EventType.RESUMED, {"result": people_text(self.result)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """延期: once, before the limit ends, approved by the head of the office."""

    working_days: int
    reason: Text
    approved_by: str
    notice_no: str | None = None

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.EXTENDED, {
            "working_days": self.working_days,
            "reason": people_text(self.reason),
            "approved_by": self.approved_by,
            "notice_no": self.notice_no or context.number("YQ"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """News without legal effect, such as an appointment."""

    label: Text
    is_public: bool = True

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        del context
        return EventType.PROGRESS, {"label": people_text(self.label), "is_public": self.is_public}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDocument:
    """A paper that comes with a decision: the app keeps the bytes and serves them by digest."""

    data: bytes = field(repr=False)
    media_type: str
    name: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the event says of it."""
        found = {
            "digest": digest_bytes(self.data),
            "media_type": self.media_type,
            "bytes": len(self.data),
        }
        return found | ({"name": self.name} if self.name else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """准予: the decision is yes.

    ``number`` is that of the paper; ``certificate`` a signed certificate to embed;
    ``result_type`` defaults to the step's id, ``decided_on`` to the day of ``at``.
    """

    number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    certificate: Mapping[str, Any] | None = None
    documents: tuple[OutcomeDocument, ...] = ()
    conditions: tuple[Text, ...] = ()
    duties: tuple[Mapping[str, Any], ...] = ()
    result_type: str | None = None
    decided_on: date | None = None

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.GRANTED, {"outcome": self.outcome_json(context)}

    def outcome_json(self, context: OutcomeContext) -> dict[str, Any]:
        """Return the outcome as section 9 writes it; absent members are left out."""
        days = {
            "decided_on": self.decided_on or context.today,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }
        outcome: dict[str, Any] = {
            "decision": "granted",
            "result_type": self.result_type or context.step_id,
            "conditions": [people_text(one) for one in self.conditions],
            "documents": [one.as_json() for one in self.documents],
            "duties": [dict(one) for one in self.duties],
            **{name: day.isoformat() for name, day in days.items() if day is not None},
        }
        if self.number is not None:
            outcome["number"] = self.number
        if self.certificate is not None:
            outcome["certificate"] = dict(self.certificate)
        return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedPendingMaterial:
    """容缺通过: yes, when what was promised has come. ``pending`` maps material to its last day."""

    pending: Mapping[str, date]
    granted: Granted

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data; it already says what will be granted."""
        if not self.pending:
            msg = "a grant that waits for materials must name at least one"
            raise AdapterError(msg)
        return EventType.GRANTED_PENDING_MATERIAL, {
            "pending": [
                {"material": name, "until": until.isoformat()}
                for name, until in self.pending.items()
            ],
            "outcome": self.granted.outcome_json(context),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialReceived:
    """The promised material came; the grant takes effect. ``granted`` may replace what was said."""

    granted: Granted | None = None
    supplement_id: str | None = None

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        if self.granted is not None:
            outcome = self.granted.outcome_json(context)
        else:
            outcome = dict(context.pending_outcome or {})
            outcome["decided_on"] = context.today.isoformat()
        return EventType.MATERIAL_RECEIVED, {
            "supplement_id": self.supplement_id or context.supplement_id,
            "outcome": outcome,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRefused:
    """The pending withdrawal is not allowed; the application goes on."""

    reasons: tuple[Reason | Text, ...]

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.WITHDRAWAL_REFUSED, {
            "withdrawal_id": context.withdrawal_id,
            "reasons": _reasons(self.reasons),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """撤回: the application is taken back, at the applicant's wish if one is pending."""

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        wish = context.withdrawal_id
        return EventType.WITHDRAWN, {} if wish is None else {"withdrawal_id": wish}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """逾期未补正: what was asked for, or promised, did not come in time."""

    reason: Text

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        data: dict[str, Any] = {"reason": people_text(self.reason)}
        if context.correction_id is not None:
            data["correction_id"] = context.correction_id
        else:
            data["materials"] = list(context.pending_materials)
        return EventType.LAPSED, data


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReplaced:
    """The result was mended; the grant itself stands."""

    granted: Granted

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.RESULT_REPLACED, {"outcome": self.granted.outcome_json(context)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRevoked:
    """撤销: the department takes its result back, by law, from ``effective_at`` on."""

    reason: Text
    by_law: str
    effective_at: datetime | None = None

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        return EventType.RESULT_REVOKED, {
            "reason": people_text(self.reason),
            "by_law": self.by_law,
            "effective_at": instant_text(self.effective_at or context.at),
        }


Decided: TypeAlias = (
    Accepted
    | NotAccepted
    | CorrectionRequested
    | Suspended
    | Resumed
    | Extended
    | Progress
    | Granted
    | GrantedPendingMaterial
    | MaterialReceived
    | Refused
    | WithdrawalRefused
    | Withdrawn
    | Lapsed
    | ResultReplaced
    | ResultRevoked
)
"""Outcomes that become an event of their own."""

Outcome: TypeAlias = Received | Decided
"""All that a step's function may return, alone or in a tuple."""


def documents_of(outcome: Outcome) -> tuple[OutcomeDocument, ...]:
    """Return the papers whose bytes come with ``outcome``."""
    match outcome:
        case Granted(documents=documents):
            return documents
        case (
            GrantedPendingMaterial(granted=Granted(documents=documents))
            | MaterialReceived(granted=Granted(documents=documents))
            | ResultReplaced(granted=Granted(documents=documents))
        ):
            return documents
        case _:
            return ()


def _against(
    reasons: tuple[Reason | Text, ...], remedies: tuple[Remedy, ...], context: OutcomeContext
) -> dict[str, Any]:
    told = remedies or default_remedies(context.today)
    return {"reasons": _reasons(reasons), "remedies": [one.as_json() for one in told]}


def _reasons(reasons: tuple[Reason | Text, ...]) -> list[dict[str, Any]]:
    if not reasons or isinstance(reasons, (str, Mapping)):
        msg = "a decision against the applicant needs a tuple of at least one reason"
        raise AdapterError(msg)
    return [(one if isinstance(one, Reason) else Reason(text=one)).as_json() for one in reasons]
