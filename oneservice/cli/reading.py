"""Files in, files out: whole or not at all, and every problem named with its path."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

import click

from oneservice.errors import FileUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["MAX_TRUST_BYTES", "keep_inputs", "read_file", "write_file"]

MAX_TRUST_BYTES: Final = 16_777_216
"""A trust list of a province: some thousands of offices."""
_CATALOG_ENDINGS: Final = frozenset({".yaml", ".yml"})
"""Of the files below a catalog folder, those that are read."""


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        FileUnusableError: missing, a folder or device, not readable, or larger than ``max_bytes``.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            what = "is a folder" if path.is_dir() else "is no regular file"
            msg = f"{path}: {what}; name a file"
            raise FileUnusableError(msg)
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        why = getattr(error, "strerror", None) or "cannot be read"
        msg = f"{path}: {why}"
        raise FileUnusableError(msg) from error
    if len(data) > max_bytes:
        msg = f"{path}: more than {max_bytes} bytes; this is no file for this command"
        raise FileUnusableError(msg)
    return data


def keep_inputs(out: Path | None, inputs: Iterable[Path | None]) -> None:
    """Refuse an output that would replace one of the files that the same command reads.

    Args:
        out: where the command is to write, if to a file.
        inputs: the files and catalog folders that it reads.

    Raises:
        click.UsageError: it would be overwritten.
    """
    for one in inputs:
        if out is not None and one is not None and _is_read(out, one):
            msg = f"{out}: is an input of this command; name another file"
            raise click.UsageError(msg)


def _is_read(out: Path, given: Path) -> bool:
    try:
        own, other = out.resolve(), given.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, or a NUL byte
        return False  # reading or writing it says what is wrong
    is_below = own.suffix.lower() in _CATALOG_ENDINGS and other in own.parents
    return own == other or (is_below and own.exists() and other.is_dir())


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write ``data`` beside ``path`` and put it in its place, so that nothing is half-written.

    Args:
        path: of the file; its folder must exist.
        data: all of it.
        mode: permissions of a file that nobody had before; secrets are never more open than it.

    Raises:
        FileUnusableError: the folder is missing, not writable, or full; or ``path`` is a folder.
    """
    if not path.name or path.is_dir():
        msg = f"{path}: is a folder; name a file"
        raise FileUnusableError(msg)
    fresh = path.with_name(f".{path.name}.new")
    try:
        try:
            fresh.unlink(missing_ok=True)  # of a run that was killed, perhaps with another mode
            fresh.touch(mode=mode)
            fresh.write_bytes(data)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "cannot be written"
        msg = f"{path}: {why}; nothing was written"
        raise FileUnusableError(msg) from error
