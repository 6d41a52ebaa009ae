"""What the register writes: steps forward, and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.departments.sqlite_archive import insert_document, note_uses
from oneservice.departments.sqlite_file import transaction
from oneservice.errors import JournalConflictError

if TYPE_CHECKING:
    import sqlite3

    from oneservice.departments.register import Entry, StoredDocument

__all__ = ["keep_document", "write_entry"]


def write_entry(connection: sqlite3.Connection, entry: Entry) -> None:
    """Make one step forward durable, all of it or nothing; see ``Register.commit``."""
    with transaction(connection):
        _move_head(connection, entry)
        _append(connection, entry)
        one = entry.submission
        for document in entry.documents:
            insert_document(connection, one.caller, document, one.received_at)
        note_uses(connection, one.caller, one.submission_id, entry.uses)


def _move_head(connection: sqlite3.Connection, entry: Entry) -> None:
    """File the submission, or move its head from ``after_seq``: nobody else may have moved it."""
    one = entry.submission
    if entry.after_seq == 0:
        connection.execute(
            "INSERT INTO submissions (caller, submission_id, step_id, digest, body, received_at, "
            "state, head_seq, head_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.caller,
                one.submission_id,
                one.step_id,
                one.digest,
                one.body,
                one.received_at,
                one.state,
                one.head_seq,
                one.head_digest,
            ),
        )
        return
    moved = connection.execute(
        "UPDATE submissions SET state = ?, head_seq = ?, head_digest = ? "
        "WHERE caller = ? AND submission_id = ? AND head_seq = ?",
        (
            one.state,
            one.head_seq,
            one.head_digest,
            one.caller,
            one.submission_id,
            entry.after_seq,
        ),
    )
    if moved.rowcount != 1:
        msg = (
            f"submission {one.submission_id} has moved on from event {entry.after_seq}; read again"
        )
        raise JournalConflictError(msg)


def _append(connection: sqlite3.Connection, entry: Entry) -> None:
    place = (entry.submission.caller, entry.submission.submission_id)
    connection.executemany(
        "INSERT INTO events (caller, submission_id, seq, event) VALUES (?, ?, ?, ?)",
        [(*place, seq, event) for seq, event in enumerate(entry.events, start=entry.after_seq + 1)],
    )
    if entry.message is not None:
        one = entry.message
        connection.execute(
            "INSERT INTO messages (caller, submission_id, kind, message_id, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (*place, one.kind, one.message_id, one.digest, one.body),
        )


def keep_document(
    connection: sqlite3.Connection, caller: str, document: StoredDocument, at: str
) -> bool:
    """Keep a document that came at ``at``, perhaps again; say whether it is new."""
    with transaction(connection):
        is_new = insert_document(connection, caller, document, at)
        if not is_new:
            connection.execute(
                "UPDATE documents SET came_at = ? WHERE caller = ? AND digest = ? "
                "AND came_at IS NOT NULL",
                (at, caller, document.digest),
            )
        return is_new
