"""Which subtrees a stretch of leaves is made of, and the root of a tree that only grows.

Theory of operation: every stretch ``[start, end)`` is covered by perfect subtrees, whose roots
never change once they are full: those are what tiles hold and what proofs are made of. The nodes
above an unfinished right edge change with every leaf; they are folded from perfect ones when they
are needed and stored nowhere. A :class:`CompactRange` is the cover of ``[0, size)``: all that has
to be remembered of a log of any size in order to go on, and to know its root.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from oneservice.errors import LogMalformedError
from oneservice.transparency.hashing import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, node_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["CompactRange", "Node", "Stretch", "covering", "folded", "range_root", "refuse_size"]


class Node(NamedTuple):
    """The root of the ``position``-th perfect subtree of ``2**level`` leaves."""

    level: int
    position: int


class Stretch(NamedTuple):
    """Leaves ``[start, end)``."""

    start: int
    end: int


def refuse_size(*numbers: int) -> None:
    """Refuse what is no size or index of a tree.

    Raises:
        LogMalformedError: one is negative, or above 2^63 - 1.
    """
    if not all(0 <= one <= MAX_SIZE for one in numbers):
        msg = "a size or index of a log is a whole number from 0 to 2^63-1"
        raise LogMalformedError(msg)


def covering(start: int, end: int) -> tuple[Node, ...]:
    """Return the fewest perfect subtrees that cover ``[start, end)``, from left to right."""
    found: list[Node] = []
    while start < end:
        room = (end - start).bit_length() - 1
        level = min(room, (start & -start).bit_length() - 1) if start else room
        found.append(Node(level, start >> level))
        start += 1 << level
    return tuple(found)


def folded(hashes: Iterable[bytes]) -> bytes:
    """Return the root above subtrees that lie side by side, the larger ones to the left."""
    *others, root = hashes
    for left in reversed(others):
        root = node_hash(left, root)
    return root


def range_root(stretch: Stretch, read: Callable[[Node], bytes]) -> bytes:
    """Return the root over ``stretch``, one side of a split of RFC 6962, from perfect subtrees."""
    return folded(map(read, covering(*stretch)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRange:
    """A tree of ``size`` leaves, remembered by the roots of its perfect subtrees.

    Attributes:
        size: number of leaves.
        hashes: of ``covering(0, size)``, in that order.

    Raises:
        LogMalformedError: the hashes are not as many as the size asks for, or not 32 bytes each.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no range; one is read back from files."""
        refuse_size(self.size)
        lengths = {len(one) for one in self.hashes}
        if len(self.hashes) != self.size.bit_count() or lengths - {HASH_BYTES}:
            msg = f"a tree of {self.size} leaves is remembered by {self.size.bit_count()} hashes"
            raise LogMalformedError(msg)

    @property
    def root(self) -> bytes:
        """The root hash of the tree (RFC 6962, section 2.1)."""
        return folded(self.hashes) if self.hashes else EMPTY_ROOT

    def grown(self, leaves: Iterable[bytes]) -> CompactRange:
        """Return the tree with leaf *hashes* added; about a microsecond each."""
        stack, size, digest = list(self.hashes), self.size, sha256
        for leaf in leaves:
            above, position = leaf, size
            while position & 1:
                above = digest(b"\1" + stack.pop() + above).digest()
                position >>= 1
            stack.append(above)
            size += 1
        return CompactRange(size=size, hashes=tuple(stack))

    def joined(self, nodes: Iterable[tuple[Node, bytes]]) -> CompactRange:
        """Return the tree with whole subtrees added, each in its place.

        Raises:
            LogMalformedError: a subtree does not begin where the tree ends.
        """
        stack, size = list(self.hashes), self.size
        for node, value in nodes:
            position, rest = size >> node.level, size & ((1 << node.level) - 1)
            if rest or position != node.position:
                msg = "a subtree does not begin where the tree ends"
                raise LogMalformedError(msg)
            above = value
            while position & 1:
                above = node_hash(stack.pop(), above)
                position >>= 1
            stack.append(above)
            size += 1 << node.level
        return CompactRange(size=size, hashes=tuple(stack))
