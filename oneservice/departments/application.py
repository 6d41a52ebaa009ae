"""A submission as the integrator's functions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oneservice.departments.filing import (
    MaterialItem,
    SubmissionBody,
    SupplementBody,
    WithdrawalBody,
    parse_submission,
    parse_supplement,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oneservice.canonical import Digest
    from oneservice.case import DepartmentEvent, SubmissionState
    from oneservice.departments.history import History
    from oneservice.departments.register import StoredMessage, StoredSubmission

__all__ = ["Submission", "Supplement", "Withdrawal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """An answer to a correction request, or a promised material."""

    id: str
    body: SupplementBody
    digest: Digest

    @property
    def correction_id(self) -> str | None:
        """Which request it answers; ``None`` for a promised material."""
        return self.body.correction_id

    @property
    def materials(self) -> Mapping[str, MaterialItem]:
        """What it delivers, by material id."""
        return {one.material: one for one in self.body.materials}


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The wish to take the application back."""

    id: str
    body: WithdrawalBody
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One application, with everything that was handed in later put in its place.

    ``id`` is the idempotency key: a function may be called again with the same id after a crash,
    and must then file nothing twice. ``form`` is the validated model where the step declared one.
    ``now`` is the adapter's clock when the function was called: ask it instead of the machine's,
    and a simulated office works in simulated time.
    """

    id: str
    caller: str
    body: SubmissionBody
    digest: Digest
    history: tuple[DepartmentEvent, ...]
    state: SubmissionState
    received_at: datetime
    supplements: tuple[Supplement, ...] = ()
    correction_id: str | None = None
    withdrawal_id: str | None = None
    pending_materials: tuple[str, ...] = ()
    was_accepted: bool = False
    form: Any = None
    now: datetime

    @classmethod
    def of(
        cls,
        stored: StoredSubmission,
        history: History,
        messages: tuple[StoredMessage, ...],
        *,
        now: datetime,
        body: SubmissionBody | None = None,
        form: Any = None,
    ) -> Submission:
        """Return the view of a stored submission after ``history``; ``body`` if it was parsed."""
        fold = history.fold
        received_at = history.received_at
        if fold.state is None or received_at is None:
            msg = "a submission is seen only after its receipt"
            raise RuntimeError(msg)
        return cls(
            id=stored.submission_id,
            caller=stored.caller,
            body=body or parse_submission(stored.body, max_bytes=len(stored.body)),
            digest=stored.digest,
            history=history.events,
            state=fold.state,
            received_at=received_at,
            supplements=tuple(
                Supplement(
                    id=one.message_id,
                    body=parse_supplement(one.body, max_bytes=len(one.body)),
                    digest=one.digest,
                )
                for one in messages
                if one.kind == "supplement"
            ),
            correction_id=fold.correction_id,
            withdrawal_id=fold.withdrawal_id,
            pending_materials=fold.pending_materials,
            was_accepted=fold.was_accepted,
            form=form,
            now=now,
        )

    @property
    def case_id(self) -> str:
        """The case on the engine's side."""
        return self.body.case_id

    @property
    def step_id(self) -> str:
        """Which step is applied for."""
        return self.body.step_id

    @property
    def attempt(self) -> int:
        """1 for the first try; a new attempt is a new submission."""
        return self.body.attempt

    @property
    def applicant(self) -> Mapping[str, Any]:
        """Who applies; at least ``kind``."""
        return self.body.applicant

    @property
    def fields(self) -> Mapping[str, Any]:
        """The form, with later supplements in place: each replaces only what it names."""
        merged = dict(self.body.fields)
        for one in self.supplements:
            merged.update(one.body.fields)
        return merged

    @property
    def materials(self) -> Mapping[str, MaterialItem]:
        """Materials by id, with later supplements in place."""
        merged = {one.material: one for one in self.body.materials}
        for one in self.supplements:
            merged.update(one.materials)
        return merged

    @property
    def promised(self) -> Mapping[str, str]:
        """Materials that were promised for later (容缺), each with its last day."""
        return {one.material: one.until for one in self.body.promises}
