"""Answers made of stored events: put together from their bytes, which stand in the register.

An event is written once, in canonical form, and never changed; parsing it and writing it again for
every reader gives the same bytes at twenty times the price. So a page is the canonical frame with
the events' own bytes in their place, which a test compares with the codec's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from oneservice.canonical import canonical

if TYPE_CHECKING:
    from oneservice.departments.opinions import Opinion
    from oneservice.departments.register import Head

__all__ = ["StoredChange", "spliced_changes", "spliced_status"]


class StoredChange(NamedTuple):
    """What is new of one submission: where it stands, and events as bytes, oldest first.

    A tuple, because a page has many of them, and each is made, written and forgotten.
    """

    submission_id: str
    head_seq: int
    head_digest: str
    events: Sequence[bytes]


def spliced_status(head: Head, events: Sequence[bytes], opinion: Opinion) -> bytes:
    """Return what ``status_json`` would write: members in the order of RFC 8785."""
    clock = b"" if opinion.clock is None else b'"clock":%s,' % canonical(opinion.clock)
    progress = b"" if opinion.progress is None else b'"progress":%s,' % canonical(opinion.progress)
    # State, id and digests are words of our own alphabet: nothing in them wants an escape.
    return b'{%s"events":[%s],"head":%s,%s"state":"%s","submission_id":"%s"}' % (
        clock,
        b",".join(events),
        _head(head.head_seq, head.head_digest),
        progress,
        head.state.encode("ascii"),
        head.submission_id.encode("ascii"),
    )


def spliced_changes(changes: Iterable[StoredChange], cursor: str, *, has_more: bool) -> bytes:
    """Return what ``changes_json`` would write."""
    written = [
        b'{"events":[%s],"head":%s,"submission_id":"%s"}'
        % (b",".join(events), _head(seq, digest), submission_id.encode("ascii"))
        for submission_id, seq, digest, events in changes
    ]
    more = b"true" if has_more else b"false"
    return b'{"changes":[%s],"cursor":"%s","more":%s}' % (
        b",".join(written),
        cursor.encode("ascii"),
        more,
    )


def _head(seq: int, digest: str) -> bytes:
    return b'{"digest":"%s","seq":%d}' % (digest.encode("ascii"), seq)
