"""Keys of logs and witnesses: who may sign a note, with which kind of signature.

Three kinds are spoken: Ed25519 for logs, and the timestamped cosignatures of witnesses by Ed25519
and by ML-DSA-44. A verifier key ("vkey") is one line of text that a trust list can carry.

References:
    C2SP signed-note (verifier keys, key ids) and tlog-cosignature (types 0x04 and 0x06).
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oneservice.errors import KeyUnusableError, LogMalformedError

__all__ = ["NoteKey", "SignatureType", "decode_base64", "has_small_order", "is_key_name"]

_KEY_ID_BYTES: Final = 4
_MAX_NAME: Final = 255
"""Characters of a key's name; a schema-less URL is shorter."""
_SMALL_ORDER: Final = frozenset(
    int.from_bytes(bytes.fromhex(one), "little")
    for one in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)
"""All spellings, without the sign, of the points of order 8 and below: under such a "key" there are
signatures that hold for any text, and the primitive accepts them."""
_SIGN: Final = 1 << 255
_HEX_ID: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)


def has_small_order(public: bytes) -> bool:
    """Say whether an Ed25519 "key" is one in whose name anybody could sign."""
    return int.from_bytes(public, "little") & ~_SIGN in _SMALL_ORDER


class SignatureType(IntEnum):
    """How a note is signed; the value is the byte of C2SP signed-note."""

    ED25519 = 1
    COSIGNATURE_V1 = 4
    COSIGNATURE_ML_DSA_44 = 6

    @property
    def is_cosignature(self) -> bool:
        """Whether the signature carries the moment at which a witness made it."""
        return self is not SignatureType.ED25519

    @property
    def public_bytes(self) -> int:
        """Length of a public key."""
        return 1312 if self is SignatureType.COSIGNATURE_ML_DSA_44 else 32

    @property
    def signature_bytes(self) -> int:
        """Length of the signature itself, without key id and time."""
        return 2420 if self is SignatureType.COSIGNATURE_ML_DSA_44 else 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """A public key that signs notes, under a name.

    Attributes:
        name: of log or witness: a URL without schema, such as ``audit.example/witness-1``.
        type: what kind of signature it makes.
        public: the public key's bytes.
        id: of the key: four bytes that stand before each of its signatures.

    Raises:
        LogMalformedError: the name cannot stand in a note, or the key is none.
    """

    name: str
    type: SignatureType = SignatureType.ED25519
    public: bytes
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what could not be written; derive the id."""
        if not is_key_name(self.name):
            msg = "the name of a key is 1 to 255 characters without spaces and '+'"
            raise LogMalformedError(msg)
        if len(self.public) != self.type.public_bytes:
            msg = f"{self.name}: a key of this kind has {self.type.public_bytes} bytes"
            raise LogMalformedError(msg)
        is_ed25519 = self.type is not SignatureType.COSIGNATURE_ML_DSA_44
        if is_ed25519 and has_small_order(self.public):
            msg = f"{self.name}: this is no key; anybody could sign in its name (small order)"
            raise LogMalformedError(msg)
        named = b"%s\n%c%s" % (self.name.encode("utf-8"), self.type, self.public)
        object.__setattr__(self, "id", sha256(named).digest()[:_KEY_ID_BYTES])

    @classmethod
    def parse(cls, vkey: str) -> NoteKey:
        """Return the key that a verifier key states: ``NAME+ID+BASE64``.

        Raises:
            LogMalformedError: not three parts, an id that is another key's, or a kind of key that
                is not spoken here.
        """
        parts = vkey.split("+", 2)
        if len(parts) != 3 or not _HEX_ID.fullmatch(parts[1]):  # noqa: PLR2004 - as C2SP writes it
            msg = "a verifier key is NAME+ID+KEY with an id of eight hexadecimal digits"
            raise LogMalformedError(msg)
        name, key_id, encoded = parts
        data = decode_base64(encoded, what="a verifier key")
        try:
            kind = SignatureType(data[0]) if data else None
        except ValueError:
            kind = None
        if kind is None:
            msg = "a verifier key of a kind that is not spoken here (Ed25519 and cosignatures are)"
            raise LogMalformedError(msg)
        key = cls(name=name, type=kind, public=data[1:])
        if key.id.hex() != key_id:
            msg = f"{name}: the id in the verifier key is not that of its key; copy it again, whole"
            raise LogMalformedError(msg)
        return key

    @property
    def vkey(self) -> str:
        """The verifier key: all of it in one line of text."""
        encoded = base64.b64encode(bytes([self.type]) + self.public).decode("ascii")
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @property
    def is_usable(self) -> bool:
        """Whether this installation can check its signatures; what it cannot, it passes over."""
        try:
            _load(self.type, self.public)
        except KeyUnusableError:
            return False
        return True

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Say whether ``signature`` over ``message`` was made with this key.

        Raises:
            KeyUnusableError: ML-DSA is due, which this installation does not have.
        """
        if len(signature) != self.type.signature_bytes:
            return False
        try:
            _load(self.type, self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class _Verifies(Protocol):
    def verify(self, signature: bytes, data: bytes, /) -> None: ...


@functools.lru_cache(maxsize=1024)
def _load(kind: SignatureType, public: bytes) -> _Verifies:
    if kind is not SignatureType.COSIGNATURE_ML_DSA_44:
        return Ed25519PublicKey.from_public_bytes(public)
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415 - newer ones

        return mldsa.MLDSA44PublicKey.from_public_bytes(public)
    except (ImportError, UnsupportedAlgorithm, ValueError) as error:
        msg = "ML-DSA-44 needs a newer `cryptography`; ask the witness for its Ed25519 key as well"
        raise KeyUnusableError(msg) from error


def is_key_name(name: str) -> bool:
    """Say whether ``name`` may stand in a signature line."""
    return 0 < len(name) <= _MAX_NAME and not any(
        one == "+" or one.isspace() or one < " " or "\ud800" <= one <= "\udfff" for one in name
    )


def decode_base64(text: str, *, what: str, length: int | None = None) -> bytes:
    """Return the bytes of standard base 64, written in the one way there is.

    Raises:
        LogMalformedError: another alphabet, missing padding, bits too many, or not ``length``.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        data = None
    if data is None or base64.b64encode(data).decode("ascii") != text:
        msg = f"{what} is not standard base 64"
        raise LogMalformedError(msg)
    if length is not None and len(data) != length:
        msg = f"{what} has {len(data)} bytes, {length} are due"
        raise LogMalformedError(msg)
    return data
