"""Verification: a pure function of the certificate, the trust list, the policy and the time asked.

Theory of operation: the order of the checks is fixed and printed. A proof that fails ends the
matter, because everything after it would judge words that nobody signed. All other checks are made
to the end, so that a report tells all that is wrong. A failure outweighs whatever is unknown; the
first failure is the reason.

References:
    certificates page, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.checks import ABSENT, CHECKS, Inquiry, check_proven
from oneservice.certificates.claims import Claims
from oneservice.certificates.policy import Policy
from oneservice.certificates.report import (
    CheckName,
    CheckResult,
    Finding,
    Report,
    conclude,
    failed,
    not_checked,
    passed,
    unmade,
)
from oneservice.certificates.status import StatusSource
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_entries import TrustedIssuer
from oneservice.errors import MalformedCertificateError, StatusUnknownError

__all__ = ["VerifiedCertificate", "examine", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCertificate:
    """A certificate that passed everything its policy asked for at ``at``.

    Only :func:`verify` makes one; take this type, not :class:`Certificate`, where a door opens.
    """

    certificate: Certificate
    issuer: TrustedIssuer | None
    at: datetime
    report: Report

    @property
    def claims(self) -> Claims:
        """What is stated, and now believed."""
        return self.certificate.claims

    @property
    def history_digest(self) -> Digest | None:
        """Head of the journal that a case bundle names; ``None`` for other certificates."""
        journal = self.claims.result.get("journal") if self.certificate.is_ours else None
        return journal.get("head") if isinstance(journal, dict) else None


def verify(
    certificate: Certificate,
    *,
    trust: TrustStore | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
) -> VerifiedCertificate:
    """Return ``certificate`` as verified, or raise the true reason why it is not.

    Args:
        certificate: parsed, not yet believed.
        trust: whom the relier trusts; ``None``: nobody, so nothing can be told.
        at: aware instant for which the answer is to hold.
        status: register of revocations at hand.
        policy: what must pass; :meth:`Policy.standard` by default.

    Raises:
        ForgedCertificateError, ExpiredCertificateError, NotYetValidError, CertificateRevokedError,
        CertificateSuspendedError, UnknownIssuerError, IssuerNotEntitledError: it is not valid.
        StatusUnknownError, UnknownCryptosuiteError, TrustListError: it cannot be told now.
    """
    report = conclude(judge(certificate, trust=trust, at=at, status=status, policy=policy))
    if report.error is not None:
        raise report.error
    return VerifiedCertificate(
        certificate=certificate,
        issuer=None if trust is None else trust.issuer(certificate.issuer_id),
        at=at,
        report=report,
    )


def examine(
    data: bytes | Certificate,
    *,
    trust: TrustStore | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
) -> Report:
    """Return the report on ``data``, whatever it is; never raises for what it finds in it.

    Args:
        data: a certificate, or bytes that are said to be one.
        trust: as for :func:`verify`.
        at: as for :func:`verify`.
        status: as for :func:`verify`.
        policy: as for :func:`verify`.
    """
    try:
        certificate = data if isinstance(data, Certificate) else Certificate.parse(data)
    except MalformedCertificateError as error:
        return conclude([failed(CheckName.PARSE, error), *unmade(after=CheckName.PARSE)])
    return conclude(judge(certificate, trust=trust, at=at, status=status, policy=policy))


def judge(
    certificate: Certificate,
    *,
    trust: TrustStore | None,
    at: datetime,
    status: StatusSource | None,
    policy: Policy | None,
) -> list[Finding]:
    """Return the findings of all checks in their order; arguments as for :func:`verify`."""
    policy = policy or Policy.standard()
    refusal = _refusal(policy, at)
    if refusal is not None:
        return [not_checked(name, str(refusal), error=refusal) for name in CheckName]
    inquiry = Inquiry(certificate=certificate, trust=trust, at=at, status=status, policy=policy)
    proof, finding = check_proven(inquiry)
    found = [_parsed(certificate), finding]
    if proof is None:
        return [*found, *unmade(after=CheckName.PROOF)]
    for name in _LATER:
        if name in policy.asks:
            check = CHECKS.get(name)
            found.append(_binding(check(inquiry, proof) if check else ABSENT[name]))
        else:
            found.append(ABSENT.get(name) or not_checked(name, "the policy does not ask for it"))
    return found


_LATER: Final = tuple(CheckName)[2:]


def _binding(finding: Finding) -> Finding:
    """Return ``finding`` as an answer to what was asked: no result is then no quiet pass.

    Only a certificate that names no status list needs none.
    """
    check = finding.check
    if check.result is not CheckResult.NOT_CHECKED or finding.error is not None:
        return finding
    if check.name == CheckName.STATUS:
        return finding
    why = str(check.evidence["why"])
    return not_checked(check.name, why, error=StatusUnknownError(why))


def _refusal(policy: Policy, at: datetime) -> StatusUnknownError | None:
    if policy.refuses_all:
        msg = "the policy asks for too little, so nothing can pass; use Policy.standard()"
        return StatusUnknownError(msg)
    if at.tzinfo is None:
        msg = "'at' has no zone: which moment is asked about nobody can tell"
        return StatusUnknownError(msg)
    return None


def _parsed(certificate: Certificate) -> Finding:
    facts: dict[str, Any] = {"id": certificate.id, "type": certificate.type}
    if certificate.is_ours and certificate.claims.is_sandbox:
        facts["is_sandbox"] = True
    return passed(CheckName.PARSE, **facts)
