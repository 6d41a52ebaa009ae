"""Writing: drafts of events become durable together with the bytes that caused them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import EventType, SubmissionState
from oneservice.departments.granted_certificates import brings_claims, standing_certificate
from oneservice.departments.history import Draft, History
from oneservice.departments.locks import Bell
from oneservice.departments.outcomes import Outcome, Received, documents_of
from oneservice.departments.register import (
    Entry,
    Head,
    Register,
    StoredDocument,
    StoredMessage,
    StoredSubmission,
)
from oneservice.departments.steps import Step
from oneservice.departments.wire import PAGE_EVENTS, instant_text
from oneservice.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from oneservice.departments.application import Supplement
    from oneservice.departments.certificate_desk import CertificateDesk
    from oneservice.departments.signing import EventKey

__all__ = ["Filed", "Scribe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Where a submission stands, and whether this request changed it.

    ``events`` are the bytes of its history, a page of them at most, where they are at hand: nobody
    has to read what was written, or read, in the same breath.
    """

    head: Head
    is_new: bool
    events: tuple[bytes, ...] | None = None


@dataclass(slots=True)
class Scribe:
    """Writes one department's register; ``key`` is there as soon as the adapter is open."""

    department: str
    register: Register
    clock: Callable[[], datetime]
    zone: tzinfo
    key: EventKey | None = None
    certificates: CertificateDesk | None = None
    bell: Bell = field(default_factory=Bell)

    def draft(self, history: History) -> Draft:
        """Return a draft that continues ``history`` at the present instant."""
        if self.key is None:
            msg = "the adapter is not open; use `async with app:`, or a server with lifespan"
            raise AdapterError(msg)
        return Draft(
            history=history,
            department=self.department,
            key=self.key,
            zone=self.zone,
            now=self.clock(),
        )

    def receipt(
        self, caller: str, submission_id: str, step_id: str, data: bytes
    ) -> StoredSubmission:
        """Return the row of an application that came now and is not stored yet."""
        return StoredSubmission(
            caller=caller,
            submission_id=submission_id,
            step_id=step_id,
            digest=digest_bytes(data),
            body=data,
            received_at=instant_text(self.clock()),
            state=SubmissionState.RECEIVED,
            head_seq=0,
            head_digest=Digest(""),
        )

    def receive(self, draft: Draft, digest: Digest) -> None:
        """Add ``received``; ``digest`` is that of the exact bytes."""
        context = draft.context(
            at=draft.now,
            step_id="",
            promised_working_days=0,
            supplement_id=None,
            request_digest=digest,
        )
        data = {"receipt_no": context.number("SJ"), "request_digest": digest}
        draft.add((EventType.RECEIVED, data), at=draft.now)

    def take_correction(self, draft: Draft, supplement: Supplement) -> None:
        """Add ``correction_received``."""
        data = {
            "correction_id": supplement.correction_id,
            "supplement_id": supplement.id,
            "request_digest": supplement.digest,
        }
        draft.add((EventType.CORRECTION_RECEIVED, data), at=draft.now)

    async def commit(
        self,
        stored: StoredSubmission,
        draft: Draft,
        step: Step,
        outcomes: tuple[Outcome, ...],
        *,
        message: StoredMessage | None = None,
        at: datetime | None = None,
        uses: tuple[Digest, ...] = (),
    ) -> Filed:
        """Seal ``outcomes``, make everything durable together, and tell who waits."""
        moment = at or draft.now
        before = standing_certificate(draft.history.events)
        outcomes = await self._sealed(outcomes, before, stored, moment)
        for outcome in outcomes:
            if isinstance(outcome, Received):
                continue
            context = draft.context(
                at=moment,
                step_id=stored.step_id,
                promised_working_days=step.info.promised_working_days or 0,
                supplement_id=message.message_id if message else None,
            )
            draft.add(outcome.fact(context), at=moment)
        if not draft.events and message is None:
            return Filed(head=stored.head, is_new=False)
        moved = replace(
            stored,
            state=str(draft.state),
            head_seq=draft.fold.seq,
            head_digest=draft.fold.head or Digest(""),
        )
        events = tuple(draft.sealed)
        if self.certificates is not None:  # the events are legal: nothing refuses them any more
            for outcome in outcomes:
                await self.certificates.follow(outcome, before, at=draft.now)
        await self.register.commit(
            Entry(
                submission=moved,
                after_seq=stored.head_seq,
                events=events,
                message=message,
                documents=tuple(
                    StoredDocument(
                        digest=digest_bytes(one.data), media_type=one.media_type, data=one.data
                    )
                    for outcome in outcomes
                    for one in documents_of(outcome)
                ),
                uses=(*uses, *(one.digest for of in outcomes for one in documents_of(of))),
            )
        )
        self.bell.ring()
        is_whole = stored.head_seq == 0 and len(events) <= PAGE_EVENTS
        return Filed(head=moved.head, is_new=True, events=events if is_whole else None)

    async def _sealed(
        self,
        outcomes: tuple[Outcome, ...],
        before: str | None,
        stored: StoredSubmission,
        at: datetime,
    ) -> tuple[Outcome, ...]:
        """Return ``outcomes`` with their claims entered into the register and sealed."""
        desk = self.certificates
        if desk is None or not any(map(brings_claims, outcomes)):
            return outcomes
        ground = f"granted under {stored.submission_id}"
        return tuple([await desk.sealed(one, before, at=at, ground=ground) for one in outcomes])
