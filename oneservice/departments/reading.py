"""What a department answers: events, the status of one submission, the feed of changes.

Protocol sections 5 and 6. Parsing proves shape only; :mod:`oneservice.departments.signing` proves
who said it, and ``oneservice.case`` whether it may be said in that state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oneservice.canonical import Digest, canonical
from oneservice.case import DepartmentEvent, EventSignature, EventType, SubmissionState
from oneservice.departments.members import Members, read_message, read_object
from oneservice.departments.wire import (
    MAX_CHANGES_BYTES,
    MAX_CHANGES_VALUES,
    MAX_EVENT_VALUES,
    MAX_JSON_BYTES,
    parse_day,
)
from oneservice.errors import ProtocolProblemError
from oneservice.ports import Change, ChangesPage, StatusPage

__all__ = [
    "changes_json",
    "parse_changes",
    "parse_event",
    "parse_event_bytes",
    "parse_status",
    "read_changes",
    "read_status",
    "status_json",
]

_EVENT_MEMBERS = (
    "submission_id",
    "seq",
    "type",
    "at",
    "recorded_at",
    "department",
    "data",
    "prev",
    "digest",
    "signatures",
)
_STATES = frozenset(SubmissionState)
_TYPES = frozenset(EventType)


def parse_event(document: Mapping[str, Any]) -> DepartmentEvent:
    """Return the event that a JSON object states; members it does not know are kept in ``extra``.

    Raises:
        ProtocolProblemError: ``malformed``, with pointers.
    """
    return read_object(document, _event)


def parse_event_bytes(data: bytes, *, max_bytes: int, max_depth: int) -> DepartmentEvent:
    """Like :func:`parse_event`, for bytes, under all limits of section 14."""
    return read_message(
        data, _event, max_bytes=max_bytes, max_depth=max_depth, max_values=MAX_EVENT_VALUES
    )


def parse_status(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> StatusPage:
    """Return a status document; its events are of its submission and follow one another.

    Raises:
        ProtocolProblemError: ``too-large`` or ``malformed``, with pointers.
    """
    return read_message(data, read_status, max_bytes=max_bytes)


def parse_changes(data: bytes, *, max_bytes: int = MAX_CHANGES_BYTES) -> ChangesPage:
    """Return a page of the feed; raises as :func:`parse_status` does."""
    return read_message(data, read_changes, max_bytes=max_bytes, max_values=MAX_CHANGES_VALUES)


def status_json(page: StatusPage, opinion: Mapping[str, Any] | None = None) -> bytes:
    """Return a status document as bytes: state, head, and the events after what was asked for.

    Args:
        page: the document.
        opinion: members for display, ``clock`` and ``progress``, where the department has any.
    """
    return canonical(
        {
            **(opinion or {}),
            "submission_id": page.submission_id,
            "state": page.state,
            "head": _head_json(page.head_seq, page.head_digest),
            "events": [event.as_json() for event in page.events],
        }
    )


def changes_json(page: ChangesPage) -> bytes:
    """Return a page of the feed as bytes."""
    return canonical(
        {
            "changes": [
                {
                    "submission_id": one.submission_id,
                    "head": _head_json(one.head_seq, one.head_digest),
                    "events": [event.as_json() for event in one.events],
                }
                for one in page.changes
            ],
            "cursor": page.cursor,
            "more": page.has_more,
        }
    )


def _head_json(seq: int, digest: Digest | None) -> dict[str, Any]:
    return {"seq": seq, "digest": digest}


def _event(members: Members) -> DepartmentEvent:
    kind = members.text("type")
    if kind not in _TYPES and not kind.startswith("x_"):
        members.fail("type", "is no event type, and does not begin with x_")
    return DepartmentEvent(
        submission_id=members.id("submission_id"),
        seq=members.integer("seq", least=1),
        type=kind,
        at=members.instant("at") or "",
        recorded_at=members.instant("recorded_at") or "",
        department=members.id("department"),
        data=members.mapping("data", required=True),
        prev=members.optional_digest("prev"),
        digest=members.digest("digest"),
        signatures=members.objects("signatures", _signature, required=True),
        extra=members.rest(*_EVENT_MEMBERS),
    )


def _signature(members: Members) -> EventSignature:
    return EventSignature(
        keyid=members.text("keyid"), alg=members.text("alg"), value=members.text("value")
    )


def read_status(members: Members) -> StatusPage:
    """Return the status document that an object states."""
    submission_id = members.id("submission_id")
    state = members.text("state")
    if state not in _STATES:
        members.fail("state", "is no state of a submission")
    seq, digest = _head(members)
    return StatusPage(
        submission_id=submission_id,
        state=state,
        head_seq=seq,
        head_digest=digest,
        events=_events(members, submission_id, seq, digest),
        clock_due_on=_due_on(members.value.get("clock")),
    )


def _due_on(clock: Any) -> str | None:
    """Return the last day that a department's clock shows; what cannot be read is no opinion."""
    day = clock.get("due_on") if isinstance(clock, Mapping) else None
    try:
        return parse_day(day).isoformat()
    except ProtocolProblemError:
        return None


def read_changes(members: Members) -> ChangesPage:
    """Return the page of the feed that an object states."""
    return ChangesPage(
        changes=members.objects("changes", _change, required=True),
        cursor=members.text("cursor"),
        has_more=members.boolean("more", default=False, required=True),
    )


def _change(members: Members) -> Change:
    submission_id = members.id("submission_id")
    seq, digest = _head(members)
    return Change(
        submission_id=submission_id,
        head_seq=seq,
        head_digest=digest,
        events=_events(members, submission_id, seq, digest),
    )


def _head(members: Members) -> tuple[int, Digest | None]:
    head = members.inner("head")
    seq = head.integer("seq", least=0)
    return seq, head.optional_digest("digest", required=seq > 0)


def _events(
    members: Members, submission_id: str, head_seq: int, head: Digest | None
) -> tuple[DepartmentEvent, ...]:
    """Read events of one submission, in order and without a gap, none beyond the head."""
    events = members.objects("events", _event, required=True)
    for index, event in enumerate(events):
        place = f"events/{index}"
        before = events[index - 1] if index else None
        if event.submission_id != submission_id:
            _fail_at(members, place, "belongs to another submission")
        if before is not None and event.seq != before.seq + 1:
            _fail_at(members, place, "does not follow the event before it")
        elif before is not None and event.prev != before.digest:
            _fail_at(members, place, "chains to another history than the event before it")
        if event.seq > head_seq or (event.seq == head_seq and event.digest != head):
            _fail_at(members, place, "is not in the history that the head names")
    return events


def _fail_at(members: Members, place: str, problem: str) -> None:
    members.findings.append((f"{members.pointer}/{place}", problem))
