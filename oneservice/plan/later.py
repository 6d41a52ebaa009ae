"""Members that plans gained after the first release: absent from the JSON where they say nothing.

A case pins the digest of its plan for years. So a plan of the first release must come back from
its bytes and give the same bytes again, although this release knows more members.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["without_idle"]

_PLAN: Final[Mapping[str, Any]] = {
    "joint_cap": None,
    "joint_cap_extended_due": None,
    "expected": None,
    "subject": None,
    "parties": [],
    "batch": None,
    "appointments": [],
    "trips": [],
    "trip_count": None,
    "fees": [],
    "rating_answer": None,
    "origin": None,
}
_STEP: Final[Mapping[str, Any]] = {
    "within": None,
    "region_from": None,
    "duty": None,
    "channels": [],
    "fees": [],
    "tolerance": None,
    "commitment": None,
    "warning_share": 80,
    "escalation": [],
    "dispatch": None,
    "crossing": None,
    "law": None,
}
_SKIPPED: Final[Mapping[str, Any]] = {"instance": None, "held": None, "whose": None}
_FIELD: Final[Mapping[str, Any]] = {"held": None, "entries": [], "compared": []}
_MATERIAL: Final[Mapping[str, Any]] = {"held": None, "obtain": [], "spared_by": []}
_HELD: Final[Mapping[str, Any]] = {
    "issuer_region": None,
    "level": None,
    "basis": None,
    "refusal": None,
    "entry": None,
    "digest": None,
}
_LAW: Final[Mapping[str, Any]] = {"has_open_fees": False}
_CROSSING: Final[Mapping[str, Any]] = {"others": None}
_OTHER_CROSSING: Final[Mapping[str, Any]] = {
    "papers": None,
    "forwarded_within": None,
    "accepted_by": None,
}
_TRIP: Final[Mapping[str, Any]] = {"region": None}
_SECTIONS: Final = (
    ("steps", _STEP),
    ("skipped", _SKIPPED),
    ("form", _FIELD),
    ("materials", _MATERIAL),
)
_BEFORE: Final[Mapping[str, Any]] = {"kilometres": None, "minutes": None, "is_sample": False}


def without_idle(document: dict[str, Any]) -> dict[str, Any]:
    """Return ``document``, a plan's whole JSON, without later members that hold their default."""
    _leave_out(document, _PLAN)
    for section, later in _SECTIONS:
        for part in document[section]:
            _leave_out(part, later)
    for step in document["steps"]:
        if step.get("law") is not None:
            _leave_out(step["law"], _LAW)
        if step.get("crossing") is not None:
            _leave_out(step["crossing"], _CROSSING)
            for other in step["crossing"].get("others", ()):
                _leave_out(other, _OTHER_CROSSING)
    for trip in document.get("trips", ()):
        _leave_out(trip, _TRIP)
    for part in (*document["materials"], *document["skipped"]):
        for held in (*([part["held"]] if "held" in part else ()), *part.get("spared_by", ())):
            _leave_out(held, _HELD)
    if document["before"] is not None:
        _leave_out(document["before"], _BEFORE)
    return document


def _leave_out(part: dict[str, Any], later: Mapping[str, Any]) -> None:
    for name, idle in later.items():
        value = part[name]
        if value is idle or value == idle:
            del part[name]
