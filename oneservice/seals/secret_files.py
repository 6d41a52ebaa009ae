"""Files that hold secrets: read only if nobody else can, written so that nobody else ever could."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from oneservice.errors import FileUnusableError, KeyUnusableError

__all__ = ["read_secret_file", "write_secret_file"]


def read_secret_file(path: Path, *, max_bytes: int) -> bytes:
    """Return the bytes of a file that only its owner can read.

    What is checked is the file that is read, not one that was there a moment before.

    Raises:
        KeyUnusableError: others may read or write it, it is another's, a link, or no file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        why = getattr(error, "strerror", None) or "cannot be opened"
        msg = f"{path}: {why}; a link is not followed"
        raise KeyUnusableError(msg) from None
    try:
        _check(path, os.fstat(handle))
        data = os.read(handle, max_bytes + 1)  # of a regular file: all there is, in one piece
    finally:
        os.close(handle)
    if len(data) > max_bytes:
        msg = f"{path}: more than {max_bytes} bytes; this is no such file"
        raise KeyUnusableError(msg)
    return data


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        msg = f"{path}: no regular file"
    elif stat.S_IMODE(found.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        msg = f"{path}: others may read or change it; make it yours alone (chmod 600) first"
    elif found.st_uid not in (os.geteuid(), 0):
        msg = f"{path}: it belongs to somebody else, who could change it"
    else:
        return
    raise KeyUnusableError(msg)


def write_secret_file(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read, whole or not at all, durably.

    Raises:
        FileUnusableError: there is something of that name already, or it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        try:
            with os.fdopen(os.open(fresh, flags, 0o600), "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.link(fresh, path)  # unlike a rename, it never takes the place of another key
            _sync_folder(path.parent)
        finally:
            fresh.unlink(missing_ok=True)
    except FileExistsError:
        msg = f"{path}: exists; a key is never overwritten"
        raise FileUnusableError(msg, remedy="name another file for the new key") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "cannot be written"
        msg = f"{path}: {why}; nothing was written"
        raise FileUnusableError(msg) from error


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system can
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
