"""From another region's application to what is handed in here: applicant, form, papers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from oneservice.canonical import Digest, canonical, read_instant
from oneservice.case import (
    Applicant,
    ConsentGiven,
    Document,
    Provenance,
    SignedPromise,
    WindowReceipt,
)
from oneservice.departments import MaterialItem, Submission
from oneservice.errors import ProtocolProblemError
from oneservice.federation.offers import Offer
from oneservice.plan import Plan
from oneservice.workdays import legal_day

__all__ = ["Application", "application", "papers_of", "refuse_without_consent", "window_receipt"]

_SKEW: Final = timedelta(minutes=5)
"""By how much the other region's clock may be ahead (protocol section 12)."""
_CERTIFICATE_TYPE: Final = "application/vc+json"
_Bytes = Callable[[Submission, Digest], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What ``Engine.submit`` takes."""

    applicant: Applicant
    fields: Mapping[str, Any] = field(repr=False)
    materials: Mapping[str, tuple[Document, ...]] = field(repr=False)
    consents: Mapping[str, ConsentGiven] = field(repr=False)
    promises: Mapping[str, SignedPromise] = field(repr=False)
    received: WindowReceipt | None


def refuse_without_consent(offer: Offer, submission: Submission) -> None:
    """Refuse an application that brings no consent; nothing of it is kept then.

    Raises:
        ProtocolProblemError: ``not-allowed``.

    References:
        Personal Information Protection Law art. 23: another handler gets data of a person only
        with a consent of its own, to a purpose that the person was told.
    """
    if not offer.needs_consent:
        return
    today = legal_day(submission.now)
    alive = [
        one
        for one in submission.body.consents
        if (one.until is None or date.fromisoformat(one.until) >= today)
        and (not offer.purposes or one.scope in offer.purposes)
    ]
    if not alive:
        msg = (
            "no living consent of the person comes with this application; it was not kept: "
            "ask the person for one, and file again"
        )
        raise ProtocolProblemError(msg, problem="not-allowed")


async def application(
    offer: Offer, submission: Submission, plan: Plan, read: _Bytes
) -> Application:
    """Return what ``submission`` hands in under ``plan``; ``read`` fetches uploaded bytes.

    A promise that is not taken here is left out: what it was for is asked for like any paper.
    """
    known = {one.group or one.id for one in plan.form if one.value is None}
    wanted = {one.id for one in plan.materials if not one.yielded_by}
    given = {name: item for name, item in submission.materials.items() if name in wanted}
    papers = await papers_of(submission, given.values(), read)
    promised = {one.material: one for one in submission.body.promises if offer.takes_promises}
    return Application(
        applicant=_applicant(submission.applicant),
        fields={name: value for name, value in submission.fields.items() if name in known},
        materials=papers,
        consents=_consents(submission, plan),
        promises={
            name: SignedPromise(
                until=date.fromisoformat(one.until),
                document=await read(submission, one.document) if one.document else b"",
            )
            for name, one in promised.items()
            if name not in papers
        },
        received=window_receipt(submission),
    )


def window_receipt(submission: Submission) -> WindowReceipt | None:
    """Return what the other region tells of its own window (异地代收); ``None``: nothing.

    Raises:
        ProtocolProblemError: ``invalid-submission``: it is said to be received in the future.
    """
    told = submission.body.window_received_at
    if told is None:
        return None
    received_at = read_instant(told)
    if received_at > submission.now + _SKEW:
        msg = "a window cannot have received this later than now; compare both clocks"
        found = (("/window_received_at", "lies in the future"),)
        raise ProtocolProblemError(msg, problem="invalid-submission", findings=found)
    return WindowReceipt(
        received_at=received_at,
        region=submission.body.accepting_region or "",
        office=submission.caller,
        reference=submission.id,
    )


async def papers_of(
    submission: Submission, items: Iterable[MaterialItem], read: _Bytes
) -> dict[str, tuple[Document, ...]]:
    """Return the documents of ``items``, byte for byte; what names none is left out."""
    found: dict[str, tuple[Document, ...]] = {}
    for item in items:
        some = [
            Document(
                content=await read(submission, one.digest),
                media_type=one.media_type,
                name=one.name or item.material,
                level=_level(item),
            )
            for one in item.documents
        ]
        if item.certificate is not None:
            some.insert(0, _certificate(submission, item, item.certificate))
        if some:
            found[item.material] = tuple(some)
    return found


def _certificate(
    submission: Submission, item: MaterialItem, certificate: Mapping[str, Any]
) -> Document:
    """Return a certificate as a document that says from which region it came, on whose leave."""
    consents = {one.id: one for one in submission.body.consents}
    consent = consents.get(item.consent or "")
    came = submission.received_at
    return Document(
        content=canonical(certificate),
        media_type=_CERTIFICATE_TYPE,
        name=f"{item.material}.json",
        provenance=Provenance(
            department=submission.caller,
            request_id=submission.id,
            evidence_type=item.material,
            answer=submission.digest,
            obtained_at=came,
            accepted_at=came,
            consent_id=consent.id if consent else "",
            proof=consent.proof if consent else None,
            until=(consent.until or "") if consent else "",
            certificate=certificate,
            level=_level(item) or "collected",
        ),
    )


def _level(item: MaterialItem) -> str:
    """Return on which level something is here that nobody brought; empty: it was brought.

    That it is sealed is only what the other region says: nobody here has looked at the seal, so it
    counts as collected, until the office that needs it does.
    """
    return "collected" if item.level in ("sealed", "collected") else ""


def _applicant(told: Mapping[str, Any]) -> Applicant:
    kind = "person" if told.get("kind") == "person" else "organisation"
    return Applicant(
        name=str(told.get("name") or ""),
        code=str(told.get("code") or ""),
        kind="person" if kind == "person" else "organisation",
    )


def _consents(submission: Submission, plan: Plan) -> dict[str, ConsentGiven]:
    """Return the consents of the plan's own parties; who signed stays with the other region."""
    parties = {one.id for one in plan.parties}
    return {
        one.id: ConsentGiven(
            by=f"{submission.caller} ({one.id})",
            at=_at(submission),
            proof=one.proof,
            until=date.fromisoformat(one.until) if one.until else None,
        )
        for one in submission.body.consents
        if one.id in parties and one.proof is not None
    }


def _at(submission: Submission) -> datetime:
    return submission.received_at
