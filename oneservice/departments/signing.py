"""Who said it: the signature of a department under each of its events.

A signature covers ``oneservice-event-v1`` LF and the event's digest (protocol section 6). Two
algorithms: ``ed25519`` and ``ecdsa-p256-sha256`` (r and s, 32 bytes each, as RFC 9421 section
3.3.4 writes them). Others join by agreement.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from oneservice.case import DepartmentEvent, EventSignature, event_digest, signing_input
from oneservice.departments.verifying import ECDSA_P256, ED25519, P256_BYTES, VerifyingKey
from oneservice.departments.wire import parse_instant
from oneservice.errors import AdapterError, DepartmentContractError, OneServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.canonical import Digest

__all__ = [
    "ECDSA_P256",
    "ED25519",
    "EcdsaEventKey",
    "Ed25519EventKey",
    "EventKey",
    "VerifyingKey",
    "event_key_from_pem",
    "sign_event",
    "verify_event",
]


class EventKey(Protocol):
    """What signs events: a key in memory, or the front of a key that never leaves its device."""

    @property
    def keyid(self) -> str:
        """The name under which others know the public key."""
        ...

    @property
    def alg(self) -> str:
        """``ed25519`` or ``ecdsa-p256-sha256``."""
        ...

    @property
    def public_key(self) -> bytes:
        """Raw public key: 32 bytes of Ed25519, or the uncompressed point of P-256."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ed25519EventKey:
    """An Ed25519 key in memory; its text form never shows the secret."""

    keyid: str
    private: ed25519.Ed25519PrivateKey = field(repr=False)
    public_key: bytes = field(init=False, repr=False, compare=False)
    """The 32 raw bytes; worked out once, which takes as long as a signature."""

    def __post_init__(self) -> None:
        """Work out the public key."""
        object.__setattr__(self, "public_key", self.private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, keyid: str) -> Ed25519EventKey:
        """Return a new key."""
        return cls(keyid=keyid, private=ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes, *, keyid: str, password: bytes | None = None) -> Ed25519EventKey:
        """Return the key in ``pem`` (PKCS #8).

        Raises:
            AdapterError: no such key in it, or the password does not open it.
        """
        key = event_key_from_pem(pem, keyid=keyid, password=password)
        if not isinstance(key, cls):
            msg = f"the PEM of event key {keyid} does not hold an Ed25519 private key"
            raise AdapterError(msg)
        return key

    @property
    def alg(self) -> str:
        """Always ``ed25519``."""
        return ED25519

    def to_pem(self) -> bytes:
        """Return the secret key as unencrypted PKCS #8; keep it where only you can read it."""
        return _pem(self.private)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``."""
        return self.private.sign(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class EcdsaEventKey:
    """A P-256 key in memory; signatures are deterministic (RFC 6979)."""

    keyid: str
    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls, keyid: str) -> EcdsaEventKey:
        """Return a new key."""
        return cls(keyid=keyid, private=ec.generate_private_key(ec.SECP256R1()))

    @property
    def alg(self) -> str:
        """Always ``ecdsa-p256-sha256``."""
        return ECDSA_P256

    @property
    def public_key(self) -> bytes:
        """The uncompressed point, 65 bytes."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def to_pem(self) -> bytes:
        """Return the secret key as unencrypted PKCS #8; keep it where only you can read it."""
        return _pem(self.private)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``: r and s, 32 bytes each."""
        der = self.private.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(P256_BYTES, "big") + s.to_bytes(P256_BYTES, "big")


def event_key_from_pem(
    pem: bytes, *, keyid: str, password: bytes | None = None
) -> Ed25519EventKey | EcdsaEventKey:
    """Return the event key in ``pem``, of whichever algorithm it is.

    Raises:
        AdapterError: it cannot be read, or is of another kind.
    """
    try:
        private = serialization.load_pem_private_key(pem, password=password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        msg = (
            f"the PEM of event key {keyid} cannot be read: it must be a PKCS #8 private key, "
            "with its password if it has one"
        )
        raise AdapterError(msg) from error
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return Ed25519EventKey(keyid=keyid, private=private)
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return EcdsaEventKey(keyid=keyid, private=private)
    msg = f"event key {keyid} is neither Ed25519 nor P-256"
    raise AdapterError(msg)


def sign_event(event: DepartmentEvent, *keys: EventKey) -> DepartmentEvent:
    """Return ``event`` with its digest recomputed and one signature by each of ``keys``."""
    digest = event_digest(event)
    data = signing_input(digest)
    signatures = tuple(
        EventSignature(
            keyid=key.keyid,
            alg=key.alg,
            value=base64.b64encode(key.sign(data)).decode("ascii"),
        )
        for key in keys
    )
    return replace(event, digest=digest, signatures=signatures)


def verify_event(event: DepartmentEvent, keys: Mapping[str, VerifyingKey]) -> None:
    """Return if the digest is right and a trusted key signed it; strangers' signatures are ignored.

    Args:
        event: as it was read.
        keys: trusted keys by key id.

    Raises:
        DepartmentContractError: with ``problem`` ``bad-event-digest``, ``unknown-key`` (no
            signature by a key that we trust, and trusted when it was recorded) or
            ``bad-event-signature`` (a trusted key's signature does not hold).
    """
    try:
        recomputed = event_digest(event)
        recorded_at = parse_instant(event.recorded_at)
    except OneServiceError as error:
        raise _bad(event, "bad-event-digest", "it has no canonical form") from error
    if recomputed != event.digest:
        raise _bad(event, "bad-event-digest", "its digest does not cover what it says")
    known = 0
    for signature in event.signatures:
        key = keys.get(signature.keyid)
        if key is None or not key.covers(recorded_at):
            continue
        known += 1
        if signature.alg != key.alg or not _holds(key, signature.value, event.digest):
            raise _bad(event, "bad-event-signature", "a signature does not hold")
    if not known:
        raise _bad(event, "unknown-key", "no key that is trusted for that time signed it")


def _holds(key: VerifyingKey, value: str, digest: Digest) -> bool:
    try:
        signature = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return key.holds(signature, signing_input(digest))


def _bad(event: DepartmentEvent, problem: str, text: str) -> DepartmentContractError:
    return DepartmentContractError(
        f"event {event.seq} of {event.submission_id}: {text}",
        department=event.department,
        problem=problem,
    )


def _pem(private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
