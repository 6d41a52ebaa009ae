"""What a department thinks of its own clock and progress, for display (protocol section 5).

The engine computes legal time by itself and reports a difference; so this may be wrong without
harm, and says nothing where the department has no calendar to say it by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from oneservice.canonical import parse_object
from oneservice.case import ENDED, EventType, SubmissionState
from oneservice.departments.wire import parse_instant
from oneservice.departments.wording import Text, people_text

if TYPE_CHECKING:
    from datetime import date, tzinfo

__all__ = ["DueDay", "Opinion", "opinion_of"]

DueDay: TypeAlias = "Callable[[date, int], date | None]"
"""From the day of acceptance and the promised working days to the last day on time."""

_MOST_LANGUAGES = 16
_LONGEST_LABEL = 4_096
"""Characters. A page keeps room for its frame; a label that is a document stays in its event."""
_STANDING = frozenset({SubmissionState.SUSPENDED, SubmissionState.CORRECTION_REQUESTED})
_MOVING = frozenset({EventType.SUSPENDED, EventType.EXTENDED, EventType.CORRECTION_REQUESTED})
_TELLING = re.compile(
    b'"type":"(?:%s)"'
    % "|".join((EventType.ACCEPTED, EventType.PROGRESS, *sorted(_MOVING))).encode("ascii")
)
"""How an event of interest is told in canonical bytes; another may be told so, too, by its data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Members of a status document that have no legal effect."""

    clock: Mapping[str, Any] | None = None
    progress: Mapping[str, str] | None = None

    def members(self) -> dict[str, Any]:
        """Return what the status document adds."""
        found = {"clock": self.clock, "progress": self.progress}
        return {name: dict(value) for name, value in found.items() if value is not None}


def opinion_of(
    state: str, events: Iterable[bytes], zone: tzinfo, due_day: DueDay | None
) -> Opinion:
    """Return what follows from a history.

    Args:
        state: the fold of ``events``.
        events: all of them, canonical bytes, oldest first.
        zone: where the department's days begin and end.
        due_day: counts working days; without it, or after a suspension, no day is named.
    """
    # Most polls find nothing of interest here; what is not of interest is not parsed.
    told = [parse_object(one) for one in events if _TELLING.search(one)]
    label: Text = ""
    for event in told:
        if event["type"] == EventType.PROGRESS and event["data"].get("is_public", True):
            label = event["data"].get("label", "")
    return Opinion(clock=_clock(state, told, zone, due_day), progress=_shown(label))


def _shown(label: Text) -> dict[str, str] | None:
    told = people_text(label) if label else {}
    is_short = len(told) <= _MOST_LANGUAGES and sum(map(len, told.values())) <= _LONGEST_LABEL
    return dict(told) if told and is_short else None


def _clock(
    state: str, events: Sequence[Mapping[str, Any]], zone: tzinfo, due_day: DueDay | None
) -> dict[str, Any]:
    accepted = next((one for one in events if one["type"] == EventType.ACCEPTED), None)
    if state in ENDED or state == SubmissionState.GRANTED_PENDING_MATERIAL:
        return {"state": "ended"}
    if accepted is None:
        return {"state": "not_started"}
    started = parse_instant(accepted["at"]).astimezone(zone).date()
    clock = {
        "state": "stopped" if state in _STANDING else "running",
        "started_on": started.isoformat(),
    }
    days = accepted["data"].get("promised_working_days")
    was_moved = any(one["type"] in _MOVING for one in events if one["seq"] > accepted["seq"])
    if due_day is not None and isinstance(days, int) and days > 0 and not was_moved:
        due = due_day(started, days)
        if due is not None:
            clock["due_on"] = due.isoformat()
    return clock
