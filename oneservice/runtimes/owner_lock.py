"""One database, one owner: a lock that the operating system drops when its process dies."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from pathlib import Path
from typing import IO

from oneservice.errors import JournalLockedError, JournalUnavailableError

__all__ = ["OwnerLock"]


_log = logging.getLogger(__name__)


class OwnerLock:
    """An exclusive lock beside a database; ``kill -9`` frees it, no stale file ever blocks."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self.path = path
        self._file = file

    @classmethod
    def take(cls, database: Path) -> OwnerLock:
        """Lock ``database`` for this process.

        Raises:
            JournalLockedError: another process owns it; the text names it.
            JournalUnavailableError: the lock file cannot be made.
        """
        path = database.with_name(database.name + ".lock")
        try:
            file = path.open("a+", encoding="ascii")
        except OSError as error:
            why = f"{path.name} cannot be made beside it ({error.strerror})"
            msg = f"{database}: {why}; check the folder"
            raise JournalUnavailableError(msg) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read(20).strip() or "unknown"
            file.close()
            if owner == str(os.getpid()):
                who = "this very process has it open already; use that engine"
            else:
                who = f"process {owner} has it open; stop that one"
            msg = f"{database}: {who}, or use another file"
            raise JournalLockedError(msg) from error
        try:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        except OSError:
            _log.warning("%s: no room to say who has it open; the lock holds all the same", path)
        return cls(path, file)

    def release(self) -> None:
        """Give the database back."""
        with contextlib.suppress(OSError):  # a full disk: what could not be said before
            self._file.close()
