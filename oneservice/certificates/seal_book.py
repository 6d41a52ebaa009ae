"""The book of a seal: every rule, mandate, use and refused use, each linked to the one before.

Theory of operation. A record is ``{"v", "book", "seq", "at", "prev", "kind", "data", "digest"}``;
``digest`` covers all the others. Documents stand in it as salted commitments only, so that a
reader cannot find out for whom a seal was used by trying names; who holds the receipt of a use has
its salt. Policy and mandates are records, too: nothing else is needed to judge every use anew.

A book is consistent with itself, and no more: its keeper could write another. Receipts carry the
record of their use, and logs carry commitments to it; both tie the keeper to *this* book.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from oneservice.canonical import (
    Digest,
    canonical,
    digest,
    parse_object,
    read_instant,
    sealed_digest,
    write_instant,
)
from oneservice.certificates.claims import is_url
from oneservice.certificates.seal_reading import members, read_count, read_digest, read_text
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    MalformedJsonError,
)

__all__ = [
    "BookHead",
    "RecordKind",
    "SealRecord",
    "commitment",
    "dump_book",
    "read_book",
    "verify_book",
]

_VERSION: Final = 1
_LINE_BYTES: Final = 262_144
_BOOK_BYTES: Final = 1_073_741_824
_MEMBERS: Final = ("v", "book", "seq", "at", "prev", "kind", "data", "digest")


class RecordKind(StrEnum):
    """What a book tells."""

    POLICY = "policy"
    MANDATE = "mandate"
    REVOCATION = "revocation"
    GRANT = "grant"
    """A use was allowed. It counts from here on, whether or not the key came to sign."""
    SEAL = "seal"
    """The key has signed, and the document left the lock."""
    VOID = "void"
    """A use that was allowed is not carried out any more; it stays counted."""
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRecord:
    """One record of a book.

    Args:
        book: URL of the seal whose book it is.
        seq: from 1.
        at: instant at which it was written; never before the record before it.
        prev: digest of the record before; ``None`` for the first.
        kind: what it tells.
        data: the facts.
    """

    book: str
    seq: int
    at: datetime
    prev: Digest | None
    kind: RecordKind
    data: Mapping[str, Any]

    @property
    def digest(self) -> Digest:
        """What the next record, receipts and logs name."""
        return digest(self._words())

    def as_json(self) -> dict[str, Any]:
        """Return the record as a line of the book."""
        return {**self._words(), "digest": self.digest}

    def _words(self) -> dict[str, Any]:
        return {
            "v": _VERSION,
            "book": self.book,
            "seq": self.seq,
            "at": write_instant(self.at),
            "prev": self.prev,
            "kind": self.kind.value,
            "data": dict(self.data),
        }

    @classmethod
    def of(cls, entry: object) -> SealRecord:
        """Return the record that JSON states, its digest checked.

        Raises:
            MalformedCertificateError: it is no record of version 1.
            ForgedCertificateError: its digest does not cover its words.
        """
        where = "seal record"
        found = members(entry, *_MEMBERS, where=where)
        if found["v"] != _VERSION or not isinstance(found["data"], Mapping):
            msg = f"{where}: of a version that is not read here, or without data"
            raise MalformedCertificateError(msg)
        try:
            record = cls(
                book=read_text(found, "book", where=where),
                seq=read_count(found, "seq", where=where, least=1),
                at=read_instant(read_text(found, "at", where=where)),
                prev=None if found["prev"] is None else read_digest(found, "prev", where=where),
                kind=RecordKind(read_text(found, "kind", where=where)),
                data=found["data"],
            )
            own = record.digest
        except (MalformedJsonError, ValueError):
            msg = f"{where}: a member is not what it should be"
            raise MalformedCertificateError(msg) from None
        if not is_url(record.book) or (record.prev is None) != (record.seq == 1):
            msg = f"{where} {record.seq}: the seal is no URL, or the link is missing"
            raise MalformedCertificateError(msg)
        if found["digest"] != own:
            msg = f"{where} {record.seq}: its digest does not cover its words; it was changed"
            raise ForgedCertificateError(msg)
        return record

    def followed_by(self, kind: RecordKind, data: Mapping[str, Any], *, at: datetime) -> SealRecord:
        """Return the next record; one that would go back in time is dated as this one."""
        return SealRecord(
            book=self.book,
            seq=self.seq + 1,
            at=max(self.at, at),
            prev=self.digest,
            kind=kind,
            data=data,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BookHead:
    """Where a book stands: its seal, its last record and that record's digest."""

    seal_id: str
    seq: int
    head: Digest

    def as_json(self) -> dict[str, Any]:
        """Return the head as JSON."""
        return {"seal_id": self.seal_id, "seq": self.seq, "head": self.head}


def commitment(salt: str, document_digest: Digest) -> Digest:
    """Return what a book says instead of ``document_digest``."""
    return sealed_digest(salt, document_digest)


def verify_book(records: Sequence[SealRecord]) -> BookHead:
    """Return the head of ``records``, every link recomputed.

    Args:
        records: of one seal, oldest first, from its first record on.

    Raises:
        MalformedCertificateError: there is none.
        ForgedCertificateError: a record is missing, moved, of another book, or goes back in time.
    """
    before: SealRecord | None = None
    for record in records:
        due = (record.book, 1, None) if before is None else _due(before)
        if (record.book, record.seq, record.prev) != due:
            msg = f"seal record {record.seq} does not follow: one was dropped, moved or put in"
            raise ForgedCertificateError(msg)
        if before is not None and record.at < before.at:
            msg = f"seal record {record.seq} is dated before the one before it"
            raise ForgedCertificateError(msg)
        before = record
    if before is None:
        msg = "the book of the seal is empty"
        raise MalformedCertificateError(msg)
    return BookHead(seal_id=before.book, seq=before.seq, head=before.digest)


def _due(before: SealRecord) -> tuple[str, int, Digest]:
    return before.book, before.seq + 1, before.digest


def read_book(data: bytes) -> tuple[SealRecord, ...]:
    """Return the records of a book, one canonical JSON object on each line.

    Raises:
        MalformedCertificateError: too large, cut off, or a line is no canonical record.
        ForgedCertificateError: a record's digest does not cover its words.
    """
    if not data or len(data) > _BOOK_BYTES or not data.endswith(b"\n"):
        msg = "the book of a seal: empty, too large, or its last line is cut off"
        raise MalformedCertificateError(msg)
    return tuple(_records(data[:-1].split(b"\n")))


def _records(lines: Sequence[bytes]) -> Iterator[SealRecord]:
    for number, line in enumerate(lines, start=1):
        try:
            entry = parse_object(line, max_bytes=_LINE_BYTES)
            if canonical(entry) != line:
                msg = f"line {number} of the book is not in canonical form"
                raise MalformedCertificateError(msg)
        except MalformedJsonError as error:
            msg = f"line {number} of the book: {error}"
            raise MalformedCertificateError(msg) from None
        yield SealRecord.of(entry)


def dump_book(records: Sequence[SealRecord]) -> bytes:
    """Return the records as a file: canonical, one on each line."""
    return b"".join(canonical(record.as_json()) + b"\n" for record in records)
