"""Rows of a status register: records, what was done to them, and editions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from oneservice.certificates import (
    CertificateRecord,
    CertificateState,
    LifeState,
    Operation,
    StatusArray,
    published_state,
)

__all__ = [
    "Done",
    "fill",
    "last_operation",
    "micros",
    "moment",
    "place_of",
    "read_history",
    "read_record",
    "state_then",
    "write_operation",
    "write_record",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FETCH: Final = 10_000
_ENTRIES: Final = ("SELECT place, state FROM certificates", "SELECT place, state FROM decoys")


def micros(at: datetime) -> int:
    """Return ``at`` as microseconds since 1970: exact, and in order."""
    return (at - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """Return the instant that :func:`micros` wrote."""
    return _EPOCH + stored * _MICROSECOND


def read_record(connection: sqlite3.Connection, identifier: str) -> CertificateRecord | None:
    """Return what the register holds about a certificate."""
    row = connection.execute(
        "SELECT state, valid_until, predecessor, successor FROM certificates WHERE id = ?",
        (identifier,),
    ).fetchone()
    if row is None:
        return None
    return CertificateRecord(
        id=identifier,
        state=LifeState(row[0]),
        valid_until=None if row[1] is None else moment(row[1]),
        predecessor=row[2],
        successor=row[3],
    )


def place_of(connection: sqlite3.Connection, identifier: str) -> int | None:
    """Return the entry that a certificate has."""
    row = connection.execute(
        "SELECT place FROM certificates WHERE id = ?", (identifier,)
    ).fetchone()
    return None if row is None else row[0]


def write_record(connection: sqlite3.Connection, record: CertificateRecord, place: int) -> None:
    """Write ``record`` under ``place``, which never changes once a certificate has it."""
    until = None if record.valid_until is None else micros(record.valid_until)
    connection.execute(
        "INSERT INTO certificates VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (place) DO UPDATE SET"
        " state = excluded.state, valid_until = excluded.valid_until,"
        " predecessor = excluded.predecessor, successor = excluded.successor",
        (place, record.state.value, record.id, until, record.predecessor, record.successor),
    )


def write_operation(
    connection: sqlite3.Connection,
    record: CertificateRecord,
    operation: str,
    *,
    at: datetime,
    ground: str,
) -> None:
    """Write down what was done, and the state that it left."""
    connection.execute(
        "INSERT INTO operations (at, certificate, operation, state, ground) VALUES (?, ?, ?, ?, ?)",
        (micros(at), record.id, operation, record.state.value, ground),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One operation, as the register wrote it down.

    Args:
        operation: what was done.
        at: aware instant of it.
        state: what it left.
        ground: the clause or order that it rests on.
    """

    operation: Operation
    at: datetime
    state: LifeState
    ground: str


def read_history(connection: sqlite3.Connection, identifier: str) -> tuple[Done, ...]:
    """Return everything that was done to a certificate, in order."""
    rows = connection.execute(
        "SELECT operation, at, state, ground FROM operations WHERE certificate = ? ORDER BY number",
        (identifier,),
    )
    return tuple(
        Done(operation=Operation(row[0]), at=moment(row[1]), state=LifeState(row[2]), ground=row[3])
        for row in rows
    )


def last_operation(connection: sqlite3.Connection, identifier: str) -> datetime | None:
    """Return when something was last done to a certificate."""
    row = connection.execute(
        "SELECT at FROM operations WHERE certificate = ? ORDER BY number DESC LIMIT 1",
        (identifier,),
    ).fetchone()
    return None if row is None else moment(row[0])


def state_then(
    connection: sqlite3.Connection, identifier: str, at: datetime
) -> tuple[LifeState, datetime] | None:
    """Return the state of a certificate at ``at``, and since when; ``None``: there was none."""
    row = connection.execute(
        "SELECT state, at FROM operations WHERE certificate = ? AND at <= ?"
        " ORDER BY number DESC LIMIT 1",
        (identifier, micros(at)),
    ).fetchone()
    return None if row is None else (LifeState(row[0]), moment(row[1]))


def fill(connection: sqlite3.Connection, array: StatusArray) -> None:
    """Put every entry that is taken into ``array``."""
    states = {state.value: published_state(state) for state in LifeState}
    states |= {state.value: state for state in CertificateState}
    for query in _ENTRIES:
        cursor = connection.execute(query)
        while rows := cursor.fetchmany(_FETCH):
            array.put_all((place, states[state]) for place, state in rows)
