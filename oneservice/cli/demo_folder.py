"""The folder of a demonstration: one run at a time, and one applicant for good."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oneservice.canonical import canonical, digest_bytes, parse_object
from oneservice.cli.reading import read_file, write_file
from oneservice.errors import (
    FileUnusableError,
    FolderTakenError,
    JournalLockedError,
    MalformedJsonError,
)

__all__ = ["DemoFolder", "answers_of", "opened_folder", "story_of"]

_MAX_ANSWERS_BYTES: Final = 2_097_152
_MAX_NOTE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """Where one demonstration lives."""

    path: Path

    def office(self, department: str) -> Path:
        """Return the folder of an office: its register and its keys."""
        return self.path / "offices" / department

    @property
    def clock(self) -> Path:
        """The file that holds the virtual instant."""
        return self.path / "clock"

    @property
    def database(self) -> Path:
        """The engine's file."""
        return self.path / "cases.db"

    @property
    def trust_list(self) -> Path:
        """The signed trust list of the region."""
        return self.path / "trust-list.json"

    @property
    def applicant(self) -> Path:
        """Whose case it is: which answers file, and its digest."""
        return self.path / "applicant.json"

    def write(self, name: str, content: bytes, *, mode: int = 0o644) -> Path:
        """Write a file whole or not at all, and return its path.

        Raises:
            FileUnusableError: the disk is full, or the folder may not be written.
        """
        path = self.path / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{path.parent} cannot be made ({error.strerror}); choose another --dir"
            raise FileUnusableError(msg) from error
        write_file(path, content, mode=mode)
        return path

    @contextlib.contextmanager
    def occupied(self) -> Iterator[None]:
        """Keep other demonstrations out while the block runs; a killed one keeps nobody out.

        Raises:
            JournalLockedError: another one is running here; the text names its process.
            FileUnusableError: the folder may not be written.
        """
        path = self.path / "demo.lock"
        try:
            door = path.open("a+", encoding="ascii")
        except OSError as error:
            msg = f"{path}: {error.strerror}; choose another --dir"
            raise FileUnusableError(msg) from error
        with door:
            try:
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                door.seek(0)
                owner = door.read(20).strip() or "unknown"
                msg = (
                    f"another demo is running in {self.path} (process {owner}); wait for its end, "
                    "or give another --dir"
                )
                raise JournalLockedError(msg) from error
            door.truncate(0)
            door.write(str(os.getpid()))
            door.flush()
            yield

    def belong_to(self, answers: Path, *, story: str | None = None) -> None:
        """Note whose case it is, and in which story, so that a later run needs no options.

        Raises:
            FolderTakenError: the folder holds the case of other answers.
            FileUnusableError: it may not be written.
        """
        own = digest_bytes(read_file(answers, max_bytes=_MAX_ANSWERS_BYTES))
        noted = _noted(self.applicant)
        if noted is not None and noted.get("digest") != own:
            msg = (
                f"{self.path} holds the case of another applicant, or its answers were changed "
                f"since ({noted.get('answers')}); give another --dir, or leave --answers out"
            )
            raise FolderTakenError(msg)
        note = {"answers": str(answers.resolve()), "digest": own}
        note |= {} if story is None else {"story": story}
        self.write(self.applicant.name, canonical(note) + b"\n")


def answers_of(folder: Path | None, given: Path | None, *, default: Path) -> Path:
    """Return the answers file of a run: the one given, else the folder's own, else ``default``."""
    if given is not None:
        return given
    noted = None if folder is None else _noted(DemoFolder(path=folder).applicant)
    return default if noted is None else Path(str(noted.get("answers")))


def story_of(folder: Path | None, given: str | None, *, known: Collection[str]) -> str | None:
    """Return the story of a run: the one given, else the folder's own, else none.

    Raises:
        FolderTakenError: the folder holds another story, a case in which all goes well, or a
            story that is not ``known``.
    """
    noted = None if folder is None else _noted(DemoFolder(path=folder).applicant)
    own = None if noted is None else noted.get("story")
    found = None if own is None else str(own)
    if found is not None and found not in known:
        msg = f"{folder}: not what a demo wrote; give another --dir"
        raise FolderTakenError(msg)
    if noted is None or given is None or given == found:
        return given or found
    held = f"the story {found}" if found else "a case without a story"
    msg = f"{folder} holds {held}; give another --dir, or leave --story out"
    raise FolderTakenError(msg)


def opened_folder(path: Path | None) -> DemoFolder:
    """Return the folder at ``path``, made where it is missing; a fresh one for ``None``.

    Raises:
        FileUnusableError: it cannot be made.
    """
    try:
        if path is None:
            path = Path(tempfile.mkdtemp(prefix="oneservice-demo-", dir=Path.cwd()))
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{path or Path.cwd()}: the folder cannot be made ({error.strerror}); give --dir"
        raise FileUnusableError(msg) from error
    return DemoFolder(path=path)


def _noted(path: Path) -> dict[str, object] | None:
    if not path.exists():
        return None
    try:
        return parse_object(read_file(path, max_bytes=_MAX_NOTE_BYTES), max_bytes=_MAX_NOTE_BYTES)
    except MalformedJsonError as error:
        msg = f"{path}: not what a demo wrote; give another --dir"
        raise FolderTakenError(msg) from error
