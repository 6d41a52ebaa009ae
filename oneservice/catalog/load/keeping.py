"""A compiled catalog on disk: written whole or not at all, believed only if it is ours alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from oneservice.catalog.load.compiled import MAX_COMPILED_BYTES
from oneservice.errors import FileUnusableError

__all__ = ["keep", "kept"]


def kept(path: Path) -> bytes | None:
    """Return the bytes of a compiled catalog, or None where there is none to be believed.

    It must be a regular file of this user (or of root), and writable by nobody else: otherwise
    anybody could have put other rules into it.
    """
    try:
        with path.open("rb") as stream:
            facts = os.fstat(stream.fileno())
            is_ours = facts.st_uid in {os.getuid(), 0}
            is_open_to_others = bool(facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
            if not stat.S_ISREG(facts.st_mode) or not is_ours or is_open_to_others:
                return None
            data = stream.read(MAX_COMPILED_BYTES + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= MAX_COMPILED_BYTES else None


def keep(path: Path, data: bytes) -> None:
    """Write a compiled catalog for this user alone.

    Raises:
        FileUnusableError: the folder is missing, not writable, or full.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
                stream.write(data)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be written"
        msg = f"{path}: {reason}; name another file for the compiled catalog, or none"
        raise FileUnusableError(msg) from error
