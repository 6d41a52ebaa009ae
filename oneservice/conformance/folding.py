"""Folding a history by the table of section 6, member by member, whatever else is wrong in it."""

from __future__ import annotations

from typing import Any, Final

from oneservice.case import TRANSITIONS, EventType, SubmissionState

__all__ = ["folded"]

_TYPES: Final = frozenset(map(str, EventType))
_S: Final = SubmissionState


def folded(events: list[Any]) -> tuple[str | None, str]:
    """Return the state after ``events``, and where they leave the table (empty: nowhere)."""
    state: SubmissionState | None = None
    was_accepted = is_asked = False
    for event in events:
        name = str(event.get("type"))
        if name.startswith("x_"):
            continue
        allowed = TRANSITIONS[EventType(name)] if name in _TYPES else {}
        if state not in allowed or not _fits(name, state, was_accepted, is_asked):
            return state, f"event {event.get('seq')}, {name}, is not allowed in state {state}"
        if name == "correction_received":
            state = _S.ACCEPTED if was_accepted else _S.RECEIVED
        else:
            state = allowed[state] or state
        was_accepted = was_accepted or name == "accepted"
        is_asked = (is_asked or name == "withdrawal_requested") and name != "withdrawal_refused"
    return state, ""


def _fits(name: str, state: Any, was_accepted: bool, is_asked: bool) -> bool:  # noqa: FBT001
    """Say whether the table's finer words hold: before or after acceptance, a wish pending."""
    if name == "withdrawal_refused":
        return is_asked
    if state is not _S.CORRECTION_REQUESTED:
        return True
    if name in {"accepted", "not_accepted"}:
        return not was_accepted
    return was_accepted or name != "refused"
