"""The formal twin of the protocol text: one OpenAPI 3.1 document, generated from codec and tables.

Schemas of messages are learnt from the codec's readers, problem documents and required data from
their tables, so the document cannot fall behind the code (protocol section 15).
"""

from __future__ import annotations

from typing import Any, Final

from oneservice.departments.openapi_resources import DOOR, OPERATIONS, PARAMETERS, Operation
from oneservice.departments.openapi_schemas import problem_of, schemas
from oneservice.departments.openapi_sketch import Schema, reference
from oneservice.departments.problems import PROBLEMS
from oneservice.departments.wire import JSON_TYPE, PROBLEM_TYPE, VERSION

__all__ = ["openapi_document"]

_ABOUT: Final = (
    "How an engine (the part of a portal that carries cases) and a department (an adapter in front "
    "of an office's own system) talk. The engine chooses every id and every change is a PUT, so "
    "repeating one is harmless; a submission is a list of signed, chained events that only grows; "
    "the truth is pulled, and a callback only says 'look again'. docs/protocol.md is the whole "
    "text, with what no schema can say: conflicts, clocks, chains, signatures, limits."
)
_TEXT: Final[Schema] = {"type": "string"}
_HEADERS: Final[dict[str, Schema]] = {
    "OneService-Version": {
        "description": "The version that is spoken.",
        "required": True,
        "schema": {"type": "string", "enum": [VERSION]},
    },
    "Cache-Control": {"required": True, "schema": {"type": "string", "const": "no-store"}},
    "Content-Digest": {"description": "RFC 9530, of the body.", "schema": _TEXT},
    "ETag": {
        "description": "The head's digest, or the document's, in quotes.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"sha256:[0-9a-f]{64}"$'},
    },
    "Accept-Ranges": {"required": True, "schema": {"const": "bytes"}},
    "Content-Disposition": {"required": True, "schema": {"const": "attachment"}},
    "X-Content-Type-Options": {"required": True, "schema": {"const": "nosniff"}},
    "Content-Range": {"required": True, "schema": {"type": "string", "pattern": "^bytes "}},
    "Retry-After": {
        "description": "Seconds.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"required": True, "schema": _TEXT},
    "RateLimit": {"description": "What is left to the caller (section 14).", "schema": _TEXT},
    "RateLimit-Policy": {"description": "What the caller may do.", "schema": _TEXT},
    "Deprecation": {
        "description": "RFC 9745: since when this major version has a successor.",
        "schema": {"type": "string", "pattern": "^@-?[0-9]+$"},
    },
    "Sunset": {"description": "RFC 8594: when this major version ends.", "schema": _TEXT},
    "Link": {"description": "RFC 5829: the `successor-version`.", "schema": _TEXT},
}
_STANDING: Final = (
    "OneService-Version",
    "Cache-Control",
    "RateLimit",
    "RateLimit-Policy",
    "Deprecation",
    "Sunset",
    "Link",
)
_OF_STATUS: Final = {
    206: ("Content-Range",),
    401: ("WWW-Authenticate",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
_SAID: Final = {
    200: "Known already, or read.",
    201: "Recorded now.",
    206: "The range that was asked for.",
    304: "Nothing is new.",
}
_AT_THE_DOOR: Final = "Problem"
_BINARY: Final[Schema] = {"type": "string", "format": "binary"}


def openapi_document() -> dict[str, Any]:
    """Return the protocol as an OpenAPI 3.1 document, callbacks as its ``webhooks``.

    References:
        OpenAPI 3.1.1; protocol section 15.
    """
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "The oneservice adapter protocol",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "servers": [
            {
                "url": "https://{host}/oneservice/v1",
                "description": "Configured by a person, never learnt from a message.",
                "variables": {"host": {"default": "dept.example"}},
            }
        ],
        "security": [{"mutualTls": []}, {"accessToken": []}, {"signature": []}],
        "paths": paths,
        "webhooks": {"callback": {"post": _callback()}},
        "components": {
            "schemas": schemas(),
            "parameters": dict(PARAMETERS),
            "headers": _HEADERS,
            "responses": {
                f"{_AT_THE_DOOR}{status}": _problem(status, listed)
                for status, listed in _by_status(DOOR).items()
            },
            "securitySchemes": _security(),
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    names = ("version", "traceparent", *operation.parameters)
    if operation.body is not None:
        names = (*names, "content-digest")
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Section {operation.section} of the protocol."
        + (f" Feature `{operation.feature}`." if operation.feature else ""),
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "responses": {
            str(status): answer
            for status, answer in sorted((_successes(operation) | _problems(operation)).items())
        },
    }
    if operation.body is not None:
        found["requestBody"] = _body(operation.body)
    return found


def _body(name: str) -> dict[str, Any]:
    if name == "bytes":
        types = ("application/octet-stream", "application/pdf", "image/*")
        return {"required": True, "content": {one: {"schema": _BINARY} for one in types}}
    return {"required": True, "content": {JSON_TYPE: {"schema": reference(name)}}}


def _successes(operation: Operation) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for status, name in operation.answers.items():
        headers = (*_STANDING, *operation.headers, *_OF_STATUS.get(status, ()))
        answer: dict[str, Any] = {"description": _SAID[status], "headers": _named(headers)}
        if name == "bytes":
            answer["content"] = {"*/*": {"schema": _BINARY}}
        elif name is not None:
            answer["content"] = {JSON_TYPE: {"schema": reference(name)}}
        if operation.id == "fileSubmission":
            answer["links"] = _links("id", "readSubmission", "handInSupplement", "askForWithdrawal")
        elif operation.id == "uploadDocument":
            answer["links"] = _links("digest", "findDocument", "downloadDocument")
        elif operation.id == "requestEvidence":
            answer["links"] = _links("id", "readEvidence")
        found[status] = answer
    return found


def _links(parameter: str, *operations: str) -> dict[str, Any]:
    return {
        one: {"operationId": one, "parameters": {parameter: f"$request.path.{parameter}"}}
        for one in operations
    }


def _problems(operation: Operation) -> dict[int, Any]:
    """Return the problem documents that may answer, by status; what is alike is told once."""
    has_body = operation.method != "head"
    return {
        status: {"$ref": f"#/components/responses/{_AT_THE_DOOR}{status}"}
        if has_body and listed == _by_status(DOOR).get(status)
        else _problem(status, listed, has_body=has_body)
        for status, listed in _by_status(operation.problems).items()
    }


def _by_status(codes: tuple[str, ...]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        for status in PROBLEMS[code].statuses:
            found.setdefault(status, []).append(code)
    return found


def _problem(status: int, codes: list[str], *, has_body: bool = True) -> dict[str, Any]:
    answer = {
        "description": "; ".join(f"`{one}`: {PROBLEMS[one].title}" for one in codes) + ".",
        "headers": _named((*_STANDING, *_OF_STATUS.get(status, ()))),
    }
    content = {"content": {PROBLEM_TYPE: {"schema": problem_of(tuple(codes))}}}
    return answer | (content if has_body else {})


def _named(headers: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _callback() -> dict[str, Any]:
    codes = ("signature-missing", "signature-invalid", "unknown-key", "clock-skew")
    return {
        "operationId": "lookAgain",
        "summary": "Look again: histories have grown. Carries no authority and no personal data.",
        "description": "Section 11. Sent by the department to an address that was registered out "
        "of band, signed with the tag `oneservice-callback`; answered within two seconds.",
        "parameters": [
            {"$ref": f"#/components/parameters/{name}"}
            for name in ("version", "traceparent", "content-digest")
        ],
        "security": [{"signature": []}, {}],
        "requestBody": _body("Callback"),
        "responses": {
            "204": {"description": "Noted, whatever the body holds."},
            "401": {
                "description": "Unsigned or wrongly signed, where a key was agreed upon.",
                "content": {PROBLEM_TYPE: {"schema": problem_of(codes)}},
            },
            "410": {
                "description": "No more callbacks to this address.",
                "content": {PROBLEM_TYPE: {"schema": problem_of(("retired",))}},
            },
        },
    }


def _security() -> dict[str, Any]:
    return {
        "mutualTls": {"type": "mutualTLS", "description": "A registered client certificate."},
        "accessToken": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "OAuth 2.0 client credentials with `private_key_jwt` (RFC 7523, 9068); "
            "bound to the certificate where both exist (RFC 8705).",
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Signature",
            "description": "RFC 9421, with `Signature-Input`, tag `oneservice-request`; required "
            "beside the others where keys are registered for callers (section 13).",
        },
    }
