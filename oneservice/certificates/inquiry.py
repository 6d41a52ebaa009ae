"""One paper before one relier at one moment: everything that the checks look at.

The checks do not care how a certificate is written. A :class:`Subject` is what every format states
of itself, a :class:`Signature` what every signature does; each format makes its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

from oneservice.canonical import write_instant
from oneservice.certificates.attested import NOBODY, Attested
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.claims import Claims
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.moments import read_moment
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import CheckName, Finding
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.status import StatusSource
from oneservice.certificates.status_entry import StatusReference, read_references
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_entries import ListedKey, TrustedIssuer
from oneservice.errors import MalformedCertificateError

__all__ = ["Inquiry", "Known", "Signature", "Subject", "subject_of"]

_DATES: Final = ("validFrom", "validUntil")
Known: TypeAlias = dict[tuple[str, ...], Finding]
"""Findings by that on which alone they depend, as far as one question about many papers goes."""

_OWN_WORD: Final = "the issuer's own word (proof.created)"


class Signature(Protocol):
    """What a signature says of itself; :class:`Proof` is one."""

    @property
    def verification_method(self) -> str:
        """URL of the key."""
        ...

    @property
    def created(self) -> datetime | None:
        """Moment of signing, as the signer claims it."""
        ...

    @property
    def expires(self) -> datetime | None:
        """Moment after which the signer himself does not stand by it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a certificate states, as far as the checks look at it.

    Args:
        id: identifier, or the digest where there is none.
        type: certificate type that entitlements and rules name.
        issuer_id: URL of the issuer.
        region: for which it was issued; ``None``: it says nothing, the issuer's own counts.
        starts: first moment of its validity, where it states one.
        ends: last moment of its validity, where it states one.
        stated: both as they are written, for the evidence.
        has_status: whether it names a place where its state is published.
        references: those places, as far as they are of a kind that is read here.
        is_sandbox: of no legal effect.
    """

    id: str
    type: str
    issuer_id: str
    region: str | None
    starts: datetime | None = None
    ends: datetime | None = None
    stated: Mapping[str, Any] = field(default_factory=dict)
    has_status: bool = False
    references: tuple[StatusReference, ...] = ()
    is_sandbox: bool = False


def subject_of(certificate: Certificate) -> Subject:
    """Return what a W3C credential states."""
    document = certificate.content
    stated = {name: document[name] for name in _DATES if name in document}
    starts, ends = (
        read_moment(stated[name], where=name) if name in stated else None for name in _DATES
    )
    claims = certificate.claims if certificate.is_ours else None
    return Subject(
        id=certificate.id,
        type=certificate.type,
        issuer_id=certificate.issuer_id,
        region=None if claims is None else claims.issuer_region,
        starts=starts,
        ends=ends,
        stated=stated,
        has_status="credentialStatus" in document,
        references=_references(document, claims) if "credentialStatus" in document else (),
        is_sandbox=claims is not None and claims.is_sandbox,
    )


def _references(document: Mapping[str, Any], claims: Claims | None) -> tuple[StatusReference, ...]:
    if claims is not None and claims.status is not None:
        return claims.status.references  # read before, and just what the document says
    try:
        return read_references(document["credentialStatus"])
    except MalformedCertificateError:
        return ()  # a stranger's way to name a place; that there is one, counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One certificate before one relier at one time.

    Args:
        subject: what it states.
        signature: what its signature states.
        trust: the list that speaks for the issuer, by which he is judged.
        book: all lists of the relier, each with its rules, and with whom it names for its region.
        at: moment for which the answer is to hold.
        status: register at hand.
        listed: the key that the signature names, as the trust list has it, and whose it is.
        attested: what others than the issuer vouch for.
        enclosures: what came along.
        known: what was found out before, of other certificates, and holds of this one as well.
        certificate: the W3C credential that it is, if it is one.
        presentation: the SD-JWT that it is, if it is one.
    """

    subject: Subject
    signature: Signature
    trust: TrustStore | None
    book: Trust | None
    at: datetime
    status: StatusSource | None
    listed: tuple[TrustedIssuer, ListedKey] | None
    attested: Attested = NOBODY
    enclosures: Enclosures = NOTHING
    known: Known = field(default_factory=dict)
    certificate: Certificate | None = None
    presentation: SdJwt | None = None

    stated_at: datetime = field(init=False)
    """The moment of signing as far as the issuer says it: ``created``, else validFrom."""
    signed_at: datetime = field(init=False)
    """The moment of signing: what was seen by others before was signed before."""
    clock: str = field(init=False)
    """Whose word :attr:`signed_at` is."""

    def __post_init__(self) -> None:
        """Work out the moments once; several checks look at them."""
        stated = self.signature.created or self.subject.starts or self.at
        proven = self.attested.proven
        signed, clock = stated, _OWN_WORD
        if proven is not None:
            signed = min(proven[0], stated)
            clock = f"{_OWN_WORD}; it existed at {write_instant(proven[0])} by {proven[1]}"
        object.__setattr__(self, "stated_at", stated)
        object.__setattr__(self, "signed_at", signed)
        object.__setattr__(self, "clock", clock)

    @property
    def has_enclosures(self) -> bool:
        """Whether anything came along."""
        return self.enclosures is not NOTHING and not self.enclosures.is_empty

    def has_enclosed(self, name: CheckName) -> bool:
        """Say whether something came along that the check of that name looks at."""
        attested = self.attested
        match name:
            case CheckName.LOGGED | CheckName.WITNESSED:
                return bool(attested.logs or attested.cosignings or attested.log_faults)
            case CheckName.TIME:
                return bool(attested.proven or attested.stamp_faults)
            case CheckName.SEAL:
                return self.enclosures.seal_receipt is not None
            case _:
                return False

    @property
    def is_list_outdated(self) -> bool:
        """Whether a later edition of the list may name what this one does not.

        Of what was signed before it was published, an edition knows all there was to know.
        """
        trust = self.trust
        if trust is None or self.at <= trust.expires_at:
            return False
        return self.signed_at > trust.issued_at
