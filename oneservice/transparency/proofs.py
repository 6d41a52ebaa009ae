"""Proofs that an entry is in a tree, and that a tree only grew: made, and checked.

Checking needs nothing but the proof; making needs the hashes of perfect subtrees, which a reader
hands in (:class:`oneservice.transparency.tiles.TileHashes`). A check returns nothing or raises.

References:
    RFC 6962, sections 2.1.1 (audit paths) and 2.1.2 (consistency proofs); the checks follow
    RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.errors import LogMalformedError, LogProofError
from oneservice.transparency.hashing import EMPTY_ROOT, HASH_BYTES, node_hash
from oneservice.transparency.ranges import Node, Stretch, range_root, refuse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "MAX_PROOF_HASHES",
    "check_consistency",
    "check_inclusion",
    "consistency_proof",
    "consistency_stretches",
    "inclusion_proof",
    "inclusion_root",
    "inclusion_stretches",
]

MAX_PROOF_HASHES: Final = 63
"""A tree of 2^63 leaves is no higher."""


def inclusion_stretches(index: int, size: int) -> tuple[Stretch, ...]:
    """Return the stretches of leaves whose roots prove leaf ``index`` in a tree of ``size``.

    Raises:
        LogProofError: the tree has no such leaf.
        LogMalformedError: a number is none of a tree.
    """
    refuse_size(index, size)
    if index >= size:
        msg = f"a tree of {size} leaves has no leaf {index} (they are counted from 0)"
        raise LogProofError(msg)
    found, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(Stretch(middle, end))
            end = middle
        else:
            found.append(Stretch(start, middle))
            start = middle
    return tuple(reversed(found))


def consistency_stretches(old: int, new: int) -> tuple[Stretch, ...]:
    """Return the stretches whose roots prove that a tree of ``old`` leaves grew to ``new``.

    Raises:
        LogProofError: the new tree is smaller, or nothing can be proven of an empty one.
        LogMalformedError: a number is none of a tree.
    """
    refuse_size(old, new)
    if not 0 < old <= new:
        msg = f"no proof leads from a tree of {old} leaves to one of {new}"
        raise LogProofError(msg)
    found, start, end, is_known = [], 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(Stretch(middle, end))
            end = middle
        else:
            found.append(Stretch(start, middle))
            start, is_known = middle, False
    if not is_known:
        found.append(Stretch(start, end))
    return tuple(reversed(found))


def inclusion_proof(index: int, size: int, read: Callable[[Node], bytes]) -> tuple[bytes, ...]:
    """Return the hashes that prove leaf ``index`` in the tree of ``size``, leaf's sibling first."""
    return tuple(range_root(one, read) for one in inclusion_stretches(index, size))


def consistency_proof(old: int, new: int, read: Callable[[Node], bytes]) -> tuple[bytes, ...]:
    """Return the hashes that prove that the tree of ``old`` leaves is the start of ``new``."""
    return tuple(range_root(one, read) for one in consistency_stretches(old, new))


def inclusion_root(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root to which ``proof`` leads from the leaf hash ``leaf``.

    Raises:
        LogProofError: the tree has no such leaf, or the proof is not as long as one must be.
        LogMalformedError: a hash is no hash, or a number none of a tree.
    """
    refuse_size(index, size)
    _refuse_hashes(leaf, *proof)
    if index >= size:
        msg = f"a tree of {size} leaves has no leaf {index} (they are counted from 0)"
        raise LogProofError(msg)
    position, last, root, rest = index, size - 1, leaf, iter(proof)
    for sibling in rest:
        if last == 0:
            break
        if position & 1 or position == last:
            root = node_hash(sibling, root)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        position >>= 1
        last >>= 1
    else:
        if last == 0:
            return root
    msg = f"the inclusion proof has {len(proof)} hashes, which is not what leaf and size ask for"
    raise LogProofError(msg)


def check_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return if ``proof`` shows the leaf hash ``leaf`` at ``index`` of the tree under ``root``.

    Raises:
        LogProofError: it does not.
        LogMalformedError: a hash is no hash, or a number none of a tree.
    """
    _refuse_hashes(root)
    if inclusion_root(leaf, index, size, proof) != root:
        msg = f"the inclusion proof does not lead from this entry at {index} to the tree's root"
        raise LogProofError(msg)


def check_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Return if the tree under ``old_root`` is the beginning of the one under ``new_root``.

    An empty tree is the beginning of every tree; no proof shows it, and none is taken for it.

    Raises:
        LogProofError: it is not, or the proof does not show it.
        LogMalformedError: a hash is no hash, or a number none of a tree.
    """
    refuse_size(old_size, new_size)
    if old_size == new_size:
        if old_root != new_root or proof or (old_size == 0 and old_root != EMPTY_ROOT):
            msg = f"two trees of {old_size} leaves have different roots, or a proof too many"
            raise LogProofError(msg)
        return
    if not 0 < old_size < new_size:
        msg = f"no proof leads from a tree of {old_size} leaves to one of {new_size}"
        raise LogProofError(msg)
    _refuse_hashes(old_root, new_root, *proof)
    if _roots(old_size, new_size, old_root, proof) != (old_root, new_root):
        msg = f"the proof does not lead from the tree of {old_size} leaves to that of {new_size}"
        raise LogProofError(msg)


def _roots(old: int, new: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return both roots to which a consistency proof leads (RFC 9162, section 2.1.4.2)."""
    rest = list(proof)
    if not old & (old - 1):
        rest.insert(0, old_root)  # a perfect subtree is its own first hash
    if not rest:
        msg = "the consistency proof is empty"
        raise LogProofError(msg)
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    before = after = rest[0]
    for one in rest[1:]:
        if last == 0:
            msg = "the consistency proof has too many hashes"
            raise LogProofError(msg)
        if position & 1 or position == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            after = node_hash(after, one)
        position >>= 1
        last >>= 1
    if last:
        msg = "the consistency proof has too few hashes"
        raise LogProofError(msg)
    return before, after


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def _refuse_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes) or len(hashes) > MAX_PROOF_HASHES + 2:
        msg = f"a hash has {HASH_BYTES} bytes, and a proof at most {MAX_PROOF_HASHES} of them"
        raise LogMalformedError(msg)
