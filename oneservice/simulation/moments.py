"""What the checks of a case look at: a moment, and what the auditor noted of the case beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Protocol

from oneservice.canonical import Digest
from oneservice.case import Case, Event, SubCase
from oneservice.simulation.naive import NaiveStep
from oneservice.workdays import WorkCalendar, legal_day

__all__ = [
    "UNDECIDED",
    "Ledger",
    "Moment",
    "MomentCheck",
    "NamedCheck",
    "RestCheck",
    "described",
    "naive_due",
]

UNDECIDED: Final = frozenset(
    {
        "waiting",
        "filing",
        "received",
        "accepted",
        "correction_requested",
        "suspended",
        "granted_pending_material",
    }
)


@dataclass(slots=True)
class Ledger:
    """What the auditor notes of one case beside the core: by its own rules, from events alone."""

    steps: dict[str, NaiveStep] = field(default_factory=dict)
    messages: dict[str, Digest] = field(default_factory=dict)
    """Digest of the bytes by message id, as they were first prepared."""
    unsigned: set[str] = field(default_factory=set)
    """Steps that silence granted, or a paper."""
    contradicted: set[str] = field(default_factory=set)
    """Steps granted on paper of which the department has just signed another decision."""
    left: set[str] = field(default_factory=set)
    """Steps that stood in doubt when an operator closed the case."""
    refusing: set[str] = field(default_factory=set)
    """Who has taken a consent back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One recorded event between two states."""

    before: Case | None
    event: Event
    after: Case
    ledger: Ledger
    calendar: WorkCalendar


class NamedCheck(Protocol):
    """A function whose name and first sentence people read."""

    __name__: str


class MomentCheck(NamedCheck, Protocol):
    """A check of one recorded event."""

    def __call__(self, moment: Moment, /) -> str | None:
        """Say what is wrong."""


class RestCheck(NamedCheck, Protocol):
    """A check of a case in which nothing is due any more."""

    def __call__(self, case: Case, ledger: Ledger, calendar: WorkCalendar, /) -> str | None:
        """Say what is wrong."""


def described(check: NamedCheck) -> tuple[str, str]:
    """Return the name of a check as people see it, and its sentence."""
    words = " ".join((check.__doc__ or "").split("\n\n")[0].split())
    return check.__name__.replace("_", "-"), words


def naive_due(sub: SubCase, step: NaiveStep, limit: str, calendar: WorkCalendar) -> date | None:
    """Return the last day of a limit, as a clerk counts it; ``None``: it does not run."""
    spec = sub.spec
    if spec.kind == "follow_up" and sub.course.clock_from is not None:
        step = replace(step, accepted_on=legal_day(sub.course.clock_from))  # nobody accepts it
    if limit == "promised":
        days, unit = spec.promised_days, spec.promised_unit
    else:
        days, unit = spec.statutory_days, spec.statutory_unit
    return None if days < 0 else step.due(calendar, days, unit)
