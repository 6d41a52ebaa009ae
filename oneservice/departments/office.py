"""The counter of a department, without HTTP: take in, supplement, withdraw, record.

Theory of operation. Everything about one submission happens under its own lock: read the history,
call the integrator's function, seal the events, commit them with the bytes that caused them in
*one* transaction, ring the bell. So an answer is never ahead of the disk, and a crash anywhere
leaves either nothing or all; in the first case the engine repeats the same bytes under the same
id, and the function is called again with the same ``submission.id``. Commits name the head that
they follow, which keeps a second process on the same register honest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import digest_bytes
from oneservice.case import OPEN, EventType, SubmissionState
from oneservice.departments.application import Submission, Supplement, Withdrawal
from oneservice.departments.archive import Archive
from oneservice.departments.filing import (
    SubmissionBody,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
)
from oneservice.departments.history import History
from oneservice.departments.locks import KeyedLocks
from oneservice.departments.outcomes import Outcome
from oneservice.departments.recording import Filed, Scribe
from oneservice.departments.refusals import (
    conflict,
    is_repeat,
    not_found,
    not_open,
    refuse_closed,
)
from oneservice.departments.register import StoredMessage
from oneservice.departments.steps import Outcomes, Step, call, outcomes_of
from oneservice.departments.wire import PAGE_EVENTS
from oneservice.errors import JournalConflictError, ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from oneservice.departments.callers import Callers

__all__ = ["Office"]

PATIENCE_S: Final = 5.0
"""How long a second request for the same id waits for the first: half the answer deadline."""


@dataclass(slots=True)
class Office:
    """One department's counter."""

    scribe: Scribe
    steps: Mapping[str, Step]
    body_bytes: int
    callers: Callers | None = None
    _locks: KeyedLocks = field(default_factory=KeyedLocks)
    _archive: Archive = field(init=False)

    def __post_init__(self) -> None:
        self._archive = Archive(self.scribe.register)

    # --- what an engine asks for ---

    async def file(self, caller: str, submission_id: str, data: bytes) -> Filed:
        """Take an application in, once (protocol section 4).

        Raises:
            ProtocolProblemError: the message can be no application, or conflicts with another.
            JournalError: it could not be made durable; nothing was.
        """
        async with self._locks.alone((caller, submission_id), patience_s=PATIENCE_S):
            known = await self.scribe.register.page(
                caller, submission_id, after=0, limit=PAGE_EVENTS
            )
            if known is not None:
                head, events = known
                if head.digest != digest_bytes(data):
                    raise conflict("submission")
                return Filed(head=head, is_new=False, events=events)
            body = parse_submission(data, max_bytes=self.body_bytes)
            step = self.step(body.step_id)
            self.refuse_unauthorised(caller, body)
            form = step.check_fields(body.fields)
            await self._archive.refuse_missing(caller, body.digests())
            stored = self.scribe.receipt(caller, submission_id, body.step_id, data)
            draft = self.scribe.draft(History.empty(submission_id))
            self.scribe.receive(draft, stored.digest)
            view = Submission.of(stored, draft.whole, (), now=draft.now, body=body, form=form)
            outcomes = await self._decided(step.decide, view)
            return await self.scribe.commit(stored, draft, step, outcomes, uses=body.digests())

    async def supplement(
        self, caller: str, submission_id: str, supplement_id: str, data: bytes
    ) -> Filed:
        """Take what was asked for, or promised (protocol section 7); raises as :meth:`file`."""
        async with self._locks.alone((caller, submission_id), patience_s=PATIENCE_S):
            stored, history, messages = await self._archive.opened(caller, submission_id)
            if is_repeat(messages, "supplement", supplement_id, data):
                return Filed(head=stored.head, is_new=False)
            body = parse_supplement(data, max_bytes=self.body_bytes)
            supplement = Supplement(id=supplement_id, body=body, digest=digest_bytes(data))
            refuse_closed(history, supplement)
            await self._archive.refuse_missing(caller, body.digests())
            message = StoredMessage(
                kind="supplement",
                message_id=supplement_id,
                digest=supplement.digest,
                body=data,
            )
            draft = self.scribe.draft(history)
            if supplement.correction_id is not None:
                self.scribe.take_correction(draft, supplement)
            step = self.step(stored.step_id)
            view = Submission.of(stored, draft.whole, (*messages, message), now=draft.now)
            view = replace(view, form=step.check_fields(view.fields))
            hook = step.on_supplement or step.default_supplement
            outcomes = await self._decided(hook, view, supplement)
            return await self.scribe.commit(
                stored, draft, step, outcomes, message=message, uses=body.digests()
            )

    async def withdraw(
        self, caller: str, submission_id: str, withdrawal_id: str, data: bytes
    ) -> Filed:
        """Take the wish to withdraw (protocol section 7); raises as :meth:`file`."""
        async with self._locks.alone((caller, submission_id), patience_s=PATIENCE_S):
            stored, history, messages = await self._archive.opened(caller, submission_id)
            if is_repeat(messages, "withdrawal", withdrawal_id, data):
                return Filed(head=stored.head, is_new=False)
            body = parse_withdrawal(data, max_bytes=self.body_bytes)
            if not history.fold.is_open:
                raise not_open(history)
            if history.fold.withdrawal_id is not None:
                msg = "another withdrawal of this submission is not answered yet"
                raise ProtocolProblemError(msg, problem="in-progress")
            wish = Withdrawal(id=withdrawal_id, body=body, digest=digest_bytes(data))
            message = StoredMessage(
                kind="withdrawal",
                message_id=withdrawal_id,
                digest=wish.digest,
                body=data,
            )
            draft = self.scribe.draft(history)
            asked = {"withdrawal_id": wish.id, "request_digest": wish.digest}
            draft.add((EventType.WITHDRAWAL_REQUESTED, asked), at=draft.now)
            step = self.step(stored.step_id)
            view = Submission.of(stored, draft.whole, messages, now=draft.now)
            hook = step.on_withdrawal or step.default_withdrawal
            outcomes = await self._decided(hook, view, wish)
            return await self.scribe.commit(stored, draft, step, outcomes, message=message)

    # --- what the back office does ---

    async def record(
        self,
        submission_id: str,
        outcomes: Outcomes,
        *,
        caller: str | None,
        at: datetime | None,
        after_seq: int | None = None,
    ) -> Submission:
        """Record what was decided later.

        Raises:
            CaseNotFoundError: no such submission.
            JournalConflictError: its history is longer than ``after_seq``; nothing was written.
            IllegalInputError: the table does not allow it in this state; nothing was written.
            AdapterError: the outcome cannot be written; nothing was.
        """
        owner = caller or await self._archive.only_caller(submission_id)
        async with self._locks.hold((owner, submission_id), patience_s=None):
            found = await self._archive.file_of(owner, submission_id)
            if found is None:
                raise not_found(submission_id)
            stored, history, messages = found
            if after_seq is not None and stored.head_seq != after_seq:
                msg = f"submission {submission_id} went on after event {after_seq}; look again"
                raise JournalConflictError(msg)
            draft = self.scribe.draft(history)
            step = self.step(stored.step_id)
            await self.scribe.commit(stored, draft, step, outcomes_of(outcomes), at=at)
            return Submission.of(stored, draft.whole, messages, now=draft.now)

    async def submission(self, submission_id: str, *, caller: str | None) -> Submission:
        """Return one submission as functions see it; raises :class:`CaseNotFoundError`."""
        owner = caller or await self._archive.only_caller(submission_id)
        found = await self._archive.file_of(owner, submission_id)
        if found is None:
            raise not_found(submission_id)
        return Submission.of(*found, now=self.scribe.clock())

    async def submissions(
        self, *, states: frozenset[SubmissionState] = OPEN, step_id: str | None = None
    ) -> tuple[Submission, ...]:
        """Return all submissions in one of ``states``, oldest first."""
        rows = await self.scribe.register.submissions(states=tuple(sorted(states)), step_id=step_id)
        found = [await self._archive.file_of(row.caller, row.submission_id) for row in rows]
        now = self.scribe.clock()
        return tuple(Submission.of(*one, now=now) for one in found if one is not None)

    def step(self, step_id: str) -> Step:
        """Return the step; raises ``unknown-step``."""
        step = self.steps.get(step_id)
        if step is None:
            msg = f"step {step_id[:96]} is not served here"
            raise ProtocolProblemError(msg, problem="unknown-step")
        return step

    # --- inside ---

    def refuse_unauthorised(self, caller: str, body: SubmissionBody) -> None:
        """Raise ``not-allowed`` for a step or region that is not the caller's."""
        known = None if self.callers is None else self.callers.get(caller)
        if known is not None and not known.may_file(body.step_id, body.region):
            msg = "this caller may not file for this step and region"
            raise ProtocolProblemError(msg, problem="not-allowed")

    async def _decided(self, function: Callable[..., Any], *args: Any) -> tuple[Outcome, ...]:
        returned = await call(function, *args)
        return () if returned is None else outcomes_of(returned)
