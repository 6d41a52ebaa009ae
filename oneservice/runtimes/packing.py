"""Blobs made smaller before they are sealed; what many cases hold is deflated once."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import Final

from oneservice.canonical import Digest

__all__ = ["Packer", "inflated", "unpacked"]

_DEFLATED_FROM: Final = 4096
"""Bytes from which deflating pays: the plan, above all."""
_KNOWN_BYTES: Final = 16_777_216
"""How much of what was deflated last is kept, so that the plan of the day is not deflated anew."""
_PLAIN: Final = b"\x00"
_DEFLATED: Final = b"\x01"


class Packer:
    """Packs blobs, and remembers the large ones that it packed last."""

    def __init__(self) -> None:
        self._known: OrderedDict[Digest, bytes] = OrderedDict()
        self._bytes = 0

    def forget(self) -> None:
        """Forget all of it: some of it may be of a case that was erased."""
        self._known.clear()
        self._bytes = 0

    def packed(self, digest: Digest, content: bytes) -> bytes:
        """Return ``content`` with a first byte that says how it is packed."""
        if len(content) < _DEFLATED_FROM:
            return _PLAIN + content
        return _DEFLATED + self.deflated(digest, content)

    def deflated(self, digest: Digest, content: bytes) -> bytes:
        """Return ``content`` deflated."""
        found = self._known.get(digest)
        if found is None:
            found = self._known[digest] = zlib.compress(content, 1)
            self._bytes += len(found)
            while self._bytes > _KNOWN_BYTES:
                self._bytes -= len(self._known.popitem(last=False)[1])
        return found


def unpacked(packed: bytes) -> bytes:
    """Return the content; what was never packed gives bytes that no digest fits."""
    return inflated(packed[1:]) if packed[:1] == _DEFLATED else packed[1:]


def inflated(deflated: bytes) -> bytes:
    """Return what was deflated, or bytes that no digest fits."""
    try:
        return zlib.decompress(deflated)
    except zlib.error:
        return b""
