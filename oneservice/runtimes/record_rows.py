"""The records of one transition as one row: envelopes in the clear, salts and data apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oneservice.case import RecordParts, join_record, split_record
from oneservice.errors import JournalCorruptError

__all__ = ["join_row", "split_row"]


def split_row(records: Iterable[bytes], parts: Sequence[RecordParts] = ()) -> tuple[bytes, bytes]:
    """Return the envelopes, one a line, and what they seal, one a line.

    What is no record that this release can part has an empty envelope and is private as a whole.
    """
    pairs = parts or [split_record(line) or RecordParts(b"", line) for line in records]
    return b"\n".join(one.envelope for one in pairs), b"\n".join(one.private for one in pairs)


def join_row(case_id: str, envelopes: bytes, private: bytes) -> list[bytes]:
    """Return the records that were split.

    Raises:
        JournalCorruptError: the halves are not of one row.
    """
    halves = envelopes.split(b"\n"), private.split(b"\n")
    try:
        return [
            join_record(RecordParts(envelope, rest)) if envelope else rest
            for envelope, rest in zip(*halves, strict=True)
        ]
    except ValueError as error:
        msg = f"case {case_id}: its records were altered; restore a backup"
        raise JournalCorruptError(msg) from error
