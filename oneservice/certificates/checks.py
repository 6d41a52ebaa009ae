"""The checks of one certificate, each a small function that looks at one thing.

The time that counts for a key is the moment of signing. Without a log or a timestamp there is only
the issuer's own word for it (``created``). That is good enough for a key that was only rotated,
and worth nothing once the key is reported stolen: a thief writes whatever moment he likes.

References:
    certificates page, sections 2 and 3; W3C VC Data Model 2.0, section 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.canonical import write_instant
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.moments import read_moment
from oneservice.certificates.policy import Policy
from oneservice.certificates.proofs import Proof, check_proof, read_proof
from oneservice.certificates.report import CheckName, Finding, failed, not_checked, passed
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

__all__ = ["ABSENT", "CHECKS", "Inquiry", "check_proven"]

_SAME_DAY: Final = timedelta(days=1)
"""A permit counts from the first moment of its day and is signed in the course of that day; what
was signed later than a day after the moment asked about did not exist at that moment."""
_MULTIKEY_SYMBOLS: Final = 40
"""A fragment that begins with z and is at least this long claims to be a key by itself."""
_CLOCK: Final = "the issuer's own word (proof.created)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One certificate before one relier at one time."""

    certificate: Certificate
    trust: TrustStore | None
    at: datetime
    status: StatusSource | None
    policy: Policy

    @property
    def document(self) -> Mapping[str, Any]:
        """The credential as it was read."""
        return self.certificate.content

    def listed(self, proof: Proof) -> tuple[TrustedIssuer, ListedKey] | None:
        """Return the key that the proof names, as the trust list has it, and whose it is."""
        return None if self.trust is None else self.trust.key(proof.verification_method)

    def signed_at(self, proof: Proof) -> datetime:
        """Return the moment of signing as far as anybody says: ``created``, else validFrom."""
        if proof.created is not None:
            return proof.created
        if "validFrom" in self.document:
            return read_moment(self.document["validFrom"], where="validFrom")
        return self.at

    def is_list_outdated(self, proof: Proof) -> bool:
        """Say whether a later edition of the list may name what this one does not.

        Of what was signed before it was published, an edition knows all there was to know.
        """
        trust = self.trust
        if trust is None or self.at <= trust.expires_at:
            return False
        return self.signed_at(proof) > trust.issued_at


def check_proven(inquiry: Inquiry) -> tuple[Proof | None, Finding]:
    """Check that the words are those that were signed; return the proof if they are."""
    facts: dict[str, Any] = {}
    try:
        proof = read_proof(inquiry.document)
        facts["cryptosuite"] = proof.suite.value
        facts["verification_method"] = proof.verification_method
        key, facts["key_from"] = _key(inquiry, proof)
        if key is None:
            msg = "the key is not at hand, so the signature could not be checked"
            unknown = StatusUnknownError(msg)
            return proof, not_checked(CheckName.PROOF, msg, error=unknown, **facts)
        check_proof(inquiry.document, key, proof)
    except StatusUnknownError as error:
        return None, not_checked(CheckName.PROOF, str(error), error=error)
    except VerificationError as error:
        return None, failed(CheckName.PROOF, error, **facts)
    return proof, passed(CheckName.PROOF, curve=key.curve.value, **facts)


def _key(inquiry: Inquiry, proof: Proof) -> tuple[VerifyingKey | None, str]:
    """Return the listed key; else the one that the proof's URL itself spells out."""
    listed = inquiry.listed(proof)
    if listed is not None:
        return listed[1].key(), "trust list"
    fragment = proof.verification_method.partition("#")[2]
    if not fragment.startswith("z") or len(fragment) < _MULTIKEY_SYMBOLS:
        return None, "nowhere"
    try:
        return VerifyingKey.from_multibase(fragment), "the proof's own words"
    except MalformedCertificateError:
        msg = "the proof names a key that cannot exist"
        raise ForgedCertificateError(msg) from None


def _key_listed(inquiry: Inquiry, proof: Proof) -> Finding:
    name = CheckName.KEY_LISTED
    if inquiry.trust is None:
        msg = "no trust list is at hand, so nobody vouches for the issuer"
        return not_checked(name, msg, error=StatusUnknownError(msg))
    listed, issuer = inquiry.listed(proof), inquiry.certificate.issuer_id
    facts = {"issuer": issuer, **inquiry.trust.evidence}
    is_known = inquiry.trust.issuer(issuer) is not None
    if listed is None or not is_known:
        msg = f"the trust list does not name this {'key of the issuer' if is_known else 'issuer'}"
        if inquiry.is_list_outdated(proof):
            return _outdated(name, msg, **facts)
        return failed(name, UnknownIssuerError(msg), **facts)
    if listed[0].id != issuer:
        msg = "the key is that of another issuer than the one named"
        return failed(name, ForgedCertificateError(msg), **facts)
    return passed(name, **facts)


def _outdated(name: CheckName, msg: str, **facts: Any) -> Finding:
    """Return "cannot tell": what an expired list does not name, a later edition may."""
    error = TrustListError(f"{msg}; it has expired, and a later edition may differ")
    return not_checked(name, str(error), error=error, **facts)


