"""The counter for evidence: each request is answered once, and for ever the same (section 10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from oneservice.canonical import digest_bytes
from oneservice.departments.evidence import (
    EvidenceAnswer,
    EvidenceRequestBody,
    EvidenceState,
    evidence_json,
    parse_evidence,
    parse_evidence_request,
    rules_broken_by,
)
from oneservice.departments.locks import KeyedLocks
from oneservice.departments.refusals import conflict
from oneservice.departments.register import StoredDocument, StoredEvidence
from oneservice.departments.steps import call
from oneservice.departments.wire import instant_text, parse_day
from oneservice.errors import AdapterError, CaseNotFoundError, ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oneservice.departments.recording import Scribe

__all__ = ["BeforeDelivery", "EvidenceDesk", "EvidenceRequest", "EvidenceSource", "OnEvidence"]

PATIENCE_S: Final = 5.0
_READABLE: Final = ("application/pdf", "text/")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """A request as the integrator's function sees it; ``now`` is the adapter's clock."""

    id: str
    caller: str
    body: EvidenceRequestBody
    now: datetime


OnEvidence: TypeAlias = Callable[[EvidenceRequest], "EvidenceAnswer | Awaitable[EvidenceAnswer]"]
BeforeDelivery: TypeAlias = Callable[[EvidenceRequest], "Awaitable[None] | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSource:
    """One type of evidence that is served; ``needs_consent`` unless a law does without it."""

    function: OnEvidence
    needs_consent: bool = True


@dataclass(slots=True)
class EvidenceDesk:
    """Answers requests for evidence, durably; ``before_delivery`` hears of what goes out."""

    scribe: Scribe
    sources: Mapping[str, EvidenceSource]
    body_bytes: int
    before_delivery: BeforeDelivery | None = None
    _locks: KeyedLocks = field(default_factory=KeyedLocks)

    async def request(self, caller: str, request_id: str, data: bytes) -> tuple[bytes, bool]:
        """Take a request; return the answer's bytes, and whether the request is new.

        The function is called again for the same request while its answer is not final.

        Raises:
            ProtocolProblemError: it can be no request, lacks a consent, or conflicts.
            JournalError: the answer could not be made durable.
        """
        async with self._locks.alone((caller, request_id), patience_s=PATIENCE_S):
            known = await self.scribe.register.evidence(caller, request_id)
            if known is None:
                body = parse_evidence_request(data, max_bytes=self.body_bytes)
                source = self._source(body.evidence_type)
                self._refuse_without_leave(source, body)
                stored = StoredEvidence(request_id=request_id, digest=digest_bytes(data), body=data)
                return await self._answered(caller, stored, body), True
            if known.digest != digest_bytes(data):
                raise conflict("evidence")
            return await self._current(caller, known), False

    async def read(self, caller: str, request_id: str) -> bytes:
        """Return the present answer; raises ``unknown-request``."""
        async with self._locks.alone((caller, request_id), patience_s=PATIENCE_S):
            known = await self.scribe.register.evidence(caller, request_id)
            if known is None:
                msg = f"no request {request_id} of this caller"
                raise ProtocolProblemError(msg, problem="unknown-request")
            return await self._current(caller, known)

    async def settle(self, caller: str, request_id: str, answer: EvidenceAnswer) -> None:
        """Record what a person decided, or a search has found.

        Raises:
            CaseNotFoundError: no such request.
            AdapterError: it was answered for good before, or the answer is incomplete.
        """
        async with self._locks.alone((caller, request_id), patience_s=PATIENCE_S):
            known = await self.scribe.register.evidence(caller, request_id)
            if known is None:
                msg = f"no request {request_id[:96]} for evidence was made here"
                raise CaseNotFoundError(msg)
            if known.is_final:
                msg = f"request {request_id[:96]} was answered for good"
                raise AdapterError(msg)
            await self._keep(caller, known, answer)

    def _source(self, evidence_type: str) -> EvidenceSource:
        source = self.sources.get(evidence_type)
        if source is None:
            msg = f"evidence of type {evidence_type[:96]} is not served here"
            raise ProtocolProblemError(msg, problem="unknown-evidence-type")
        return source

    def _refuse_without_leave(self, source: EvidenceSource, body: EvidenceRequestBody) -> None:
        """Refuse a request that neither the person nor, where that may do, a law allows."""
        if not source.needs_consent and body.by_law:
            return
        consent = body.consent
        today = self.scribe.clock().astimezone(self.scribe.zone).date()
        if consent is None:
            rule = ("/consent", "is missing")
        elif consent.scope != body.evidence_type:
            rule = ("/consent/scope", "is for another type of evidence")
        elif consent.until is not None and parse_day(consent.until) < today:
            rule = ("/consent/until", "has passed")
        else:
            return
        msg = "nothing is told of a person without leave"
        raise ProtocolProblemError(msg, problem="invalid-submission", findings=(rule,))

    async def _current(self, caller: str, known: StoredEvidence) -> bytes:
        if known.is_final or _was_settled(known):
            return known.answer
        return await self._answered(caller, known)

    async def _answered(
        self, caller: str, stored: StoredEvidence, body: EvidenceRequestBody | None = None
    ) -> bytes:
        """Ask the function, keep what it says; ``body``: the request, where it was just read."""
        asked = self._asked(caller, stored, body)
        answer = await call(self._source(asked.body.evidence_type).function, asked)
        return await self._keep(caller, stored, answer)

    def _asked(
        self, caller: str, stored: StoredEvidence, body: EvidenceRequestBody | None = None
    ) -> EvidenceRequest:
        body = body or parse_evidence_request(stored.body, max_bytes=len(stored.body))
        return EvidenceRequest(
            id=stored.request_id, caller=caller, body=body, now=self.scribe.clock()
        )

    async def _keep(self, caller: str, stored: StoredEvidence, answer: object) -> bytes:
        if not isinstance(answer, EvidenceAnswer):
            msg = f"a function for evidence returned a {type(answer).__name__}"
            raise AdapterError(msg)
        named = answer.with_papers_named()
        _refuse_unfit(named)
        if named.state is EvidenceState.DELIVERED and self.before_delivery is not None:
            await call(self.before_delivery, self._asked(caller, stored))
        data = evidence_json(named)
        await self.scribe.register.put_evidence(
            caller,
            replace(stored, answer=data, is_final=named.state.is_final),
            tuple(
                StoredDocument(digest=one.digest, media_type=one.media_type, data=one.data)
                for one in answer.papers
            ),
            at=instant_text(self.scribe.clock()),
        )
        return data


def _was_settled(known: StoredEvidence) -> bool:
    """Say whether a person is to look first: only they, not the function, move it on."""
    return parse_evidence(known.answer).preview_url is not None


def _refuse_unfit(answer: EvidenceAnswer) -> None:
    broken = [f"{name}: {rule}" for name, rule in rules_broken_by(answer)]
    kinds = [one.media_type for one in answer.documents]
    needs_text = "application/json" in kinds and answer.certificate is None
    if needs_text and not any(one.startswith(_READABLE) for one in kinds):
        broken.append("documents: structured evidence comes with a version that people can read")
    if broken and answer.state in set(EvidenceState):
        msg = f"the answer cannot go on the wire: {'; '.join(broken)}"
        raise AdapterError(msg)
