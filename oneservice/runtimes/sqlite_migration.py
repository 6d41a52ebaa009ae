"""From schema 1, in which cases lay in the clear, to schema 2, in which they need not.

The rows move as they are: cases of schema 1 stay in the clear, marked by an empty key id, because
whoever opens a file wants to work, and to encrypt takes the key keeper. ``SqliteStore.rewrap``
encrypts them afterwards, case by case, while the engine runs. Their commit order was not kept; the
order in which they were opened stands for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from oneservice.runtimes.record_rows import split_row

__all__ = ["migrate_from_1"]

_OLD: Final = ("cases", "journal", "blobs", "contents", "feeds")
_COPIES: Final = """
INSERT INTO cases (number, case_id, thing, status, seq, next_due, key)
  SELECT number, case_id, thing, status, seq, next_due, key FROM old_cases;
INSERT INTO case_keys (number, key_id, wrapped)
  SELECT number, '', CAST(secret AS BLOB) FROM old_cases;
INSERT INTO blobs (case_id, name, content, shared)
  SELECT case_id, CAST(digest AS BLOB), content, iif(content IS NULL, digest, NULL) FROM old_blobs;
INSERT INTO contents SELECT * FROM old_contents;
INSERT INTO feeds SELECT * FROM old_feeds
"""


def migrate_from_1(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Bring a file of schema 1 to schema 2, inside the caller's transaction.

    Args:
        connection: in a transaction, with ``secure_delete`` on, so that nothing stays twice.
        tables: the statements that make the tables of schema 2.
    """
    connection.execute("DROP INDEX cases_due")
    for name in _OLD:
        connection.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
    for table in tables:
        connection.execute(table)
    for copy in _COPIES.split(";"):
        connection.execute(copy)
    _move_journal(connection)
    for name in _OLD:
        connection.execute(f"DROP TABLE old_{name}")


def _move_journal(connection: sqlite3.Connection) -> None:
    position = 1
    rows = connection.execute(
        "SELECT old_journal.case_id, first_seq, lines FROM old_journal"
        " JOIN old_cases USING (case_id) ORDER BY number, first_seq"
    )
    for case_id, first_seq, lines in rows:
        records = lines.split(b"\n")
        connection.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
            (position, case_id, first_seq, *split_row(records)),
        )
        position += len(records)
