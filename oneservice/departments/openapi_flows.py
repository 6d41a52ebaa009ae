"""How the resources are used together: an Arazzo 1.1 description beside the OpenAPI document.

Flows name operations of the document, so a test can tell when one is gone; they say nothing that
the protocol text does not (sections 4, 5, 7 and 10).
"""

from __future__ import annotations

from typing import Any, Final

from oneservice.departments.wire import VERSION

__all__ = ["arazzo_document"]

_Flow = dict[str, Any]
_SOURCE: Final = "protocol"
_VERSION: Final = {"name": "OneService-Version", "in": "header", "value": VERSION}


def arazzo_document(*, openapi_url: str = "openapi.json") -> dict[str, Any]:
    """Return the flows of the protocol.

    Args:
        openapi_url: where :func:`openapi_document` is kept, absolute or beside this description.

    References:
        Arazzo 1.1.0; protocol section 15.
    """
    return {
        "arazzo": "1.1.0",
        "info": {
            "title": "Flows of the oneservice adapter protocol",
            "version": VERSION,
            "description": "How an engine files, follows, corrects, takes back and asks.",
        },
        "sourceDescriptions": [{"name": _SOURCE, "url": openapi_url, "type": "openapi"}],
        "workflows": [_file(), _correct(), _withdraw(), _follow(), _fetch_evidence()],
    }


def _file() -> _Flow:
    return _flow(
        "file",
        "File an application with its documents, and read how it stands.",
        {
            "digest": "of the document, as paths write it",
            "document": "its bytes",
            "submission_id": "derived from case, step and attempt",
            "submission": "the exact bytes that were journalled before",
        },
        _step("capabilities", "readCapabilities", "What is served, and under which limits."),
        _step(
            "upload",
            "uploadDocument",
            "Once for each document; a repeat is harmless.",
            path={"digest": "digest"},
            body="document",
            media_type="application/octet-stream",
            statuses=(200, 201),
        ),
        _step(
            "file",
            "fileSubmission",
            "Repeat exactly these bytes while the outcome is unknown.",
            path={"id": "submission_id"},
            body="submission",
            statuses=(200, 201),
        ),
        _step(
            "read",
            "readSubmission",
            "The truth is pulled.",
            path={"id": "submission_id"},
            outputs={"state": "/state"},
        ),
    )


def _correct() -> _Flow:
    return _flow(
        "correct",
        "Answer a request for correction (补正).",
        {
            "submission_id": "that was asked about",
            "supplement_id": "new for each answer",
            "supplement": "names the open `correction_id`",
        },
        _step(
            "read",
            "readSubmission",
            "Which correction is open, and what it asks for.",
            path={"id": "submission_id"},
            outputs={"state": "/state"},
            criteria=("$response.body#/state == 'correction_requested'",),
        ),
        _step(
            "supplement",
            "handInSupplement",
            "409 `not-open`: the race was lost honestly; read the events.",
            path={"id": "submission_id", "sid": "supplement_id"},
            body="supplement",
            statuses=(200, 201),
        ),
    )


def _withdraw() -> _Flow:
    return _flow(
        "withdraw",
        "Ask to take an application back (撤回).",
        {
            "submission_id": "that is open",
            "withdrawal_id": "new for each wish",
            "withdrawal": "why, by whom, when",
        },
        _step(
            "ask",
            "askForWithdrawal",
            "The department answers with `withdrawn` or `withdrawal_refused`, now or later.",
            path={"id": "submission_id", "wid": "withdrawal_id"},
            body="withdrawal",
            statuses=(200, 201),
            outputs={"state": "/state"},
        ),
    )


def _follow() -> _Flow:
    snapshot = _step(
        "snapshot", "readChanges", "Every head, page by page.", outputs={"cursor": "/cursor"}
    )
    news = _step("news", "readChanges", "Held open; then again with the next cursor.")
    news["parameters"] += [
        {"name": "after", "in": "query", "value": "$steps.snapshot.outputs.cursor"},
        {"name": "wait", "in": "query", "value": 25},
    ]
    news["outputs"] = {"cursor": "$response.body#/cursor"}
    news["onFailure"] = [
        {
            "name": "cursor-expired",
            "type": "goto",
            "stepId": "snapshot",
            "criteria": [{"condition": "$statusCode == 410"}],
        }
    ]
    return _flow("follow", "Read the feed instead of polling.", {}, snapshot, news)


def _fetch_evidence() -> _Flow:
    return _flow(
        "fetch-evidence",
        "Fetch a fact or certificate with consent (feature `evidence`).",
        {"request_id": "of the engine's", "request": "type, subject, purpose, consent"},
        _step(
            "ask",
            "requestEvidence",
            "The same id with the same bytes gets the same answer.",
            path={"id": "request_id"},
            body="request",
            statuses=(200, 201),
        ),
        _step(
            "read",
            "readEvidence",
            "Until the answer is final.",
            path={"id": "request_id"},
            outputs={"state": "/state"},
        ),
    )


def _flow(name: str, summary: str, inputs: dict[str, str], *steps: _Flow) -> _Flow:
    found: _Flow = {"workflowId": name, "summary": summary}
    if inputs:
        properties = {one: {"description": told} for one, told in inputs.items()}
        found["inputs"] = {"type": "object", "properties": properties, "required": list(inputs)}
    return found | {"steps": list(steps)}


def _step(
    name: str,
    operation: str,
    description: str,
    *,
    path: dict[str, str] | None = None,
    body: str | None = None,
    media_type: str = "application/json",
    statuses: tuple[int, ...] = (200,),
    criteria: tuple[str, ...] = (),
    outputs: dict[str, str] | None = None,
) -> _Flow:
    """Return one step; ``path`` and ``body`` name inputs, ``outputs`` places in the answer."""
    expected = " || ".join(f"$statusCode == {status}" for status in statuses)
    found: _Flow = {
        "stepId": name,
        "operationId": operation,
        "description": description,
        "parameters": [
            _VERSION,
            *(
                {"name": parameter, "in": "path", "value": f"$inputs.{given}"}
                for parameter, given in (path or {}).items()
            ),
        ],
        "successCriteria": [{"condition": one} for one in (expected, *criteria)],
    }
    if body is not None:
        found["requestBody"] = {"contentType": media_type, "payload": f"$inputs.{body}"}
    if outputs:
        found["outputs"] = {one: f"$response.body#{place}" for one, place in outputs.items()}
    return found
