"""What the register reads: submissions, histories, the feed; each as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oneservice.departments.register import FeedRow, Head, StoredMessage, StoredSubmission
from oneservice.departments.wire import MAX_EVENTS

if TYPE_CHECKING:
    import sqlite3

    from oneservice.canonical import Digest

__all__ = [
    "read_feed",
    "read_heads",
    "read_missing",
    "read_page",
    "read_submission",
    "read_submissions",
    "read_whole",
]

_SUBMISSION: Final = (
    "caller, submission_id, step_id, digest, body, received_at, state, head_seq, head_digest, row"
)
_HEAD: Final = "caller, submission_id, digest, state, head_seq, head_digest, row"
_ONE: Final = "FROM submissions WHERE caller = ? AND submission_id = ?"
_FIND: Final = f"SELECT {_SUBMISSION} {_ONE}"
_FIND_HEAD: Final = f"SELECT {_HEAD} {_ONE}"
_HEADS: Final = f"SELECT {_HEAD} FROM submissions WHERE caller = ? AND row > ? ORDER BY row LIMIT ?"  # noqa: S608 - ours
_EVENTS: Final = (
    "SELECT event FROM events WHERE caller = ? AND submission_id = ? AND seq > ? "
    "ORDER BY seq LIMIT ?"
)
_MESSAGES: Final = (
    "SELECT kind, message_id, digest, body FROM messages "
    "WHERE caller = ? AND submission_id = ? ORDER BY row"
)
_NEWEST: Final = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"
"""Not the largest that is there: what was pruned still counts, or cursors would run ahead."""
_FEED: Final = (
    "SELECT position, submission_id, event, head_seq, head_digest "
    "FROM events JOIN submissions USING (caller, submission_id) "
    "WHERE caller = ? AND position > ? ORDER BY position LIMIT ?"
)
_NAMES: Final = tuple(_SUBMISSION.split(", "))


def read_submission(
    connection: sqlite3.Connection, caller: str, submission_id: str
) -> StoredSubmission | None:
    """Return one caller's submission."""
    row = connection.execute(_FIND, (caller, submission_id)).fetchone()
    return None if row is None else _submission(row)


def read_submissions(
    connection: sqlite3.Connection, states: tuple[str, ...], step_id: str | None
) -> tuple[StoredSubmission, ...]:
    """Return submissions of all callers in one of ``states``, oldest first."""
    marks = ", ".join("?" * len(states))
    where, values = f"WHERE state IN ({marks})", (*states,)
    if step_id is not None:
        where, values = f"{where} AND step_id = ?", (*states, step_id)
    sql = f"SELECT {_SUBMISSION} FROM submissions {where} ORDER BY row"  # noqa: S608 - our words
    return tuple(map(_submission, connection.execute(sql, values)))


def read_page(
    connection: sqlite3.Connection, place: tuple[str, str], after: int, limit: int
) -> tuple[Head, tuple[bytes, ...]] | None:
    """Return a submission's head and the events after ``after``; ``place``: caller and id."""
    # The head first: what another process appends meanwhile lies beyond it, and is told next time.
    row = connection.execute(_FIND_HEAD, place).fetchone()
    if row is None:
        return None
    head, events = _head(row), connection.execute(_EVENTS, (*place, after, limit))
    return head, _events(events)[: max(0, head.head_seq - after)]


def read_whole(
    connection: sqlite3.Connection, place: tuple[str, str]
) -> tuple[StoredSubmission, tuple[bytes, ...], tuple[StoredMessage, ...]] | None:
    """Return a submission, its events and its messages; ``place``: caller and id."""
    stored = read_submission(connection, *place)
    if stored is None:
        return None
    events = _events(connection.execute(_EVENTS, (*place, 0, MAX_EVENTS)))
    messages = tuple(
        StoredMessage(kind=row[0], message_id=row[1], digest=row[2], body=row[3])
        for row in connection.execute(_MESSAGES, place)
    )
    return stored, events[: stored.head_seq], messages


def read_feed(
    connection: sqlite3.Connection, caller: str, after: int, limit: int
) -> tuple[int, tuple[FeedRow, ...]]:
    """Return the newest position of all, and one caller's events after ``after``."""
    rows = connection.execute(_FEED, (caller, after, limit)).fetchall()
    newest = connection.execute(_NEWEST).fetchone()[0]  # last, so that it covers them
    return newest, tuple(map(FeedRow._make, rows))


def read_heads(
    connection: sqlite3.Connection, caller: str, after_row: int, limit: int
) -> tuple[int, tuple[Head, ...]]:
    """Return the newest position of all, and one caller's heads after ``after_row``."""
    # The position first: what comes after it is told by the feed that follows.
    newest = connection.execute(_NEWEST).fetchone()[0]
    return newest, tuple(map(_head, connection.execute(_HEADS, (caller, after_row, limit))))


def read_missing(
    connection: sqlite3.Connection, caller: str, digests: tuple[Digest, ...]
) -> tuple[Digest, ...]:
    """Return those of ``digests`` that the caller never uploaded."""
    sql = "SELECT 1 FROM documents WHERE caller = ? AND digest = ?"
    return tuple(
        one for one in digests if connection.execute(sql, (caller, one)).fetchone() is None
    )


def _submission(row: tuple[Any, ...]) -> StoredSubmission:
    return StoredSubmission(**dict(zip(_NAMES, row, strict=True)))


def _head(row: tuple[Any, ...]) -> Head:
    caller, submission_id, digest, state, head_seq, head_digest, place = row
    return Head(
        caller=caller,
        submission_id=submission_id,
        digest=digest,
        state=state,
        head_seq=head_seq,
        head_digest=head_digest,
        row=place,
    )


def _events(rows: sqlite3.Cursor) -> tuple[bytes, ...]:
    return tuple(row[0] for row in rows)
