"""The hash-linked journal: one event, one record, one line; any edit, drop or swap shows.

A record is ``{"v", "case_id", "seq", "at", "prev", "kind", "salt", "data", "digest"}``. ``digest``
covers the record with ``data_digest`` in the place of ``salt`` and ``data``, and ``data_digest``
is salted: a record whose ``data`` was erased for a person's sake still proves the chain.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

from oneservice.canonical import (
    Digest,
    canonical,
    digest,
    digest_bytes,
    parse_object,
    read_instant,
    sealed_digest,
    write_instant,
)
from oneservice.case.events import Event, Message, StepSpec
from oneservice.case.evolve import evolve
from oneservice.case.state import Case
from oneservice.case.submissions import DepartmentEvent, EventSignature
from oneservice.errors import JournalCorruptError, MalformedJsonError, OneServiceError

__all__ = ["JOURNAL_VERSION", "Recorded", "fold_records", "read_record", "write_record"]

JOURNAL_VERSION: Final = 1
_RECORD_BYTES: Final = 4_194_304
"""A record holds at most one answer of a department (1 MiB) or the steps of one plan."""
_RECORD_DEPTH: Final = 48
"""A department's event may be 32 deep by itself; the bundle allows as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in its place: ``line`` is the canonical record, ``digest`` the new head."""

    case_id: str
    seq: int
    event: Event
    digest: Digest
    line: bytes


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
    members = _encode(event)
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
    return Recorded(case_id=case_id, seq=seq, event=event, digest=own, line=line)


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

_Coder = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _read_event(value: Mapping[str, Any]) -> DepartmentEvent:
    known = {one.name for one in fields(DepartmentEvent)} - {"extra"}
    signatures = tuple(EventSignature(**one) for one in value["signatures"])
    plain = {name: value[name] for name in known - {"signatures"}}
    extra = {name: item for name, item in value.items() if name not in known}
    return DepartmentEvent(**plain, signatures=signatures, extra=extra)


def _write_events(events: tuple[DepartmentEvent, ...]) -> list[dict[str, Any]]:
    return [one.as_json() for one in events]


def _read_events(value: list[Mapping[str, Any]]) -> tuple[DepartmentEvent, ...]:
    return tuple(_read_event(one) for one in value)


def _write_plain(rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in row.__slots__} for row in rows]


@lru_cache(maxsize=256)
def _write_instant(instant: datetime) -> str:
    return write_instant(instant)  # the records of one turn share their instant


def _read_messages(value: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(**one) for one in value)


def _read_steps(value: list[dict[str, Any]]) -> tuple[StepSpec, ...]:
    return tuple(StepSpec(**{**one, "requires": tuple(one["requires"])}) for one in value)


_CODERS: Final[Mapping[Any, tuple[_Coder, _Coder]]] = {
    datetime: (_write_instant, read_instant),
    tuple[DepartmentEvent, ...]: (_write_events, _read_events),
    tuple[Message, ...]: (_write_plain, _read_messages),
    tuple[StepSpec, ...]: (_write_plain, _read_steps),
    tuple[str, ...]: (list, tuple),
}


def _fields_of(kind: type) -> tuple[tuple[str, _Coder, _Coder], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((one.name, *_CODERS.get(hints[one.name], (_same, _same))) for one in fields(kind))


_EVENT_TYPES: Final = typing.get_args(Event)
_FIELDS: Final = types.MappingProxyType({kind: _fields_of(kind) for kind in _EVENT_TYPES})
_WRITERS: Final = types.MappingProxyType(
    {
        kind: (
            tuple(name for name, _, _ in coders),
            attrgetter(*(name for name, _, _ in coders)),
            tuple((name, write) for name, write, _ in coders if write is not _same),
        )
        for kind, coders in _FIELDS.items()
    }
)
"""The members of each kind of event, how all are read at once, and those that JSON lacks."""
_BY_KIND: Final = types.MappingProxyType(
    {typing.get_args(typing.get_type_hints(kind)["kind"])[0]: kind for kind in _EVENT_TYPES}
)


def _encode(event: Event) -> dict[str, Any]:
    names, read, writers = _WRITERS[type(event)]
    members = dict(zip(names, read(event), strict=True))
    for name, write in writers:
        members[name] = write(members[name])
    return members


def _decode(kind: str, data: Mapping[str, Any]) -> Event:
    type_ = _BY_KIND[kind]
    values = {name: read(data[name]) for name, _, read in _FIELDS[type_] if name != "kind"}
    event: Event = type_(**values)
    return event
