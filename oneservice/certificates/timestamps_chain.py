"""Who signed a timestamp: the listed authority itself, or somebody whose certificate it issued."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    ExtensionPolicy,
    PolicyBuilder,
    Store,
)
from cryptography.x509.verification import VerificationError as ChainError

from oneservice.certificates.timestamps_coding import ReadToken, has_positive_serial
from oneservice.certificates.trust_services import ListedAuthority
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    UnknownCryptosuiteError,
    UnknownIssuerError,
)

__all__ = ["check_signer"]

_DEEPEST: Final = 4
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


_UNREADABLE: Final = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What ``cryptography`` says of certificates that it cannot read; some of it only when asked."""


def check_signer(read: ReadToken, authorities: Sequence[ListedAuthority]) -> ListedAuthority:
    """Return the listed authority under which ``read`` was signed.

    Raises:
        ForgedCertificateError: the signature does not cover what the token says.
        UnknownIssuerError: no listed authority, or a certificate that was not good for it then.
        MalformedCertificateError, UnknownCryptosuiteError: a key or certificate not read here.
    """
    try:
        return _signer_of(read, authorities)
    except _UNREADABLE:
        msg = "the certificate that signed the timestamp cannot be read"
        raise MalformedCertificateError(msg) from None


def _signer_of(read: ReadToken, authorities: Sequence[ListedAuthority]) -> ListedAuthority:
    listed = [(one, _load(one.der)) for one in authorities]
    enclosed = [one for one in map(_load, read.certificates) if one is not None]
    known = [certificate for _, certificate in listed if certificate is not None]
    signer = next((one for one in (*known, *enclosed) if _is_named(read, one)), None)
    if signer is None:
        msg = "no listed timestamp authority signed it, and its own certificate is not enclosed"
        raise UnknownIssuerError(msg)
    _check_signature(read, signer)
    _check_purpose(signer, read.at)
    # One that is listed again, for other days, is the same house: the entry for that time counts.
    for authority, certificate in sorted(listed, key=lambda one: not one[0].is_within(read.at)):
        if certificate is not None and _leads_to(signer, certificate, enclosed, read.at):
            return authority
    msg = "no listed timestamp authority stands behind the certificate that signed it"
    raise UnknownIssuerError(msg)


def _load(der: bytes) -> x509.Certificate | None:
    if not has_positive_serial(der):
        return None  # ``cryptography`` would read it, but warn on standard error
    try:
        return x509.load_der_x509_certificate(der)
    except _UNREADABLE:
        return None  # one of several that came along; who signed is looked up among the others


def _is_named(read: ReadToken, certificate: x509.Certificate) -> bool:
    """Say whether ``certificate`` is the one that the signer names, by its hash, too."""
    found = hashlib.new(
        read.signer_hash_algorithm,
        certificate.public_bytes(serialization.Encoding.DER),
        usedforsecurity=read.signer_hash_algorithm != "sha1",
    ).digest()
    if found != read.signer_hash:
        return False
    if isinstance(read.signer, bytes):
        return _key_identifier(certificate) == read.signer
    issuer, serial = read.signer
    return certificate.issuer.public_bytes() == issuer and certificate.serial_number == serial


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    return extension.value.digest


def _check_signature(read: ReadToken, certificate: x509.Certificate) -> None:
    """Check that the certificate's key signed the attributes, and they name these words."""
    if hashlib.new(read.digest_algorithm, read.info).digest() != read.message_digest:
        msg = "the timestamp was changed: its signed attributes do not cover what it says"
        raise ForgedCertificateError(msg)
    try:
        _verify(certificate.public_key(), read)
    except InvalidSignature:
        msg = "the timestamp was changed, or was not signed by the certificate that it names"
        raise ForgedCertificateError(msg) from None
    except (ValueError, UnsupportedAlgorithm):
        msg = "the timestamp is signed with a key that is not read here"
        raise MalformedCertificateError(msg) from None


def _verify(key: Any, read: ReadToken) -> None:
    algorithm, signed = _HASHES[read.digest_algorithm], read.signed_attributes
    match read.signature_algorithm, key:
        case "ecdsa", ec.EllipticCurvePublicKey():
            key.verify(read.signature, signed, ec.ECDSA(algorithm))
        case "rsassa_pkcs1v15", rsa.RSAPublicKey():
            key.verify(read.signature, signed, padding.PKCS1v15(), algorithm)
        case "rsassa_pss", rsa.RSAPublicKey():
            salted = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
            key.verify(read.signature, signed, salted, algorithm)
        case "ed25519", ed25519.Ed25519PublicKey():
            key.verify(read.signature, signed)
        case _:
            msg = "the timestamp is signed in a way that is not judged here"
            raise UnknownCryptosuiteError(msg)


def _check_purpose(certificate: x509.Certificate, at: datetime) -> None:
    """Check that the certificate is for timestamps and nothing else (RFC 3161, section 2.3)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        usage = None
    stamps_only = usage is not None and (
        usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    )
    if not stamps_only:
        msg = "it was signed with a certificate that is not for timestamps alone"
        raise UnknownIssuerError(msg)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        msg = "the certificate that signed it was not valid at the time that it states"
        raise UnknownIssuerError(msg)


def _leads_to(
    signer: x509.Certificate,
    anchor: x509.Certificate,
    enclosed: Sequence[x509.Certificate],
    at: datetime,
) -> bool:
    """Say whether ``anchor`` is the signer's certificate, or issued it, perhaps through others."""
    if signer == anchor:
        return True
    builder = PolicyBuilder().store(Store([anchor])).time(at.replace(tzinfo=None))
    policies = builder.max_chain_depth(_DEEPEST).extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    try:
        policies.build_client_verifier().verify(
            signer, [one for one in enclosed if one not in (signer, anchor)]
        )
    except (ChainError, ValueError, UnsupportedAlgorithm):
        return False
    return True
