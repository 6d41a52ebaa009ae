"""Entries that were promised a place and are not in tiles yet: one file, one flush for a batch.

Theory of operation: what stands here *is* the log's order. Tiles are made from it afterwards, so
whatever a reader ever sees below ``tile/`` was decided before, and never changes: a crash while
tiles are written is mended by writing the same tiles again. Only the last frame can be torn (each
is flushed before the next begins); a torn one was never promised to anybody, and is dropped. Each
file has a mark drawn at random before each frame: nobody can hide a frame inside an entry.
"""

from __future__ import annotations

import os
import secrets
import struct
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from oneservice.errors import LogMalformedError, LogStoreError
from oneservice.tlog.files import sync_folder, translated
from oneservice.transparency import entry_bundle, parse_entry_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["MAX_BATCH_BYTES", "WaitingEntries"]

_MARK_BYTES: Final = 16
_HEAD: Final = struct.Struct(f">{_MARK_BYTES}sQII")
"""Mark, index of the first entry, how many, bytes of the payload."""
_SUM_BYTES: Final = 32
MAX_BATCH_BYTES: Final = 67_108_864


class WaitingEntries:
    """The file, opened for appending; close with :meth:`close`.

    Args:
        path: made if it is missing.
        since: size of the tree in tiles; frames before it are done with.

    Raises:
        LogStoreError: the file cannot be used, or is damaged elsewhere than at its end.
    """

    def __init__(self, path: Path, *, since: int) -> None:
        self._path = path
        with translated(path):
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            sync_folder(path.parent)
            self._mark = self._read_mark()
            self.entries = self._replay(since)
        except BaseException:
            self.close()
            raise

    def append(self, entries: Sequence[bytes], *, start: int) -> None:
        """Write ``entries`` as one frame; they are on the disk when this returns.

        Raises:
            LogMalformedError: an entry, or the batch, is too long; nothing was written.
            LogStoreError: the disk failed; whether they are in the log shows when it is reopened.
        """
        payload = entry_bundle(entries)
        if len(payload) > MAX_BATCH_BYTES:
            msg = f"a batch has at most {MAX_BATCH_BYTES} bytes; append it in parts"
            raise LogMalformedError(msg)
        head = _HEAD.pack(self._mark, start, len(entries), len(payload))
        frame = b"".join((head, payload, sha256(head + payload).digest()))
        with translated(self._path):
            view = memoryview(frame)
            while view:
                view = view[os.write(self._handle, view) :]
            os.fdatasync(self._handle)
        self.entries += entries

    def clear(self) -> None:
        """Forget all entries: they are in tiles."""
        with translated(self._path):
            os.ftruncate(self._handle, _MARK_BYTES)
            os.lseek(self._handle, _MARK_BYTES, os.SEEK_SET)
        self.entries = []

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def _read_mark(self) -> bytes:
        with translated(self._path):
            found = os.pread(self._handle, _MARK_BYTES, 0)
            if len(found) < _MARK_BYTES:  # new, or its making was cut off
                found = secrets.token_bytes(_MARK_BYTES)
                os.pwrite(self._handle, found, 0)
                os.fsync(self._handle)
        return found

    def _replay(self, since: int) -> list[bytes]:
        with translated(self._path), os.fdopen(os.dup(self._handle), "rb") as file:
            file.seek(0)
            data = file.read()
        found: list[bytes] = []
        position = _MARK_BYTES
        while position < len(data):
            frame = self._frame(data, position)
            if frame is None:
                break
            start, entries, end = frame
            if start + len(entries) > since:
                if start != since + len(found):
                    msg = f"{self._path}: entries {since + len(found)} to {start} are missing"
                    raise LogStoreError(f"{msg}; restore the whole folder from one backup")
                found += entries
            position = end
        self._refuse_more_than_a_torn_frame(data[position:])
        with translated(self._path):
            os.ftruncate(self._handle, position)
            os.lseek(self._handle, position, os.SEEK_SET)
            os.fdatasync(self._handle)
        return found

    def _refuse_more_than_a_torn_frame(self, rest: bytes) -> None:
        """Refuse to drop what was promised: behind a torn frame there can be nothing."""
        later = rest.find(self._mark, 1)
        while later > 0:
            if self._frame(rest, later) is not None:
                msg = f"{self._path}: damaged in the middle; restore the whole folder from a backup"
                raise LogStoreError(msg)
            later = rest.find(self._mark, later + 1)

    def _frame(self, data: bytes, position: int) -> tuple[int, tuple[bytes, ...], int] | None:
        """Return first index, entries and end of the frame at ``position``; ``None``: torn."""
        if len(data) - position < _HEAD.size:
            return None
        mark, start, count, length = _HEAD.unpack_from(data, position)
        body = position + _HEAD.size
        end = body + length + _SUM_BYTES
        if mark != self._mark or end > len(data):
            return None
        if sha256(data[position : body + length]).digest() != data[body + length : end]:
            return None
        try:
            return start, parse_entry_bundle(data[body : body + length], count=count), end
        except LogMalformedError:
            return None
