"""Fetching evidence for the applicant, with consent and a look at it first: ``engine.evidence``.

Four steps, as the once-only rules want them. The portal says what is asked for, in words
(:meth:`EvidenceDesk.look_up`), and composes a request on the consent to that
(:meth:`EvidenceDesk.request`) and keeps it; asks (:meth:`EvidenceDesk.ask`), again and again where
the office needs the person first, or time; shows what came (``reply.shown``); and only what the
person accepts (:meth:`EvidenceReply.accepted`) can be handed in, as a material of ``submit`` or
``supplement``. The form then keeps the digest, the provenance and the consent with it.

Nothing is stored before that: a request is the portal's until its case is opened.

References: adapter protocol, section 10; Regulation (EU) 2018/1724 art. 14 (explicit request and
preview); Personal Information Protection Law art. 25.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from oneservice.canonical import Digest, canonical, digest_bytes
from oneservice.case import Applicant, ConsentGiven, Document, Provenance
from oneservice.catalog import Text
from oneservice.certificates import Certificate, HeldPaper, Shown
from oneservice.departments import (
    Consent,
    EvidenceAnswer,
    EvidenceRequestBody,
    EvidenceState,
    compose_evidence_request,
    evidence_json,
    parse_evidence_request,
)
from oneservice.engine.border import Border
from oneservice.engine.evidence_asked import CERTIFICATE_TYPE, EvidenceReply, EvidenceRequest
from oneservice.engine.judging import PaperJudge
from oneservice.engine.look_ups import LookUp
from oneservice.errors import (
    DepartmentContractError,
    IllegalInputError,
    MalformedCertificateError,
)
from oneservice.ports import Clock, Departments, Ids
from oneservice.workdays import legal_day

__all__ = ["EvidenceDesk"]


@runtime_checkable
class _Offices(Protocol):
    """What ``HttpDepartments`` offers beside the port."""

    async def request_evidence(
        self, department: str, request_id: str, body: bytes
    ) -> EvidenceAnswer: ...

    async def document(self, department: str, digest: Digest) -> bytes: ...


class EvidenceDesk:
    """Asks offices, of this region or another, for what the applicant need not bring then."""

    def __init__(
        self,
        departments: Departments,
        *,
        clock: Clock,
        ids: Ids,
        border: Border | None = None,
        judge: PaperJudge | None = None,
        titles: Callable[[LookUp, date], LookUp] | None = None,
    ) -> None:
        self._titles = titles
        self._departments = departments
        self._border = border
        self._judge = judge
        self._clock = clock
        self._ids = ids

    def look_up(
        self,
        department: str,
        evidence_type: str,
        *,
        purpose: str,
        office: Text | None = None,
        title: Text | None = None,
    ) -> LookUp:
        """Return what the person is asked to agree to, with the titles that are known here.

        Offices, one-things and types of certificates are called as in the catalog, an office of a
        peer after its region. What nobody gives a title is told by its id.

        Args:
            department: who has it.
            evidence_type: as catalogs name it, such as ``business_licence``.
            purpose: id of the one-thing, or of the case, that it is for.
            office: what people call the office, where the portal knows better.
            title: what people call what is fetched, likewise.
        """
        wish = LookUp(
            department=department,
            evidence_type=evidence_type,
            purpose=purpose,
            office=office,
            title=title,
        )
        return wish if self._titles is None else self._titles(wish, legal_day(self._clock.now()))

    def request(
        self,
        department: str,
        evidence_type: str,
        *,
        subject: Applicant,
        purpose: str,
        consent: ConsentGiven | None = None,
        by_law: str = "",
        accepts: tuple[str, ...] = ("certificate", "structured", "pdf"),
    ) -> EvidenceRequest:
        """Return a request; nothing is sent yet.

        Args:
            department: who has it; any department to which a way leads.
            evidence_type: as catalogs name it, such as ``business_licence``.
            subject: who it is about.
            purpose: id of the one-thing, or of the case, that it is for.
            consent: what the person signed; its ``evidence`` names the type, or nothing.
            by_law: the clause that does without consent, where one does.
            accepts: ``certificate``, ``structured``, ``pdf``, the dearest first.

        Raises:
            IllegalInputError: there is neither consent nor clause, or the consent is for other
                evidence, or over.
        """
        self._refuse_without_leave(consent, evidence_type, by_law)
        request_id = f"e{self._ids.secret()[:24]}"
        body = compose_evidence_request(
            EvidenceRequestBody(
                evidence_type=evidence_type,
                subject={"kind": subject.kind, "name": subject.name, "code": subject.code},
                purpose=purpose,
                accepts=accepts,
                consent=_on_the_wire(consent, f"{request_id}-k", evidence_type),
                by_law=by_law or None,
            )
        )
        return EvidenceRequest(id=request_id, department=department, body=body)

    async def ask(self, request: EvidenceRequest) -> EvidenceReply:
        """Send ``request``, or ask how it stands: repeating it is harmless.

        Raises:
            DepartmentUnavailableError: ask again later.
            DepartmentUnknownOutcomeError: ask again at once; nothing can have gone wrong.
            DepartmentContractError: this office has no such evidence (``feature-not-offered``,
                ``unknown-evidence-type``), or its answer cannot be used.
        """
        offices = self._departments
        if not isinstance(offices, _Offices):
            raise DepartmentContractError(
                "the way to it fetches no evidence; not sent",
                department=request.department,
                problem="feature-not-offered",
            )
        await self._note(request)
        answer = await offices.request_evidence(request.department, request.id, request.body)
        reply = EvidenceReply(
            state=answer.state,
            preview_url=answer.preview_url,
            missing=answer.missing,
            available_from=answer.available_from,
        )
        if answer.state is not EvidenceState.DELIVERED:
            return reply
        shown = [one async for one in _delivered(offices, request, answer)]
        judged = self._judged(request, answer)
        return replace(
            reply,
            shown=tuple(shown),
            judged=judged,
            _certificate=answer.certificate,
            _provenance=_provenance(request, answer, judged, self._clock.now()),
        )

    def _judged(self, request: EvidenceRequest, answer: EvidenceAnswer) -> HeldPaper | None:
        """Return what a certificate is worth here: what it says, whose it is, whether it counts."""
        if self._judge is None or answer.certificate is None:
            return None
        asked = parse_evidence_request(request.body)
        return self._judge.judged(
            Shown(paper=canonical(answer.certificate)),
            types=(asked.evidence_type,),
            holder=_subject(asked),
        )

    async def _note(self, request: EvidenceRequest) -> None:
        """Note in the person's log what is about to be asked of another region."""
        if self._border is None:
            return
        asked = parse_evidence_request(request.body)
        await self._border.asking(
            _subject(asked),
            request.department,
            asked.evidence_type,
            purpose=asked.purpose,
            reference=request.id,
            consent=asked.consent.id if asked.consent is not None else "",
            by_law=asked.by_law or "",
        )

    def _refuse_without_leave(
        self, consent: ConsentGiven | None, evidence_type: str, by_law: str
    ) -> None:
        problem = None
        if consent is None:
            problem = None if by_law else "ask the person for a consent, or name the clause"
        elif consent.evidence and evidence_type not in consent.evidence:
            problem = f"the consent is not for {evidence_type!r}"
        elif consent.until is not None and consent.until < legal_day(self._clock.now()):
            problem = "the last day of the consent is over; ask for another one"
        if problem is not None:
            msg = f"evidence is fetched on leave only: {problem}"
            raise IllegalInputError(msg, status="not asked")


