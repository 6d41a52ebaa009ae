"""What is done to rows that lie there already: to encrypt, to wrap anew, to erase.

Each function is one transaction, or belongs to its caller's: after a crash it was done or it was
not. Bytes that a transaction replaces are overwritten in the file (``secure_delete``), and their
older forms in the write-ahead log are gone when :func:`fold_log` has folded it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.errors import (
    CaseNotFoundError,
    JournalConflictError,
    JournalCorruptError,
    JournalLockedError,
)
from oneservice.ports import Erasure, WrappedKey
from oneservice.runtimes.case_cipher import CaseCipher
from oneservice.runtimes.packing import Packer, inflated

__all__ = [
    "blob_place",
    "compact_if_due",
    "erase_case",
    "fold_log",
    "row_place",
    "seal_case",
    "transaction",
]

_COMPACTING: Final = "oneservice:compacting"
"""The note under which it is remembered that the file holds bytes in the clear that nobody owns."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do everything inside, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def row_place(first_seq: int, envelopes: bytes) -> bytes:
    """Return where the private half of a journal row belongs: beside its envelopes."""
    return b"journal/%d\n" % first_seq + envelopes


def blob_place(digest: Digest) -> bytes:
    """Return where the bytes of a blob belong."""
    return b"blob/" + digest.encode()


def seal_case(
    connection: sqlite3.Connection,
    cipher: CaseCipher,
    wrapped: WrappedKey,
    *,
    packer: Packer,
    key_digest: Callable[[str], bytes],
) -> None:
    """Encrypt a case of schema 1, inside the caller's transaction."""
    case_id = cipher.case_id
    rows = connection.execute(
        "SELECT position, first_seq, envelopes, private FROM journal WHERE case_id = ?", (case_id,)
    )
    connection.executemany(
        "UPDATE journal SET private = ? WHERE position = ?",
        [
            (cipher.seal(row_place(first_seq, envelopes), private), position)
            for position, first_seq, envelopes, private in rows.fetchall()
        ],
    )
    blobs = connection.execute(
        "SELECT name, content, shared, deflated FROM blobs LEFT JOIN contents ON digest = shared"
        " WHERE case_id = ?",
        (case_id,),
    ).fetchall()
    connection.execute("DELETE FROM blobs WHERE case_id = ?", (case_id,))
    for name, content, shared, deflated in blobs:
        digest = Digest(shared or name.decode())
        whole = inflated(deflated or b"") if content is None else content
        if digest_bytes(whole) != digest:
            msg = f"case {case_id}: the bytes of {digest} were altered; restore a backup"
            raise JournalCorruptError(msg)
        sealed = cipher.seal(blob_place(digest), packer.packed(digest, whole))
        connection.execute(
            "INSERT INTO blobs (case_id, name, content) VALUES (?, ?, ?)",
            (case_id, cipher.name(digest), sealed),
        )
    number, key = connection.execute(
        "SELECT number, key FROM cases WHERE case_id = ?", (case_id,)
    ).fetchone()
    if isinstance(key, str):
        connection.execute("UPDATE cases SET key = ? WHERE number = ?", (key_digest(key), number))
    connection.execute(
        "UPDATE case_keys SET key_id = ?, wrapped = ? WHERE number = ?",
        (wrapped.key_id, wrapped.wrapped, number),
    )
    _note_compacting(connection)


def erase_case(
    connection: sqlite3.Connection, erasure: Erasure, *, key: bytes | None = None
) -> None:
    """Destroy the secret of a case, its blobs and what its records sealed; keep ``erasure``.

    The digest of the caller's own key stays, so that a request that is repeated later finds the
    erased case and does not open it anew. ``key`` is that digest where the case, of schema 1, holds
    the key itself.

    Raises:
        CaseNotFoundError: there is no such case.
        JournalConflictError: it does not stand where the erasure says.
    """
    case_id = erasure.case_id
    with transaction(connection):
        row = connection.execute(
            "SELECT number, seq, erased_at, key_id FROM cases JOIN case_keys USING (number)"
            " WHERE case_id = ?",
            (case_id,),
        ).fetchone()
        if row is None:
            msg = f"there is no case {case_id[:60]!r} here"
            raise CaseNotFoundError(msg)
        number, seq, erased_at, key_id = row
        if erased_at is not None:
            return
        if seq != erasure.seq:
            msg = f"case {case_id} moved on to record {seq} meanwhile; look at it again"
            raise JournalConflictError(msg)
        _destroy(connection, number, erasure, key)
        if not key_id:
            _note_compacting(connection)


def _destroy(
    connection: sqlite3.Connection, number: int, erasure: Erasure, key: bytes | None
) -> None:
    case_id, at = erasure.case_id, int(erasure.at.timestamp() * 1000)
    connection.execute(
        "INSERT INTO erasures VALUES (?, ?, ?, ?, ?, ?)",
        (case_id, at, erasure.by, erasure.why, erasure.seq, erasure.head),
    )
    # Of the same length: the row is overwritten where it stands, and has no other place.
    connection.execute(
        "UPDATE case_keys SET wrapped = zeroblob(length(wrapped)) WHERE number = ?", (number,)
    )
    connection.execute("UPDATE journal SET private = NULL WHERE case_id = ?", (case_id,))
    connection.execute("DELETE FROM blobs WHERE case_id = ?", (case_id,))
    connection.execute(
        "UPDATE cases SET key = iif(typeof(key) = 'blob', key, ?), next_due = NULL, erased_at = ?"
        " WHERE number = ?",
        (key, at, number),
    )


def fold_log(path: Path, connection: sqlite3.Connection) -> None:
    """Fold the write-ahead log into the file and cut it to nothing.

    Raises:
        JournalLockedError: somebody else is reading the file (a backup); it must be tried again.
    """
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        msg = (
            f"{path}: somebody reads the file, so its log still holds what was erased; "
            "try again when the backup is done, or open the engine anew"
        )
        raise JournalLockedError(msg)


def compact_if_due(path: Path, connection: sqlite3.Connection) -> None:
    """Write the whole file anew where cases in the clear were encrypted or erased.

    Pages that were rearranged may hold older copies of such rows in their gaps. This takes as much
    free disk as the file is large, once; a file that began with schema 2 never needs it.
    """
    if connection.execute("SELECT 1 FROM feeds WHERE department = ?", (_COMPACTING,)).fetchone():
        connection.execute(
            "DELETE FROM contents WHERE digest NOT IN"
            " (SELECT shared FROM blobs WHERE shared IS NOT NULL)"
        )
        connection.execute("VACUUM")
        connection.execute("DELETE FROM feeds WHERE department = ?", (_COMPACTING,))
    fold_log(path, connection)


def _note_compacting(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO feeds VALUES (?, NULL)", (_COMPACTING,))
