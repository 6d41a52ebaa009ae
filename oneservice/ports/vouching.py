"""Those who vouch for what is handed out: logs, status lists, clocks of others.

None of them decides anything. Results count when they are handed out; what these parties say
comes beside them, at once or later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from oneservice.canonical import JsonObject
from oneservice.transparency import Entry

__all__ = ["EvidenceLog", "Receipt", "SealReceipts", "StatusLists", "Timestamping"]


class EvidenceLog(Protocol):
    """A transparency log, as whoever hands out certificates sees it."""

    async def enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """Have each entry in a published head, once, however often it is asked.

        Returns:
            The text of a proof (C2SP tlog-proof) for each, in order: the first one that there was.

        Raises:
            OneServiceError: it could not be; ask again later, with the same entries.
        """
        ...


class StatusLists(Protocol):
    """Where published status lists are fetched."""

    async def list_of(self, uri: str, *, at: datetime) -> bytes | None:
        """Return the Token Status List at ``uri`` that spoke at the aware instant ``at``.

        ``None``: it cannot be had. Whatever comes is judged by its own signature.
        """
        ...


class Timestamping(Protocol):
    """A time-stamping authority (RFC 3161)."""

    async def stamp(self, data: bytes) -> bytes:
        """Return a token, DER, over the SHA-256 of ``data``.

        Raises:
            OneServiceError: there is none now.
        """
        ...


@runtime_checkable
class SealReceipts(Protocol):
    """A signer that shows afterwards how its seal was used."""

    async def receipt(self, document: Mapping[str, Any]) -> Receipt:
        """Return the receipt of a document that it sealed.

        Raises:
            OneServiceError: it has none.
        """
        ...


class Receipt(Protocol):
    """The receipt of a seal."""

    def as_json(self) -> JsonObject:
        """Return it as it stands in a file."""
        ...
