"""Judging a bundle: the keystone first, then everything that it names, each with its reason.

The order is: the bundle certificate with all its checks, the digest of the plan, the chain of the
journal and its head, the certificates (none missing, none too many, each the very one that was
named, each judged by itself), the enclosed trust list and the controllers made from it. The list of
the relier decides; the enclosed one is only looked at for damage.

A bundle is the record of a day. It stays sound when a certificate in it ends or is taken back
later; the report names such certificates, and each has its own report for the moment asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import canonical, digest, digest_bytes
from oneservice.certificates.bundle import Bundle, Sealed
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.chain import verify_chain
from oneservice.certificates.controllers import controller_document
from oneservice.certificates.policy import Policy
from oneservice.certificates.proofs import read_proof
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import (
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
from oneservice.certificates.testimony import TESTIMONY, check_testimony
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.verification import examine_certificate, judge
from oneservice.errors import (
    CertificateRevokedError,
    CertificateSuspendedError,
    ExpiredCertificateError,
    ForgedCertificateError,
    MalformedCertificateError,
    VerificationError,
)

__all__ = ["BundleReport", "ComponentReport", "examine_bundle"]

_PARTS: Final = (
    "plan_digest",
    "journal_chain",
    "journal_head",
    TESTIMONY,
    "components",
    "trust_list",
    "controllers",
)
_VISIT: Final = "visit_recorded"
"""The kind of a record that tells of one journey of the applicant (到现场一次)."""
_ENDS: Final = (ExpiredCertificateError, CertificateRevokedError, CertificateSuspendedError)
"""What can befall a certificate after it was handed out, and leaves the record of that day true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentReport:
    """The report on one certificate of a bundle, and for which sub-case it stands.

    ``report`` is for the moment asked about. ``has_ended``: it was good when the bundle was sealed,
    and only expired, was suspended or was taken back since.
    """

    sub_case_id: str
    certificate_id: str
    report: Report
    has_ended: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON, with its place in the case."""
        place = {"sub_case_id": self.sub_case_id, "certificate_id": self.certificate_id}
        return place | {"has_ended": self.has_ended} | self.report.as_json()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReport(Report):
    """The answer about a bundle: valid only if every part of it is, or was when it was sealed.

    ``checks`` are those of the bundle certificate, then those of the other parts. ``message`` names
    the certificates that ended since.
    """

    components: tuple[ComponentReport, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report as ``verify --json`` prints it."""
        return Report.as_json(self) | {"components": [one.as_json() for one in self.components]}


def examine_bundle(
    data: bytes | Bundle,
    *,
    trust: Trust | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
    all_current: bool = False,
) -> BundleReport:
    """Return the report on a bundle, whatever it is; never raises for what it finds in it.

    Args:
        data: a bundle, or bytes that are said to be one.
        trust: whom the relier trusts; the enclosed list is never a substitute.
        at: aware instant for which the answer is to hold.
        status: register of revocations at hand.
        policy: what each certificate must pass; :meth:`Policy.standard` by default.
        all_current: a certificate that ended since the sealing makes the bundle invalid, too.
    """
    policy = policy or Policy.standard()
    try:
        bundle = data if isinstance(data, Bundle) else Bundle.parse(data)
        sealed = Sealed.of(bundle.certificate)
    except MalformedCertificateError as error:
        rest = [not_checked(name, "the bundle could not be read") for name in _PARTS]
        found = [failed(CheckName.PARSE, error), *unmade(after=CheckName.PARSE), *rest]
        return _report(found, (), policy)
    findings = judge(bundle.certificate, trust=trust, at=at, status=status, policy=policy)
    asked = _Asked(trust=trust, at=at, status=status, policy=policy)
    components = tuple(asked.examine(one, bundle, sealed) for one in bundle.certificates)
    judged = [_component(one, all_current=all_current) for one in components]
    proven = {one.check.name for one in findings if one.check.result is CheckResult.PASS}
    if CheckName.PROOF not in proven:
        why = "the bundle certificate is not proven, so what it names counts for nothing"
        unmade_parts = [not_checked(name, why) for name in _PARTS]
        return _report([*findings, *unmade_parts, *judged], components, policy)
    findings += [_plan(bundle, sealed), *_journal(bundle, sealed, trust), _named(bundle, sealed)]
    return _report([*findings, *judged, *_enclosed(bundle, sealed)], components, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the relier wants to know of each certificate, and by whose lights."""

    trust: Trust | None
    at: datetime
    status: StatusSource | None
    policy: Policy

    def examine(self, certificate: Certificate, bundle: Bundle, sealed: Sealed) -> ComponentReport:
        """Return the report on one certificate, and whether it only ended since the sealing."""
        report = self._report(certificate, self.at)
        return ComponentReport(
            sub_case_id=_place(sealed, certificate),
            certificate_id=certificate.id,
            report=report,
            has_ended=isinstance(report.error, _ENDS) and self._was_good(certificate, bundle),
        )

    def _was_good(self, certificate: Certificate, bundle: Bundle) -> bool:
        """Say whether the certificate passed everything on the day of the seal.

        That day is the sealing office's own word, as everything in the bundle is; if the bundle
        certificate is not proven, nothing here counts anyway.
        """
        try:
            sealed_at = read_proof(bundle.certificate.content).created
        except VerificationError:
            return False
        return sealed_at is not None and self._report(certificate, sealed_at).error is None

    def _report(self, certificate: Certificate, at: datetime) -> Report:
        return examine_certificate(
            certificate, trust=self.trust, at=at, status=self.status, policy=self.policy
        )


def _report(
    findings: list[Finding], components: tuple[ComponentReport, ...], policy: Policy
) -> BundleReport:
    report, message = conclude(findings, policy=policy.name), ""
    ended = [f"{one.sub_case_id} ({one.report.reason})" for one in components if one.has_ended]
    if ended and report.verdict is Verdict.VALID:
        message = f"valid as the record of its day; no longer in force: {', '.join(ended)}"
    return BundleReport(
        verdict=report.verdict,
        reason=report.reason,
        message=message or report.message,
        checks=report.checks,
        policy=report.policy,
        error=report.error,
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


def _journal(bundle: Bundle, sealed: Sealed, trust: Trust | None) -> list[Finding]:
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


def _component(component: ComponentReport, *, all_current: bool) -> Finding:
    report, name = component.report, f"component:{component.sub_case_id or 'not named'}"
    facts: dict[str, Any] = {
        "certificate_id": component.certificate_id,
        "verdict": report.verdict.value,
    }
    if report.error is None:
        return passed(name, **facts)
    if component.has_ended and not all_current:
        return passed(name, **facts, has_ended=True, since_then=report.error.code)
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
