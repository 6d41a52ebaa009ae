"""Where things lie in the folder of a log, and reading them: for the log itself and for servers.

``checkpoint`` and ``tile/`` are public and may be served as they lie. ``private/`` is the log's
memory: nothing in it is secret, but nobody else may write it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.errors import LogMalformedError, LogStoreError, MalformedJsonError
from oneservice.tlog.files import read_bytes
from oneservice.transparency import ENTRIES, MAX_NOTE_BYTES, WIDTH, NoteKey, Tile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Identity", "LogFolder"]

_FORMAT: Final = "oneservice-log/1"
_MAX_BYTES: Final = 65_536
_KEPT_TILES: Final = 256
"""Full tiles that are kept in memory: two megabytes, and proofs of neighbours share most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which log lies in a folder: its key, whose name is the origin."""

    key: NoteKey

    def dump(self) -> bytes:
        """Return ``private/log.json``."""
        return canonical({"format": _FORMAT, "vkey": self.key.vkey})

    @classmethod
    def parse(cls, data: bytes, *, place: str) -> Identity:
        """Return what ``private/log.json`` says.

        Raises:
            LogStoreError: it is damaged.
        """
        try:
            document: Any = parse_object(data, max_bytes=_MAX_BYTES)
            if document.get("format") == _FORMAT and isinstance(document.get("vkey"), str):
                return cls(key=NoteKey.parse(document["vkey"]))
        except (MalformedJsonError, LogMalformedError):
            pass
        msg = f"{place}: this is not the file of a log ({_FORMAT}); restore it from a backup"
        raise LogStoreError(msg)


class LogFolder:
    """The folder of a log, for reading. Tiles that cannot change any more are kept in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoint_path = path / "checkpoint"
        self.private = path / "private"
        self.identity_path = self.private / "log.json"
        self._kept: OrderedDict[Tile, bytes] = OrderedDict()

    def identity(self) -> Identity:
        """Return which log this is.

        Raises:
            LogStoreError: there is none, or its file is damaged.
        """
        data = read_bytes(self.identity_path, max_bytes=_MAX_BYTES)
        if data is None:
            msg = (
                f"{self.path}: there is no log in this folder; make one with `oneservice log init`"
            )
            raise LogStoreError(msg)
        return Identity.parse(data, place=str(self.identity_path))

    def checkpoint(self) -> bytes | None:
        """Return the published checkpoint, if there is one."""
        return read_bytes(self.checkpoint_path, max_bytes=MAX_NOTE_BYTES)

    def tile_path(self, tile: Tile) -> Path:
        """Return where ``tile`` lies."""
        return self.path / tile.path

    def find(self, tile: Tile) -> bytes | None:
        """Return the bytes of ``tile``, if it is there."""
        kept = self._kept.get(tile)
        if kept is not None:
            self._kept.move_to_end(tile)
            return kept
        data = read_bytes(self.tile_path(tile), max_bytes=tile.max_bytes)
        if data is not None and tile.width == WIDTH and tile.level != ENTRIES:
            self._kept[tile] = data
            if len(self._kept) > _KEPT_TILES:
                self._kept.popitem(last=False)
        return data

    def forget(self) -> None:
        """Drop the tiles that are kept in memory; the next ones come from the disk."""
        self._kept.clear()

    def read(self, tile: Tile) -> bytes:
        """Return the bytes of ``tile``.

        Raises:
            LogStoreError: it is missing.
        """
        data = self.find(tile)
        if data is None:
            msg = f"{self.tile_path(tile)}: missing; restore the whole folder from one backup"
            raise LogStoreError(msg)
        return data
