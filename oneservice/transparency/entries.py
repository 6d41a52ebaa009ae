"""What stands in our logs: that something of a kind exists, and a commitment to it. No person.

A leaf is public for ever, so it holds no name, number or digest that could be guessed from a name.
It commits to a *salted* digest: who was given the salt, with the certificate, can show that this
leaf means that certificate; to all others it is one of many.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from oneservice.canonical import Digest, canonical, parse_object, sealed_digest
from oneservice.errors import LogMalformedError, MalformedJsonError

__all__ = ["Entry", "EntryKind", "LoggedEntry", "entry_of_list"]

_FORMAT: Final = "oneservice-log-entry/1"
_MAX_BYTES: Final = 512
_SALT_BYTES: Final = 24
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_SALT: Final = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)
"""128 bits at least: digests of certificates about a known person could be tried out one by one."""


class EntryKind(StrEnum):
    """What an entry is about."""

    CERTIFICATE = "certificate"
    STATUS_LIST = "status-list"
    SEAL_USE = "seal-use"
    SEAL_REFUSAL = "seal-refusal"
    TRUST_LIST = "trust-list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as its maker knows it.

    Attributes:
        kind: in the clear, so that an audit office can count without knowing anything.
        digest: of the canonical bytes of what is logged.
        salt: 22 to 128 characters of ``A-Z a-z 0-9 _ -``, drawn at random for this entry alone; it
            travels with what is logged, never in the log.

    Raises:
        LogMalformedError: the digest is none, or the salt would not hide it.
    """

    kind: EntryKind
    digest: Digest
    salt: str

    def __post_init__(self) -> None:
        """Refuse what would not be a commitment."""
        if _DIGEST.fullmatch(self.digest) is None:
            msg = "an entry of a log names a digest of the form sha256:… with 64 digits"
            raise LogMalformedError(msg)
        if _SALT.fullmatch(self.salt) is None:
            msg = "the salt of an entry has 22 to 128 characters of A-Z a-z 0-9 _ -; draw a new one"
            raise LogMalformedError(msg)

    @property
    def commitment(self) -> Digest:
        """What the leaf says in the place of the digest."""
        return sealed_digest(self.salt, {"digest": self.digest, "kind": self.kind.value})

    def encode(self) -> bytes:
        """Return the bytes of the leaf."""
        return LoggedEntry(kind=self.kind.value, commitment=self.commitment).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """An entry as the world sees it. Kinds of later versions are read, too."""

    kind: str
    commitment: Digest

    def encode(self) -> bytes:
        """Return the bytes of the leaf: canonical JSON."""
        return canonical({"commitment": self.commitment, "format": _FORMAT, "kind": self.kind})

    @classmethod
    def parse(cls, data: bytes) -> LoggedEntry:
        """Return what a leaf says.

        Raises:
            LogMalformedError: it is not an entry of ours, in exactly one spelling.
        """
        try:
            document = parse_object(data, max_bytes=_MAX_BYTES, max_depth=1)
        except MalformedJsonError as error:
            msg = f"an entry of a log cannot be read: {error}"
            raise LogMalformedError(msg) from None
        kind, commitment = document.get("kind"), document.get("commitment")
        if isinstance(kind, str) and isinstance(commitment, str):
            found = cls(kind=kind, commitment=Digest(commitment))
            is_ours = _KIND.fullmatch(kind) and _DIGEST.fullmatch(commitment)
            if is_ours and found.encode() == data:
                return found
        msg = f"an entry of a log is not of the format {_FORMAT}"
        raise LogMalformedError(msg)


def entry_of_list(digest: Digest) -> Entry:
    """Return the entry of a published status list: the same for whoever logs it or looks for it.

    There is nobody whom a salt of chance would protect: the list is public.

    Args:
        digest: of the bytes of the document.
    """
    salt = blake2b(digest.encode(), digest_size=_SALT_BYTES).digest()
    return Entry(
        kind=EntryKind.STATUS_LIST,
        digest=digest,
        salt=base64.urlsafe_b64encode(salt).decode("ascii"),
    )
