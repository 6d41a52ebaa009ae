"""What is enclosed in a bundle beside certificates, held against what its keystone names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oneservice.canonical import Digest, digest
from oneservice.certificates.bundle import Bundle
from oneservice.certificates.bundle_sealing import Sealed
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.chain import verify_chain
from oneservice.certificates.controllers import controller_document
from oneservice.certificates.enclosed_lists import check_enclosed_list
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import Finding, failed, not_checked, passed
from oneservice.certificates.testimony import TESTIMONY, check_testimony
from oneservice.errors import ForgedCertificateError, StatusUnknownError, VerificationError

__all__ = [
    "certificates_as_named",
    "enclosures_as_named",
    "journal_as_sealed",
    "lists_as_enclosed",
    "plan_as_named",
]

_VISIT: Final = "visit_recorded"
"""The kind of a record that tells of one journey of the applicant (到现场一次)."""


def plan_as_named(bundle: Bundle, sealed: Sealed) -> Finding:
    """Compare the digest of the enclosed plan with the one that is named."""
    stated = bundle.plan.get("digest")
    own = digest({name: value for name, value in bundle.plan.items() if name != "digest"})
    if own == stated == sealed.plan_digest:
        return passed("plan_digest", digest=own)
    error = ForgedCertificateError("the plan is not the one that the certificate names")
    return failed("plan_digest", error, due=sealed.plan_digest, found=own)


def journal_as_sealed(bundle: Bundle, sealed: Sealed, trust: Trust | None) -> list[Finding]:
    """Recompute the chain, compare its head with the one that is named, hear the departments."""
    due = sealed.journal
    try:
        found = verify_chain(bundle.journal)
    except VerificationError as error:
        stop = [
            not_checked(name, "journal_chain did not pass") for name in ("journal_head", TESTIMONY)
        ]
        return [failed("journal_chain", error), *stop]
    redacted = sum("data_digest" in record for record in bundle.journal)
    chain = passed("journal_chain", **found.as_json(), redacted=redacted)
    testimony = check_testimony(bundle.journal, trust)
    if found == due:
        return [chain, _trips(bundle, sealed), testimony]
    msg = "the journal does not end where the certificate says: records are missing or were added"
    other = ForgedCertificateError(msg)
    head = failed("journal_head", other, due=due.as_json(), found=found.as_json())
    return [chain, head, testimony]


def _trips(bundle: Bundle, sealed: Sealed) -> Finding:
    """Count the applicant's journeys again; records whose data was erased count, too."""
    recorded = sum(one.get("kind") == _VISIT for one in bundle.journal)
    facts = sealed.journal.as_json()
    if sealed.trips in (None, recorded):
        return passed("journal_head", **facts)
    msg = "the certificate states another number of journeys than the journal records"
    stated = {"stated_trips": sealed.trips, "recorded_trips": recorded}
    return failed("journal_head", ForgedCertificateError(msg), **facts, **stated)


def certificates_as_named(bundle: Bundle, sealed: Sealed, *, are_vouched: bool) -> Finding:
    """Compare what the bundle certificate names with what the file holds, both ways, in its order.

    Nor may the office that seals lend a certificate of one case to another. Where a step was
    decided by another region's engine, its certificate names the case over there: that it is this
    step's result, the deciding office says in its own signed words.

    Args:
        bundle: the file.
        sealed: what its certificate names.
        are_vouched: whether every word of a department in the journal is signed by a listed key.
    """
    due = {one.certificate_id: one.digest for one in sealed.components if one.certificate_id}
    found = {one.id: one.digest for one in bundle.certificates}
    wrong = {
        "missing": sorted(due.keys() - found.keys()),
        "not_named": sorted(found.keys() - due.keys()),
        "changed": sorted(name for name in due.keys() & found.keys() if due[name] != found[name]),
    }
    case_id = sealed.journal.case_id
    foreign = [one for one in bundle.certificates if _case_of(one) not in (None, case_id)]
    handed_in = _handed_in(bundle) if foreign else frozenset()
    wrong["of_another_case"] = sorted(one.id for one in foreign if one.digest not in handed_in)
    if len(found) != len(bundle.certificates):
        wrong["not_named"].append("a certificate that stands twice")
    if list(found) != list(due) and not any(wrong.values()):
        wrong["out_of_order"] = list(found)
    facts: dict[str, Any] = {"named": len(due), "decisions": len(sealed.components)}
    facts |= {name: ids for name, ids in wrong.items() if ids}
    if any(wrong.values()):
        msg = (
            "the certificates are not those of its case that the bundle certificate names, in order"
        )
        return failed("components", ForgedCertificateError(msg), **facts)
    if foreign and not are_vouched:
        msg = "a certificate names another case, and nobody vouches for the office that gave it"
        return not_checked("components", msg, error=StatusUnknownError(msg), **facts)
    if foreign:
        facts["decided_elsewhere"] = [one.id for one in foreign]
    return passed("components", **facts)


def _handed_in(bundle: Bundle) -> frozenset[str]:
    """Return the digests of the certificates that departments hand in by their events."""
    found: set[str] = set()
    for record in bundle.journal:
        data = record.get("data")
        events = data.get("events") if isinstance(data, Mapping) else None
        for event in events if isinstance(events, list) else ():
            told = event.get("data") if isinstance(event, Mapping) else None
            outcome = told.get("outcome") if isinstance(told, Mapping) else None
            paper = outcome.get("certificate") if isinstance(outcome, Mapping) else None
            if isinstance(paper, Mapping):
                found.add(digest(paper))
    return frozenset(found)


def _case_of(certificate: Certificate) -> str | None:
    """Return the case that a certificate says it came from; other people's say nothing."""
    evidence = certificate.claims.evidence if certificate.is_ours else None
    return None if evidence is None else evidence.case_id


def lists_as_enclosed(bundle: Bundle, sealed: Sealed) -> list[Finding]:
    """Check the enclosed list for damage, and that the controllers are made from it."""
    due_digest = sealed.trust_list_digest
    trust, listed = check_enclosed_list(
        bundle.trust_list, due=None if due_digest is None else Digest(due_digest)
    )
    if trust is None:
        return [listed, not_checked("controllers", "trust_list did not pass")]
    due = [controller_document(issuer) for issuer in trust.issuers]
    if list(bundle.controllers) == due:
        return [listed, passed("controllers", issuers=len(due))]
    damage = ForgedCertificateError("the controllers are not those of the enclosed trust list")
    return [listed, failed("controllers", damage)]


def enclosures_as_named(bundle: Bundle) -> list[Finding]:
    """Check that what came beside certificates belongs to certificates of this file."""
    if not bundle.enclosures:
        return []
    known = {one.digest for one in (bundle.certificate, *bundle.certificates)}
    strange = sorted(bundle.enclosures.keys() - known)
    if not strange:
        return [passed("enclosures", certificates=len(bundle.enclosures))]
    error = ForgedCertificateError(
        "something is enclosed for a certificate that is not in the file"
    )
    return [failed("enclosures", error, named=strange)]
