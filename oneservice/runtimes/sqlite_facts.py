"""All facts of all cases in the order in which they became durable, told without contents."""

from __future__ import annotations

import sqlite3
from itertools import islice

from oneservice.canonical import parse_object, read_instant
from oneservice.errors import JournalCorruptError, MalformedJsonError
from oneservice.ports import Fact

__all__ = ["facts_after", "last_position"]


def last_position(connection: sqlite3.Connection) -> int:
    """Return the position of the last fact; 0: there is none."""
    row = connection.execute(
        "SELECT position, envelopes FROM journal ORDER BY position DESC LIMIT 1"
    ).fetchone()
    return 0 if row is None else row[0] + row[1].count(b"\n")


def facts_after(connection: sqlite3.Connection, position: int, limit: int) -> tuple[Fact, ...]:
    """Return at most ``limit`` facts after ``position``, from the envelopes alone."""
    rows = connection.execute(
        # The row in which `position` lies may hold later facts too.
        "SELECT position, case_id, first_seq, envelopes FROM journal WHERE position >= coalesce("
        "(SELECT max(position) FROM journal WHERE position <= ?), 0) ORDER BY position LIMIT ?",
        (position, limit + 1),
    ).fetchall()
    found = (
        _fact(case_id, first + number, first_seq + number, envelope)
        for first, case_id, first_seq, envelopes in rows
        for number, envelope in enumerate(envelopes.split(b"\n"))
        if envelope and first + number > position
    )
    return tuple(islice(found, limit))


def _fact(case_id: str, position: int, seq: int, envelope: bytes) -> Fact:
    try:
        stated = parse_object(envelope)
        at, kind = read_instant(stated["at"]), str(stated["kind"])
    except (MalformedJsonError, KeyError, TypeError) as error:
        msg = f"case {case_id}, record {seq}: its envelope was altered; restore a backup"
        raise JournalCorruptError(msg) from error
    return Fact(position=position, case_id=case_id, seq=seq, at=at, kind=kind)
