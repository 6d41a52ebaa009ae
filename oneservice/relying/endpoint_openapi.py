"""What the endpoint says of itself: a fragment of OpenAPI 3.1, to be put into a larger one."""

from __future__ import annotations

from typing import Any, Final

from oneservice.certificates import CheckResult, DocumentKind, Verdict
from oneservice.relying.endpoint_wire import PAPERS_TYPE, PROBLEMS
from oneservice.version import __version__

__all__ = ["MEDIA_TYPES", "openapi_fragment"]

MEDIA_TYPES: Final = (
    "application/json",
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
    "application/dc+sd-jwt",
    "application/vc+sd-jwt",
    "application/jsonl",
    "application/octet-stream",
    "text/plain",
    PAPERS_TYPE,
)
"""Under which names papers come; what they are is told by their content alone.

The last one has others beside the paper: what tells that it moved.
"""


def openapi_fragment(*, takes_nonce: bool) -> dict[str, Any]:
    """Return the document; ``takes_nonce``: presentations must be made for this endpoint."""
    parameters = [_parameter("at", "Judge as of this instant, RFC 3339 in UTC; now by default.")]
    if takes_nonce:
        words = "The word that was chosen for this showing of an SD-JWT."
        parameters.append(_parameter("nonce", words))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Verification for relying parties", "version": __version__},
        "paths": {
            "/verify": {"post": _verify(parameters)},
            "/health": {
                "get": {
                    "operationId": "health",
                    "responses": {"200": _answer("By whose lights is judged now", {})},
                }
            },
        },
        "components": {"schemas": {"Report": _report(), "Problem": _problem()}},
    }


def _verify(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {"200": _answer("The report, whatever the verdict", _ref("Report"))}
    for status, title in sorted(PROBLEMS.values()):
        problem = {"application/problem+json": {"schema": _ref("Problem")}}
        answers[str(status)] = {"description": title, "content": problem}
    return {
        "operationId": "verify",
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {name: {} for name in MEDIA_TYPES} | {PAPERS_TYPE: {"schema": _papers()}},
        },
        "responses": answers,
    }


def _parameter(name: str, words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}


def _answer(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _report() -> dict[str, Any]:
    text = {"type": "string"}
    check = {
        "type": "object",
        "required": ["name", "result", "evidence"],
        "properties": {
            "name": text,
            "result": {"enum": [str(one) for one in CheckResult]},
            "evidence": {"type": "object"},
        },
    }
    call = {
        "type": "object",
        "required": ["seq", "digest"],
        "properties": {"seq": {"type": "integer", "minimum": 1}, "digest": text},
    }
    return {
        "type": "object",
        "required": ["kind", "verdict", "reason", "message", "judged_at", "call"],
        "properties": {
            "kind": {"enum": [*(str(one) for one in DocumentKind), None]},
            "verdict": {"enum": [str(one) for one in Verdict]},
            "reason": {"type": ["string", "null"]},
            "message": text,
            "policy": {"type": ["string", "null"]},
            "checks": {"type": "array", "items": check},
            "judged_at": {"type": "string", "format": "date-time"},
            "call": call,
        },
    }


def _papers() -> dict[str, Any]:
    paper = {"type": ["object", "string"]}
    return {
        "type": "object",
        "required": ["paper"],
        "properties": {"paper": paper, "beside": {"type": "array", "items": paper}},
        "additionalProperties": False,
    }


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "status", "title"],
        "properties": {
            "type": {"type": "string"},
            "status": {"type": "integer"},
            "title": {"type": "string"},
            "detail": {"type": "string"},
        },
    }
