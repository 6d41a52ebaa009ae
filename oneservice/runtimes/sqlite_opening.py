"""Opening the file: the lock, the connection, and the keys that its cases need."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from oneservice.errors import JournalKeyError
from oneservice.ports import KeyKeeper
from oneservice.runtimes.local_keys import LocalKeyKeeper
from oneservice.runtimes.owner_lock import OwnerLock
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.sqlite_facts import last_position
from oneservice.runtimes.sqlite_schema import connect

__all__ = ["Opened", "open_file"]

_KEYS_IN_USE: Final = (
    "SELECT key_id FROM (SELECT key_id FROM case_keys ORDER BY number DESC LIMIT 1)"
    " WHERE key_id != '' UNION SELECT key_id FROM secrets"
)
"""The key of the newest case and those of the file: enough to notice another key file."""


class Opened(NamedTuple):
    """An open file, the lock that makes it ours, and the position of its last fact."""

    connection: sqlite3.Connection
    lock: OwnerLock
    position: int


def open_file(path: Path, keys: KeyKeeper | None) -> tuple[Opened, KeyKeeper]:
    """Return the open file at ``path`` and its key keeper.

    Raises:
        JournalError: as :meth:`SqliteStore.open` says.
    """
    lock = OwnerLock.take(path)
    try:
        with translated(path):
            connection = connect(path)
            try:
                keeper = keys or _local_keys(path, connection)
                position = last_position(connection)
            except BaseException:
                connection.close()
                raise
    except BaseException:
        lock.release()
        raise
    return Opened(connection, lock, position), keeper


def _local_keys(path: Path, connection: sqlite3.Connection) -> LocalKeyKeeper:
    """Open the key file beside the database; a new one would not open what is encrypted there."""
    beside = path.with_name(f"{path.name}.keys")
    in_use = {row[0] for row in connection.execute(_KEYS_IN_USE)}
    keeper = LocalKeyKeeper.open(beside, create=not in_use)
    missing = sorted(in_use - keeper.key_ids)
    if missing:
        msg = (
            f"key file {beside}: has no key {missing[0]!r}, under which cases of {path.name} are "
            "encrypted; put the copy of it back that belongs to this database"
        )
        raise JournalKeyError(msg)
    return keeper
