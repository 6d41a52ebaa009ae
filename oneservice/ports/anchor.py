"""Where the head of a log is written down a second time, out of reach of whoever runs the log."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Anchor"]


class Anchor(Protocol):
    """A chain, a newspaper, an archive: it keeps what it was given, in order."""

    async def anchor(self, checkpoint: bytes) -> str:
        """Keep a signed checkpoint and return where it stands, in words of the anchor's own.

        Keeping the same one again is harmless.

        Raises:
            EnvironmentalError: it could not be kept; try again later.
        """
        ...

    async def anchored(self) -> tuple[bytes, ...]:
        """Return all checkpoints that were kept, oldest first.

        Raises:
            EnvironmentalError: they cannot be read now.
        """
        ...
