"""A tree that grows by batches and gives out its tiles: pure, and all hashing of a log.

Only the unfinished tile of each level is remembered, some kilobytes for a log of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.errors import LogMalformedError
from oneservice.transparency.hashing import EMPTY_ROOT, HASH_BYTES, subtree_root
from oneservice.transparency.ranges import covering, folded, refuse_size
from oneservice.transparency.tiles import WIDTH, Tile, TileHashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["GrowingTree"]

_LEVELS: Final = 8
_HEIGHT: Final = 8


class GrowingTree:
    """The right edge of a tree.

    Args:
        size: number of leaves.
        read: returns the bytes of the unfinished tiles of a tree of that size; none is asked for
            where the tree is empty.

    Raises:
        LogMalformedError: a tile has not the size that it must have.
    """

    def __init__(self, size: int = 0, read: Callable[[Tile], bytes] = lambda _: b"") -> None:
        refuse_size(size)
        self.size = size
        self._edges: list[list[bytes]] = [[] for _ in range(_LEVELS)]
        for tile in self._unfinished():
            data = read(tile)
            if len(data) != tile.width * HASH_BYTES:
                msg = f"{tile.path} has {len(data)} bytes, {tile.width * HASH_BYTES} are due"
                raise LogMalformedError(msg)
            starts = range(0, len(data), HASH_BYTES)
            self._edges[tile.level] = [data[one : one + HASH_BYTES] for one in starts]

    @property
    def root(self) -> bytes:
        """The root hash at this size."""
        if self.size == 0:
            return EMPTY_ROOT
        read = TileHashes(self.size, lambda tile: b"".join(self._edges[tile.level]))
        return folded(map(read, covering(0, self.size)))

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Add leaf hashes and return the tiles that this made full."""
        finished: list[tuple[Tile, bytes]] = []
        self._extend(0, self.size, leaves, finished)
        self.size += len(leaves)
        return finished

    def unfinished(self) -> list[tuple[Tile, bytes]]:
        """Return the partial tiles of this size."""
        return [(tile, b"".join(self._edges[tile.level])) for tile in self._unfinished()]

    def _extend(
        self, level: int, count: int, hashes: Sequence[bytes], finished: list[tuple[Tile, bytes]]
    ) -> None:
        edge, above, index, start = self._edges[level], [], count // WIDTH, 0
        while start < len(hashes):
            room = WIDTH - len(edge)
            edge += hashes[start : start + room]
            start += room
            if len(edge) == WIDTH:
                finished.append((Tile(level, index), b"".join(edge)))
                above.append(subtree_root(edge))
                edge.clear()
                index += 1
        if above:
            self._extend(level + 1, count >> _HEIGHT, above, finished)

    def _unfinished(self) -> Iterator[Tile]:
        for level in range(_LEVELS):
            count = self.size >> (_HEIGHT * level)
            if count % WIDTH:
                yield Tile(level, count // WIDTH, count % WIDTH)
