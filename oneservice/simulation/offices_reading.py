"""What offices read: applications and supplements, and how they say no to a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from oneservice.errors import DepartmentContractError
from oneservice.simulation.offices_files import Request

__all__ = ["documents_named", "materials_given", "problem", "read_message", "request_of"]


def read_message(body: bytes, department: str, submission_id: str) -> dict[str, Any]:
    """Return the message; a lenient parser will do, because the engine wrote it.

    Raises:
        DepartmentContractError: it is no JSON object.
    """
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise problem(department, "malformed", submission_id) from None
    if not isinstance(data, dict):
        raise problem(department, "malformed", submission_id)
    return data


def request_of(submission_id: str, data: Mapping[str, Any]) -> Request:
    """Return what an office looks at in an application."""
    materials = data.get("materials", ())
    fields = data.get("fields") or {}
    return Request(
        submission_id=submission_id,
        case_id=data["case_id"],
        step_id=data["step_id"],
        materials=frozenset(one["material"] for one in materials),
        papers=tuple(one["material"] for one in materials if one.get("source") == "applicant"),
        promised=tuple(one["material"] for one in data.get("promises", ())),
        pointer=f"/fields/{min(fields)}" if fields else "/fields",
    )


def materials_given(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the materials that a supplement brings."""
    return frozenset(one["material"] for one in data.get("materials", ()))


def documents_named(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the digests of the documents that an application names."""
    return frozenset(
        document["digest"]
        for material in data.get("materials", ())
        for document in material.get("documents", ())
    )


def problem(department: str, code: str, submission_id: str) -> DepartmentContractError:
    """Return the refusal of a message with the protocol's code (section 12)."""
    msg = f"submission {submission_id}: {code}"
    return DepartmentContractError(msg, department=department, problem=code)
