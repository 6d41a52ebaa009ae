"""What is compared: an application as another region knows it, and the case that handles it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from oneservice.canonical import read_instant
from oneservice.case import Case, CaseStatus, EventType, SubCase, SubCaseStatus
from oneservice.departments import Outcome, Submission
from oneservice.federation.results import Papers
from oneservice.plan import Plan
from oneservice.workdays import LEGAL_ZONE, legal_day

__all__ = ["Owed", "View", "deciders", "on_day", "told_editions"]

_NOON: Final = time(12, tzinfo=LEGAL_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Outcomes to be recorded together, in effect from ``at`` on; ``None``: from now."""

    outcomes: tuple[Outcome, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The two histories side by side: what was told abroad, and what happened here."""

    filed: Submission
    case: Case
    plan: Plan
    papers: Papers
    now: datetime
    subs: tuple[SubCase, ...]

    @property
    def only(self) -> SubCase | None:
        """The sub-case, where there is one alone: its turns are those of the application."""
        return self.subs[0] if len(self.subs) == 1 else None

    @property
    def asked(self) -> tuple[SubCase, ...]:
        """Those that were filed, whatever became of them."""
        return tuple(one for one in self.subs if one.status is not SubCaseStatus.WAITING)

    @property
    def was_withdrawn(self) -> bool:
        """Whether all of it was taken back, and nothing was handed out."""
        return self.case.bundle is None and self.case.outcome is CaseStatus.WITHDRAWN

    @property
    def was_denied(self) -> bool:
        """Whether it ended without a grant."""
        case = self.case
        return case.bundle is None and case.outcome is not None and not self.was_withdrawn

    def count(self, *kinds: EventType) -> int:
        """Return how many events of these kinds were told."""
        return sum(one.type in kinds for one in self.filed.history)


def deciders(case: Case) -> tuple[SubCase, ...]:
    """Return the sub-cases on which the answer depends: neither bundle, nor what comes after it."""
    return tuple(
        one
        for one in case.sub_cases.values()
        if one.spec.kind not in ("bundle", "follow_up")
        and one.status is not SubCaseStatus.NOT_APPLICABLE
    )


def told_editions(filed: Submission) -> int:
    """Return how many editions of the result the other region was told."""
    kinds = (EventType.GRANTED, EventType.MATERIAL_RECEIVED, EventType.RESULT_REPLACED)
    return sum(one.type in kinds for one in filed.history)


def on_day(day: date, view: View) -> datetime | None:
    """Return an instant of ``day`` after what was told last; today it is the present."""
    if day >= legal_day(view.now):
        return None
    return max(datetime.combine(day, _NOON), read_instant(view.filed.history[-1].at))
