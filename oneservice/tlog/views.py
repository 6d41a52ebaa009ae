"""Where readers get a log from: its folder, or a site that serves it. And the proofs they make.

Both are views of the same few files; nothing that comes from one is believed before it fits a
signed head. A site is asked for a full tile where a partial one is gone, as C2SP tlog-tiles has it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from oneservice.errors import LogStoreError, WebUnavailableError
from oneservice.ports import WebRequest
from oneservice.transparency import (
    ENTRIES,
    HASH_BYTES,
    MAX_NOTE_BYTES,
    WIDTH,
    CompactRange,
    LogProof,
    PrefixProof,
    Stretch,
    Tile,
    TileHashes,
    consistency_proof,
    consistency_stretches,
    covering,
    inclusion_proof,
    inclusion_stretches,
    parse_entry_bundle,
    prefix_proof,
    tiles_needed,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from oneservice.ports import Web
    from oneservice.tlog.folder import LogFolder

__all__ = [
    "FolderView",
    "LogView",
    "SiteView",
    "consistency_from",
    "entries_from",
    "inclusion_from",
    "prefix_from",
    "range_from",
]

_AT_A_TIME: Final = 8
"""Bundles that are fetched ahead of the one that is read."""


class LogView(Protocol):
    """Somewhere to read a log."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    async def checkpoint(self) -> bytes:
        """Return the signed head that is shown here.

        Raises:
            LogStoreError: the folder has none.
            WebUnavailableError: the site has none, or does not answer.
        """
        ...

    async def find(self, tile: Tile) -> bytes | None:
        """Return the bytes of a tile or entry bundle, ``None`` where there is none.

        Raises:
            LogStoreError: the folder cannot be read.
            WebUnavailableError: the site does not answer.
        """
        ...


class FolderView:
    """A log as it lies in a folder; its own, or a copy."""

    def __init__(self, folder: LogFolder) -> None:
        self._folder = folder
        self.name = str(folder.path)

    async def checkpoint(self) -> bytes:
        """Return the published head."""
        data = await asyncio.to_thread(self._folder.checkpoint)
        if data is None:
            msg = f"{self.name}: no checkpoint was published here"
            raise LogStoreError(msg)
        return data

    async def find(self, tile: Tile) -> bytes | None:
        """Return the bytes of ``tile``."""
        return await asyncio.to_thread(self._folder.find, tile)


class SiteView:
    """A log as a site serves it.

    Args:
        url: the prefix of the log.
        web: how it is asked.
        head: path of its checkpoint; another one where a witness serves it.
        deadline_s: real seconds for each exchange.
    """

    def __init__(
        self, url: str, web: Web, *, head: str = "checkpoint", deadline_s: float = 10.0
    ) -> None:
        self.name = url
        self._prefix = url.rstrip("/")
        self._web = web
        self._head = head
        self._deadline_s = deadline_s

    async def checkpoint(self) -> bytes:
        """Return the head that is served."""
        data = await self._get(self._head, MAX_NOTE_BYTES)
        if data is None:
            msg = f"{self.name}: no checkpoint is served here"
            raise WebUnavailableError(msg)
        return data

    async def find(self, tile: Tile) -> bytes | None:
        """Return the bytes of ``tile``."""
        return await self._get(tile.path, tile.max_bytes)

    async def _get(self, path: str, max_bytes: int) -> bytes | None:
        request = WebRequest(
            url=f"{self._prefix}/{path}", max_bytes=max_bytes, deadline_s=self._deadline_s
        )
        answer = await self._web.exchange(request)
        if answer.status in {404, 410}:
            return None
        if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
            msg = f"{self.name}: answered {answer.status} when it was asked for a file of the log"
            raise WebUnavailableError(msg)
        return answer.body


async def inclusion_from(view: LogView, *, index: int, size: int, checkpoint: bytes) -> LogProof:
    """Return the proof of entry ``index`` under the head ``checkpoint`` of a tree of ``size``.

    Raises:
        LogProofError: the tree has no such entry.
        LogStoreError: a tile is missing.
        LogMalformedError: a tile is none.
    """
    hashes = await _hashes(view, inclusion_stretches(index, size), size)
    return LogProof(index=index, hashes=inclusion_proof(index, size, hashes), checkpoint=checkpoint)


async def consistency_from(view: LogView, old: int, new: int) -> tuple[bytes, ...]:
    """Return the proof that a tree of ``old`` grew to ``new``; errors as above."""
    hashes = await _hashes(view, consistency_stretches(old, new), new)
    return consistency_proof(old, new, hashes)


async def prefix_from(view: LogView, old: int, new: int) -> PrefixProof:
    """Return the subtrees of the first ``old`` entries and of those up to ``new``."""
    hashes = await _hashes(view, (Stretch(0, old), Stretch(old, new)), new)
    return prefix_proof(old, new, hashes)


async def range_from(view: LogView, size: int) -> CompactRange:
    """Return the tree of ``size`` as the tiles here make it; its root must be compared."""
    hashes = await _hashes(view, (Stretch(0, size),), size)
    return CompactRange(size=size, hashes=tuple(map(hashes, covering(0, size))))


async def entries_from(
    view: LogView, start: int, end: int, *, size: int
) -> AsyncIterator[tuple[int, tuple[bytes, ...]]]:
    """Yield ``(index of the first, entries)`` for all entries of ``[start, end)``, in order.

    Args:
        view: where they are read.
        start: the first.
        end: behind the last one; at most ``size``.
        size: of the tree whose head is relied on; it decides which bundles are partial.

    Raises:
        LogStoreError: a bundle is missing.
        LogMalformedError: a bundle is none.
    """
    bundles = [
        Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH))
        for index in range(start // WIDTH, -(-end // WIDTH))
    ]
    for first in range(0, len(bundles), _AT_A_TIME):
        some = bundles[first : first + _AT_A_TIME]
        found = await asyncio.gather(*(_fetched(view, one) for one in some))
        for tile, data in zip(some, found, strict=True):
            entries = parse_entry_bundle(data, count=tile.width)
            begin = tile.index * WIDTH
            skipped = max(0, start - begin)
            yield begin + skipped, entries[skipped : end - begin]


async def _hashes(view: LogView, stretches: Iterable[Stretch], size: int) -> TileHashes:
    """Fetch the tiles that ``stretches`` are made of, at the same time."""
    tiles = tiles_needed(stretches, size)
    found = await asyncio.gather(*(_fetched(view, one) for one in tiles))
    known = dict(zip(tiles, found, strict=True))
    return TileHashes(size, known.__getitem__)


async def _fetched(view: LogView, tile: Tile) -> bytes:
    data = await view.find(tile)
    if data is None and tile.width < WIDTH:
        full = await view.find(Tile(tile.level, tile.index))
        if full is not None:
            return _cut(full, tile)
    if data is None:
        msg = f"{view.name}: {tile.path} is missing; without it nothing can be proven here"
        raise LogStoreError(msg)
    return data


def _cut(full: bytes, tile: Tile) -> bytes:
    """Return what the partial ``tile`` held, out of the full one."""
    if tile.level != ENTRIES:
        return full[: tile.width * HASH_BYTES]
    end = 0
    for _ in range(tile.width):
        end += 2 + int.from_bytes(full[end : end + 2], "big")
    return full[:end]
