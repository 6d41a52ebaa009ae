"""The journal of a case, seen by an auditor: a chain of records that anyone can recompute.

A record is ``{"v", "case_id", "seq", "at", "prev", "kind", "salt", "data", "digest"}``. ``digest``
covers the record with ``data_digest`` in the place of ``salt`` and ``data``. A record that was
redacted for a person's sake carries ``data_digest`` itself and still proves the chain. What the
records *mean* is none of this module's business; replaying them is.

A chain is consistent with itself, and no more: anybody can write one, or link another's records
anew without those that he would rather not show. Evidence it becomes by its head, which stands in a
bundle certificate under a seal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from oneservice.canonical import Digest, canonical, digest, parse_object, sealed_digest
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    MalformedJsonError,
)

__all__ = ["JournalHead", "read_journal", "verify_chain"]

_VERSION: Final = 1
_LINE_BYTES: Final = 4_194_304
_LINE_DEPTH: Final = 48
"""A record may hold a department's event, itself up to 32 deep (protocol section 1)."""
_JOURNAL_BYTES: Final = 268_435_456
_ENVELOPE: Final = ("v", "case_id", "seq", "at", "prev", "kind")
_OPEN: Final = frozenset({*_ENVELOPE, "salt", "data", "digest"})
_REDACTED: Final = frozenset({*_ENVELOPE, "data_digest", "digest"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """Where a journal stands: its case, its last record and that record's digest."""

    case_id: str
    seq: int
    head: Digest

    def as_json(self) -> dict[str, Any]:
        """Return the head as it stands in a bundle certificate."""
        return {"case_id": self.case_id, "seq": self.seq, "head": self.head}


def verify_chain(records: Sequence[Mapping[str, Any]]) -> JournalHead:
    """Return the head of ``records``, every digest and every link recomputed.

    Args:
        records: of one case, oldest first, from its first record on.

    Raises:
        MalformedCertificateError: there is none, or one is no record of version 1.
        ForgedCertificateError: a record is not the one that was written, or not in its place.
    """
    prev: Digest | None = None
    case_id = ""
    for seq, record in enumerate(records, start=1):
        own = _own_digest(record, seq)
        case_id = case_id or str(record["case_id"])
        if record["digest"] != own:
            _forged(seq, "it is not what was written: its digest does not cover its words")
        if record["seq"] != seq or record["prev"] != prev:
            _forged(seq, "it does not follow the record before it: something was dropped or moved")
        if record["case_id"] != case_id:
            _forged(seq, "it belongs to another case")
        prev = own
    if prev is None:
        msg = "the journal has no records"
        raise MalformedCertificateError(msg)
    return JournalHead(case_id=case_id, seq=len(records), head=prev)


def read_journal(data: bytes) -> tuple[dict[str, Any], ...]:
    """Return the records of ``journal.jsonl``; nothing about them is believed yet.

    Every line must be the canonical form of its record: no byte is without meaning.

    Raises:
        MalformedCertificateError: too large, or a line is no canonical JSON object.
    """
    if not data:
        msg = "the file is empty"
        raise MalformedCertificateError(msg)
    if len(data) > _JOURNAL_BYTES:
        msg = f"the journal has more than {_JOURNAL_BYTES} bytes"
        raise MalformedCertificateError(msg)
    if not data.endswith(b"\n"):
        msg = "its last line is cut off"
        raise MalformedCertificateError(msg)
    return tuple(_read_line(line, seq) for seq, line in enumerate(data[:-1].split(b"\n"), start=1))


def _own_digest(record: Mapping[str, Any], seq: int) -> Digest:
    """Return the digest that ``record`` should carry."""
    try:
        names = frozenset(record)
        if names not in (_OPEN, _REDACTED) or record["v"] != _VERSION:
            msg = f"record {seq}: not the members of a record, or of a version not read here"
            raise MalformedCertificateError(msg)
        envelope = {name: record[name] for name in _ENVELOPE}
        envelope["data_digest"] = (
            sealed_digest(record["salt"], record["data"])
            if names == _OPEN
            else record["data_digest"]
        )
        return digest(envelope)
    except (MalformedJsonError, TypeError, AttributeError, ValueError) as error:
        msg = f"record {seq}: not a journal record"
        raise MalformedCertificateError(msg) from error


def _read_line(line: bytes, seq: int) -> dict[str, Any]:
    try:
        record = parse_object(line, max_bytes=_LINE_BYTES, max_depth=_LINE_DEPTH)
    except MalformedJsonError as error:
        msg = f"record {seq}: {error}"
        raise MalformedCertificateError(msg) from None
    if canonical(record) != line:
        msg = f"record {seq}: the line is not the canonical form of its record"
        raise MalformedCertificateError(msg)
    return record


def _forged(seq: int, why: str) -> NoReturn:
    msg = f"record {seq}: {why}"
    raise ForgedCertificateError(msg)
