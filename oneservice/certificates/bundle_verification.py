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

from oneservice.certificates.bundle import Bundle
from oneservice.certificates.bundle_parts import (
    certificates_as_named,
    enclosures_as_named,
    journal_as_sealed,
    lists_as_enclosed,
    plan_as_named,
)
from oneservice.certificates.bundle_sealing import Sealed
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.enclosed_lists import TRUST_LIST
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
from oneservice.certificates.testimony import TESTIMONY
from oneservice.certificates.verification import examine_certificate, judge
from oneservice.errors import (
    CertificateRevokedError,
    CertificateSuspendedError,
    ExpiredCertificateError,
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
    TRUST_LIST,
    "controllers",
)
_ENDS: Final = (ExpiredCertificateError, CertificateRevokedError, CertificateSuspendedError)
"""What can befall a certificate after it was handed out, and leaves the record of that day true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentReport:
    """The report on one certificate of a bundle, and for which sub-case it stands.

    ``report`` is for the moment asked about. ``has_ended``: it was good when the bundle was sealed,
    and only expired, was suspended or was taken back since. ``is_state_unknown``: it was good then,
    and no register at hand knows what became of it.
    """

    sub_case_id: str
    certificate_id: str
    report: Report
    has_ended: bool = False
    is_state_unknown: bool = False

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
    own = bundle.enclosed(bundle.certificate)
    findings = judge(
        bundle.certificate, trust=trust, at=at, status=status, policy=policy, enclosures=own
    )
    asked = _Asked(trust=trust, at=at, status=status, policy=policy)
    components = tuple(asked.examine(one, bundle, sealed) for one in bundle.certificates)
    judged = [_component(one, all_current=all_current) for one in components]
    proven = {one.check.name for one in findings if one.check.result is CheckResult.PASS}
    if CheckName.PROOF not in proven:
        why = "the bundle certificate is not proven, so what it names counts for nothing"
        unmade_parts = [not_checked(name, why) for name in _PARTS]
        return _report([*findings, *unmade_parts, *judged], components, policy)
    journal = journal_as_sealed(bundle, sealed, trust)
    are_vouched = any(
        one.check.name == TESTIMONY and one.check.result is CheckResult.PASS for one in journal
    )
    findings += [
        plan_as_named(bundle, sealed),
        *journal,
        certificates_as_named(bundle, sealed, are_vouched=are_vouched),
    ]
    further = [*lists_as_enclosed(bundle, sealed), *enclosures_as_named(bundle)]
    return _report([*findings, *judged, *further], components, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the relier wants to know of each certificate, and by whose lights."""

    trust: Trust | None
    at: datetime
    status: StatusSource | None
    policy: Policy

    def examine(self, certificate: Certificate, bundle: Bundle, sealed: Sealed) -> ComponentReport:
        """Return the report on one certificate, and whether it only ended since the sealing."""
        report = self._report(certificate, bundle, self.at)
        may_have_ended = isinstance(report.error, _ENDS)
        is_open = _lacks_only_status(report)
        was_good = (may_have_ended or is_open) and self._was_good(certificate, bundle)
        return ComponentReport(
            sub_case_id=_place(sealed, certificate),
            certificate_id=certificate.id,
            report=report,
            has_ended=may_have_ended and was_good,
            is_state_unknown=is_open and was_good,
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
        return sealed_at is not None and self._report(certificate, bundle, sealed_at).error is None

    def _report(self, certificate: Certificate, bundle: Bundle, at: datetime) -> Report:
        return examine_certificate(
            certificate,
            trust=self.trust,
            at=at,
            status=self.status,
            policy=self.policy,
            enclosures=bundle.enclosed(certificate),
        )


def _lacks_only_status(report: Report) -> bool:
    """Say whether what stands in the way is that no register of that time is at hand."""
    if report.verdict is not Verdict.INDETERMINATE:
        return False
    status = next(one for one in report.checks if one.name == CheckName.STATUS)
    return "reason" in status.evidence and status.evidence["why"] == report.message


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
        missing=report.missing,
        components=components,
    )


def _place(sealed: Sealed, certificate: Certificate) -> str:
    named = (one.sub_case_id for one in sealed.components if one.certificate_id == certificate.id)
    return next(named, "")


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
    if component.is_state_unknown and not all_current:
        return passed(name, **facts, since_then="no register of that time is at hand")
    if report.verdict is Verdict.INVALID:
        return failed(name, report.error, **facts)
    return not_checked(name, report.message, error=report.error, **facts)
