"""A tree that grows by batches: one tree, the same tiles, wherever it is taken up again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.errors import LogMalformedError
from oneservice.transparency import (
    ENTRIES,
    CompactRange,
    GrowingTree,
    Node,
    Tile,
    TileHashes,
    leaf_hash,
    tiles_of,
)

REFERENCE = (
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
)
"""The leaves that implementations of Certificate Transparency have tried since 2013."""
ROOT_OF_ALL = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
LEAVES = [leaf_hash(b"%d" % one) for one in range(1500)]


def test_the_tree_that_everybody_tries() -> None:
    hashes = [leaf_hash(one) for one in REFERENCE]
    tree = GrowingTree()
    tree.extend(hashes)
    assert tree.root.hex() == CompactRange().grown(hashes).root.hex() == ROOT_OF_ALL


@given(st.lists(st.integers(0, 600), max_size=5))
def test_batches_make_one_tree_and_all_its_tiles(batches: list[int]) -> None:
    tree, tiles = GrowingTree(), {}
    for count in batches:
        start = tree.size
        full = tree.extend(LEAVES[start : start + count])
        assert all(tile.width == 256 and tile not in tiles for tile, _ in full)
        tiles |= dict(full) | dict(tree.unfinished())
        expected = CompactRange().grown(LEAVES[: tree.size])
        assert tree.root == expected.root
        assert {one for one in tiles_of(tree.size) if one.level != ENTRIES} <= set(tiles)
        resumed = GrowingTree(tree.size, tiles.__getitem__)
        assert resumed.root == tree.root
        assert resumed.unfinished() == tree.unfinished()
        tree = resumed


@pytest.mark.parametrize("damage", [b"", bytes(31), bytes(64)])
def test_a_tile_of_the_wrong_size_is_refused(damage: bytes) -> None:
    with pytest.raises(LogMalformedError, match="are due"):
        GrowingTree(1, lambda _: damage)
    with pytest.raises(LogMalformedError, match="are due"):
        TileHashes(1, lambda _: damage)(Node(0, 0))


def test_there_is_no_node_beyond_the_tree() -> None:
    read = TileHashes(5, lambda tile: bytes(32 * tile.width))
    for node in (Node(0, 5), Node(1, 2), Node(3, 0), Node(8, 0)):
        with pytest.raises(LogMalformedError, match="no node"):
            read(node)


def test_a_restored_tree_asks_for_its_right_edge_only() -> None:
    asked: list[Tile] = []

    def read(tile: Tile) -> bytes:
        asked.append(tile)
        return bytes(32 * tile.width)

    GrowingTree(70_000, read)
    assert asked == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
