"""One turn's transitions as one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from oneservice.canonical import Digest
from oneservice.errors import JournalConflictError
from oneservice.ports import WrappedKey, Write
from oneservice.runtimes.case_cipher import CaseCipher
from oneservice.runtimes.packing import Packer
from oneservice.runtimes.record_rows import split_row
from oneservice.runtimes.sqlite_sealing import blob_place, row_place, transaction
from oneservice.runtimes.sqlite_times import ms

__all__ = ["Prepared", "Writer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A write, and what it needs beside: its cipher, for a new case the wrapped secret too."""

    write: Write
    cipher: CaseCipher | None = None
    wrapped: WrappedKey | None = None
    key: bytes | None = None
    seal_before: Callable[[], None] | None = None


class Writer:
    """Writes turns; runs on the store's own thread only.

    Args:
        connection: to the open file.
        position: that of the last fact in it.
    """

    def __init__(self, connection: sqlite3.Connection, position: int) -> None:
        self._connection = connection
        self._position = position
        self._shared: set[Digest] = set()
        self.packer = Packer()

    def commit(self, writes: Sequence[Prepared], cursors: Mapping[str, str | None]) -> None:
        """Write everything, or nothing.

        Raises:
            JournalConflictError: a write does not follow what is stored.
        """
        connection = self._connection
        try:
            with transaction(connection):
                self._write_cases(writes)
                position = self._write_records(writes)
                connection.executemany(
                    "INSERT OR IGNORE INTO blobs VALUES (?, ?, ?, ?)",
                    [row for one in writes if one.write.blobs for row in self._blob_rows(one)],
                )
                self._write_cursors(cursors)
        except BaseException:
            self._shared.clear()  # some of them may not be stored after all
            raise
        self._position = position

    def _write_cursors(self, cursors: Mapping[str, str | None]) -> None:
        """Write small notes; of one that is let go nothing stays, or they would grow for ever."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO feeds VALUES (?, ?)",
            [row for row in cursors.items() if row[1] is not None],
        )
        self._connection.executemany(
            "DELETE FROM feeds WHERE department = ?",
            [(name,) for name, cursor in cursors.items() if cursor is None],
        )

    def rewrapping(self, number: int, wrapped: WrappedKey) -> Callable[[], object]:
        """Return what puts a case under another key, inside the caller's transaction."""
        return lambda: self._connection.execute(
            "UPDATE case_keys SET key_id = ?, wrapped = ? WHERE number = ?",
            (wrapped.key_id, wrapped.wrapped, number),
        )

    def _write_cases(self, writes: Sequence[Prepared]) -> None:
        for prepared in writes:
            write = prepared.write
            row = (
                write.status,
                write.after_seq + len(write.records),
                ms(write.next_due) if write.next_due else None,
            )
            if prepared.wrapped is not None:
                self._open_case(prepared, prepared.wrapped, row)
                continue
            changed = self._connection.execute(
                "UPDATE cases SET status = ?, seq = ?, next_due = ?"
                " WHERE case_id = ? AND seq = ? AND erased_at IS NULL",
                (*row, write.case_id, write.after_seq),
            ).rowcount
            if changed != 1:
                msg = f"case {write.case_id} moved on meanwhile; read it again and retry"
                raise JournalConflictError(msg)
            if prepared.seal_before is not None:
                prepared.seal_before()

    def _open_case(
        self, prepared: Prepared, wrapped: WrappedKey, row: tuple[str, int, int | None]
    ) -> None:
        write = prepared.write
        number = self._connection.execute(
            "INSERT INTO cases (case_id, thing, key, status, seq, next_due)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (write.case_id, write.thing, prepared.key, *row),
        ).lastrowid
        self._connection.execute(
            "INSERT INTO case_keys VALUES (?, ?, ?)", (number, wrapped.key_id, wrapped.wrapped)
        )

    def _write_records(self, writes: Sequence[Prepared]) -> int:
        """Write the records of all ``writes``; return the position of the last one."""
        position = self._position
        rows: list[tuple[int, str, int, bytes, bytes]] = []
        for prepared in writes:
            write = prepared.write
            if not write.records:
                continue
            first_seq = write.after_seq + 1
            envelopes, private = split_row(write.records, write.parts)
            sealed = _known(prepared).seal(row_place(first_seq, envelopes), private)
            rows.append((position + 1, write.case_id, first_seq, envelopes, sealed))
            position += len(write.records)
        self._connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", rows)
        return position

    def _blob_rows(
        self, prepared: Prepared
    ) -> Iterable[tuple[str, bytes, bytes | None, str | None]]:
        write, cipher = prepared.write, _known(prepared)
        for digest, content in write.blobs.items():
            if digest in write.public:
                self._share(digest, content)
                yield write.case_id, cipher.name(digest), None, digest
            else:
                packed = self.packer.packed(digest, content)
                sealed = cipher.seal(blob_place(digest), packed)
                yield write.case_id, cipher.name(digest), sealed, None

    def _share(self, digest: Digest, content: bytes) -> None:
        if digest in self._shared:
            return
        self._connection.execute(
            "INSERT OR IGNORE INTO contents (digest, deflated) VALUES (?, ?)",
            (digest, self.packer.deflated(digest, content)),
        )
        self._shared.add(digest)


def _known(prepared: Prepared) -> CaseCipher:
    if prepared.cipher is None:
        msg = f"case {prepared.write.case_id} has no cipher"
        raise AssertionError(msg)
    return prepared.cipher
