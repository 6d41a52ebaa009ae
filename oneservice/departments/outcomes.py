"""What a department decides, in the integrator's words; each outcome becomes one event.

An outcome says what the law wants said; numbers, dates and remedies that were left out are filled
in from the submission, so that the same decision in the same place gives the same event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from oneservice.case import EventType
from oneservice.departments.corrections import (
    AnsweredAtWindow,
    CorrectionItem,
    CorrectionRequested,
)
from oneservice.departments.facts import Fact, OutcomeContext
from oneservice.departments.grants import (
    Granted,
    GrantedPendingMaterial,
    MaterialReceived,
    OutcomeDocument,
    ResultReplaced,
    ResultRevoked,
)
from oneservice.departments.wording import Reason, Remedy, Text, default_remedies, people_text
from oneservice.errors import AdapterError

__all__ = [
    "Accepted",
    "AnsweredAtWindow",
    "CorrectionItem",
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


Decided: TypeAlias = (
    Accepted
    | NotAccepted
    | CorrectionRequested
    | AnsweredAtWindow
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
