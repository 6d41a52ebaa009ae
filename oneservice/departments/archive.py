"""Reading back what a department keeps of its submissions, each history proven by its own chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oneservice.departments.history import History
from oneservice.departments.refusals import not_found
from oneservice.errors import AdapterError, ProtocolProblemError

if TYPE_CHECKING:
    from typing import TypeAlias

    from oneservice.canonical import Digest
    from oneservice.departments.register import Register, StoredMessage, StoredSubmission

    File: TypeAlias = "tuple[StoredSubmission, History, tuple[StoredMessage, ...]]"

__all__ = ["Archive"]


@dataclass(frozen=True, slots=True)
class Archive:
    """What the register holds, as the counter needs it."""

    register: Register

    async def file_of(self, caller: str, submission_id: str) -> File | None:
        """Return a submission with its history and later messages, or None.

        Raises:
            JournalCorruptError: the history is not what was written.
        """
        found = await self.register.whole(caller, submission_id)
        if found is None:
            return None
        stored, events, messages = found
        return stored, History.read(submission_id, stored.head_digest, events), messages

    async def opened(self, caller: str, submission_id: str) -> File:
        """Return what :meth:`file_of` does; raises ``unknown-submission`` where there is none."""
        found = await self.file_of(caller, submission_id)
        if found is None:
            msg = f"no submission {submission_id} of this caller"
            raise ProtocolProblemError(msg, problem="unknown-submission")
        return found

    async def only_caller(self, submission_id: str) -> str:
        """Return who filed ``submission_id``.

        Raises:
            CaseNotFoundError: nobody did.
            AdapterError: several callers did, each their own.
        """
        callers = await self.register.callers_of(submission_id)
        if not callers:
            raise not_found(submission_id)
        if len(callers) > 1:
            msg = f"{len(callers)} callers filed {submission_id}: say which one with caller=..."
            raise AdapterError(msg)
        return callers[0]

    async def refuse_missing(self, caller: str, digests: tuple[Digest, ...]) -> None:
        """Raise ``missing-document`` with those of ``digests`` that the caller never uploaded."""
        missing = await self.register.missing(caller, digests) if digests else ()
        if missing:
            raise ProtocolProblemError(
                f"{len(missing)} documents are named that were not uploaded",
                problem="missing-document",
                members={"digests": list(missing)},
            )