def _key_valid(inquiry: Inquiry, proof: Proof) -> Finding:
    name, listed = CheckName.KEY_VALID, inquiry.listed(proof)
    if inquiry.trust is None or listed is None:
        return not_checked(name, "the key is not listed")
    key, moment = listed[1], inquiry.signed_at(proof)
    facts: dict[str, Any] = {"clock": _CLOCK, "key_valid_from": write_instant(key.valid_from)}
    if key.valid_until is not None:
        facts["key_valid_until"] = write_instant(key.valid_until)
    if key.compromised_at is not None:
        facts["key_compromised_at"] = write_instant(key.compromised_at)
    if not key.is_within(moment):
        msg = "the issuer did not use this key at the time of signing"
        return failed(name, UnknownIssuerError(msg), at=moment, **facts)
    if key.compromised_at is not None and moment >= key.compromised_at:
        msg = "the key had been reported stolen before the time of signing"
        return failed(name, UnknownIssuerError(msg), at=moment, **facts)
    if key.compromised_at is not None:
        msg = "the key was stolen later, and only the proof's own clock says it signed before"
        return not_checked(name, msg, error=StatusUnknownError(msg), at=moment, **facts)
    if inquiry.at > inquiry.trust.expires_at:
        msg = "the trust list has expired; a later edition may know of a theft"
        return not_checked(name, msg, error=TrustListError(msg), at=moment, **facts)
    return passed(name, at=moment, **facts)


def _issuer_entitled(inquiry: Inquiry, proof: Proof) -> Finding:
    name, certificate = CheckName.ISSUER_ENTITLED, inquiry.certificate
    issuer = None if inquiry.trust is None else inquiry.trust.issuer(certificate.issuer_id)
    if issuer is None:
        return not_checked(name, "the issuer is not listed")
    moment, kind = inquiry.signed_at(proof), certificate.type
    region = certificate.claims.issuer_region if certificate.is_ours else issuer.region
    facts = {"clock": _CLOCK, "certificate_type": kind, "region": region}
    for one in issuer.entitlements:
        if one.covers(kind, region, moment):
            return passed(name, at=moment, **facts, entitlement=one.as_json())
    msg = f"the trust list does not let the issuer issue {kind[:80]!r} for {region} at that time"
    if inquiry.is_list_outdated(proof):
        return _outdated(name, msg, at=moment, **facts)
    return failed(name, IssuerNotEntitledError(msg), at=moment, **facts)


def _dates(inquiry: Inquiry, proof: Proof) -> Finding:
    document, at = inquiry.document, inquiry.at
    stated: dict[str, Any] = {
        name: document[name] for name in ("validFrom", "validUntil") if name in document
    }
    moments = {name: read_moment(text, where=name) for name, text in stated.items()}
    error: VerificationError | None = None
    if "validFrom" in moments and at < moments["validFrom"]:
        error = NotYetValidError("its first day has not come")
    elif "validUntil" in moments and at > moments["validUntil"]:
        error = ExpiredCertificateError("its last day has passed")
    elif proof.expires is not None and at > proof.expires:
        error = ExpiredCertificateError("its proof has passed the day that the signer set")
    elif inquiry.signed_at(proof) - at > _SAME_DAY:
        error = NotYetValidError("it was signed more than a day after the moment asked about")
        stated |= {"signed_at": write_instant(inquiry.signed_at(proof)), "clock": _CLOCK}
    if error is not None:
        return failed(CheckName.DATES, error, at=at, **stated)
    return passed(CheckName.DATES, at=at, **stated)


def _status(inquiry: Inquiry, _proof: Proof) -> Finding:
    name, at = CheckName.STATUS, inquiry.at
    if inquiry.status is None and "credentialStatus" not in inquiry.document:
        return not_checked(name, "the certificate names no status list")
    found = None
    if inquiry.status is not None:
        found = inquiry.status.status_of(inquiry.certificate, at=at)
    if found is None:
        msg = "no register at hand knows whether it was taken back"
        return not_checked(name, msg, error=StatusUnknownError(msg), at=at)
    facts = {"register": dict(found.evidence)}
    match found.state:
        case CertificateState.GOOD:
            return passed(name, at=at, **facts)
        case CertificateState.SUSPENDED:
            held = CertificateSuspendedError("the issuer holds it for now")
            return failed(name, held, at=at, **facts)
        case CertificateState.REVOKED:
            return failed(name, CertificateRevokedError("the issuer took it back"), at=at, **facts)


CHECKS: Final[Mapping[CheckName, Callable[[Inquiry, Proof], Finding]]] = {
    CheckName.KEY_LISTED: _key_listed,
    CheckName.KEY_VALID: _key_valid,
    CheckName.ISSUER_ENTITLED: _issuer_entitled,
    CheckName.DATES: _dates,
    CheckName.STATUS: _status,
}
"""Checks that follow a proof that holds."""

ABSENT: Final[Mapping[CheckName, Finding]] = {
    name: not_checked(name, why)
    for name, why in {
        CheckName.RECOGNISED: "no rule of recognition is at hand; nobody asked for another region",
        CheckName.LOGGED: "the certificate comes without a proof of logging",
        CheckName.WITNESSED: "no witness has cosigned",
        CheckName.TIME: "no timestamp; the only clock is the issuer's own",
        CheckName.SEAL: "the policy of the seal is not part of the certificate",
        CheckName.HOLDER: "nobody was asked to prove to be the holder",
    }.items()
}
"""What these certificates do not carry: named in every report, never passed over in silence."""
