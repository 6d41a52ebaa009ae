"""A certificate: a W3C credential with its proof, as one immutable thing with one form in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NoReturn

from oneservice.canonical import Digest, canonical, digest_bytes, parse_and_write, parse_object
from oneservice.certificates.claims import (
    CONTEXT,
    OUR_TYPE,
    Claims,
    claims_document,
    is_url,
    read_claims,
    read_period,
)
from oneservice.certificates.proofs import ProvingKey, add_proof
from oneservice.errors import MalformedCertificateError, MalformedJsonError

__all__ = ["MAX_CERTIFICATE_BYTES", "Certificate", "issue"]

MAX_CERTIFICATE_BYTES: Final = 262_144
"""A certificate is some kilobytes; a larger file is a mistake or an attack."""
_CREDENTIAL_TYPE: Final = "VerifiableCredential"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A well-formed certificate; whether it is *true* only :func:`verify` tells.

    Make one with :meth:`parse`, :meth:`of` or :func:`issue`.
    """

    _document: dict[str, Any] = field(repr=False)
    _claims: Claims | None = field(repr=False, compare=False)
    _written: bytes = field(repr=False, compare=False)
    """The canonical form, which reading makes anyway; proofs, logs and bundles ask for it."""

    @classmethod
    def parse(cls, data: bytes) -> Certificate:
        """Return the certificate that ``data`` states.

        Raises:
            MalformedCertificateError: no I-JSON (duplicate members, ``NaN``, lone surrogates),
                more than 256 KiB or 32 levels, no Verifiable Credential 2.0, or one of ours with
                a fraction in it.
        """
        document, written = _read(data)
        _check_shape(document)
        return cls(document, read_claims(document) if _is_ours(document) else None, written)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Certificate:
        """Return the certificate that a signed ``document`` states; the document is copied.

        Raises:
            MalformedCertificateError: as :meth:`parse`.
        """
        try:
            data = canonical(document)
        except MalformedJsonError as error:
            raise MalformedCertificateError(str(error)) from None
        return cls.parse(data)

    def __repr__(self) -> str:
        return f"<Certificate {self.type} {self.id}>"

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def document(self) -> dict[str, Any]:
        """The whole credential with its proof; a fresh copy, to change as one likes."""
        return parse_object(self.dump(), max_bytes=2 * MAX_CERTIFICATE_BYTES, fractions=True)

    @property
    def content(self) -> Mapping[str, Any]:
        """The whole credential with its proof, not copied: to look at, never to change."""
        return MappingProxyType(self._document)

    @property
    def id(self) -> str:
        """The certificate identifier; the digest where a foreign credential has none."""
        return self._claims.id if self._claims else self._document.get("id") or self.digest

    @property
    def type(self) -> str:
        """The certificate type that entitlements name; for foreign ones their last ``type``."""
        if self._claims:
            return self._claims.type
        kinds = self._document["type"]
        return next((kind for kind in reversed(kinds) if kind != _CREDENTIAL_TYPE), "")

    @property
    def issuer_id(self) -> str:
        """URL of the issuer that it names."""
        issuer = self._document["issuer"]
        return str(issuer["id"] if isinstance(issuer, dict) else issuer)

    @property
    def claims(self) -> Claims:
        """What is stated.

        Raises:
            MalformedCertificateError: the credential is not of our own type; read ``document``.
        """
        if self._claims is None:
            msg = f"the credential is no {OUR_TYPE}; its words are in 'document'"
            raise MalformedCertificateError(msg)
        return self._claims

    @property
    def is_ours(self) -> bool:
        """Whether the credential is of our own type, and so has ``claims``."""
        return self._claims is not None

    @property
    def digest(self) -> Digest:
        """Digest of the canonical bytes, proof included: two signatures, two digests."""
        return digest_bytes(self.dump())

    def dump(self) -> bytes:
        """Return the one file form: RFC 8785 bytes, so that no byte is without meaning."""
        return self._written


def issue(
    claims: Claims, *, key: ProvingKey, verification_method: str, created: datetime
) -> Certificate:
    """Return ``claims`` signed by the issuer; the same input gives the same bytes.

    Args:
        claims: what is stated.
        key: the issuer's seal.
        verification_method: URL of its public key, ``{issuer_id}#{public_multibase}`` by custom.
        created: aware instant of signing, as the issuer claims it.

    Raises:
        MalformedCertificateError: a claim is empty, badly shaped, or cannot be hashed.
    """
    return Certificate.of(
        add_proof(
            claims_document(claims),
            key=key,
            verification_method=verification_method,
            created=created,
        )
    )


def _read(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the document and its canonical form.

    Fractions may stand in other people's, never in what we sign.
    """
    try:
        return parse_and_write(data, max_bytes=MAX_CERTIFICATE_BYTES)
    except MalformedJsonError as error:
        refusal = MalformedCertificateError(str(error))
    try:
        read = parse_and_write(data, max_bytes=MAX_CERTIFICATE_BYTES, fractions=True)
    except MalformedJsonError as error:
        raise MalformedCertificateError(str(error)) from None
    if _is_ours(read[0]):
        raise refusal
    return read


def _is_ours(document: Mapping[str, Any]) -> bool:
    kinds = document.get("type")
    return isinstance(kinds, list) and OUR_TYPE in kinds


def _check_shape(document: dict[str, Any]) -> None:
    """Refuse what is no Verifiable Credential 2.0 (section 4) with a proof inside."""
    context, kinds = document.get("@context"), document.get("type")
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    if not isinstance(context, list) or context[:1] != [CONTEXT[0]]:
        _refuse(f"its first @context is not {CONTEXT[0]}")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        _refuse("'type' is no list of names")
    if _CREDENTIAL_TYPE not in kinds:
        _refuse(f"'type' does not name {_CREDENTIAL_TYPE}")
    if not is_url(issuer["id"] if isinstance(issuer, dict) and "id" in issuer else issuer):
        _refuse("'issuer' names no URL")
    if "id" in document and not is_url(document["id"]):
        _refuse("'id' is no URL")
    subjects = subject if isinstance(subject, list) else [subject]
    if not subjects or not all(isinstance(one, dict) and one for one in subjects):
        _refuse("'credentialSubject' states nothing")
    if "credentialStatus" in document and not isinstance(
        document["credentialStatus"], (dict, list)
    ):
        _refuse("'credentialStatus' is no object")
    if "proof" not in document:
        _refuse("it has no proof inside")
    read_period(document)


def _refuse(why: str) -> NoReturn:
    msg = f"not a W3C Verifiable Credential 2.0: {why}"
    raise MalformedCertificateError(msg)
