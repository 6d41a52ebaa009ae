"""Verification: a pure function of the certificate, the trust list, the policy and the time asked.

Theory of operation: every check is a small function that looks at one thing and returns a finding;
the order is fixed and printed. A proof that fails ends the matter, because everything after it
would judge words that nobody signed. All other checks are made to the end, so that a report tells
all that is wrong. A failure outweighs whatever is unknown; the first failure is the reason.

The time that counts for a key is the moment of signing. Without a log or a timestamp there is only
the issuer's own word for it (``created``). That is good enough for a key that was only rotated,
and worth nothing once the key is reported stolen: a thief writes whatever moment he likes.

References:
    certificates page, section 3; W3C VC Data Model 2.0, section 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.canonical import Digest, write_instant
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.claims import Claims
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.moments import read_moment
from oneservice.certificates.policy import Policy
from oneservice.certificates.proofs import Proof, check_proof, read_proof
from oneservice.certificates.report import (
    CheckName,
    CheckResult,
    Finding,
    Report,
    conclude,
    decisive,
    failed,
    not_checked,
    passed,
)
from oneservice.certificates.status import CertificateState, StatusSource
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_entries import ListedKey, TrustedIssuer
from oneservice.errors import (
    CertificateRevokedError,
    CertificateSuspendedError,
    ExpiredCertificateError,
    ForgedCertificateError,
    IssuerNotEntitledError,
    MalformedCertificateError,
    NotYetValidError,
    StatusUnknownError,
    TrustListError,
    UnknownIssuerError,
    VerificationError,
)

__all__ = ["VerifiedCertificate", "examine", "verify"]

_SAME_DAY: Final = timedelta(days=1)
"""A permit counts from the first moment of its day and is signed in the course of that day; what
was signed later than a day after the moment asked about did not exist at that moment."""
_MULTIKEY_SYMBOLS: Final = 40
"""A fragment that begins with z and is at least this long claims to be a key by itself."""


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
        if not self.certificate.is_ours:
            return None
        head = self.claims.result.get("journal", {})
        return head.get("head") if isinstance(head, dict) else None


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
    inquiry = _Inquiry(certificate, trust, at, status, policy or Policy.standard())
    findings = inquiry.findings()
    error = decisive(findings)
    if error is not None:
        raise error
    issuer = None if trust is None else trust.issuer(certificate.issuer_id)
    return VerifiedCertificate(
        certificate=certificate, issuer=issuer, at=at, report=conclude(findings)
    )


def examine(
    data: bytes | Certificate,
    *,
    trust: TrustStore | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
) -> Report:
    """Return the report on ``data``, whatever it is; never raises for what it finds in it."""
    try:
        certificate = data if isinstance(data, Certificate) else Certificate.parse(data)
    except MalformedCertificateError as error:
        return conclude([failed(CheckName.PARSE, error), *_unmade(after=CheckName.PARSE)])
    return conclude(
        _Inquiry(certificate, trust, at, status, policy or Policy.standard()).findings()
    )


def _unmade(*, after: CheckName) -> list[Finding]:
    names = list(CheckName)
    return [
        not_checked(name, f"{after} did not pass, so there is nothing to judge")
        for name in names[names.index(after) + 1 :]
    ]


class _Inquiry:
    """One certificate before one relier at one time."""

    def __init__(
        self,
        certificate: Certificate,
        trust: TrustStore | None,
        at: datetime,
        status: StatusSource | None,
        policy: Policy,
    ) -> None:
        self.certificate = certificate
        self.document = certificate.content
        self.trust = trust
        self.at = at
        self.status = status
        self.policy = policy
        self.proof: Proof | None = None
        self.listed: tuple[TrustedIssuer, ListedKey] | None = None

    def findings(self) -> list[Finding]:
        """Make all checks, in order."""
        refusal = self._refusal()
        if refusal is not None:
            return [not_checked(name, str(refusal), error=refusal) for name in CheckName]
        found = [self._parse(), self._proof()]
        if self.proof is None or found[-1].check.result is CheckResult.FAIL:
            return [*found, *_unmade(after=CheckName.PROOF)]
        steps: dict[CheckName, Callable[[], Finding]] = {
            CheckName.KEY_LISTED: self._key_listed,
            CheckName.KEY_VALID: self._key_valid,
            CheckName.ISSUER_ENTITLED: self._issuer_entitled,
            CheckName.DATES: self._dates,
            CheckName.STATUS: self._status,
        }
        for name in list(CheckName)[2:]:
            if name not in steps:
                found.append(not_checked(name, _ABSENT[name]))
            elif name not in self.policy.asks:
                found.append(not_checked(name, "the policy does not ask for it"))
            else:
                found.append(steps[name]())
        return found

    def _refusal(self) -> VerificationError | None:
        if self.policy.refuses_all:
            msg = "the policy asks for too little, so nothing can pass; use Policy.standard()"
            return StatusUnknownError(msg)
        if self.at.tzinfo is None:
            msg = "'at' has no zone: which moment is asked about nobody can tell"
            return StatusUnknownError(msg)
        return None

    def _parse(self) -> Finding:
        facts: dict[str, Any] = {"id": self.certificate.id, "type": self.certificate.type}
        if self.certificate.is_ours and self.certificate.claims.is_sandbox:
            facts["is_sandbox"] = True
        return passed(CheckName.PARSE, **facts)

    def _proof(self) -> Finding:
        try:
            self.proof = read_proof(self.document)
            if self.trust is not None:
                self.listed = self.trust.key(self.proof.verification_method)
            key, source = self._key(self.proof)
            facts = {
                "cryptosuite": self.proof.suite.value,
                "verification_method": self.proof.verification_method,
            }
            if key is None:
                msg = "the key is not at hand, so the signature could not be checked"
                error = StatusUnknownError(msg)
                return not_checked(CheckName.PROOF, msg, error=error, **facts)
            check_proof(self.document, key, self.proof)
        except StatusUnknownError as error:
            return not_checked(CheckName.PROOF, str(error), error=error)
        except VerificationError as error:
            return failed(CheckName.PROOF, error)
        return passed(CheckName.PROOF, **facts, curve=key.curve.value, key_from=source)

    def _key(self, proof: Proof) -> tuple[VerifyingKey | None, str]:
        """Return the listed key; else the one that the proof's URL itself spells out."""
        if self.listed is not None:
            return self.listed[1].key(), "trust list"
        fragment = proof.verification_method.partition("#")[2]
        if not fragment.startswith("z") or len(fragment) < _MULTIKEY_SYMBOLS:
            return None, ""
        try:
            return VerifyingKey.from_multibase(fragment), "the proof's own words"
        except MalformedCertificateError:
            msg = "the proof names a key that cannot exist"
            raise ForgedCertificateError(msg) from None

    def _key_listed(self) -> Finding:
        if self.trust is None:
            msg = "no trust list is at hand, so nobody vouches for the issuer"
            return not_checked(CheckName.KEY_LISTED, msg, error=StatusUnknownError(msg))
        name, facts = self.certificate.issuer_id, self.trust.evidence()
        error: VerificationError | None = None
        if self.trust.issuer(name) is None:
            error = UnknownIssuerError("the trust list does not name this issuer")
        elif self.listed is None:
            error = UnknownIssuerError("the trust list does not name this key of the issuer")
        elif self.listed[0].id != name:
            error = ForgedCertificateError("the key is that of another issuer than the one named")
        if error is not None:
            return failed(CheckName.KEY_LISTED, error, issuer=name, **facts)
        return passed(CheckName.KEY_LISTED, issuer=name, **facts)

    def _signed_at(self) -> tuple[datetime, str]:
        """Return the moment of signing, as far as anybody says, and who says so."""
        if self.proof is not None and self.proof.created is not None:
            return self.proof.created, "proof.created, claimed by the issuer"
        if "validFrom" in self.document:
            moment = read_moment(self.document["validFrom"], where="validFrom")
            return moment, "validFrom, claimed by the issuer"
        return self.at, "the moment asked about; the certificate states none"

    def _key_valid(self) -> Finding:
        if self.trust is None or self.listed is None:
            return not_checked(CheckName.KEY_VALID, "the key is not listed")
        key = self.listed[1]
        moment, clock = self._signed_at()
        facts = {"clock": clock, "key_valid_from": write_instant(key.valid_from)}
        facts |= {
            name: write_instant(value)
            for name, value in (
                ("key_valid_until", key.valid_until),
                ("key_compromised_at", key.compromised_at),
            )
            if value is not None
        }
        if not key.is_within(moment):
            msg = "the issuer did not use this key at the time of signing"
            return failed(CheckName.KEY_VALID, UnknownIssuerError(msg), at=moment, **facts)
        if key.compromised_at is not None and moment >= key.compromised_at:
            msg = "the key had been reported stolen before the time of signing"
            return failed(CheckName.KEY_VALID, UnknownIssuerError(msg), at=moment, **facts)
        unknown: VerificationError | None = None
        if key.compromised_at is not None:
            msg = "the key was stolen later, and only the proof's own clock says it signed before"
            unknown = StatusUnknownError(msg)
        elif self.at > self.trust.expires_at:
            msg = "the trust list has expired; a later edition may know of a theft"
            unknown = TrustListError(msg)
        if unknown is not None:
            return not_checked(CheckName.KEY_VALID, str(unknown), error=unknown, at=moment, **facts)
        return passed(CheckName.KEY_VALID, at=moment, **facts)

    def _issuer_entitled(self) -> Finding:
        issuer = None if self.trust is None else self.trust.issuer(self.certificate.issuer_id)
        if issuer is None:
            return not_checked(CheckName.ISSUER_ENTITLED, "the issuer is not listed")
        moment, clock = self._signed_at()
        ours = self.certificate.is_ours
        region = self.certificate.claims.issuer_region if ours else issuer.region
        type_ = self.certificate.type
        facts = {"clock": clock, "certificate_type": type_, "region": region}
        for one in issuer.entitlements:
            if one.covers(type_, region, moment):
                return passed(
                    CheckName.ISSUER_ENTITLED, at=moment, **facts, entitlement=one.as_json()
                )
        error = IssuerNotEntitledError(
            f"the issuer may not issue {type_[:80]!r} for {region} at the time of signing"
        )
        return failed(CheckName.ISSUER_ENTITLED, error, at=moment, **facts)

    def _dates(self) -> Finding:
        stated = {
            name: self.document[name]
            for name in ("validFrom", "validUntil")
            if name in self.document
        }
        start, end = (
            read_moment(stated[name], where=name) if name in stated else None
            for name in ("validFrom", "validUntil")
        )
        signed_at, clock = self._signed_at()
        ends = [one for one in (end, self.proof and self.proof.expires) if one is not None]
        error: VerificationError | None = None
        if start is not None and self.at < start:
            error = NotYetValidError("its first day has not come")
        elif ends and self.at > min(ends):
            error = ExpiredCertificateError("its last day has passed")
        elif signed_at - self.at > _SAME_DAY:
            error = NotYetValidError("it was signed more than a day after the moment asked about")
            stated |= {"signed_at": write_instant(signed_at), "clock": clock}
        if error is not None:
            return failed(CheckName.DATES, error, at=self.at, **stated)
        return passed(CheckName.DATES, at=self.at, **stated)

    def _status(self) -> Finding:
        names_list = "credentialStatus" in self.document
        if self.status is None and not names_list:
            return not_checked(CheckName.STATUS, "the certificate names no status list")
        found = self.status and self.status.status_of(self.certificate, at=self.at)
        if found is None:
            msg = "no register at hand knows whether it was taken back"
            error = StatusUnknownError(msg)
            return not_checked(CheckName.STATUS, msg, error=error, at=self.at)
        facts = dict(found.evidence)
        match found.state:
            case CertificateState.GOOD:
                return passed(CheckName.STATUS, at=self.at, **facts)
            case CertificateState.SUSPENDED:
                held = CertificateSuspendedError("the issuer holds it for now")
                return failed(CheckName.STATUS, held, at=self.at, **facts)
            case CertificateState.REVOKED:
                gone = CertificateRevokedError("the issuer took it back")
                return failed(CheckName.STATUS, gone, at=self.at, **facts)


_ABSENT: Final = {
    CheckName.RECOGNISED: "no rule of recognition was given; the issuer's own region is assumed",
    CheckName.LOGGED: "the certificate comes without a proof of logging",
    CheckName.WITNESSED: "no witness has cosigned",
    CheckName.TIME: "no timestamp; the only clock is the issuer's own",
    CheckName.SEAL: "the policy of the seal is not part of the certificate",
    CheckName.HOLDER: "nobody was asked to prove to be the holder",
}
