"""What one wait of a case is: for what, on whom, until when, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Wait", "WaitKind", "Who"]


class Who(StrEnum):
    """On whom a case waits."""

    APPLICANT = "applicant"
    PARTY = "party"
    DEPARTMENT = "department"
    ENGINE = "engine"
    OPERATOR = "operator"
    COURIER = "courier"
    WINDOW = "window"
    """One that received for an office elsewhere: its time is its own, and no office's."""


class WaitKind(StrEnum):
    """What a case waits for."""

    CONSENT = "consent"
    """Somebody who took a consent back, or whose consent ran out, agrees again."""
    STEP = "step"
    """A step that is required is granted, or all results are in."""
    FILING = "filing"
    """The bytes are composed, or sent and confirmed, or an unknown outcome is read."""
    ACCEPTANCE = "acceptance"
    DECISION = "decision"
    CORRECTION = "correction"
    PROMISE = "promise"
    SUSPENSION = "suspension"
    WITHDRAWAL = "withdrawal"
    OPERATOR = "operator"
    BUNDLE = "bundle"
    CODE = "code"
    """Somebody goes on at a counter with a one-time code."""
    PARCEL = "parcel"
    FORWARDING = "forwarding"
    """A window that received for an office elsewhere passes the papers on (异地代收)."""
    FOLLOW_UP = "follow_up"
    """Whoever answers for a bad rating does so, or the applicant rates again."""
    ORIGINAL = "original"
    """An original comes back to its owner, or its loss is settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One thing that is awaited; ``sub_case_id`` is empty where it is of no one step.

    ``until`` is the first instant that is too late, or at which it is tried again; ``is_told``: it
    has passed, and that is recorded. ``then`` names what follows by itself: a kind of event, or
    ``try_again``, or ``nothing`` where only people can act any more. ``ends_by`` names the inputs
    that end it, as classes of this room. ``since`` is ``None`` where the state does not tell.
    """

    sub_case_id: str
    kind: WaitKind
    who: Who
    since: datetime | None
    until: datetime
    then: str
    ends_by: tuple[str, ...]
    name: str = ""
    is_told: bool = False