def _subject(asked: EvidenceRequestBody) -> Applicant:
    told = asked.subject
    return Applicant(
        name=str(told.get("name") or ""),
        code=str(told.get("code") or ""),
        kind="person" if told.get("kind") == "person" else "organisation",
    )


async def _delivered(
    offices: _Offices, request: EvidenceRequest, answer: EvidenceAnswer
) -> AsyncIterator[Document]:
    """Yield all that was delivered, the certificate first."""
    kind = parse_evidence_request(request.body).evidence_type
    if answer.certificate is not None:
        try:
            Certificate.of(answer.certificate)
        except MalformedCertificateError as error:
            raise DepartmentContractError(
                f"evidence request {request.id}: the certificate is none: {error}",
                department=request.department,
                problem="malformed",
            ) from None
        yield Document(
            content=canonical(answer.certificate), media_type=CERTIFICATE_TYPE, name=f"{kind}.json"
        )
    for one in answer.documents:
        content = await offices.document(request.department, one.digest)
        yield Document(content=content, media_type=one.media_type, name=one.name or kind)


def _on_the_wire(
    consent: ConsentGiven | None, consent_id: str, evidence_type: str
) -> Consent | None:
    if consent is None:
        return None
    until = consent.until.isoformat() if consent.until is not None else None
    return Consent(id=consent_id, scope=evidence_type, until=until, proof=consent.proof)


def _provenance(
    request: EvidenceRequest, answer: EvidenceAnswer, judged: HeldPaper | None, at: datetime
) -> Provenance:
    """Return whence it came; sealed is what was looked at here, not what an office says."""
    asked = parse_evidence_request(request.body)
    consent = asked.consent
    return Provenance(
        department=request.department,
        request_id=request.id,
        evidence_type=asked.evidence_type,
        answer=digest_bytes(evidence_json(answer)),
        obtained_at=at,
        accepted_at=at,
        issued_at=answer.issued_at or "",
        as_of=answer.as_of or "",
        level="sealed" if judged is not None and judged.counts else "collected",
        consent_id=consent.id if consent else "",
        proof=consent.proof if consent else None,
        until=(consent.until or "") if consent else "",
        by_law=asked.by_law or "",
    )
