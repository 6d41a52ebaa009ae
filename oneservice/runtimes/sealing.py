"""Sealing a case: one certificate that names the plan, the journal's head and every decision."""

from __future__ import annotations

from datetime import datetime

from oneservice.canonical import Digest, canonical, digest_bytes
from oneservice.case import BundleSigned, Case, SubCase
from oneservice.certificates import (
    Certificate,
    Component,
    JournalHead,
    bundle_claims,
    claims_document,
)
from oneservice.identifiers import mask_citizen_number, parse_citizen_number
from oneservice.ports import Signer
from oneservice.runtimes.hot import HotCase
from oneservice.workdays import legal_day

__all__ = ["seal_bundle"]


async def seal_bundle(
    hot: HotCase, *, signer: Signer, trust_list: Digest | None, at: datetime
) -> tuple[BundleSigned, bytes]:
    """Return the fact that the results were sealed, and the certificate's bytes.

    The certificate vouches for the journal as far as it is durable now; what is recorded later
    (a follow-up check, a revocation) is not in it. ``trust_list`` names the bytes of the list that
    the bundle will enclose, so that nobody can put another in its place.
    """
    case, issuer, applicant = hot.case, signer.issuer, hot.form.applicant
    is_person = applicant.kind == "person"
    claims = bundle_claims(
        id=_bundle_id(case),
        title={"zh": f"{hot.plan.title.zh}：一并出件", "en": f"{hot.plan.title.en}: all results"},
        issuer_id=issuer.id,
        issuer_name=issuer.name,
        issuer_region=issuer.region,
        holder_name=applicant.name,
        holder_code=(
            mask_citizen_number(parse_citizen_number(applicant.code))
            if is_person
            else applicant.code
        ),
        plan_digest=case.plan,
        journal=JournalHead(case_id=case.id, seq=hot.seq, head=hot.head),
        components=_components(case),
        concluded_on=legal_day(at),
        trust_list_digest=trust_list,
        trips=len(case.counter.visits),
        is_sandbox=issuer.is_sandbox,
    )
    signed = await signer.sign(claims_document(claims), created=at)
    document = canonical(signed)
    certificate = Certificate.parse(document)
    given = BundleSigned(
        at=at,
        certificate_id=certificate.id,
        certificate=digest_bytes(document),
        over_seq=hot.seq,
        over_head=hot.head,
    )
    return given, document


def _bundle_id(case: Case) -> str:
    """Return an id of its own for each version: a later one does not pass for the first."""
    first = f"urn:oneservice:case:{case.id}:bundle"
    return first if case.bundle is None else f"{first}:{case.bundle.version + 1}"


def _components(case: Case) -> tuple[Component, ...]:
    return tuple(_component(sub) for sub in case.sub_cases.values() if _is_decided(sub))


def _is_decided(sub: SubCase) -> bool:
    return sub.decided_at is not None and sub.is_decided and sub.spec.kind != "bundle"


def _component(sub: SubCase) -> Component:
    document = sub.outcome.get("certificate") if sub.outcome else None
    certificate = Certificate.of(document) if document is not None else None
    if sub.decided_at is None:
        msg = f"{sub.id} is not decided"
        raise AssertionError(msg)
    return Component(
        sub_case_id=sub.id,
        decision=str(sub.status),
        decided_on=legal_day(sub.decided_at),
        certificate_id=certificate.id if certificate else None,
        digest=certificate.digest if certificate else None,
        basis=sub.basis,
    )
