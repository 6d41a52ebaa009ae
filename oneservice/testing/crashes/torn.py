"""Torn writes: files as a machine leaves them that lost its power in the middle of writing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["Files"]

_MADE_ANEW = (".lock", "-shm")
"""Endings of files that say nothing about what is stored."""


class Files:
    """The files of a store: the one at ``path`` and those that lie beside it under longer names."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._left: Mapping[Path, bytes] | None = None

    @property
    def are_known(self) -> bool:
        """Whether there are any: a store in memory cannot be torn."""
        return self._path is not None

    def contents(self) -> dict[Path, bytes]:
        """Return every file as it is now."""
        return {path: path.read_bytes() for path in self._all() if not self._is_made_anew(path)}

    def tear(self, before: Mapping[Path, bytes]) -> None:
        """Keep what is left when half of the bytes that changed since ``before`` were written."""
        self._left = {
            path: _torn(before.get(path, b""), after) for path, after in self.contents().items()
        }

    def leave(self) -> None:
        """Put back what was left; the store is closed, and what it tidied up did not happen."""
        if self._left is None:
            return
        for path in self._all():
            if path not in self._left:
                path.unlink()
        for path, content in self._left.items():
            path.write_bytes(content)  # in place: a key file keeps the mode that it must have
        self._left = None

    def _all(self) -> list[Path]:
        if self._path is None:
            return []
        return sorted(self._path.parent.glob(f"{self._path.name}*"))

    @staticmethod
    def _is_made_anew(path: Path) -> bool:
        return path.name.endswith(_MADE_ANEW)


def _torn(before: bytes, after: bytes) -> bytes:
    """Return ``before`` with the first half of what is different in ``after``."""
    low, high = 0, min(len(before), len(after))
    while low < high:  # the first difference, by halves: the files have megabytes
        middle = (low + high) // 2
        if before[: middle + 1] == after[: middle + 1]:
            low = middle + 1
        else:
            high = middle
    cut = (low + len(after)) // 2
    return after[:cut] + before[cut:]
