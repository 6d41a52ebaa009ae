"""A request for evidence as a portal keeps it: just these bytes, or a refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice import Applicant
from oneservice.clocks import VirtualClock
from oneservice.engine.evidence import EvidenceDesk
from oneservice.engine.evidence_asked import EvidenceRequest
from oneservice.errors import MalformedJsonError


class Ids:
    """Always the same secret."""

    def case_id(self) -> str:
        return "c1"

    def secret(self) -> str:
        return "0123456789abcdef0123456789abcdef"

    def code(self) -> str:
        return ""


def request() -> EvidenceRequest:
    clock = VirtualClock(datetime(2026, 10, 14, tzinfo=UTC))
    nobody: Any = None  # nothing is sent
    desk = EvidenceDesk(nobody, clock=clock, ids=Ids())
    person = Applicant(name="Li's Noodles", code="92990101MA99000523")
    return desk.request(
        "market-regulation", "business_licence", subject=person, purpose="c1", by_law="Art. 1"
    )


def test_what_was_kept_is_the_same_request() -> None:
    kept = request()
    assert EvidenceRequest.parse(kept.dump()) == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"department": 7},
        {"body": "%%%"},
        {"body": "e30="},
        {"body": 1},
        {"more": "x"},
    ],
)
def test_anything_else_is_refused(changes: dict[str, object]) -> None:
    document = json.loads(request().dump()) | changes
    with pytest.raises(MalformedJsonError):
        EvidenceRequest.parse(json.dumps(document, separators=(",", ":"), sort_keys=True).encode())
    with pytest.raises(MalformedJsonError):
        EvidenceRequest.parse(b"{}")
