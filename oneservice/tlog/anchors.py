"""An anchor that is a file: a second place where heads are written down, on another machine's disk.

What an anchor adds: whoever restores an old backup of a log *and* of its witnesses still meets the
head that was written down elsewhere.
"""

from __future__ import annotations

import asyncio
import base64
import os
from typing import TYPE_CHECKING, Final

from oneservice.canonical import canonical, digest_bytes, parse_object
from oneservice.errors import LogStoreError, MalformedJsonError
from oneservice.tlog.files import read_bytes, translated

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileAnchor"]

_MAX_BYTES: Final = 1 << 30


class FileAnchor:
    """Implements :class:`oneservice.ports.Anchor`: one line for each head, each naming the last.

    Args:
        path: the file, made if it is missing; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def anchor(self, checkpoint: bytes) -> str:
        """Keep a checkpoint; it is on the disk when this returns.

        Raises:
            LogStoreError: the file cannot be written, or is not what was written.
        """
        return await asyncio.to_thread(self._anchor, checkpoint)

    async def anchored(self) -> tuple[bytes, ...]:
        """Return all checkpoints, oldest first.

        Raises:
            LogStoreError: the file cannot be read, or is not what was written.
        """
        return tuple(note for _, note in await asyncio.to_thread(self._lines))

    def _anchor(self, checkpoint: bytes) -> str:
        lines = self._lines()
        if lines and lines[-1][1] == checkpoint:
            return f"{self._path}:{len(lines)}"
        previous = digest_bytes(lines[-1][0]) if lines else ""
        note = base64.b64encode(checkpoint).decode("ascii")
        line = canonical({"note": note, "previous": previous}) + b"\n"
        with translated(self._path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            handle = os.open(self._path, flags, 0o644)
            try:
                # A line that was cut off by a crash was never told to anybody.
                os.ftruncate(handle, sum(len(one) + 1 for one, _ in lines))
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
        return f"{self._path}:{len(lines) + 1}"

    def _lines(self) -> list[tuple[bytes, bytes]]:
        data = read_bytes(self._path, max_bytes=_MAX_BYTES) or b""
        whole = data[: data.rfind(b"\n") + 1]
        found: list[tuple[bytes, bytes]] = []
        for number, line in enumerate(whole.splitlines(), start=1):
            expected = digest_bytes(found[-1][0]) if found else ""
            try:
                document = parse_object(line)
                note = base64.b64decode(document["note"], validate=True)
                is_next = document["previous"] == expected and canonical(document) == line
            except (MalformedJsonError, KeyError, TypeError, ValueError):
                is_next, note = False, b""
            if not is_next:
                msg = f"{self._path}:{number}: not the line that was written; keep it as evidence"
                raise LogStoreError(msg)
            found.append((line, note))
        return found
