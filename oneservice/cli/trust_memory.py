"""The memory of a relier as a file: tried against lists and kept, by one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
from typing import TYPE_CHECKING, Final, TypeVar

from oneservice.certificates import RegionDirectory, TrustMemory, TrustStore
from oneservice.cli.reading import read_file, write_file
from oneservice.errors import FileUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["remembered"]

_MAX_BYTES: Final = 1_048_576
_E = TypeVar("_E", TrustStore, RegionDirectory)


def remembered(path: Path, lists: Iterable[_E]) -> tuple[_E, ...]:
    """Return lists, or directories, that follow what was relied on before; they are remembered.

    Args:
        path: of the memory; it is made where there is none.
        lists: of different territories.

    Raises:
        TrustHistoryError: a list contradicts the memory; the memory stays as it was.
        TrustListError: the memory itself is damaged.
        FileUnusableError: it cannot be read or written.
    """
    with _alone(path):
        before = _read(path)
        memory, admitted = before, []
        for store in lists:
            followed, memory = memory.admit(store)
            admitted.append(followed)
        if memory != before:
            write_file(path, memory.dump())
    return tuple(admitted)


def _read(path: Path) -> TrustMemory:
    if not path.exists():
        return TrustMemory()
    return TrustMemory.parse(read_file(path, max_bytes=_MAX_BYTES))


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time read and write; else the older of two editions could win."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        door = lock.open("a")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "cannot be written"
        msg = f"{lock}: {why}; the memory of trust lists must be kept where it can be written"
        raise FileUnusableError(msg) from error
    with door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
