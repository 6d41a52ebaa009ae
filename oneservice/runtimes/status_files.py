"""Editions as files that any web server hands out; readers never see half of one.

An edition gets a folder of its own, named by its number, and is synced before a link named
``current`` is turned to it in one step. Older folders stay: a list of that day proves that day.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from oneservice.certificates import Publication
from oneservice.errors import FileUnusableError
from oneservice.runtimes.status_file import Edition

__all__ = ["write_edition"]

_CURRENT: Final = "current"
_NAMES: Final = {
    Publication.TOKEN: "token.jwt",
    Publication.REVOCATION: "revocation.json",
    Publication.SUSPENSION: "suspension.json",
}
"""Media types: ``application/statuslist+jwt``, and ``application/vc`` for both others."""


def write_edition(edition: Edition, folder: Path | str) -> Path:
    """Write ``edition`` below ``folder``, make it the current one, and return its own folder.

    Writing the same edition again changes nothing; an older one never becomes the current one.

    Args:
        edition: as :meth:`StatusRegister.publish` returned it.
        folder: of this register; made where there is none.

    Raises:
        FileUnusableError: it cannot be written, or an edition of that number with other words is
            there already: then two registers publish into one folder.
    """
    own = Path(folder) / str(edition.number)
    try:
        own.mkdir(parents=True, exist_ok=True)
        for publication, document in edition.documents.items():
            _write_once(own / _NAMES[publication], document)
        _sync(own)
        _turn(Path(folder), edition.number)
    except OSError as error:
        msg = f"{own}: cannot be written ({error.strerror}); check the folder and its owner"
        raise FileUnusableError(msg) from error
    return own


def _write_once(path: Path, document: bytes) -> None:
    """Write a file that never changes again; what a crash left half-written is replaced."""
    beside = path.with_name(path.name + ".new")
    if path.exists():
        if path.read_bytes() != document:
            msg = f"{path}: another register publishes here; give each a folder of its own"
            raise FileUnusableError(msg)
        return
    with beside.open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _turn(folder: Path, number: int) -> None:
    """Turn the link to the edition, unless it leads to a newer one."""
    current, beside = folder / _CURRENT, folder / f"{_CURRENT}.new"
    if current.is_symlink() and int(current.readlink().name) >= number:
        return
    beside.unlink(missing_ok=True)
    beside.symlink_to(str(number), target_is_directory=True)
    beside.replace(current)
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
