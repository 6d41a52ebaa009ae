"""Outcomes that say yes, or act on a yes: results, their papers, their end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oneservice.canonical import digest_bytes
from oneservice.case import EventType
from oneservice.certificates import Claims
from oneservice.departments.wire import instant_text
from oneservice.departments.wording import Text, people_text
from oneservice.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from oneservice.canonical import Digest
    from oneservice.departments.facts import Fact, OutcomeContext

__all__ = [
    "Granted",
    "GrantedPendingMaterial",
    "MaterialReceived",
    "OutcomeDocument",
    "ResultReplaced",
    "ResultRevoked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDocument:
    """A paper that comes with a decision: the app keeps the bytes and serves them by digest."""

    data: bytes = field(repr=False)
    media_type: str
    name: str | None = None

    @property
    def digest(self) -> Digest:
        """By which it is served."""
        return digest_bytes(self.data)

    def as_json(self) -> dict[str, Any]:
        """Return what the event says of it."""
        found = {
            "digest": self.digest,
            "media_type": self.media_type,
            "bytes": len(self.data),
        }
        return found | ({"name": self.name} if self.name else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """准予: the decision is yes.

    ``number`` is that of the paper; ``certificate`` a signed certificate to embed, or the claims
    of one, which the adapter's :class:`CertificateDesk` enters into its register and seals;
    ``result_type`` defaults to the step's id, ``decided_on`` to the day of ``at``.
    """

    number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    certificate: Mapping[str, Any] | Claims | None = None
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
        if isinstance(self.certificate, Claims):
            msg = "claims are sealed by a desk; give the adapter one: AdapterApp(certificates=…)"
            raise AdapterError(msg)
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
