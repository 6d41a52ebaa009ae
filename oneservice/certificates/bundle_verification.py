"""Judging a bundle: the keystone first, then everything that it names, each with its reason.

The order is: the bundle certificate with all its checks, the digest of the plan, the chain of the
journal and its head, the certificates (none missing, none too many, each the very one that was
named, each judged by itself), the enclosed trust list and the controllers made from it. The list of
the relier decides; the enclosed one is only looked at for damage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oneservice.canonical import canonical, digest, digest_bytes
from oneservice.certificates.bundle import Bundle, Sealed
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.chain import verify_chain
from oneservice.certificates.controllers import controller_document
from oneservice.certificates.policy import Policy
from oneservice.certificates.report import (
    Check,
    CheckName,
    CheckResult,
    Finding,
    Report,
    Verdict,
    conclude,
    failed,
    not_checked,
    passed,
    unmade,
)
from oneservice.certificates.status import StatusSource
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.verification import examine, judge
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    VerificationError,
)

__all__ = ["BundleReport", "ComponentReport", "examine_bundle"]

_PARTS = ("plan_digest", "journal_chain", "journal_head", "components", "trust_list", "controllers")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentReport:
    """The report on one certificate of a bundle, and for which sub-case it stands."""

    sub_case_id: str
    certificate_id: str
    report: Report

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON, with its place in the case."""
        place = {"sub_case_id": self.sub_case_id, "certificate_id": self.certificate_id}
        return place | self.report.as_json()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReport:
    """The answer about a bundle: valid only if every part of it is.

    ``checks`` are those of the bundle certificate, then those of the other parts.
    """

    verdict: Verdict
    reason: str | None
    message: str
    checks: tuple[Check, ...]
    components: tuple[ComponentReport, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as ``verify --json`` prints it."""
        own = Report(
            verdict=self.verdict, reason=self.reason, message=self.message, checks=self.checks
        )
        return own.as_json() | {"components": [one.as_json() for one in self.components]}


def examine_bundle(
    data: bytes | Bundle,
    *,
    trust: TrustStore | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
) -> BundleReport:
    """Return the report on a bundle, whatever it is; never raises for what it finds in it.

    Args:
        data: a bundle, or bytes that are said to be one.
        trust: whom the relier trusts; the enclosed list is never a substitute.
        at: aware instant for which the answer is to hold.
        status: register of revocations at hand.
        policy: what each certificate must pass; :meth:`Policy.standard` by default.
    """
    try:
        bundle = data if isinstance(data, Bundle) else Bundle.parse(data)
        sealed = Sealed.of(bundle.certificate)
    except MalformedCertificateError as error:
        rest = [not_checked(name, "the bundle could not be read") for name in _PARTS]
        found = [failed(CheckName.PARSE, error), *unmade(after=CheckName.PARSE), *rest]
        return _report(found, ())
    findings = judge(bundle.certificate, trust=trust, at=at, status=status, policy=policy)
    components = tuple(
        ComponentReport(
            sub_case_id=_place(sealed, certificate),
            certificate_id=certificate.id,
            report=examine(certificate, trust=trust, at=at, status=status, policy=policy),
        )
        for certificate in bundle.certificates
    )
    judged = [_component(one) for one in components]
    proven = {one.check.name for one in findings if one.check.result is CheckResult.PASS}
    if CheckName.PROOF not in proven:
        why = "the bundle certificate is not proven, so what it names counts for nothing"
        unmade_parts = [not_checked(name, why) for name in _PARTS]
        return _report([*findings, *unmade_parts, *judged], components)
    findings += [_plan(bundle, sealed), *_journal(bundle, sealed), _named(bundle, sealed)]
    return _report([*findings, *judged, *_enclosed(bundle, sealed)], components)


def _report(findings: list[Finding], components: tuple[ComponentReport, ...]) -> BundleReport:
    report = conclude(findings)
    return BundleReport(
        verdict=report.verdict,
        reason=report.reason,
        message=report.message,
        checks=report.checks,
        components=components,
    )


def _place(sealed: Sealed, certificate: Certificate) -> str:
    named = (one.sub_case_id for one in sealed.components if one.certificate_id == certificate.id)
    return next(named, "")


def _plan(bundle: Bundle, sealed: Sealed) -> Finding:
    stated = bundle.plan.get("digest")
    own = digest({name: value for name, value in bundle.plan.items() if name != "digest"})
    if own == stated == sealed.plan_digest:
        return passed("plan_digest", digest=own)
    error = ForgedCertificateError("the plan is not the one that the certificate names")
    return failed("plan_digest", error, due=sealed.plan_digest, found=own)


def _journal(bundle: Bundle, sealed: Sealed) -> list[Finding]:
    due = sealed.journal
    try:
        found = verify_chain(bundle.journal)
    except VerificationError as error:
        stop = not_checked("journal_head", "journal_chain did not pass")
        return [failed("journal_chain", error), stop]
    redacted = sum("data_digest" in record for record in bundle.journal)
    chain = passed("journal_chain", **found.as_json(), redacted=redacted)
    if found == due:
        return [chain, passed("journal_head", **due.as_json())]
    msg = "the journal does not end where the certificate says: records are missing or were added"
    other = ForgedCertificateError(msg)
    return [chain, failed("journal_head", other, due=due.as_json(), found=found.as_json())]


def _named(bundle: Bundle, sealed: Sealed) -> Finding:
    """Compare what the bundle certificate names with what the file holds, both ways.

    Nor may the office that seals lend a certificate of one case to another.
    """
    due = {one.certificate_id: one.digest for one in sealed.components if one.certificate_id}
    found = {one.id: one.digest for one in bundle.certificates}
    wrong = {
        "missing": sorted(due.keys() - found.keys()),
        "not_named": sorted(found.keys() - due.keys()),
        "changed": sorted(name for name in due.keys() & found.keys() if due[name] != found[name]),
    }
    case_id = sealed.journal.case_id
    wrong["of_another_case"] = sorted(
        one.id for one in bundle.certificates if _case_of(one) not in (None, case_id)
    )
    if len(found) != len(bundle.certificates):
        wrong["not_named"].append("a certificate that stands twice")
    facts: dict[str, Any] = {"named": len(due), "decisions": len(sealed.components)}
    facts |= {name: ids for name, ids in wrong.items() if ids}
    if any(wrong.values()):
        msg = "the certificates are not those that the bundle certificate names, or not of its case"
        return failed("components", ForgedCertificateError(msg), **facts)
    return passed("components", **facts)


def _case_of(certificate: Certificate) -> str | None:
    """Return the case that a certificate says it came from; other people's say nothing."""
    evidence = certificate.claims.evidence if certificate.is_ours else None
    return None if evidence is None else evidence.case_id


def _component(component: ComponentReport) -> Finding:
    report, name = component.report, f"component:{component.sub_case_id or 'not named'}"
    facts: dict[str, Any] = {
        "certificate_id": component.certificate_id,
        "verdict": report.verdict.value,
    }
    if report.error is None:
        return passed(name, **facts)
    if report.verdict is Verdict.INVALID:
        return failed(name, report.error, **facts)
    return not_checked(name, report.message, error=report.error, **facts)


def _enclosed(bundle: Bundle, sealed: Sealed) -> list[Finding]:
    """Check the enclosed list for damage, and that the controllers are made from it."""
    data = canonical(bundle.trust_list)
    try:
        trust = TrustStore.parse(data)
        if sealed.trust_list_digest not in (None, digest_bytes(data)):
            msg = "the enclosed trust list is not the one that the certificate names"
            raise ForgedCertificateError(msg)
    except VerificationError as error:
        forged = isinstance(error.__cause__ or error, ForgedCertificateError)
        kind = ForgedCertificateError if forged else MalformedCertificateError
        stop = not_checked("controllers", "trust_list did not pass")
        return [failed("trust_list", kind(str(error))), stop]
    listed = passed("trust_list", **trust.evidence, use="for reference; the caller's list decides")
    due = [controller_document(issuer) for issuer in trust.issuers]
    if list(bundle.controllers) == due:
        return [listed, passed("controllers", issuers=len(due))]
    damage = ForgedCertificateError("the controllers are not those of the enclosed trust list")
    return [listed, failed("controllers", damage)]
