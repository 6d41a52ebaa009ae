"""What opens an entry of a log: kept beside what was logged, by those who may know it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final, Self

from oneservice.canonical import canonical, parse_object
from oneservice.errors import LogMalformedError, MalformedJsonError
from oneservice.transparency import Entry, EntryKind, read_number

__all__ = ["LogReceipt", "fresh_salt"]

_FORMAT: Final = "oneservice-log-receipt/1"
_MAX_BYTES: Final = 4096
_SALT_BYTES: Final = 24


def fresh_salt() -> str:
    """Return a new salt for one entry: 192 random bits."""
    return secrets.token_urlsafe(_SALT_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReceipt:
    """What opens an entry: kept beside what was logged, never in the log.

    Attributes:
        origin: of the log.
        index: of the entry in it.
        entry: kind, digest and salt.
    """

    origin: str
    index: int
    entry: Entry

    def dump(self) -> bytes:
        """Return the receipt: canonical JSON."""
        entry = self.entry
        return canonical(
            {
                "format": _FORMAT,
                "origin": self.origin,
                "index": str(self.index),
                "kind": entry.kind.value,
                "digest": entry.digest,
                "salt": entry.salt,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the receipt that ``data`` states.

        Raises:
            LogMalformedError: it is none.
        """
        try:
            document: dict[str, Any] = parse_object(data, max_bytes=_MAX_BYTES, max_depth=1)
            kind, digest, salt = EntryKind(document["kind"]), document["digest"], document["salt"]
            found = cls(
                origin=str(document["origin"]),
                index=read_number(document["index"], what="the index in a receipt"),
                entry=Entry(kind=kind, digest=digest, salt=salt),
            )
            # Written anew it must be the same: nothing else stood in it, and in no other form.
            if found.dump() == data.rstrip(b"\n"):
                return found
        except (MalformedJsonError, KeyError, TypeError, ValueError):
            pass
        msg = f"not a receipt of the format {_FORMAT}"
        raise LogMalformedError(msg)
