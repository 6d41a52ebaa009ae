"""Private keys of logs and witnesses. Nothing but a signature and an encrypted PEM leaves one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.errors import KeyUnusableError, LogMalformedError
from oneservice.transparency.note_keys import NoteKey, SignatureType
from oneservice.transparency.notes import NoteSignature, SignedNote, signed_bytes, timestamped

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    _Private: TypeAlias = "Ed25519PrivateKey | MLDSA44PrivateKey"

__all__ = ["NoteSigner", "SignsNotes", "signed_note"]


class SignsNotes(Protocol):
    """Whoever signs notes: a key in memory, or one behind a token."""

    @property
    def key(self) -> NoteKey:
        """The public side."""
        ...

    def sign(self, text: str, *, at: datetime | None = None) -> NoteSignature:
        """Return a signature on ``text``; ``at`` is the moment of a cosignature."""
        ...


class NoteSigner:
    """A private key that signs notes under a name.

    Args:
        name: of the log or witness.
        private: the key; Ed25519, or ML-DSA-44 for cosignatures.
        type: what kind of signature it makes.

    Raises:
        KeyUnusableError: the key cannot make such signatures.
        LogMalformedError: the name cannot stand in a note.
    """

    __slots__ = ("_private", "key")

    key: NoteKey

    def __init__(
        self,
        name: str,
        private: _Private,
        *,
        type: SignatureType = SignatureType.ED25519,  # noqa: A002 - as the key calls it
    ) -> None:
        self._private = private
        if isinstance(private, Ed25519PrivateKey) == (type is SignatureType.COSIGNATURE_ML_DSA_44):
            msg = f"{name}: the key cannot make this kind of signature"
            raise KeyUnusableError(msg)
        self.key = NoteKey(name=name, type=type, public=private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<NoteSigner {self.key.vkey}>"

    @classmethod
    def generate(cls, name: str, *, type: SignatureType = SignatureType.ED25519) -> NoteSigner:  # noqa: A002 - as above
        """Return a fresh key.

        Raises:
            KeyUnusableError: ML-DSA was asked for, and this installation does not have it.
        """
        if type is not SignatureType.COSIGNATURE_ML_DSA_44:
            return cls(name, Ed25519PrivateKey.generate(), type=type)
        try:
            from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415 - newer

            return cls(name, mldsa.MLDSA44PrivateKey.generate(), type=type)
        except (ImportError, UnsupportedAlgorithm) as error:
            msg = "ML-DSA-44 needs a newer `cryptography`"
            raise KeyUnusableError(msg) from error

    @classmethod
    def from_pem(
        cls,
        data: bytes,
        *,
        name: str,
        password: bytes | None = None,
        type: SignatureType = SignatureType.ED25519,  # noqa: A002 - as above
    ) -> NoteSigner:
        """Return the key in ``data`` (PKCS #8 PEM), under a name.

        Raises:
            KeyUnusableError: no PEM, another password, or a kind of key that does not fit ``type``.
        """
        try:
            private = serialization.load_pem_private_key(data, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            msg = "the key cannot be opened: not a PEM private key, or locked by another password"
            raise KeyUnusableError(msg) from None
        is_ml_dsa = private.__class__.__name__.startswith("MLDSA44")
        if not isinstance(private, Ed25519PrivateKey) and not is_ml_dsa:
            msg = "a log signs with Ed25519, a witness with Ed25519 or ML-DSA-44; make such a key"
            raise KeyUnusableError(msg)
        return cls(name, cast("_Private", private), type=type)

    def to_pem(self, password: bytes | None) -> bytes:
        """Return the key as PKCS #8 PEM, encrypted with ``password``; ``None``: in the clear.

        Raises:
            KeyUnusableError: the password is empty, which would protect nothing.
        """
        if password == b"":
            msg = "an empty password protects nothing; give one, or None for a key in the clear"
            raise KeyUnusableError(msg)
        lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            lock = serialization.BestAvailableEncryption(password)
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
        )

    def sign(self, text: str, *, at: datetime | None = None) -> NoteSignature:
        """Return a signature on the text of a note.

        Args:
            text: ends in a newline; for a cosignature it is a checkpoint.
            at: aware; the moment of a cosignature, which counts in whole seconds.

        Raises:
            KeyUnusableError: a cosignature without a moment, or a log's signature with one.
            LogMalformedError: a cosignature on what is no checkpoint.
        """
        if (at is not None) != self.key.type.is_cosignature:
            msg = f"{self.key.name}: a cosignature tells its moment, another signature tells none"
            raise KeyUnusableError(msg)
        value = self._private.sign(signed_bytes(text, self.key, at))
        return NoteSignature(name=self.key.name, key_id=self.key.id, value=timestamped(at, value))


def signed_note(text: str, *signers: SignsNotes) -> SignedNote:
    """Return a note on ``text`` with the signatures of logs; it reads back the same.

    Raises:
        LogMalformedError: the text does not end in a newline, or has control characters.
    """
    note = SignedNote(text=text, signatures=tuple(one.sign(text) for one in signers))
    if SignedNote.parse(note.dump()) != note:
        msg = "the text of a note ends in one newline, and has no control characters"
        raise LogMalformedError(msg)
    return note
