"""The Merkle tree of RFC 6962, section 2.1: hashes of leaves, of nodes, of whole subtrees."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EMPTY_ROOT", "HASH_BYTES", "MAX_SIZE", "leaf_hash", "node_hash", "subtree_root"]

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of the tree that has no leaf."""
MAX_SIZE: Final = 2**63 - 1
"""Sizes and indices fit a signed 64-bit integer, as in other programs for such logs."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: ``SHA-256(0x00 || entry)``."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: ``SHA-256(0x01 || left || right)``."""
    return sha256(b"\1" + left + right).digest()


def subtree_root(hashes: Iterable[bytes]) -> bytes:
    """Return the root above ``hashes``, whose number is a power of two.

    Written out with the hash inlined: nearly all hashing of a growing log happens here.
    """
    row = list(hashes)
    digest = sha256
    while len(row) > 1:
        row = [
            digest(b"\1" + left + right).digest()
            for left, right in zip(row[::2], row[1::2], strict=True)
        ]
    return row[0]
