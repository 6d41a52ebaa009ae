"""Reading: the status of one submission, and the feed of changes (protocol section 5).

A cursor is opaque to callers. It holds either a place in the feed (``v1.<position>``) or a place
in a snapshot together with the feed's position when the snapshot began (``v1.<position>.<row>``):
what changes while a snapshot is paged is then shown by the feed, once or more, never not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from oneservice.departments.counting import marks
from oneservice.departments.opinions import Opinion, opinion_of
from oneservice.departments.splicing import StoredChange, spliced_changes, spliced_status
from oneservice.departments.wire import (
    MAX_CHANGES_BYTES,
    MAX_CHANGES_VALUES,
    MAX_JSON_BYTES,
    MAX_VALUES,
    PAGE_EVENTS,
)
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import tzinfo

    from oneservice.departments.locks import Bell
    from oneservice.departments.opinions import DueDay
    from oneservice.departments.register import FeedRow, Head, Register

__all__ = ["Feed", "FeedPage", "StatusView"]

LOOK_AGAIN_S: Final = 1.0
"""A waiting reader looks again so often: another process may write, a virtual clock may move."""
_ROOM: Final = 64 * 1024  # bytes of a page for all that is not events
_VALUES_AROUND: Final = 8  # the most that a page holds beside each event
_CURSOR = re.compile(r"v1\.(0|[1-9]\d{0,17})(?:\.(0|[1-9]\d{0,17}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """A submission as it is told to its caller.

    Attributes:
        head: where it stands.
        events: those that were asked for, as bytes.
        history: all of them; ``None`` where they are more than a page.
    """

    head: Head
    events: tuple[bytes, ...] = field(repr=False)
    history: tuple[bytes, ...] | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One page of the feed, or of the snapshot that it starts from."""

    changes: tuple[StoredChange, ...] = field(repr=False)
    cursor: str
    has_more: bool

    def as_json(self) -> bytes:
        """Return it as the wire has it."""
        return spliced_changes(self.changes, self.cursor, has_more=self.has_more)


@dataclass(frozen=True, slots=True)
class Feed:
    """What callers may read of a register; each sees only what it filed itself."""

    register: Register
    bell: Bell
    zone: tzinfo
    due_day: DueDay | None = None

    async def status(self, caller: str, submission_id: str, *, after: int = 0) -> StatusView:
        """Return a submission and its events after ``after``; raises ``unknown-submission``.

        The whole history is read where it fits a page: the clock is told from its beginning.
        """
        found = await self.register.page(caller, submission_id, after=0, limit=PAGE_EVENTS)
        if found is not None and found[0].head_seq > PAGE_EVENTS and after:
            found = await self.register.page(caller, submission_id, after=after, limit=PAGE_EVENTS)
        if found is None:
            msg = f"no submission {submission_id} of this caller"
            raise ProtocolProblemError(msg, problem="unknown-submission")
        return self.view(*found, after=after)

    def view(self, head: Head, events: tuple[bytes, ...], *, after: int = 0) -> StatusView:
        """Return the view of what was read: all of a history, or of a long one what follows."""
        is_whole = head.head_seq <= PAGE_EVENTS
        fresh = events[after:] if is_whole else events
        return StatusView(
            head=head,
            events=_within(fresh, MAX_JSON_BYTES, MAX_VALUES),
            history=events if is_whole else None,
        )

    def as_json(self, view: StatusView) -> bytes:
        """Return the status document; of a very long history nothing is thought."""
        opinion = Opinion()
        if view.history is not None:
            opinion = opinion_of(view.head.state, view.history, self.zone, self.due_day)
        return spliced_status(view.head, view.events, opinion)

    async def changes(self, caller: str, cursor: str | None, *, limit: int) -> FeedPage:
        """Return the next page of the caller's feed, or of the snapshot that it starts from.

        Raises:
            ProtocolProblemError: ``cursor-expired``: not one of ours, or from a history that this
                register does not have any more.
        """
        if cursor is None:
            return await self._snapshot(caller, None, 0, limit)
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise _expired()
        if match[2] is not None:
            return await self._snapshot(caller, int(match[1]), int(match[2]), limit)
        return await self._news(caller, int(match[1]), limit)

    async def wait(
        self,
        caller: str,
        cursor: str | None,
        *,
        limit: int,
        wait_s: int,
        settle: Callable[[], Awaitable[None]],
    ) -> FeedPage:
        """Like :meth:`changes`, but hold an empty page back until there is news or time is up.

        Args:
            caller: whose feed.
            cursor: where to go on.
            limit: most events, or heads, in a page.
            wait_s: seconds to wait at most.
            settle: lets the back office record what has fallen due, before each look.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_s
        while True:
            ticket = self.bell.ticket()
            await settle()
            page = await self.changes(caller, cursor, limit=limit)
            left = end - loop.time()
            if cursor is None or page.changes or left <= 0 or self.bell.is_stopped:
                return page
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_AGAIN_S)):
                    await ticket.wait()

    async def _snapshot(self, caller: str, position: int | None, row: int, limit: int) -> FeedPage:
        newest, found = await self.register.heads(caller, after_row=row, limit=limit + 1)
        began = newest if position is None else position
        if began > newest:
            raise _expired()
        page, has_more = found[:limit], len(found) > limit
        cursor = f"v1.{began}.{page[-1].row}" if has_more else f"v1.{began}"
        changes = tuple(_change(one) for one in page)
        return FeedPage(changes=changes, cursor=cursor, has_more=has_more)

    async def _news(self, caller: str, position: int, limit: int) -> FeedPage:
        newest, rows = await self.register.feed(caller, after=position, limit=limit + 1)
        if position > newest:
            raise _expired()
        found = tuple(row.event for row in rows[:limit])
        page = rows[: len(_within(found, MAX_CHANGES_BYTES, MAX_CHANGES_VALUES))]
        grouped: dict[str, list[FeedRow]] = {}
        for row in page:
            grouped.setdefault(row.submission_id, []).append(row)
        changes = tuple(
            [
                StoredChange(name, of[-1].head_seq, of[-1].head_digest, [row.event for row in of])
                for name, of in grouped.items()
            ]
        )
        return FeedPage(
            changes=changes,
            cursor=f"v1.{page[-1].position if page else position}",
            has_more=len(rows) > len(page),
        )


def _change(head: Head) -> StoredChange:
    return StoredChange(
        submission_id=head.submission_id,
        head_seq=head.head_seq,
        head_digest=head.head_digest,
        events=(),
    )


def _expired() -> ProtocolProblemError:
    msg = "the cursor is not known here (any more); start without one"
    return ProtocolProblemError(msg, problem="cursor-expired")


def _within(events: tuple[bytes, ...], most_bytes: int, most_values: int) -> tuple[bytes, ...]:
    """Return as many of ``events`` as fit into a page, at least one."""
    bound = _ROOM + sum(map(len, events)) + len(events)
    if bound <= most_bytes and bound // 2 + _VALUES_AROUND * len(events) <= most_values:
        return events  # no value is written in less than two bytes: nothing need be counted
    size, values = _ROOM, 0
    for index, event in enumerate(events):
        size += len(event) + 1
        values += marks(event) + _VALUES_AROUND
        if index and (size > most_bytes or values > most_values):
            return events[:index]
    return events
