"""What a file notes about forgotten filings, read beside an engine that may be at work.

An engine tells the same by ``engine.forgotten``, and knows more: of a case that is here again it
tells whether the very attempt is. This needs neither its keys nor its departments.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from oneservice.errors import JournalUnavailableError
from oneservice.runtimes.forgotten import ForgottenFiling, filings_noted
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.sqlite_schema import check_version

__all__ = ["NotedFiling", "forgotten_in"]

_NOTES: Final = "SELECT department, cursor FROM feeds WHERE department >= ? AND department < ?"


class NotedFiling(NamedTuple):
    """A forgotten filing, and whether its case is in the file by now."""

    filing: ForgottenFiling
    has_case: bool


def forgotten_in(path: Path) -> tuple[NotedFiling, ...]:
    """Return every forgotten filing that the file of an engine notes, settled ones too.

    Nothing is written, and no lock is taken.

    Raises:
        JournalError: there is no such file, or it is no engine's, damaged, or of a newer release.
    """
    if not path.is_file():
        msg = f"{path}: there is no such file"
        raise JournalUnavailableError(msg)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with (
        translated(path),
        contextlib.closing(sqlite3.connect(uri, uri=True)) as connection,
    ):
        check_version(path, connection)
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            msg = f"{path}: the file is empty; name the file of an engine"
            raise JournalUnavailableError(msg)
        first = "forgotten:"
        notes = dict(connection.execute(_NOTES, (first, "forgotten;")).fetchall())
        return tuple(_looked_up(connection, filings_noted(notes)))


def _looked_up(
    connection: sqlite3.Connection, filings: Iterable[ForgottenFiling]
) -> Iterable[NotedFiling]:
    for one in filings:
        found = connection.execute("SELECT 1 FROM cases WHERE case_id = ?", (one.case_id,))
        yield NotedFiling(one, has_case=found.fetchone() is not None)
