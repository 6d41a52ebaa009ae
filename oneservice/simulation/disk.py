"""A disk as crashes know it: bytes that are synced stay, the others may be torn or gone.

A write-ahead log of framed records. What was synced before a crash is there after it; of the last
write, any prefix may be. Reading goes as far as frames are whole, as every write-ahead log does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

__all__ = ["Disk", "frame", "frames"]

_LENGTH: Final = 4
_CHECK: Final = 8
_HEAD: Final = _LENGTH + _CHECK


class Disk:
    """Bytes of one file: ``synced`` survive, ``pending`` may."""

    __slots__ = ("is_full", "pending", "synced", "written")

    def __init__(self) -> None:
        self.synced = bytearray()
        self.pending = b""
        self.is_full = False
        self.written = 0
        """Bytes that were ever synced."""

    def write(self, data: bytes) -> None:
        """Put ``data`` behind what is there; not durable yet."""
        self.pending += data

    def sync(self) -> None:
        """Make durable what was written."""
        self.synced += self.pending
        self.written += len(self.pending)
        self.pending = b""

    def crash(self, *, kept: int) -> None:
        """Lose the power; of what was not synced the first ``kept`` bytes are there yet."""
        self.synced += self.pending[:kept]
        self.pending = b""

    def forget_before(self, length: int) -> None:
        """Drop the first ``length`` bytes: they were folded into tables (a checkpoint)."""
        del self.synced[:length]


def frame(payload: bytes) -> bytes:
    """Return ``payload`` with its length and a check sum, so that a torn one is known."""
    return len(payload).to_bytes(_LENGTH, "big") + _check(payload) + payload


def frames(data: bytes | bytearray) -> Iterator[tuple[bytes, int]]:
    """Yield whole payloads and where each ends; stop at the first that is torn."""
    at = 0
    while at + _HEAD <= len(data):
        length = int.from_bytes(data[at : at + _LENGTH], "big")
        payload = bytes(data[at + _HEAD : at + _HEAD + length])
        if len(payload) < length or _check(payload) != data[at + _LENGTH : at + _HEAD]:
            return
        at += _HEAD + length
        yield payload, at


def _check(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_CHECK).digest()
