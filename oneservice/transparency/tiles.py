"""Tiles: the tree cut into files of 256 hashes, which never change once they are full.

A reader needs no server that computes: it says which tiles a proof asks for, fetches those files,
and makes the proof itself. What it makes is worth what the signed root says, so tiles may come
from anybody.

References:
    C2SP tlog-tiles (paths, partial tiles, entry bundles).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from oneservice.errors import LogMalformedError
from oneservice.transparency.hashing import HASH_BYTES, MAX_SIZE, subtree_root
from oneservice.transparency.ranges import Node, Stretch, covering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "ENTRIES",
    "MAX_BUNDLE_BYTES",
    "MAX_ENTRY_BYTES",
    "WIDTH",
    "Tile",
    "TileHashes",
    "entry_bundle",
    "parse_entry_bundle",
    "parse_tile_path",
    "tiles_needed",
    "tiles_of",
]

WIDTH: Final = 256
"""Hashes of a full tile, and entries of a full bundle."""
_HEIGHT: Final = 8
ENTRIES: Final = -1
"""The level of entry bundles, below that of the leaf hashes."""
_MAX_LEVEL: Final = 63
MAX_ENTRY_BYTES: Final = 65_535
"""An entry's length is written in two bytes."""
MAX_BUNDLE_BYTES: Final = WIDTH * (2 + MAX_ENTRY_BYTES)
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of a log.

    Attributes:
        level: of its hashes, in steps of eight levels of the tree; :data:`ENTRIES` for entries.
        index: which tile of that level, from 0.
        width: how many hashes or entries it holds; 256 for one that will never change.
    """

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below the prefix of the log, such as ``tile/0/x001/x234/067.p/8``."""
        groups: list[str] = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @property
    def max_bytes(self) -> int:
        """How large the file may be; a tile of hashes is exactly as large."""
        return MAX_BUNDLE_BYTES if self.level == ENTRIES else self.width * HASH_BYTES


def parse_tile_path(path: str) -> Tile:
    """Return the tile of that path; exactly one spelling is taken.

    Raises:
        LogMalformedError: not the path of a tile or an entry bundle.
    """
    found = _PATH.fullmatch(path)
    if found is not None:
        level = ENTRIES if found[1] == "entries" else int(found[1])
        digits = found[2].replace("/", "").replace("x", "")
        tile = Tile(level, int(digits[-19:]), int(found[3] or WIDTH))
        # Written anew it must be the same: no leading "x000", no ".p/256", nothing too large.
        if level <= _MAX_LEVEL and tile.index <= MAX_SIZE and tile.path == path:
            return tile
    msg = "not the path of a tile (tile/0/x001/234, tile/entries/000.p/12)"
    raise LogMalformedError(msg)


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """Yield all tiles and bundles that the tree of ``size`` has and that of ``since`` has not."""
    for level in (ENTRIES, *range(_MAX_LEVEL // _HEIGHT + 1)):
        shift = _HEIGHT * max(level, 0)
        count, before = size >> shift, since >> shift
        if count == before:
            continue
        for index in range(before // WIDTH, count // WIDTH):
            yield Tile(level, index)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)


def tiles_needed(stretches: Iterable[Stretch], size: int) -> tuple[Tile, ...]:
    """Return the tiles of the tree of ``size`` from which the roots of ``stretches`` are made."""
    nodes = (node for one in stretches for node in covering(*one))
    return tuple(dict.fromkeys(_place(node, size)[0] for node in nodes))


class TileHashes:
    """Hashes of perfect subtrees, out of the tiles of a tree.

    Args:
        size: of the tree; it decides how wide the tiles at its right edge are.
        read: returns the bytes of a tile.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._read = read

    def __call__(self, node: Node) -> bytes:
        """Return the hash of ``node``.

        Raises:
            LogMalformedError: the tile has not the size that it must have.
        """
        tile, first, count = _place(node, self._size)
        data = self._read(tile)
        if len(data) != tile.width * HASH_BYTES:
            msg = f"{tile.path} has {len(data)} bytes, {tile.width * HASH_BYTES} are due"
            raise LogMalformedError(msg)
        hashes = data[first * HASH_BYTES : (first + count) * HASH_BYTES]
        if count == 1:
            return hashes
        # Neighbours lie side by side in the file: their parents are hashed without cutting them.
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        digest, pair = sha256, 2 * HASH_BYTES
        return subtree_root(digest(b"\1" + hashes[one : one + pair]).digest() for one in pairs)


def _place(node: Node, size: int) -> tuple[Tile, int, int]:
    """Return the tile below ``node``, and which of its hashes are the subtree's."""
    level, height = divmod(node.level, _HEIGHT)
    index, first = divmod(node.position << height, WIDTH)
    width = min(WIDTH, (size >> (_HEIGHT * level)) - index * WIDTH)
    if first + (1 << height) > width:
        msg = f"a tree of {size} leaves has no node {node.position} on level {node.level}"
        raise LogMalformedError(msg)
    return Tile(level, index, width), first, 1 << height


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each with its length in two bytes before it.

    Raises:
        LogMalformedError: an entry is longer than 65,535 bytes.
    """
    try:
        return b"".join([len(one).to_bytes(2, "big") + one for one in entries])
    except OverflowError:
        msg = f"an entry has more than {MAX_ENTRY_BYTES} bytes"
        raise LogMalformedError(msg) from None


def parse_entry_bundle(data: bytes, *, count: int) -> tuple[bytes, ...]:
    """Return the ``count`` entries of a bundle.

    Raises:
        LogMalformedError: it holds fewer, or more bytes than these.
    """
    found, start = [], 0
    for _ in range(count):
        length = int.from_bytes(data[start : start + 2], "big")
        end = start + 2 + length
        if start + 2 > len(data) or end > len(data):
            break
        found.append(data[start + 2 : end])
        start = end
    if len(found) != count or start != len(data):
        msg = f"the bundle does not hold exactly {count} entries"
        raise LogMalformedError(msg)
    return tuple(found)
