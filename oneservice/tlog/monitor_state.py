"""What a monitor remembers of a log: the last head that it saw, and the tree below it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.errors import LogMalformedError, LogStoreError, OneServiceError
from oneservice.tlog.files import read_bytes, replace_file
from oneservice.transparency import (
    HASH_BYTES,
    MAX_NOTE_BYTES,
    CompactRange,
    OpenedCheckpoint,
    decode_base64,
    open_checkpoint,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from oneservice.transparency import NoteKey

__all__ = ["MonitorState"]

_FORMAT: Final = "oneservice-log-monitor/1"
_MAX_BYTES: Final = 2 * MAX_NOTE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorState:
    """A head that was checked, and when.

    Attributes:
        head: signed by the log.
        tree: its perfect subtrees, whose root is that of the head.
        seen_at: when the monitor looked.
    """

    head: OpenedCheckpoint
    tree: CompactRange
    seen_at: datetime

    @classmethod
    def load(cls, path: Path, *, log: NoteKey) -> Self | None:
        """Return what was remembered; ``None`` where there is no file yet.

        Raises:
            LogStoreError: the file is not what a monitor of this log wrote. It is never passed
                over: forgetting is what a log that rolls back would wish for.
        """
        data = read_bytes(path, max_bytes=_MAX_BYTES)
        if data is None:
            return None
        try:
            found = cls._read(parse_object(data), log)
        except (OneServiceError, KeyError, TypeError, AttributeError, ValueError):
            found = None
        if found is None:
            msg = f"{path}: not what a monitor of {log.name} wrote; restore it, or name a new file"
            raise LogStoreError(msg)
        return found

    @classmethod
    def _read(cls, document: dict[str, Any], log: NoteKey) -> Self:
        head = open_checkpoint(document["checkpoint"].encode("utf-8"), log=log)
        hashes = [decode_base64(one, what="a", length=HASH_BYTES) for one in document["subtrees"]]
        tree = CompactRange(size=head.checkpoint.size, hashes=tuple(hashes))
        if document["format"] != _FORMAT or tree.root != head.checkpoint.root:
            raise LogMalformedError(_FORMAT)
        return cls(head=head, tree=tree, seen_at=read_instant(document["seen_at"]))

    def save(self, path: Path) -> None:
        """Write it in the place of ``path``.

        Raises:
            LogStoreError: it cannot be written; the old one is whole.
        """
        document = {
            "format": _FORMAT,
            "checkpoint": self.head.note.dump().decode("utf-8"),
            "subtrees": [base64.b64encode(one).decode("ascii") for one in self.tree.hashes],
            "seen_at": write_instant(self.seen_at),
        }
        replace_file(path, canonical(document) + b"\n")
