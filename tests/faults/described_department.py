"""A department of every kind in one process: what schemathesis asks, see test_schemathesis.py."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from typing import Any

from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    EvidenceAnswer,
    EvidenceRequest,
    EvidenceState,
    Finding,
    Granted,
    GrantedPendingMaterial,
    NotAccepted,
    Outcome,
    OutcomeDocument,
    Received,
    ServiceLimits,
    Submission,
    serve,
)

TOKEN = b"Bearer trial"
BROKEN = sys.argv[2]
"""``sound``, or how this department breaks what the description says."""


def knows(scope: Any) -> str | None:
    """Let in whoever has the token."""
    is_known = dict(scope["headers"]).get(b"authorization") == TOKEN
    return "engine" if is_known or BROKEN == "open" else None


app = AdapterApp(
    "described",
    name={"zh": "示例"},
    region="990101",
    store=sys.argv[1],
    authenticate=knows,
    limits=ServiceLimits(in_flight=64, per_minute=1_000_000),
)


@app.step("s_plain", promised_working_days=8)
def plain(_submission: Submission) -> Outcome:
    return Received()


@app.step("s_spot", is_on_the_spot=True)
def spot(_submission: Submission) -> tuple[Outcome, ...]:
    paper = OutcomeDocument(data=b"0123456789" * 10, media_type="application/pdf")
    return Accepted(), Granted(number="JY1", valid_from=date(2026, 1, 1), documents=(paper,))


@app.step("s_correct")
def correct(submission: Submission) -> Outcome:
    if "m_layout" not in submission.materials:
        return CorrectionRequested(materials=("m_layout",), note="The floor plan is missing.")
    return Accepted()


@app.step("s_pending")
def pending(_submission: Submission) -> tuple[Outcome, ...]:
    later = GrantedPendingMaterial(pending={"m_health": date(2030, 1, 1)}, granted=Granted())
    return Accepted(how="tolerance", tolerated=("m_health",)), later


@app.step("s_not_ours", withdraw="never")
def not_ours(_submission: Submission) -> Outcome:
    return NotAccepted(reasons=({"zh": "不属于本机关职权范围"},))


@app.check
def check(_submission: Submission) -> tuple[Finding, ...]:
    return (Finding(pointer="/fields", problem="missing", text={"en": "An area."}),)


def source(state: EvidenceState, **members: Any) -> None:
    @app.evidence(f"e_{state.value}", needs_consent=False)
    def answer(_request: EvidenceRequest) -> EvidenceAnswer:
        return EvidenceAnswer(state=state, **members)


MOMENT = "2026-09-28T01:00:00Z"
source(EvidenceState.PENDING)
source(EvidenceState.NEEDS_SUBJECT, missing=("born_on",))
source(
    EvidenceState.DELIVERED,
    papers=(OutcomeDocument(data=b"paper", media_type="application/pdf"),),
    issued_at=MOMENT,
    as_of=MOMENT,
)
source(EvidenceState.NOT_FOUND)
source(EvidenceState.LATER, available_from="2026-12-01")


async def breaking(scope: Any, receive: Any, send: Any) -> None:
    """Break every answer on its way out."""

    async def broken(message: Any) -> None:
        headers = dict(message.get("headers", ()))
        if BROKEN == "unversioned":
            headers.pop(b"oneservice-version", None)
        elif BROKEN == "untyped":
            headers |= {b"content-type": b"text/plain"} if b"content-type" in headers else {}
        elif BROKEN == "wordless" and message["type"] == "http.response.body":
            message = message | {"body": message["body"].replace(b'"title"', b'"named"')}
        elif BROKEN == "teapot" and message.get("status") == 200:
            message = message | {"status": 418}
        if "headers" in message:
            message = message | {"headers": list(headers.items())}
        await send(message)

    await app(scope, receive, broken)


asyncio.run(
    serve(
        breaking if BROKEN != "sound" else app,
        until_stdin_closes=True,
        on_listening=lambda url: print(url, flush=True),
    ),
)
