"""One application as its office keeps it: where it stands, and what is still to be done."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum, auto

from oneservice.case import OPEN, SubmissionState
from oneservice.simulation.offices_chance import Luck
from oneservice.simulation.offices_steps import StepParameters

__all__ = ["Errand", "File", "Request"]


class Errand(Enum):
    """What an office does next with an application."""

    EXAMINE = auto()
    SPEAK_LATE = auto()
    ASK = auto()
    GO_OUT = auto()
    BEGIN_VISIT = auto()
    PROCEED = auto()
    RESUME = auto()
    EXTEND = auto()
    REVIEW = auto()
    DECIDE = auto()
    LAPSE = auto()
    ANSWER_WITHDRAWAL = auto()
    ACT_AFTERWARDS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an office looks at in an application.

    ``papers`` are the materials that the applicant handed in, ``promised`` those that may follow
    on a promise, ``pointer`` one field of the form to ask for where no paper could be.
    """

    submission_id: str
    case_id: str
    step_id: str
    materials: frozenset[str] = frozenset()
    papers: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    pointer: str = ""


@dataclass(slots=True, kw_only=True)
class File:
    """An application in progress; instants are seconds since 1970.

    ``line`` counts what turned its course: an errand of an older number is void. ``turn`` counts
    the corrections that were asked for, ``asked`` is what the last one asked for. ``ahead`` is what
    comes before the review. ``stopped_days`` are the working days on which the clock stood, those
    up to the number ``counted_through`` are settled.
    """

    department: str
    request: Request
    step: StepParameters
    luck: Luck
    received_at: int
    state: SubmissionState = SubmissionState.RECEIVED
    line: int = 0
    turn: int = 0
    accepted_at: int | None = None
    correction_id: str | None = None
    asked: str = ""
    withdrawal_id: str | None = None
    pending: tuple[str, ...] = ()
    ahead: tuple[Errand, ...] = ()
    visit_ends_at: int = 0
    stopped_at: int = 0
    stopped_days: int = 0
    counted_through: int = 0
    extended_days: int = 0

    @property
    def id(self) -> str:
        """The submission id."""
        return self.request.submission_id

    @property
    def is_open(self) -> bool:
        """Whether the office still has to decide."""
        return self.state in OPEN

    @property
    def is_on_papers(self) -> bool:
        """Whether the applicant's signed promise stands for what would be looked at."""
        return self.step.commitment is not None and self.step.commitment in self.request.materials

    def copy(self) -> File:
        """Return the file as it stands, for a backup."""
        return File(**{one.name: getattr(self, one.name) for one in fields(self)})
