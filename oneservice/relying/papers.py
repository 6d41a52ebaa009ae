"""What is handed over to be judged: a name, and bytes, here or in a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple, TypeAlias

from oneservice.errors import FileUnusableError

__all__ = ["Paper", "Reader", "papers_below", "papers_on_lines", "read_paper"]

_MAX_BYTES: Final = 268_435_456
"""As large as the largest bundle; certificates have smaller limits of their own."""
_MAX_LINE: Final = 67_108_864
"""Longer lines are no certificates, and would fill the memory."""


class Paper(NamedTuple):
    """One thing to judge. ``data`` is ``None`` where its bytes lie in the file of that ``name``.

    A tuple, because millions of them go from one process to another.
    """

    name: str
    data: bytes | None = None


Reader: TypeAlias = Callable[[Paper], bytes]
"""Gives the bytes of a paper, or raises one of our errors. Workers import it by its name."""


def read_paper(paper: Paper) -> bytes:
    """Return the bytes of ``paper``.

    Raises:
        FileUnusableError: no file, not readable, or too large.
    """
    if paper.data is not None:
        return paper.data
    try:
        # A pipe or a device might never end; and nobody waits for one among a million files.
        with open(paper.name, "rb", opener=_opened) as stream:
            is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            data = stream.read(_MAX_BYTES + 1) if is_file else b""
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        msg = f"{paper.name}: {getattr(error, 'strerror', None) or 'cannot be read'}"
        raise FileUnusableError(msg) from error
    if not is_file:
        msg = f"{paper.name}: is no regular file"
        raise FileUnusableError(msg)
    if len(data) > _MAX_BYTES:
        msg = f"{paper.name}: more than {_MAX_BYTES} bytes; this is nothing to judge"
        raise FileUnusableError(msg)
    return data


def _opened(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NONBLOCK)


def papers_below(place: Path) -> Iterator[Paper]:
    """Yield the file ``place``, or every file below the folder, in the order of their names.

    What is hidden (``.git``) is passed over; links to folders are not followed. Files come as they
    are found, so that a folder with millions of them begins at once.
    """
    if not place.is_dir():
        yield Paper(str(place))
        return
    for folder, folders, files in os.walk(place):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Paper(str(Path(folder, name)))


def papers_on_lines(stream: IO[bytes], *, name: str) -> Iterator[Paper]:
    """Yield every line of ``stream`` that is not empty, named ``name:number``.

    A line beyond any limit is named with what of it was read, and its rest is passed over.
    """
    number = 0
    while line := stream.readline(_MAX_LINE):
        number += 1
        rest = line
        while len(rest) == _MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(_MAX_LINE)
        data = line.rstrip(b"\r\n")
        if data:
            yield Paper(f"{name}:{number}", data)
