"""Proofs of published status lists, laid down beside them: every edition is in the log, once.

Theory of operation. An office publishes when something moved and waits for nobody; the log takes
its editions in from where they lie. The entry of a list follows from the list alone, so whoever
logs it logs the same, and a log that has it adds nothing: what a kill left undone is done by the
next call. Any web server that hands the lists out hands their proofs out with them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oneservice.canonical import digest_bytes
from oneservice.errors import FileUnusableError
from oneservice.transparency import PROOF_SUFFIX, entry_of_list

if TYPE_CHECKING:
    from oneservice.ports import EvidenceLog

__all__ = ["editions_below", "prove_lists"]

_AT_ONCE: Final = 64
"""Lists that share one head of the log, and one trip to its witnesses."""
_LISTS: Final = frozenset({".jwt", ".json"})


async def prove_lists(files: Iterable[Path], log: EvidenceLog, *, anew: bool = False) -> int:
    """Log the lists in ``files``, and lay the proof of each (C2SP tlog-proof) down beside it.

    Args:
        files: published lists; those of an edition never change.
        log: takes each in once: :class:`oneservice.tlog.EntryLog`.
        anew: whether to look also at lists that have a proof, because a newer one may lie there.

    Returns:
        How many proofs were laid down.

    Raises:
        FileUnusableError: a list cannot be read, or its proof not be written.
        OneServiceError: the log or its witnesses are not to be had; the next call goes on.
    """
    due = [one for one in files if anew or not _proof_of(one).exists()]
    for first in range(0, len(due), _AT_ONCE):
        some = due[first : first + _AT_ONCE]
        lists = [await asyncio.to_thread(_read, one) for one in some]
        texts = await log.enter([entry_of_list(digest_bytes(one)) for one in lists])
        for path, text in zip(some, texts, strict=True):
            await asyncio.to_thread(_write, _proof_of(path), text.encode("utf-8"))
    return len(due)


def editions_below(folder: Path) -> Iterator[Path]:
    """Yield the lists of every edition below a register's folder, oldest first.

    The layout is that of :func:`oneservice.runtimes.write_edition`.
    """
    numbered = [one for one in folder.glob("*") if one.name.isdigit()]
    for edition in sorted(numbered, key=lambda one: int(one.name)):
        yield from sorted(one for one in edition.iterdir() if one.suffix in _LISTS)


def _proof_of(file: Path) -> Path:
    return file.with_name(file.name + PROOF_SUFFIX)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}); check the file and its owner"
        raise FileUnusableError(msg) from error


def _write(file: Path, data: bytes) -> None:
    """Write a file whole, or not at all."""
    beside = file.with_name(file.name + ".new")
    try:
        with beside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as error:
        msg = f"{file}: cannot be written ({error.strerror}); check the folder and its owner"
        raise FileUnusableError(msg) from error
