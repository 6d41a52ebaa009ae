"""What a department says of one submission: events, their data, digest and signing input.

Both sides of the wire use this module: the engine to check what it reads, the adapter SDK to
refuse what an integrator must not write (adapter protocol, section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from oneservice.canonical import Digest, digest, read_instant

__all__ = [
    "EVENT_SIGNATURE_PREFIX",
    "MAX_LIMIT_DAYS",
    "REQUIRED_DATA",
    "DepartmentEvent",
    "EventSignature",
    "EventType",
    "data_problem",
    "event_digest",
    "signing_input",
    "stated_instants",
]

EVENT_SIGNATURE_PREFIX: Final = b"oneservice-event-v1\n"


class EventType(StrEnum):
    """What can happen to a submission. Types that begin with ``x_`` stay plain text."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    CORRECTION_REQUESTED = "correction_requested"
    CORRECTION_RECEIVED = "correction_received"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    EXTENDED = "extended"
    PROGRESS = "progress"
    GRANTED = "granted"
    GRANTED_PENDING_MATERIAL = "granted_pending_material"
    MATERIAL_RECEIVED = "material_received"
    REFUSED = "refused"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWAL_REFUSED = "withdrawal_refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    RESULT_REPLACED = "result_replaced"
    RESULT_REVOKED = "result_revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSignature:
    """One signature over ``oneservice-event-v1`` LF ``digest``; ``value`` is base64."""

    keyid: str
    alg: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentEvent:
    """One fact that a department states about a submission, exactly as it was sent.

    ``at`` (legal effect) and ``recorded_at`` (writing) are RFC 3339 in UTC, kept as text because
    the digest covers the text. ``type`` is a member of :class:`EventType` or begins with ``x_``.
    ``extra`` keeps members that a later minor version added: the digest covers them too.
    """

    submission_id: str
    seq: int
    type: str
    at: str
    recorded_at: str
    department: str
    data: Mapping[str, Any]
    prev: Digest | None
    digest: Digest
    signatures: tuple[EventSignature, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return what the digest covers: the event without ``digest`` and ``signatures``."""
        return {
            **self.extra,
            "submission_id": self.submission_id,
            "seq": self.seq,
            "type": self.type,
            "at": self.at,
            "recorded_at": self.recorded_at,
            "department": self.department,
            "data": dict(self.data),
            "prev": self.prev,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the event as it stands on the wire."""
        return self.body() | {
            "digest": self.digest,
            "signatures": [
                {"keyid": one.keyid, "alg": one.alg, "value": one.value} for one in self.signatures
            ],
        }


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    return read_instant(text)  # the events of one visit share few instants


def stated_instants(event: DepartmentEvent) -> tuple[datetime, datetime]:
    """Return ``at`` and ``recorded_at`` of ``event``.

    Raises:
        MalformedJsonError: one of them is no instant of the protocol.
    """
    return _instant(event.at), _instant(event.recorded_at)


def event_digest(event: DepartmentEvent) -> Digest:
    """Return the digest that ``event`` should carry (protocol section 6)."""
    return digest(event.body())


def signing_input(digest_of_event: Digest) -> bytes:
    """Return the bytes that a department's event key signs."""
    return EVENT_SIGNATURE_PREFIX + digest_of_event.encode("ascii")


REQUIRED_DATA: Final[Mapping[EventType, tuple[str, ...]]] = {
    EventType.RECEIVED: ("receipt_no", "request_digest"),
    EventType.ACCEPTED: ("acceptance_no", "promised_working_days", "how"),
    EventType.NOT_ACCEPTED: ("reasons", "remedies"),
    EventType.CORRECTION_REQUESTED: ("correction_id", "items", "is_complete_list", "due_on"),
    EventType.CORRECTION_RECEIVED: ("correction_id", "supplement_id", "request_digest"),
    EventType.SUSPENDED: ("kind", "by_law", "notice_no", "expected_until"),
    EventType.RESUMED: ("result",),
    EventType.EXTENDED: ("working_days", "reason", "approved_by", "notice_no"),
    EventType.PROGRESS: ("label", "is_public"),
    EventType.GRANTED: ("outcome",),
    EventType.GRANTED_PENDING_MATERIAL: ("pending",),
    EventType.MATERIAL_RECEIVED: ("supplement_id", "outcome"),
    EventType.REFUSED: ("reasons", "remedies"),
    EventType.WITHDRAWAL_REQUESTED: ("withdrawal_id", "request_digest"),
    EventType.WITHDRAWAL_REFUSED: ("withdrawal_id", "reasons"),
    EventType.WITHDRAWN: (),
    EventType.LAPSED: ("reason",),
    EventType.RESULT_REPLACED: ("outcome",),
    EventType.RESULT_REVOKED: ("reason", "by_law", "effective_at"),
}
"""Members that ``data`` must have, by type (protocol section 6)."""

MAX_LIMIT_DAYS: Final = 3_650
"""Longest limit or extension that a department may state: ten years, and no sum overflows."""

_SHAPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "acceptance_no": str,
    "correction_id": str,
    "due_on": str,
    "effective_at": str,
    "expected_until": str,
    "how": str,
    "is_complete_list": bool,
    "is_public": bool,
    "items": (list, tuple),
    "kind": str,
    "materials": (list, tuple),
    "notice_no": str,
    "outcome": Mapping,
    "pending": (list, tuple),
    "promised_working_days": int,
    "reasons": (list, tuple),
    "receipt_no": str,
    "remedies": (list, tuple),
    "request_digest": str,
    "supplement_id": str,
    "withdrawal_id": str,
    "working_days": int,
}
_PLAIN: Final = {name: shape for name, shape in _SHAPES.items() if shape in (str, bool)}
_OBJECTS: Final = frozenset({"items", "pending"})


def data_problem(kind: EventType, data: Mapping[str, Any]) -> str | None:
    """Say what ``data`` lacks, or has in another shape than the protocol; ``None``: nothing."""
    missing = [name for name in REQUIRED_DATA[kind] if data.get(name) is None]
    if missing:
        return f"{kind} lacks its required data {', '.join(missing)}"
    # Most members are of exactly the type that is due: those are let pass without a call.
    misshapen = [
        name
        for name, value in data.items()
        if _PLAIN.get(name) is not type(value) and not _fits(name, value)
    ]
    if misshapen:
        return f"{kind}: {', '.join(misshapen)} is not as the protocol says"
    return None


def _fits(name: str, value: Any) -> bool:
    """Say whether a member of ``data`` has the protocol's shape; unknown members always have."""
    shape = _SHAPES.get(name)
    if shape is None or value is None:
        return True
    if shape is int:  # and no bool, which Python counts among the integers
        return type(value) is int and 0 <= value <= MAX_LIMIT_DAYS
    if name in _OBJECTS:
        return isinstance(value, (list, tuple)) and all(isinstance(one, Mapping) for one in value)
    return isinstance(value, shape)
