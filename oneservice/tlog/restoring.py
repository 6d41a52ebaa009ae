"""What a log finds on its disk when it is opened; and refusing to go on from what contradicts."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.errors import (
    LogMalformedError,
    LogRefusedError,
    LogStoreError,
    MalformedJsonError,
)
from oneservice.tlog.files import read_bytes
from oneservice.transparency import (
    ENTRIES,
    WIDTH,
    Checkpoint,
    GrowingTree,
    Stretch,
    Tile,
    TileHashes,
    parse_entry_bundle,
    range_root,
)

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.tlog.folder import LogFolder

__all__ = ["refuse_contradiction", "restored_tree", "tidy", "tree_file", "unfinished_entries"]

_FORMAT: Final = "oneservice-log-tree/1"
_MAX_BYTES: Final = 4096
_LEVELS: Final = 8


def tree_file(tree: GrowingTree) -> bytes:
    """Return ``private/tree``: how much of the log is in tiles, and the root of that."""
    return canonical({"format": _FORMAT, "size": str(tree.size), "root": tree.root.hex()})


def restored_tree(folder: LogFolder) -> GrowingTree:
    """Return the tree that ``private/tree`` names, out of the tiles.

    Raises:
        LogStoreError: the file or a tile is missing or damaged.
    """
    size, root = _read(folder.private / "tree")
    try:
        tree = GrowingTree(size, folder.read)
    except LogMalformedError as error:
        raise LogStoreError(f"{folder.path}: {error}; restore it from a backup") from error
    if tree.root.hex() != root:
        msg = f"{folder.path}: the tiles are not those of the tree that was written"
        raise LogStoreError(f"{msg}; restore the whole folder from one backup")
    return tree


def unfinished_entries(folder: LogFolder, size: int) -> list[bytes]:
    """Return the entries of the partial bundle of a tree of ``size``.

    Raises:
        LogStoreError: the bundle is missing or damaged.
    """
    width = size % WIDTH
    if not width:
        return []
    tile = Tile(ENTRIES, size // WIDTH, width)
    try:
        return list(parse_entry_bundle(folder.read(tile), count=width))
    except LogMalformedError as error:
        msg = f"{folder.tile_path(tile)}: {error}; restore the whole folder from one backup"
        raise LogStoreError(msg) from error


def refuse_contradiction(folder: LogFolder, signed: Checkpoint, *, size: int) -> None:
    """Return if the tree of ``size`` in the tiles begins with the tree that was signed.

    Raises:
        LogRefusedError: it does not; no further head may be signed from here.
    """
    if signed.size > size:
        msg = (
            f"{folder.path}: a head of {signed.size} entries was signed, {size} are here; this "
            "folder is older than that: find the newer one, never sign from this one"
        )
        raise LogRefusedError(msg)
    try:
        hashes = TileHashes(size, folder.read)
        holds = not signed.size or range_root(Stretch(0, signed.size), hashes) == signed.root
    except LogMalformedError:
        holds = False
    if not holds:
        msg = (
            f"{folder.path}: the tiles do not contain the tree of {signed.size} entries that was "
            "signed; restore the folder, a second history must never be signed"
        )
        raise LogRefusedError(msg)


def tidy(folder: LogFolder, *, old: int, new: int) -> None:
    """Drop partial tiles whose full one is published; readers fall back to that."""
    for level in (ENTRIES, *range(_LEVELS)):
        shift = 8 * max(level, 0)
        for index in range((old >> shift) // WIDTH, (new >> shift) // WIDTH):
            path = folder.tile_path(Tile(level, index))
            shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)


def _read(path: Path) -> tuple[int, str]:
    data = read_bytes(path, max_bytes=_MAX_BYTES)
    try:
        document: dict[str, Any] = parse_object(data or b"")
        if document["format"] == _FORMAT and document["size"].isdecimal():
            return int(document["size"]), document["root"]
    except (MalformedJsonError, KeyError, AttributeError):
        pass
    msg = f"{path}: missing or damaged; restore the whole folder from one backup"
    raise LogStoreError(msg)
