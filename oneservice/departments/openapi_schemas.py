"""The named schemas of the formal description: scalars, messages, problem documents.

Messages are learnt from the codec's readers. :data:`_JUDGED` adds what a reader judges by itself
after it has the value; a test holds every schema against the codec, both ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.case import EventType, SubmissionState
from oneservice.departments.callback_messages import MAX_HINTS, read_hints
from oneservice.departments.capabilities import read_capabilities
from oneservice.departments.checks import read_findings
from oneservice.departments.evidence import (
    EvidenceState,
    read_evidence,
    read_evidence_request,
)
from oneservice.departments.filing import read_submission, read_supplement, read_withdrawal
from oneservice.departments.openapi_events import event_rules, event_schemas
from oneservice.departments.openapi_sketch import Schema, component, reference, sketched
from oneservice.departments.problems import PROBLEM_PREFIX, PROBLEMS
from oneservice.departments.reading import read_changes, read_status
from oneservice.departments.wire import MAX_ARRAY_ITEMS, MAX_STRING_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["problem_of", "schemas"]

_MOST: Final = 2**53 - 1
_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SCALARS: Final[Mapping[str, Schema]] = {
    "Id": {
        "description": "An id, compared as bytes (section 1).",
        "type": "string",
        "pattern": "^[A-Za-z0-9._-]{1,96}$",
    },
    "Digest": {
        "description": "SHA-256, as JSON writes it.",
        "type": "string",
        "pattern": "^sha256:[0-9a-f]{64}$",
    },
    "Instant": {
        "description": "RFC 3339 in UTC, in seconds or milliseconds.",
        "type": "string",
        "format": "date-time",
        "pattern": f"^{_DATE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}([.][0-9]{{3}})?Z$",
    },
    "Day": {"description": "A day in the department's zone.", "type": "string", "format": "date"},
    "Text": {
        "description": f"Text; its UTF-8 has at most {MAX_STRING_BYTES} bytes (section 14).",
        "type": "string",
        "maxLength": MAX_STRING_BYTES,
    },
    "PeopleText": {
        "description": "Text for people, by language; one language suffices.",
        "type": "object",
        "additionalProperties": reference("Text"),
        "examples": [{"zh": "现场核查已预约", "en": "The visit is arranged."}],
    },
    "Object": {
        "description": "An object whose members this protocol does not name.",
        "type": "object",
        "additionalProperties": reference("Value"),
    },
    "Value": {
        "description": "I-JSON without fractions, at most 32 deep; decimals are text (section 1).",
        "anyOf": [
            {"type": "null"},
            {"type": "boolean"},
            {"type": "integer", "minimum": -_MOST, "maximum": _MOST},
            reference("Text"),
            {"type": "array", "items": reference("Value"), "maxItems": MAX_ARRAY_ITEMS},
            reference("Object"),
        ],
    },
    "Head": {
        "description": "How far a history has come.",
        "type": "object",
        "properties": {
            "seq": {"type": "integer", "minimum": 0, "maximum": _MOST},
            "digest": {"anyOf": [reference("Digest"), {"type": "null"}]},
        },
        "required": ["seq"],
    },
}

_BASE64: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_EVENT_TYPES: Final[Schema] = {
    "anyOf": [
        {"enum": [kind.value for kind in EventType]},
        {"type": "string", "pattern": "^x_", "maxLength": MAX_STRING_BYTES},
    ]
}
_JUDGED: Final[Mapping[str, Mapping[str, Schema]]] = {
    "Capabilities": {
        "features": {
            "description": "`documents`, `wait`, `callbacks`, `checks`, `evidence`; others mean "
            "nothing. What is not listed is never used."
        },
    },
    "StepInfo": {
        "definitions": {"items": reference("Digest")},
        "fields_schema": {"description": "JSON Schema 2020-12, without `$ref` to other hosts."},
        "withdraw": {"description": "`until_decision`, `any` or `never`."},
    },
    "KeyInfo": {"public_key": {"pattern": _BASE64}},
    "EvidenceRequestBody": {
        "accepts": {
            "minItems": 1,
            "items": {"enum": ["certificate", "structured", "pdf"]},
        },
    },
    "EvidenceAnswer": {
        "state": {"enum": [state.value for state in EvidenceState]},
        "available_from": {"anyOf": [reference("Instant"), reference("Day"), {"type": "null"}]},
        "preview_url": {"description": "Only ever shown to a person, never fetched."},
    },
    "Finding": {"pointer": {"pattern": "^(/|$)"}},
    "DepartmentEvent": {"type": _EVENT_TYPES},
    "StatusPage": {"state": {"enum": [state.value for state in SubmissionState]}},
}
"""What a reader judges after it has the value: it replaces, or narrows, what it asked for."""

_MUST: Final = {"EvidenceRequestBody": ("accepts",)}
_DISPLAYED: Final[Mapping[str, Schema]] = {
    "clock": {
        "description": "The department's opinion, for display; legal time is the engine's own.",
        "type": "object",
        "properties": {
            "state": {"enum": ["not_started", "running", "stopped", "ended"]},
            "started_on": reference("Day"),
            "due_on": reference("Day"),
        },
        "required": ["state"],
    },
    "progress": reference("PeopleText"),
}


def schemas() -> dict[str, Schema]:
    """Return all named schemas, by name."""
    book: dict[str, Schema] = {name: dict(schema) for name, schema in _SCALARS.items()}
    for read in (
        read_capabilities,
        read_submission,
        read_supplement,
        read_withdrawal,
        read_status,
        read_changes,
        read_evidence_request,
        read_evidence,
    ):
        component(book, read)
    book["Findings"] = sketched(book, read_findings, "What a department would find wanting.")
    book["Callback"] = sketched(book, read_hints, "Which histories have grown; no personal data.")
    book["Callback"]["properties"]["changes"]["maxItems"] = MAX_HINTS
    book |= event_schemas()
    _judge(book)
    book["DepartmentEvent"]["allOf"] = event_rules()
    book["StatusPage"]["properties"] |= _DISPLAYED
    book["EvidenceAnswer"]["allOf"] = _evidence_rules()
    book["Problem"] = _problem()
    return dict(sorted(book.items()))


def problem_of(codes: tuple[str, ...]) -> Schema:
    """Return the schema of a problem document with one of ``codes``."""
    types = [PROBLEM_PREFIX + code for code in codes]
    return {"allOf": [reference("Problem"), {"properties": {"type": {"enum": types}}}]}


def _judge(book: dict[str, Schema]) -> None:
    for name, members in _JUDGED.items():
        properties = book[name]["properties"]
        for member, rule in members.items():
            properties[member] = _narrowed(properties[member], rule)
    for name, required in _MUST.items():
        book[name]["required"] = [*book[name]["required"], *required]
        for member in required:
            properties = book[name]["properties"]
            properties[member] = properties[member]["anyOf"][0]


def _narrowed(schema: Schema, rule: Schema) -> Schema:
    """Put a rule where it belongs: on the value that may be absent, or in place of the whole."""
    if rule.keys() & {"enum", "anyOf"}:
        return dict(rule)
    if "description" in rule:
        return schema | rule
    if "anyOf" in schema:
        return {"anyOf": [_narrowed(schema["anyOf"][0], rule), *schema["anyOf"][1:]]}
    return schema | rule


def _evidence_rules() -> list[Schema]:
    """Return what each state of a request for evidence brings with it (section 10)."""

    def when(state: EvidenceState, then: Schema) -> Schema:
        return {"if": {"properties": {"state": {"const": state.value}}}, "then": then}

    def has(*names: str) -> Schema:
        return {
            "required": list(names),
            "properties": {name: {"not": {"type": "null"}} for name in names},
        }

    return [
        when(EvidenceState.DELIVERED, has("issued_at", "as_of")),
        when(EvidenceState.LATER, has("available_from")),
    ]


_ADDS: Final[Mapping[str, tuple[str, ...]]] = {
    "unsupported-version": ("supported",),
    "clock-skew": ("server_time",),
    "not-open": ("state", "head"),
    "too-large": ("limit",),
    "missing-document": ("digests",),
    "invalid-submission": ("errors",),
}


def _problem() -> Schema:
    finding: Schema = {
        "type": "object",
        "properties": {"pointer": reference("Text"), "problem": reference("Text")},
        "required": ["pointer", "problem"],
    }
    return {
        "description": "A problem document (RFC 9457); errors speak about messages (section 12).",
        "type": "object",
        "properties": {
            "type": {"enum": [PROBLEM_PREFIX + code for code in PROBLEMS]},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "title": reference("Text"),
            "detail": reference("Text"),
            "trace": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "errors": {"type": "array", "items": finding},
            "digests": {"type": "array", "items": reference("Digest")},
            "supported": {"type": "array", "items": reference("Text")},
            "server_time": reference("Instant"),
            "state": {"enum": [state.value for state in SubmissionState]},
            "head": reference("Head"),
            "limit": {"type": "integer", "minimum": 1},
        },
        "required": ["type", "status", "title"],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": PROBLEM_PREFIX + code}}},
                "then": {"required": list(names)},
            }
            for code, names in _ADDS.items()
        ],
    }
