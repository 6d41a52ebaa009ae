"""The hash-linked journal: one event, one record, one line; any edit, drop or swap shows.

A record is ``{"v", "case_id", "seq", "at", "prev", "kind", "salt", "data", "digest"}``. ``digest``
covers the record with ``data_digest`` in the place of ``salt`` and ``data``, and ``data_digest``
is salted: a record whose ``data`` was erased for a person's sake still proves the chain.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from oneservice.canonical import (
    Digest,
    canonical,
    digest,
    digest_bytes,
    parse_object,
    sealed_digest,
)
from oneservice.case.events import Event
from oneservice.case.evolve import evolve
from oneservice.case.journal_coding import UnlistedValueError, members_reader, members_writer
from oneservice.case.journal_redaction import RecordParts
from oneservice.case.state import Case
from oneservice.errors import JournalCorruptError, MalformedJsonError, OneServiceError

__all__ = ["JOURNAL_VERSION", "Recorded", "fold_records", "read_record", "write_record"]

JOURNAL_VERSION: Final = 1
_RECORD_BYTES: Final = 4_194_304
"""A record holds at most one answer of a department (1 MiB) or the steps of one plan."""
_RECORD_DEPTH: Final = 48
"""A department's event may be 32 deep by itself; the bundle allows as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in its place: ``line`` is the canonical record, ``digest`` the new head.

    ``parts`` is ``line`` as :func:`split_record` parts it, where it was written and not read.
    """

    case_id: str
    seq: int
    event: Event
    digest: Digest
    line: bytes
    parts: RecordParts | None = field(default=None, compare=False)


def write_record(
    event: Event, *, case_id: str, seq: int, prev: Digest | None, secret: str
) -> Recorded:
    """Return ``event`` as record ``seq`` of ``case_id``, linked to ``prev``.

    Args:
        event: what happened.
        case_id: whose journal.
        seq: 1 for the first record.
        prev: digest of the record before, ``None`` for the first.
        secret: the case's own secret, from which the record's salt is derived.
    """
    salt = _salt(secret, case_id, seq)
    members = _WRITERS[type(event)](event)
    at, kind = members.pop("at"), members.pop("kind")
    data = canonical(members)
    # Both forms are written member by member, in the order of RFC 8785: every value but `data` is
    # plain ASCII of our own making, and `data` need not be walked three times.
    sealed = digest_bytes(salt.encode("ascii") + b"\n" + data)
    before = f'{{"at":"{at}","case_id":"{case_id}","data'
    link = f'"{prev}"' if prev else "null"
    after = f',"kind":"{kind}","prev":{link}'
    end = f',"seq":{seq},"v":{JOURNAL_VERSION}}}'
    own = digest_bytes(f'{before}_digest":"{sealed}"{after}{end}'.encode("ascii"))
    line = b"".join(
        (
            f'{before}":'.encode("ascii"),
            data,
            f',"digest":"{own}"{after},"salt":"{salt}"{end}'.encode("ascii"),
        )
    )
    envelope = f'{before}_digest":"{sealed}","digest":"{own}"{after}{end}'.encode("ascii")
    parts = RecordParts(envelope, salt.encode("ascii") + data)
    return Recorded(case_id=case_id, seq=seq, event=event, digest=own, line=line, parts=parts)


def _salt(secret: str, case_id: str, seq: int) -> str:
    """Return the salt of one record: BLAKE2b (RFC 7693), keyed with the secret of the case."""
    place = f"{case_id}/{seq}".encode()
    return blake2b(place, key=secret.encode()[:64], digest_size=16).hexdigest()


def read_record(line: bytes, *, case_id: str, seq: int, prev: Digest | None) -> Recorded:
    """Return the event of ``line`` after proving that it is record ``seq``, linked to ``prev``.

    Raises:
        JournalCorruptError: damaged, edited, of another case, out of order, or of a version that
            this one does not read.
    """
    place = f"case {case_id}, record {seq}"
    try:
        record = parse_object(line, max_bytes=_RECORD_BYTES, max_depth=_RECORD_DEPTH)
        if canonical(record) != line:
            msg = f"{place}: the bytes are not those that were written; restore from a backup"
            raise JournalCorruptError(msg)
        if record.get("v") != JOURNAL_VERSION:
            msg = f"{place}: version {str(record.get('v'))[:8]} is not one that this release reads"
            raise JournalCorruptError(msg)
        envelope = {name: record[name] for name in ("v", "case_id", "seq", "at", "prev", "kind")}
        envelope["data_digest"] = sealed_digest(record["salt"], record["data"])
        own = digest(envelope)
        expected = (case_id, seq, prev, own)
        if (record["case_id"], record["seq"], record["prev"], record["digest"]) != expected:
            msg = f"{place}: the chain is broken; restore the file from a backup"
            raise JournalCorruptError(msg)
        event = _decode(record["kind"], record["data"] | {"at": record["at"]})
    except UnlistedValueError as error:
        msg = f"{place}: {error}; restore from a backup, or read it with the release that wrote it"
        raise JournalCorruptError(msg) from error
    except (MalformedJsonError, KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{place}: not a journal record ({type(error).__name__}); restore from a backup"
        raise JournalCorruptError(msg) from error
    return Recorded(case_id=case_id, seq=seq, event=event, digest=own, line=line)


def fold_records(case_id: str, lines: Iterable[bytes]) -> tuple[Case, int, Digest]:
    """Return the case that a history tells of, its last sequence number and its head.

    Raises:
        JournalCorruptError: as :func:`read_record`, or the history is empty or folds to nothing.
    """
    case: Case | None = None
    head: Digest | None = None
    seq = 0
    for line in lines:
        recorded = read_record(line, case_id=case_id, seq=seq + 1, prev=head)
        try:
            case = evolve(case, recorded.event, case_id=case_id)
        except JournalCorruptError:
            raise
        except (OneServiceError, KeyError, ValueError) as error:
            msg = f"case {case_id}, record {seq + 1}: does not follow from the records before it"
            raise JournalCorruptError(msg) from error
        head, seq = recorded.digest, recorded.seq
    if case is None or head is None:
        msg = f"case {case_id} has no history"
        raise JournalCorruptError(msg)
    return case, seq, head


# --- one event <-> JSON ------------------------------------------------------------------------

_EVENT_TYPES: Final = typing.get_args(Event)
_WRITERS: Final = types.MappingProxyType({kind: members_writer(kind) for kind in _EVENT_TYPES})
_READERS: Final = types.MappingProxyType(
    {
        typing.get_args(typing.get_type_hints(kind)["kind"])[0]: members_reader(kind)
        for kind in _EVENT_TYPES
    }
)


def _decode(kind: str, data: Mapping[str, Any]) -> Event:
    if kind not in _READERS:
        raise UnlistedValueError(("those that this release knows",), "the kind of event")
    event: Event = _READERS[kind](data)
    return event
