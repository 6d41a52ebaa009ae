"""One file for one certificate: with everything that an auditor without a network needs.

It holds the certificate, what came beside it, and the trust list of the day. Nothing in the file
vouches for the file: each part is proven by whoever made it, and the relier's own trust list
decides. The enclosed list becomes an anchor only for a relier who has the key of its signers from
elsewhere (:meth:`Evidence.trust`).

References:
    certificates page, section 3 (bundle).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oneservice.canonical import JsonObject, canonical, parse_object
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_roots import TrustAnchor
from oneservice.errors import (
    MalformedCertificateError,
    MalformedJsonError,
    TrustListError,
)

__all__ = ["EVIDENCE_FORMAT", "MAX_EVIDENCE_BYTES", "Evidence"]

EVIDENCE_FORMAT: Final = "oneservice-evidence/1"
MAX_EVIDENCE_BYTES: Final = 67_108_864
"""A trust list of a province and some status lists of millions of entries; more is a mistake."""
_MAX_DEPTH: Final = 48
_DUE: Final = frozenset({"format", "certificate"})
_MEMBERS: Final = _DUE | {"enclosures", "trust_list"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A certificate with what came beside it, read but not yet believed.

    Args:
        certificate: a W3C credential, or an SD-JWT with what its holder shows.
        enclosures: proofs, lists, timestamps, the receipt of the seal.
        trust_list: the signed list of the day, for reference.
    """

    certificate: Certificate | SdJwt
    enclosures: Enclosures = NOTHING
    trust_list: JsonObject | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        certificate: Certificate | SdJwt,
        enclosures: Enclosures = NOTHING,
        *,
        trust: TrustStore | None = None,
    ) -> Evidence:
        """Put a file together.

        Args:
            certificate: what it is about.
            enclosures: what comes beside it.
            trust: the signed trust list of the day.

        Raises:
            TrustListError: the trust list is not signed.
        """
        data = None if trust is None else trust.dump()
        stated = None if data is None else parse_object(data, max_bytes=MAX_EVIDENCE_BYTES)
        return cls(certificate=certificate, enclosures=enclosures, trust_list=stated)

    @classmethod
    def parse(cls, data: bytes) -> Evidence:
        """Return the evidence that ``data`` states.

        Raises:
            MalformedCertificateError: not I-JSON, not of this format, over a limit, or a part of
                it is malformed.
            ForgedCertificateError, StatusUnknownError: an enclosed SD-JWT is none that could be
                judged, as :meth:`SdJwt.parse` says.
        """
        try:
            document = parse_object(
                data, max_bytes=MAX_EVIDENCE_BYTES, max_depth=_MAX_DEPTH, fractions=True
            )
        except MalformedJsonError as error:
            msg = f"the evidence cannot be read: {error}"
            raise MalformedCertificateError(msg) from error
        names = frozenset(document)
        if document.get("format") != EVIDENCE_FORMAT or not _DUE <= names <= _MEMBERS:
            msg = f"not a file of the format {EVIDENCE_FORMAT}, with just its members"
            raise MalformedCertificateError(msg)
        trust_list = document.get("trust_list")
        if trust_list is not None and not isinstance(trust_list, dict):
            msg = "the enclosed trust list is no object"
            raise MalformedCertificateError(msg)
        return cls(
            certificate=_certificate(document["certificate"]),
            enclosures=Enclosures.of(document["enclosures"])
            if "enclosures" in document
            else NOTHING,
            trust_list=trust_list,
        )

    def dump(self) -> bytes:
        """Return the file: canonical bytes."""
        shown = self.certificate
        document: dict[str, Any] = {
            "format": EVIDENCE_FORMAT,
            "certificate": dict(shown.content)
            if isinstance(shown, Certificate)
            else shown.dump().decode("ascii"),
        }
        if not self.enclosures.is_empty:
            document["enclosures"] = self.enclosures.as_json()
        if self.trust_list is not None:
            document["trust_list"] = self.trust_list
        return canonical(document)

    def trust(self, *, root: str | TrustAnchor) -> TrustStore:
        """Return the enclosed list for a relier who knows ``root`` from elsewhere.

        Raises:
            TrustListError: none is enclosed, it was changed, or others signed it.
        """
        if self.trust_list is None:
            msg = "no trust list is enclosed; get it from its publisher"
            raise TrustListError(msg)
        return TrustStore.parse(canonical(self.trust_list), root=root)


def _certificate(value: object) -> Certificate | SdJwt:
    if isinstance(value, Mapping):
        return Certificate.of(value)
    if isinstance(value, str):
        return SdJwt.parse(value)
    msg = "the certificate in the evidence is neither a credential nor an SD-JWT"
    raise MalformedCertificateError(msg)
