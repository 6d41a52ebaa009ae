"""The schema of events: what ``data`` of each type holds (protocol sections 6 and 9).

Which members each type must have comes from the table of the core. What they are is told here by
name, since a name means the same in every type; a test holds both against the core's own judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.case import REQUIRED_DATA, EventType
from oneservice.departments.openapi_sketch import Schema, reference
from oneservice.departments.wire import MAX_ARRAY_ITEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DATA_MEMBERS", "MOST_DAYS", "event_rules", "event_schemas"]

MOST_DAYS: Final = 3_650
"""Longest limit or extension that the core takes."""

_TEXT: Final = reference("Text")
_DAYS: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": MOST_DAYS}


def _list_of(items: Schema, *, least: int = 0) -> Schema:
    found: Schema = {"type": "array", "items": items, "maxItems": MAX_ARRAY_ITEMS}
    return found | ({"minItems": least} if least else {})


DATA_MEMBERS: Final[Mapping[str, Schema]] = {
    "acceptance_no": _TEXT,
    "approved_by": _TEXT,
    "by_law": _TEXT,
    "correction_id": reference("Id"),
    "due_on": reference("Day"),
    "effective_at": reference("Instant"),
    "expected_until": reference("Day"),
    "how": {"enum": ["explicit", "deemed", "tolerance"]},
    "is_complete_list": {"type": "boolean"},
    "is_public": {"type": "boolean"},
    "items": _list_of(reference("CorrectionItem"), least=1),
    "kind": _TEXT,
    "label": reference("PeopleText"),
    "materials": _list_of(reference("Id")),
    "notice_no": _TEXT,
    "outcome": reference("Outcome"),
    "pending": _list_of(reference("PendingMaterial"), least=1),
    "promised_working_days": _DAYS,
    "reason": reference("PeopleText"),
    "reasons": _list_of(reference("Reason"), least=1),
    "receipt_no": _TEXT,
    "remedies": _list_of(reference("Remedy")),
    "request_digest": reference("Digest"),
    "result": reference("PeopleText"),
    "supplement_id": reference("Id"),
    "tolerated": _list_of(reference("Id")),
    "withdrawal_id": reference("Id"),
    "working_days": _DAYS,
}
"""What each member of ``data`` is, in whatever type of event it stands."""

_OPTIONAL: Final[Mapping[EventType, tuple[str, ...]]] = {
    EventType.ACCEPTED: ("tolerated",),
    EventType.GRANTED_PENDING_MATERIAL: ("outcome",),
    EventType.LAPSED: ("correction_id", "materials"),
    EventType.RESULT_REPLACED: ("reason", "by_law", "effective_at"),
    EventType.WITHDRAWN: ("withdrawal_id",),
}


def event_rules() -> list[Schema]:
    """Return what ``data`` must be, as one condition per type of event."""
    return [
        {
            "if": {"properties": {"type": {"const": kind.value}}, "required": ["type"]},
            "then": {
                "properties": {
                    "data": {
                        "required": list(REQUIRED_DATA[kind]),
                        "properties": {
                            name: DATA_MEMBERS[name]
                            for name in (*REQUIRED_DATA[kind], *_OPTIONAL.get(kind, ()))
                        },
                    }
                }
            },
        }
        for kind in EventType
    ]


def event_schemas() -> dict[str, Schema]:
    """Return the named schemas of what stands inside ``data``."""
    people = reference("PeopleText")
    return {
        "CorrectionItem": _object(
            "One thing to mend: a material, or a JSON pointer into the submission.",
            {"material": reference("Id"), "pointer": _TEXT, "problem": _TEXT, "text": people}
            | {"by_law": _TEXT},
            "problem",
        )
        | {"oneOf": [{"required": ["material"]}, {"required": ["pointer"]}]},
        "PendingMaterial": _object(
            "A promised material and its last day (容缺后补).",
            {"material": reference("Id"), "until": reference("Day")},
            "material",
            "until",
        ),
        "Reason": _object(
            "Why not: a code for machines, a text for people, the clause.",
            {"code": _TEXT, "text": people, "by_law": _TEXT},
            "code",
            "text",
        ),
        "Remedy": _object(
            "What the applicant can do against a decision; `until` is the last day.",
            {"kind": {"enum": ["review", "lawsuit"]}, "until": reference("Day"), "where": people},
            "kind",
            "until",
            "where",
        ),
        "Outcome": _outcome(),
    }


def _outcome() -> Schema:
    day, people = reference("Day"), reference("PeopleText")
    duty = _object("What the holder must do later.", {"kind": _TEXT, "text": people}, "kind")
    return _object(
        "What was decided, and what it yields (section 9).",
        {
            "decision": {"const": "granted"},
            "decided_on": day,
            "result_type": _TEXT,
            "number": _TEXT,
            "valid_from": day,
            "valid_until": day,
            "conditions": _list_of(people),
            "certificate": reference("Object"),
            "documents": _list_of(reference("DocumentRef")),
            "duties": _list_of(duty),
        },
        "decision",
        "decided_on",
        "result_type",
    )


def _object(description: str, properties: dict[str, Schema], *required: str) -> Schema:
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": reference("Value"),
    }
