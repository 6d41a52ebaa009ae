"""Files of a log: whole or not at all, on the disk before anybody is told, one owner.

Whatever the system says is translated here, with the name of the file and what to do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from oneservice.errors import LogLockedError, LogStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["OwnerLock", "read_bytes", "replace_file", "sync_folder", "translated", "write_files"]

_SYNCING: Final = 16
"""Files that are flushed at a time: a disk merges them, and most of a flush is waiting."""
_BATCH: Final = 256
"""Files that are open at a time; a process may often have no more than 1,024."""


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into our error."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        msg = f"{path}: {why}; look at the disk and its rights, then open the log again"
        raise LogStoreError(msg) from error


def read_bytes(path: Path, *, max_bytes: int) -> bytes | None:
    """Return the bytes of a file, or ``None`` where there is none.

    Raises:
        LogStoreError: it cannot be read, or is larger than such a file can be.
    """
    with translated(path):
        try:
            with path.open("rb") as file:
                data = file.read(max_bytes + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
    if len(data) > max_bytes:
        msg = f"{path}: more than {max_bytes} bytes; this is no file of a log"
        raise LogStoreError(msg)
    return data


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of ``path``; it is on the disk when this returns.

    Raises:
        LogStoreError: it cannot be written; the old file is whole.
    """
    write_files([(path, data)])


def write_files(files: Sequence[tuple[Path, bytes]]) -> None:
    """Put all ``files`` in their places, each whole; all are on the disk when this returns.

    Raises:
        LogStoreError: one cannot be written; some of the others may have been.
    """
    folders = {path.parent: None for path, _ in files}
    for folder in folders:
        _make_folder(folder)
    with ThreadPoolExecutor(min(_SYNCING, len(files) or 1)) as pool:
        for start in range(0, len(files), _BATCH):
            _write(files[start : start + _BATCH], pool)
    for folder in folders:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` on the disk."""
    with translated(folder):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it; a new name is on the disk before it is used."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    for one in reversed(missing):
        with translated(one):
            one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def _write(files: Sequence[tuple[Path, bytes]], pool: ThreadPoolExecutor) -> None:
    handles: list[int] = []
    try:
        for path, data in files:
            with translated(path):
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
                handle = os.open(_fresh(path), flags, 0o644)
                handles.append(handle)
                view = memoryview(data)
                while view:
                    view = view[os.write(handle, view) :]
        with translated(files[0][0].parent):
            if len(handles) == 1:
                os.fdatasync(handles[0])
            else:
                list(pool.map(os.fdatasync, handles))
    finally:
        for handle in handles:
            os.close(handle)
    for path, _ in files:
        with translated(path):
            _fresh(path).replace(path)


def _fresh(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


class OwnerLock:
    """Held by the one process that may write; the system frees it when that process dies.

    Raises:
        LogLockedError: another process holds it.
        LogStoreError: the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        with translated(path):
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            msg = f"{path.parent}: another process has it open; stop that one, or wait for it"
            raise LogLockedError(msg) from error

    def release(self) -> None:
        """Let others in."""
        os.close(self._handle)
