"""How one case lies on the disk: AES-256-GCM under keys that are derived from the case's secret.

Theory of operation. The secret of a case (32 random bytes, from which its salts come too) is the
one root: encryption key and nonce key are derived from it by keyed BLAKE2b (RFC 7693), apart from
the salts by their ``person``. A nonce is the keyed digest of the place and the text, as in a
synthetic initialisation vector (RFC 5297): the same nonce means the same text in the same place,
so it cannot repeat for another one, even where a commit was rolled back, an old backup was restored
or the machine's chance repeats itself; a counter or a record's number could not promise that. The
place is authenticated with the text, so rows cannot be swapped, neither in a case nor between two.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oneservice.canonical import Digest
from oneservice.errors import JournalCorruptError

__all__ = ["CaseCipher", "keyed_nonce"]

_NONCE_LENGTH: Final = 12
_NAME_LENGTH: Final = 16


def keyed_nonce(key: bytes, place: bytes, text: bytes) -> bytes:
    """Return the 96 bits that belong to ``text`` in ``place``, and to no other, under ``key``."""
    size = len(place).to_bytes(8, "big")
    whole = b"".join((size, place, text))
    return blake2b(whole, key=key, digest_size=_NONCE_LENGTH, person=b"oneservice-nonce").digest()


class CaseCipher:
    """Seals and opens what belongs to one case.

    Args:
        case_id: whose.
        secret: the case's own, as :meth:`oneservice.ports.Ids.secret` gave it.
    """

    __slots__ = ("_aead", "_nonce_key", "_place", "case_id", "secret")

    def __init__(self, case_id: str, secret: str) -> None:
        self.case_id = case_id
        self.secret = secret
        root = secret.encode()[:64]
        keys = blake2b(case_id.encode(), key=root, person=b"oneservice-rest").digest()
        self._aead, self._nonce_key = AESGCM(keys[:32]), keys[32:]
        self._place = case_id.encode() + b"\n"

    def __repr__(self) -> str:
        return f"CaseCipher({self.case_id!r})"

    def seal(self, place: bytes, text: bytes) -> bytes:
        """Return ``text`` encrypted for ``place``: the nonce, then the ciphertext with its tag."""
        whole = self._place + place
        nonce = keyed_nonce(self._nonce_key, whole, text)
        return nonce + self._aead.encrypt(nonce, text, whole)

    def open(self, place: bytes, sealed: bytes) -> bytes:
        """Return the text that was sealed for ``place``.

        Raises:
            JournalCorruptError: it was altered, or sealed for another place, case or key.
        """
        nonce, text = sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:]
        try:
            return self._aead.decrypt(nonce, text, self._place + place)
        except (InvalidTag, ValueError) as error:
            msg = f"case {self.case_id}: stored bytes were altered or moved; restore a backup"
            raise JournalCorruptError(msg) from error

    def name(self, digest: Digest) -> bytes:
        """Return the name under which bytes of this digest lie.

        The digest itself would say which documents two cases share, and let anybody who guesses a
        short form confirm the guess.
        """
        return blake2b(
            digest.encode(),
            key=self._nonce_key,
            digest_size=_NAME_LENGTH,
            person=b"oneservice-name",
        ).digest()
