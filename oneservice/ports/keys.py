"""Who wraps the keys under which cases lie on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

__all__ = ["KeyKeeper", "KeyedStore", "Pseudonyms", "WrappedKey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A key that only its keeper can open; ``key_id`` names the keeper's key that is needed."""

    key_id: str
    wrapped: bytes


class KeyKeeper(Protocol):
    """Wraps what the cases' data keys are derived from: a key file, or a key service (KMS, HSM).

    ``context`` says what the key is for (a case id); it is bound to the wrapping, so that the
    wrapped key of one case does not open in the place of another's. Both methods raise
    :class:`JournalUnavailableError` where a key service cannot be reached now (all work waits and
    goes on by itself), and :class:`JournalKeyError` where the key is not there (what is wrapped
    under it waits, the rest goes on); what was not wrapped so is a :class:`JournalCorruptError`.
    """

    @property
    def key_id(self) -> str:
        """Return the id of the key under which new keys are wrapped: at most 64 characters."""
        ...

    async def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        """Return ``key`` (at most 64 bytes) wrapped under :attr:`key_id`."""
        ...

    async def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        """Return what was wrapped, by any key that the keeper still has."""
        ...


@runtime_checkable
class KeyedStore(Protocol):
    """A store whose cases lie under keys that a :class:`KeyKeeper` wraps."""

    async def rewrap(self) -> int:
        """Bring every case under the keeper's current key; return how many were not."""
        ...


@runtime_checkable
class Pseudonyms(Protocol):
    """A store that can name somebody without saying who it is."""

    async def pseudonym(self, text: str) -> str:
        """Return a name for ``text``: always the same here, and nowhere else.

        Nobody can guess ``text`` from it, not even by trying all there are, without the keeper.
        """
        ...
