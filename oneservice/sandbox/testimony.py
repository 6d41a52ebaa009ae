"""The events of simulated departments: signed and chained as real ones, with a worthless key."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.canonical import Digest, write_instant
from oneservice.case import (
    DepartmentEvent,
    EventSignature,
    EventType,
    Submission,
    event_digest,
    fold,
    signing_input,
)
from oneservice.certificates import SigningKey
from oneservice.ports import StatusPage

__all__ = ["EVENT_KEY_ID", "Record", "event_key", "folded", "page_of", "signed_event"]

EVENT_KEY_ID: Final = "sandbox"

_EVENT_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""The protocol page's own test key: worthless on purpose, like everything a sandbox signs."""


def event_key() -> SigningKey:
    """Return the key with which every simulated department signs its events."""
    return SigningKey(_EVENT_KEY)


Record = dict[str, Any]
"""What a department keeps of one application, as JSON."""


def signed_event(
    record: Record, submission: Submission, kind: EventType, data: Mapping[str, Any], at: datetime
) -> DepartmentEvent:
    """Return the next event after ``submission``, sealed."""
    instant = write_instant(at)
    plain = DepartmentEvent(
        submission_id=record["id"],
        seq=submission.seq + 1,
        type=str(kind),
        at=instant,
        recorded_at=instant,
        department=record["department"],
        data=data,
        prev=submission.head,
        digest=Digest(""),
    )
    own = event_digest(plain)
    value = base64.b64encode(_EVENT_KEY.sign(signing_input(own))).decode()
    signature = EventSignature(keyid=EVENT_KEY_ID, alg="ed25519", value=value)
    return DepartmentEvent(**plain.body(), digest=own, signatures=(signature,))


def folded(record: Record) -> Submission:
    """Return where the application stands."""
    return fold(record["id"], tuple(_read(event) for event in record["events"]))


def page_of(record: Record, *, after: int) -> StatusPage:
    """Return the status document: state, head, and the events after ``after``."""
    events = tuple(_read(event) for event in record["events"])
    submission = fold(record["id"], events)
    return StatusPage(
        submission_id=record["id"],
        state=str(submission.state),
        head_seq=submission.seq,
        head_digest=submission.head,
        events=events[after:],
    )


def _read(event: Mapping[str, Any]) -> DepartmentEvent:
    signatures = tuple(EventSignature(**one) for one in event["signatures"])
    return DepartmentEvent(**{**event, "signatures": signatures})
