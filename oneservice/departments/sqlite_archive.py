"""The register's back room: evidence, documents, and what is let go after its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oneservice.case import ENDED
from oneservice.departments.register import Pruned, StoredDocument, StoredEvidence
from oneservice.departments.sqlite_file import transaction
from oneservice.errors import JournalConflictError

if TYPE_CHECKING:
    import sqlite3

    from oneservice.canonical import Digest

__all__ = ["find_evidence", "insert_document", "keep_evidence", "note_uses", "prune"]

_BATCH: Final = 500
"""Submissions in one transaction: writers wait no longer than that takes."""
_RECORDED_AT: Final = "json_extract(CAST(events.event AS TEXT), '$.recorded_at')"


def find_evidence(
    connection: sqlite3.Connection, caller: str, request_id: str
) -> StoredEvidence | None:
    """Return one caller's request for evidence."""
    row = connection.execute(
        "SELECT digest, body, answer, is_final FROM evidence WHERE caller = ? AND request_id = ?",
        (caller, request_id),
    ).fetchone()
    if row is None:
        return None
    return StoredEvidence(
        request_id=request_id, digest=row[0], body=row[1], answer=row[2], is_final=bool(row[3])
    )


def keep_evidence(
    connection: sqlite3.Connection,
    caller: str,
    evidence: StoredEvidence,
    documents: tuple[StoredDocument, ...],
    at: str,
) -> None:
    """Keep a request, its answer as of ``at`` and its papers; all or none."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (caller, request_id) "
            "DO UPDATE SET answer = excluded.answer, is_final = excluded.is_final, "
            "answered_at = excluded.answered_at",
            (
                caller,
                evidence.request_id,
                evidence.digest,
                evidence.body,
                evidence.answer,
                evidence.is_final,
                at,
            ),
        )
        for document in documents:
            insert_document(connection, caller, document, at)
        used = tuple(one.digest for one in documents)
        note_uses(connection, caller, _use(evidence.request_id), used)


def note_uses(
    connection: sqlite3.Connection, caller: str, user: str, digests: tuple[Digest, ...]
) -> None:
    """Note which documents must stay as long as ``user`` does.

    Raises:
        JournalConflictError: one went while the application was being worked on.
    """
    for digest in digests:
        done = connection.execute(
            "INSERT INTO uses SELECT caller, digest, ? FROM documents "
            "WHERE caller = ? AND digest = ? "
            "ON CONFLICT DO UPDATE SET submission_id = excluded.submission_id",
            (user, caller, digest),
        )
        if done.rowcount != 1:
            msg = f"document {digest} went meanwhile; read and repeat"
            raise JournalConflictError(msg)


def insert_document(
    connection: sqlite3.Connection, caller: str, document: StoredDocument, at: str
) -> bool:
    """Keep a document that came at ``at``; say whether it is new."""
    done = connection.execute(
        "INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?)",
        (caller, document.digest, document.media_type, document.data, at),
    )
    return done.rowcount == 1


def prune(connection: sqlite3.Connection, ended_before: str, unused_before: str) -> Pruned:
    """Let go what has had its time; see ``Register.prune``."""
    gone = 0
    while batch := _prune_batch(connection, ended_before):
        gone += batch
    with transaction(connection):
        old = connection.execute(
            "SELECT caller, request_id FROM evidence WHERE is_final AND answered_at < ?",
            (ended_before,),
        ).fetchall()
        for caller, request_id in old:
            place = (caller, _use(request_id))
            connection.execute("DELETE FROM uses WHERE caller = ? AND submission_id = ?", place)
            connection.execute(
                "DELETE FROM evidence WHERE caller = ? AND request_id = ?", (caller, request_id)
            )
        documents = connection.execute(
            "DELETE FROM documents WHERE came_at < ? AND NOT EXISTS (SELECT 1 FROM uses "
            "WHERE uses.caller = documents.caller AND uses.digest = documents.digest)",
            (unused_before,),
        ).rowcount
    return Pruned(submissions=gone, documents=documents, evidence=len(old))


def _prune_batch(connection: sqlite3.Connection, ended_before: str) -> int:
    """Delete some ended submissions with all that belongs to them."""
    marks = ", ".join("?" * len(ENDED))
    with transaction(connection):
        # The head's event says when the submission moved last; nothing else has to be kept.
        found: list[tuple[Any, ...]] = connection.execute(
            "SELECT submissions.caller, submissions.submission_id FROM submissions "  # noqa: S608 - our own words
            "JOIN events ON events.caller = submissions.caller "
            "AND events.submission_id = submissions.submission_id "
            "AND events.seq = submissions.head_seq "
            f"WHERE state IN ({marks}) AND {_RECORDED_AT} < ? LIMIT ?",
            (*sorted(ENDED), ended_before, _BATCH),
        ).fetchall()
        for table in ("events", "messages", "uses", "submissions"):
            connection.executemany(
                f"DELETE FROM {table} WHERE caller = ? AND submission_id = ?",  # noqa: S608 - ours
                found,
            )
    return len(found)


def _use(request_id: str) -> str:
    """Return how the table of uses names a request: no submission's id holds a slash."""
    return f"evidence/{request_id}"
