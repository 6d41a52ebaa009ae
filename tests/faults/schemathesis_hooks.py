"""What schemathesis cannot learn from a schema, see test_schemathesis.py.

A step and a type of evidence must be served here, consent must be for that type, and the digest in
a path or header must be that of the bytes. Only what is meant to be right is mended; what is meant
to be wrong stays as it was made.
"""

from __future__ import annotations

import hashlib
from typing import Any

import schemathesis

STEPS = ("s_plain", "s_spot", "s_correct", "s_pending", "s_not_ours")
FILED: dict[str, str] = {}
UPLOADED: list[str] = []
EVIDENCE = ("e_pending", "e_needs_subject", "e_delivered", "e_not_found", "e_later")


def one_of(names: tuple[str, ...], seed: Any) -> str:
    """Choose by what was generated, so that a run can be repeated."""
    return names[hashlib.sha256(repr(seed).encode()).digest()[0] % len(names)]


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    case.headers.pop("Content-Digest", None)
    if isinstance(case.body, dict):
        case.body = whole(case.body)
        mend_message(case.operation.path, case.body)
        follow(case)
    elif case.operation.path.startswith("/documents"):
        mend_document(case)


def whole(value: Any) -> Any:
    """Write 3.0 as 3: for JSON Schema both are integers, for the protocol only the second is."""
    if isinstance(value, dict):
        return {name: whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def mend_message(path: str, body: dict[str, Any]) -> None:
    if path in {"/checks", "/submissions/{id}"}:
        body["step_id"] = one_of(STEPS, body.get("case_id"))
    if path.startswith("/evidence"):
        body["evidence_type"] = one_of(EVIDENCE, body.get("purpose"))
        body["by_law"] = "art. 33"
        body.pop("consent", None)
    for item in body.get("materials") or ():
        item.pop("documents", None)
    for item in body.get("promises") or ():
        item.pop("document", None)


def follow(case: Any) -> None:
    """Supplement and take back what was filed, if anything was."""
    path, body = case.operation.path, case.body
    name = hashlib.sha256(repr(body).encode()).hexdigest()[:12]  # else most are conflicts
    if path == "/submissions/{id}":
        FILED[body["step_id"]] = case.path_parameters["id"] = name
    elif path.endswith("/supplements/{sid}") and "s_correct" in FILED:
        case.path_parameters["id"] = FILED["s_correct"]
        case.path_parameters["sid"] = name
        body["correction_id"] = "r2"
    elif path.startswith("/evidence"):
        case.path_parameters["id"] = name
    elif path.endswith("/withdrawals/{wid}") and "s_plain" in FILED:
        case.path_parameters["id"] = FILED["s_plain"]
        case.path_parameters["wid"] = name


def mend_document(case: Any) -> None:
    """Upload under the true digest, and look for what was uploaded, if anything was."""
    if case.method == "PUT":
        data = case.body if isinstance(case.body, bytes) else b"0123456789"
        case.body = data
        case.media_type = "application/octet-stream"
        UPLOADED.append(f"sha256-{hashlib.sha256(data).hexdigest()}")
    if UPLOADED:
        case.path_parameters["digest"] = UPLOADED[-1]
