"""The resources of the protocol as one table: what is sent, what is answered, what can go wrong.

Method and path stand here once more than in the router; a test compares the two, and another one
asks a live adapter every question of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from oneservice.departments.openapi_sketch import Schema, reference
from oneservice.departments.wire import MAX_EVENTS, MAX_WAIT_S, PAGE_EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DOOR", "OPERATIONS", "PARAMETERS", "Operation"]

DOOR: Final = (
    "malformed",
    "unsupported-version",
    "unauthenticated",
    "signature-missing",
    "signature-invalid",
    "unknown-key",
    "clock-skew",
    "too-many-requests",
    "unavailable",
    "internal",
)
"""What any request may be answered."""
_BODY: Final = ("digest-mismatch", "too-large", "media-type", "slow-request")
_FILING: Final = (*_BODY, "unknown-step", "retired", "not-allowed", "invalid-submission")
_LATER: Final = (*_BODY, "unknown-submission", "not-open", "in-progress", "invalid-submission")
_ASKING: Final = ("unknown-path", "not-allowed")
_OF_DOCUMENT: Final = ("ETag", "Accept-Ranges", "Content-Disposition", "X-Content-Type-Options")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one resource.

    Attributes:
        method: in lower case.
        path: below the base address, as OpenAPI writes it.
        id: the operation's name.
        summary: in a sentence.
        section: of the protocol text.
        answers: by status the name of the body's schema; ``None`` for no body, ``bytes`` for any.
        codes: of problem documents that belong to it, beside those of the door.
        body: the name of the schema that is sent, ``bytes`` for a document.
        parameters: names of :data:`PARAMETERS`, beside those that every request has.
        headers: names of header fields that its successes carry.
        feature: what the capabilities must list.
    """

    method: str
    path: str
    id: str
    summary: str
    section: str
    answers: Mapping[int, str | None]
    codes: tuple[str, ...] = ()
    body: str | None = None
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    feature: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Codes of all problem documents that may answer it."""
        return (*DOOR, *self.codes)


def _parameter(name: str, place: str, description: str, schema: Schema, **more: object) -> Schema:
    must = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": description, "schema": schema} | must | more


_ID: Final = reference("Id")
PARAMETERS: Final[Mapping[str, Schema]] = {
    "version": _parameter(
        "OneService-Version",
        "header",
        "The minor version that is spoken (section 15).",
        {"type": "string", "enum": ["1.0"]},
        required=True,
    ),
    "traceparent": _parameter(
        "traceparent",
        "header",
        "W3C Trace Context; copied into the department's log. One that is not valid is ignored.",
        {"type": "string"},
        example="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    "content-digest": _parameter(
        "Content-Digest",
        "header",
        "RFC 9530, `sha-256`; must be that of the body. Required where requests are signed.",
        {"type": "string"},
        example="sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    ),
    "if-none-match": _parameter(
        "If-None-Match", "header", "The `ETag` of what is known already.", {"type": "string"}
    ),
    "range": _parameter(
        "Range",
        "header",
        "One range of bytes (RFC 9110 section 14); another unit or several count as none.",
        {"type": "string"},
        example="bytes=0-1023",
    ),
    "submission": _parameter("id", "path", "The submission's id, chosen by the engine.", _ID),
    "supplement": _parameter("sid", "path", "The supplement's id, chosen by the engine.", _ID),
    "withdrawal": _parameter("wid", "path", "The withdrawal's id, chosen by the engine.", _ID),
    "request": _parameter("id", "path", "The request's id, chosen by the engine.", _ID),
    "digest": _parameter(
        "digest",
        "path",
        "The document's digest, as paths write it.",
        {"type": "string", "pattern": "^sha256-[0-9a-f]{64}$"},
    ),
    "after-event": _parameter(
        "after",
        "query",
        f"Number of the last event that is known; more than {MAX_EVENTS} counts as that.",
        {"type": "integer", "minimum": 0, "default": 0},
    ),
    "after-cursor": _parameter(
        "after",
        "query",
        "The cursor of the last page; without it a snapshot begins.",
        {"type": "string", "maxLength": 1024},
    ),
    "limit": _parameter(
        "limit",
        "query",
        f"Most events or heads in a page; more than {PAGE_EVENTS} counts as that, 0 as 1.",
        {"type": "integer", "minimum": 0, "default": PAGE_EVENTS},
    ),
    "wait": _parameter(
        "wait",
        "query",
        f"Seconds to hold an empty page back; more than {MAX_WAIT_S} counts as that. "
        "Feature `wait`.",
        {"type": "integer", "minimum": 0, "default": 0},
    ),
}
"""Every parameter, by a name of this module."""

_OPERATIONS: Final = (
    Operation(
        method="get",
        path="/capabilities",
        id="readCapabilities",
        summary="What is served, limits, keys.",
        section="3",
        parameters=("if-none-match",),
        answers={200: "Capabilities", 304: None},
        headers=("ETag",),
    ),
    Operation(
        method="put",
        path="/submissions/{id}",
        id="fileSubmission",
        summary="File an application, once: 201 recorded now, 200 known already.",
        section="4",
        parameters=("submission",),
        body="SubmissionBody",
        answers={200: "StatusPage", 201: "StatusPage"},
        codes=(*_FILING, "submission-conflict", "in-progress", "missing-document"),
        headers=("ETag",),
    ),
    Operation(
        method="get",
        path="/submissions/{id}",
        id="readSubmission",
        summary="State, head, and the events after one that is known.",
        section="5",
        parameters=("submission", "after-event", "if-none-match"),
        answers={200: "StatusPage", 304: None},
        codes=("unknown-submission",),
        headers=("ETag",),
    ),
    Operation(
        method="put",
        path="/submissions/{id}/supplements/{sid}",
        id="handInSupplement",
        summary="Hand in what was asked for (补正) or promised (容缺后补).",
        section="7",
        parameters=("submission", "supplement"),
        body="SupplementBody",
        answers={200: "StatusPage", 201: "StatusPage"},
        codes=(*_LATER, "supplement-conflict", "missing-document"),
        headers=("ETag",),
    ),
    Operation(
        method="put",
        path="/submissions/{id}/withdrawals/{wid}",
        id="askForWithdrawal",
        summary="Ask to take the application back (撤回).",
        section="7",
        parameters=("submission", "withdrawal"),
        body="WithdrawalBody",
        answers={200: "StatusPage", 201: "StatusPage"},
        codes=(*_LATER, "withdrawal-conflict"),
        headers=("ETag",),
    ),
    Operation(
        method="get",
        path="/changes",
        id="readChanges",
        summary="All news for this caller, in order, held open until there is some.",
        section="5",
        parameters=("after-cursor", "limit", "wait"),
        answers={200: "ChangesPage"},
        codes=("cursor-expired",),
    ),
    Operation(
        method="put",
        path="/documents/{digest}",
        id="uploadDocument",
        summary="Keep bytes under their digest: 201 now, 200 known already.",
        section="8",
        parameters=("digest",),
        body="bytes",
        answers={200: None, 201: None},
        codes=_BODY,
        headers=("ETag",),
    ),
    Operation(
        method="head",
        path="/documents/{digest}",
        id="findDocument",
        summary="Whether the bytes are there.",
        section="8",
        parameters=("digest",),
        answers={200: None},
        codes=("unknown-document",),
        headers=_OF_DOCUMENT,
    ),
    Operation(
        method="get",
        path="/documents/{digest}",
        id="downloadDocument",
        summary="The bytes, whole or one range.",
        section="8",
        parameters=("digest", "range"),
        answers={200: "bytes", 206: "bytes"},
        codes=("unknown-document", "range"),
        headers=_OF_DOCUMENT,
    ),
    Operation(
        method="post",
        path="/checks",
        id="checkSubmission",
        summary="What would be wanting in an application; records nothing.",
        section="7",
        body="SubmissionBody",
        answers={200: "Findings"},
        codes=(*_FILING, "unknown-path"),
        feature="checks",
    ),
    Operation(
        method="put",
        path="/evidence-requests/{id}",
        id="requestEvidence",
        summary="Fetch a fact or certificate with consent.",
        section="10",
        parameters=("request",),
        body="EvidenceRequestBody",
        answers={200: "EvidenceAnswer", 201: "EvidenceAnswer"},
        codes=(
            *_BODY,
            *_ASKING,
            "unknown-evidence-type",
            "evidence-conflict",
            "in-progress",
            "invalid-submission",
        ),
        feature="evidence",
    ),
    Operation(
        method="get",
        path="/evidence-requests/{id}",
        id="readEvidence",
        summary="How a request for evidence stands.",
        section="10",
        parameters=("request",),
        answers={200: "EvidenceAnswer"},
        codes=(*_ASKING, "unknown-request", "in-progress"),
        feature="evidence",
    ),
)
"""The operations that are asked, in the order of section 2."""


def _head_of(one: Operation) -> Operation:
    """Return the ``HEAD`` beside a ``GET``: the same answers without their bodies."""
    return replace(
        one,
        method="head",
        id=f"{one.id}Head",
        summary="What the GET would say, without its body.",
        answers=dict.fromkeys(one.answers),
    )


_WITH_HEAD: Final = frozenset(one.path for one in _OPERATIONS if one.method == "head")
OPERATIONS: Final = (
    *_OPERATIONS,
    *(_head_of(one) for one in _OPERATIONS if one.method == "get" and one.path not in _WITH_HEAD),
)
"""Every operation, those of section 2 first."""
