"""What a department's own people and programs do through its adapter."""

from __future__ import annotations

import abc
import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from oneservice.case import OPEN, SubmissionState
from oneservice.departments.declaring import Declarations
from oneservice.departments.outcomes import Outcome
from oneservice.departments.steps import call
from oneservice.departments.wire import instant_text
from oneservice.errors import AdapterError, CaseError

if TYPE_CHECKING:
    from oneservice.canonical import Digest
    from oneservice.departments.application import Submission
    from oneservice.departments.capabilities import ServiceLimits
    from oneservice.departments.evidence import EvidenceAnswer
    from oneservice.departments.office import Office
    from oneservice.departments.recording import Scribe
    from oneservice.departments.register import Pruned
    from oneservice.departments.ringing import Ringing

__all__ = ["BackOffice"]

_log = logging.getLogger("oneservice.departments")

UNUSED: Final = timedelta(hours=24)
"""How long a document waits for an application that names it (section 8)."""


class BackOffice(Declarations, abc.ABC):
    """Recording and looking up; :class:`AdapterApp` is the rest of it."""

    limits: ServiceLimits
    _scribe: Scribe
    _office: Office
    _ringing: Ringing | None
    _settling: asyncio.Lock

    @abc.abstractmethod
    async def open(self) -> None:
        """Make the register ready; harmless to repeat."""

    @abc.abstractmethod
    def now(self) -> datetime:
        """Return the present instant of the adapter's clock, in UTC."""

    async def record(
        self,
        submission_id: str,
        *outcomes: Outcome,
        caller: str | None = None,
        at: datetime | None = None,
        after_seq: int | None = None,
    ) -> Submission:
        """Record what was decided later; return the submission as it then stands.

        Args:
            submission_id: which one.
            outcomes: in their order; all of them are recorded or none.
            caller: whose, where several callers used the same id.
            at: when it took legal effect; now by default.
            after_seq: number of the last event that whoever decided had before the eyes.

        Raises:
            CaseNotFoundError: no such submission.
            JournalConflictError: its history is longer than ``after_seq``; nothing was written.
            IllegalInputError: the table does not allow it in this state; nothing was written.
            AdapterError: the outcome cannot be written; nothing was.
            JournalError: it could not be made durable; nothing was.
        """
        await self.open()
        return await self._office.record(
            submission_id, outcomes, caller=caller, at=at, after_seq=after_seq
        )

    async def submission(self, submission_id: str, *, caller: str | None = None) -> Submission:
        """Return one submission; raises :class:`CaseNotFoundError`."""
        await self.open()
        return await self._office.submission(submission_id, caller=caller)

    async def submissions(
        self, *, states: frozenset[SubmissionState] = OPEN, step_id: str | None = None
    ) -> tuple[Submission, ...]:
        """Return submissions of all callers that are in one of ``states``, oldest first."""
        await self.open()
        return await self._office.submissions(states=states, step_id=step_id)

    async def document(self, submission: Submission, digest: Digest) -> bytes:
        """Return the bytes of a document that ``submission`` names.

        Raises:
            AdapterError: its caller never uploaded it.
        """
        await self.open()
        found = await self._scribe.register.document(submission.caller, digest)
        if found is None:
            msg = f"submission {submission.id} has no document {digest}"
            raise AdapterError(msg)
        return found.data

    async def settle(self) -> None:
        """Let the ``before_read`` function record what has fallen due.

        A decision that cannot be recorded (the applicant withdrew meanwhile) is logged and left
        out: one such paper must not close the whole counter.
        """
        if self._before_read is None:
            return
        async with self._settling:
            for one in await call(self._before_read, self.now()) or ():
                outcomes = one.outcomes if isinstance(one.outcomes, tuple) else (one.outcomes,)
                try:
                    await self.record(one.submission_id, *outcomes, caller=one.caller, at=one.at)
                except (AdapterError, CaseError) as error:
                    _log.error("a decision was left out: %s", error)

    async def answer_evidence(
        self, request_id: str, answer: EvidenceAnswer, *, caller: str
    ) -> None:
        """Record how a request for evidence stands: the person has looked, a search has ended.

        Raises:
            CaseNotFoundError: no such request of this caller.
            AdapterError: it was answered for good before, or the answer is incomplete.
        """
        await self.open()
        await self._desk.settle(caller, request_id, answer)

    async def prune(self) -> Pruned:
        """Let go what has had its time; call it once a day or so.

        Submissions that ended ``retention_days`` ago leave the snapshot, with their history;
        documents go that nothing names and that came more than a day ago. Keep what the law wants
        kept in your own files: this register is no archive.
        """
        await self.open()
        now = self.now()
        retention = timedelta(days=self.limits.retention_days)
        return await self._scribe.register.prune(
            ended_before=instant_text(now - retention), unused_before=instant_text(now - UNUSED)
        )

    async def send_callbacks(self) -> int:
        """Ring all callers that are owed a callback now; return how many were tried.

        The adapter does this by itself as soon as something is recorded, and again when a pause
        after a failure is over; call it to be sure that it has happened.
        """
        await self.open()
        return 0 if self._ringing is None else await self._ringing.round()
