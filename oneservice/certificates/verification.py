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

from oneservice.canonical import Digest
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.claims import Claims
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.inquiry import subject_of
from oneservice.certificates.judging import Asked
from oneservice.certificates.policy import Policy
from oneservice.certificates.proving import check_proven
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import (
    Finding,
    Report,
    conclude,
)
from oneservice.certificates.status import StatusSource
from oneservice.certificates.trust_entries import TrustedIssuer

__all__ = ["VerifiedCertificate", "answer", "examine_certificate", "judge", "verify"]


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
    trust: Trust | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
    enclosures: Enclosures = NOTHING,
) -> VerifiedCertificate:
    """Return ``certificate`` as verified, or raise the true reason why it is not.

    Args:
        certificate: parsed, not yet believed.
        trust: whom the relier trusts; ``None``: nobody, so nothing can be told.
        at: aware instant for which the answer is to hold.
        status: register of revocations at hand.
        policy: what must pass; :meth:`Policy.standard` by default.
        enclosures: what came beside the certificate: proofs of logging, timestamps, receipts.

    Raises:
        ForgedCertificateError, ExpiredCertificateError, NotYetValidError, CertificateRevokedError,
        CertificateSuspendedError, UnknownIssuerError, IssuerNotEntitledError: it is not valid.
        StatusUnknownError, UnknownCryptosuiteError, TrustListError: it cannot be told now.
    """
    report = examine_certificate(
        certificate, trust=trust, at=at, status=status, policy=policy, enclosures=enclosures
    )
    if report.error is not None:
        raise report.error
    return VerifiedCertificate(
        certificate=certificate,
        issuer=None if trust is None else trust.issuer(certificate.issuer_id),
        at=at,
        report=report,
    )


def examine_certificate(
    certificate: Certificate,
    *,
    trust: Trust | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
    enclosures: Enclosures = NOTHING,
) -> Report:
    """Return the report on ``certificate``; arguments as for :func:`verify`."""
    policy = policy or Policy.standard()
    asked = Asked(trust=trust, at=at, status=status, policy=policy, enclosures=enclosures)
    return answer(certificate, asked)


def answer(certificate: Certificate, asked: Asked) -> Report:
    """Return the report on ``certificate`` that answers a question put to many."""
    return conclude(_judged(certificate, asked), policy=asked.policy.name)


def judge(
    certificate: Certificate,
    *,
    trust: Trust | None,
    at: datetime,
    status: StatusSource | None,
    policy: Policy,
    enclosures: Enclosures = NOTHING,
) -> list[Finding]:
    """Return the findings of all checks in their order; arguments as for :func:`verify`."""
    asked = Asked(trust=trust, at=at, status=status, policy=policy, enclosures=enclosures)
    return _judged(certificate, asked)


def _judged(certificate: Certificate, asked: Asked) -> list[Finding]:
    subject = subject_of(certificate)
    proof, finding = check_proven(certificate, asked.trust)
    return asked.judge(subject, proof, finding, data=certificate.dump, certificate=certificate)
