"""The register of the kit's own department: histories that are signed and chained by hand.

Nothing here uses the codec of the library: a mistake of the codec must not be a blind spot.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, digest, digest_bytes

if TYPE_CHECKING:
    from oneservice.departments import EventKey

__all__ = ["Book", "Filing", "instant", "signed"]

_PREFIX: Final = b"oneservice-event-v1\n"
_TEXT: Final = {"en": "as it is"}
_REASONS: Final = [{"code": "r1", "text": _TEXT, "by_law": "art. 1"}]
_REMEDIES: Final = [{"kind": "review", "until": "2027-01-31", "where": _TEXT}]
_STATES: Final = {
    "resumed": "accepted",
    "material_received": "granted",
    "result_replaced": "granted",
    "result_revoked": "granted",
}
_UNMOVED: Final = frozenset(
    {"extended", "progress", "withdrawal_requested", "withdrawal_refused", "correction_received"}
)


def instant(at: datetime) -> str:
    """Return ``at`` as the wire writes instants."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(event: Mapping[str, Any], key: EventKey) -> dict[str, Any]:
    """Return ``event`` with its digest and a signature (protocol section 6)."""
    body = {name: one for name, one in event.items() if name not in {"digest", "signatures"}}
    said = digest(body)
    value = base64.b64encode(key.sign(_PREFIX + said.encode())).decode()
    return body | {
        "digest": said,
        "signatures": [{"keyid": key.keyid, "alg": key.alg, "value": value}],
    }


@dataclass(slots=True)
class Filing:
    """One submission: its exact bytes, and the history that the department tells of it."""

    submission_id: str
    body: bytes
    events: list[dict[str, Any]] = field(default_factory=list)
    others: dict[str, bytes] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state that the history leads to."""
        found = "received"
        before = found
        for one in self.events:
            kind = one["type"]
            if kind == "correction_requested":
                before, found = found, kind
            elif kind == "correction_received":
                found = before
            elif kind not in _UNMOVED and not kind.startswith("x_"):
                found = _STATES.get(kind, kind)
        return found

    @property
    def head(self) -> dict[str, Any]:
        """The last event's number and digest."""
        last = self.events[-1]
        return {"seq": last["seq"], "digest": last["digest"]}


class Book:
    """The submissions of one department, and the order in which their events were written.

    Args:
        department: its id.
        key: signs the events.
        now: the clock of the engine, which is also the department's.
    """

    def __init__(self, department: str, key: EventKey, now: Callable[[], datetime]) -> None:
        self.department = department
        self.key = key
        self.now = now
        self.filed: dict[str, Filing] = {}
        self.news: list[tuple[str, int]] = []
        self.documents: dict[str, bytes] = {}

    # --- writing ---

    def file(self, submission_id: str, body: bytes) -> Filing:
        """Take an application in, with its receipt."""
        self.filed[submission_id] = Filing(submission_id, body)
        self.tell(submission_id, "received")
        return self.filed[submission_id]

    def tell(self, submission_id: str, kind: str, **data: Any) -> dict[str, Any]:
        """Write the next event of a submission, with the data that its type requires."""
        event = self.event(submission_id, kind, **data)
        self.filed[submission_id].events.append(event)
        self.news.append((submission_id, event["seq"]))
        return event

    def event(self, submission_id: str, kind: str, **data: Any) -> dict[str, Any]:
        """Return what would be the next event, without writing it."""
        filing = self.filed[submission_id]
        at = instant(self.now())
        event = {
            "submission_id": submission_id,
            "seq": len(filing.events) + 1,
            "type": kind,
            "at": at,
            "recorded_at": at,
            "department": self.department,
            "data": self._data(filing, kind) | data,
            "prev": filing.events[-1]["digest"] if filing.events else None,
        }
        return signed(event, self.key)

    def _data(self, filing: Filing, kind: str) -> dict[str, Any]:
        sid, seq = filing.submission_id, len(filing.events) + 1
        match kind:
            case "received":
                return {"receipt_no": f"R-{sid}", "request_digest": digest_bytes(filing.body)}
            case "accepted":
                return {"acceptance_no": f"A-{sid}", "promised_working_days": 5, "how": "explicit"}
            case "granted" | "material_received" | "result_replaced":
                return {"outcome": self.outcome(sid), "supplement_id": "s1"}
            case "refused" | "not_accepted":
                return {"reasons": _REASONS, "remedies": _REMEDIES}
            case "correction_requested":
                item = {"pointer": "/fields/name", "problem": "unclear", "text": _TEXT}
                return {
                    "correction_id": f"r{seq}",
                    "items": [item | {"by_law": "art. 32"}],
                    "is_complete_list": True,
                    "due_on": "2026-12-31",
                }
            case "suspended":
                expected = {"notice_no": "N1", "expected_until": "2026-12-31"}
                return {"kind": "inspection", "by_law": "art. 45", **expected}
            case "withdrawn" | "withdrawal_requested" | "withdrawal_refused":
                return {"reasons": _REASONS} if kind == "withdrawal_refused" else {}
            case "lapsed":
                return {"reason": _TEXT, "materials": []}
            case "progress":
                return {"label": _TEXT, "is_public": True}
            case _:
                return {"result": _TEXT, "note": "kept"}

    def outcome(self, submission_id: str) -> dict[str, Any]:
        """Return the outcome of a grant, without papers."""
        return {
            "decision": "granted",
            "decided_on": self.now().date().isoformat(),
            "result_type": "permit",
            "number": f"N-{submission_id}",
            "valid_from": self.now().date().isoformat(),
            "conditions": [],
            "documents": [],
        }

    # --- telling ---

    def status(self, submission_id: str, after: int = 0, **changes: Any) -> bytes:
        """Return a status document; ``changes`` are members that shall be others."""
        filing = self.filed[submission_id]
        document = {
            "submission_id": submission_id,
            "state": filing.state,
            "head": filing.head,
            "events": filing.events[after:],
        }
        return canonical(document | changes)

    def page(self, cursor: str | None) -> bytes:
        """Return the feed from ``cursor`` on: news with their events, or a snapshot of heads."""
        found = list(self._snapshot() if cursor is None else self._since(int(cursor)))
        return canonical({"changes": found, "cursor": str(len(self.news)), "more": False})

    def _snapshot(self) -> Iterator[dict[str, Any]]:
        for one in self.filed.values():
            yield {"submission_id": one.submission_id, "head": one.head, "events": []}

    def _since(self, place: int) -> Iterator[dict[str, Any]]:
        told: dict[str, list[dict[str, Any]]] = {}
        for name, seq in self.news[place:]:
            filing = self.filed[name]
            if seq <= len(filing.events):
                told.setdefault(name, []).append(filing.events[seq - 1])
        for name, events in told.items():
            yield {"submission_id": name, "head": self.filed[name].head, "events": events}
