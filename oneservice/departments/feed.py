"""Reading: the status of one submission, and the feed of changes (protocol section 5).

A cursor is opaque to callers. It holds either a place in the feed (``v1.<position>``) or a place
in a snapshot together with the feed's position when the snapshot began (``v1.<position>.<row>``):
what changes while a snapshot is paged is then shown by the feed, once or more, never not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from oneservice.canonical import parse_object
from oneservice.departments.counting import marks
from oneservice.departments.opinions import Opinion, opinion_of
from oneservice.departments.reading import parse_event
from oneservice.departments.wire import (
    MAX_CHANGES_BYTES,
    MAX_CHANGES_VALUES,
    MAX_JSON_BYTES,
    MAX_VALUES,
    PAGE_EVENTS,
)
from oneservice.errors import ProtocolProblemError
from oneservice.ports import Change, ChangesPage, StatusPage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import tzinfo

    from oneservice.case import DepartmentEvent
    from oneservice.departments.locks import Bell
    from oneservice.departments.opinions import DueDay
    from oneservice.departments.register import Register, StoredSubmission

__all__ = ["Feed"]

LOOK_AGAIN_S: Final = 1.0
"""A waiting reader looks again so often: another process may write, a virtual clock may move."""
_ROOM: Final = 64 * 1024  # bytes of a page for all that is not events
_VALUES_AROUND: Final = 8  # the most that a page holds beside each event
_CURSOR = re.compile(r"v1\.(0|[1-9]\d{0,17})(?:\.(0|[1-9]\d{0,17}))?")


@dataclass(frozen=True, slots=True)
class Feed:
    """What callers may read of a register; each sees only what it filed itself."""

    register: Register
    bell: Bell
    zone: tzinfo
    due_day: DueDay | None = None

    async def page(self, caller: str, submission_id: str, *, after: int) -> StatusPage:
        """Return the status document of a submission; raises ``unknown-submission``."""
        found = await self.register.page(caller, submission_id, after=after, limit=PAGE_EVENTS)
        if found is None:
            raise _unknown(submission_id)
        return self._page(*found, after=after)

    async def status(
        self, stored: StoredSubmission, events: tuple[bytes, ...] | None = None
    ) -> StatusPage:
        """Return the status document of a submission, from its beginning.

        Args:
            stored: the submission.
            events: its history where that is known; read otherwise.
        """
        if events is None:
            events = await self.register.events(
                stored.caller, stored.submission_id, after=0, limit=PAGE_EVENTS
            )
        return self._page(stored, events, after=0)

    def _page(
        self, stored: StoredSubmission, events: tuple[bytes, ...], *, after: int
    ) -> StatusPage:
        # An event that was written since the head was read waits for the next reading.
        fresh = events[: max(0, stored.head_seq - after)]
        return StatusPage(
            submission_id=stored.submission_id,
            state=stored.state,
            head_seq=stored.head_seq,
            head_digest=stored.head_digest,
            events=tuple(_event(one) for one in _within(fresh, MAX_JSON_BYTES, MAX_VALUES)),
        )

    async def opinion(self, page: StatusPage, caller: str) -> Opinion:
        """Return what the department thinks of clock and progress; none of a very long history."""
        events = page.events
        if page.head_seq > PAGE_EVENTS:
            return Opinion()
        if len(events) < page.head_seq:
            stored = await self.register.events(
                caller, page.submission_id, after=0, limit=page.head_seq
            )
            events = tuple(_event(one) for one in stored)
        return opinion_of(page.state, events, self.zone, self.due_day)

    async def find(self, caller: str, submission_id: str) -> StoredSubmission:
        """Return one of the caller's submissions; raises ``unknown-submission``."""
        stored = await self.register.find(caller, submission_id)
        if stored is None:
            raise _unknown(submission_id)
        return stored

    async def changes(self, caller: str, cursor: str | None, *, limit: int) -> ChangesPage:
        """Return the next page of the caller's feed, or of the snapshot that it starts from.

        Raises:
            ProtocolProblemError: ``cursor-expired``: not one of ours, or from a history that this
                register does not have any more.
        """
        newest = await self.register.last_position()
        if cursor is None:
            return await self._snapshot(caller, newest, 0, limit)
        match = _CURSOR.fullmatch(cursor)
        if match is None or int(match[1]) > newest:
            msg = "the cursor is not known here (any more); start without one"
            raise ProtocolProblemError(msg, problem="cursor-expired")
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
    ) -> ChangesPage:
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

    async def _snapshot(self, caller: str, position: int, row: int, limit: int) -> ChangesPage:
        found = await self.register.heads(caller, after_row=row, limit=limit + 1)
        page, has_more = found[:limit], len(found) > limit
        cursor = f"v1.{position}.{page[-1].row}" if has_more else f"v1.{position}"
        return ChangesPage(
            changes=tuple(_change(one) for one in page), cursor=cursor, has_more=has_more
        )

    async def _news(self, caller: str, position: int, limit: int) -> ChangesPage:
        rows = await self.register.feed(caller, after=position, limit=limit + 1)
        found = tuple(row.event for row in rows[:limit])
        page = rows[: len(_within(found, MAX_CHANGES_BYTES, MAX_CHANGES_VALUES))]
        grouped: dict[str, list[DepartmentEvent]] = {}
        for row in page:
            grouped.setdefault(row.submission_id, []).append(_event(row.event))
        changes = [
            replace(_change(await self.find(caller, name)), events=tuple(events))
            for name, events in grouped.items()
        ]
        return ChangesPage(
            changes=tuple(changes),
            cursor=f"v1.{page[-1].position if page else position}",
            has_more=len(rows) > len(page),
        )


def _unknown(submission_id: str) -> ProtocolProblemError:
    msg = f"no submission {submission_id} of this caller"
    return ProtocolProblemError(msg, problem="unknown-submission")


def _change(stored: StoredSubmission) -> Change:
    return Change(
        submission_id=stored.submission_id,
        head_seq=stored.head_seq,
        head_digest=stored.head_digest,
        events=(),
    )


def _event(data: bytes) -> DepartmentEvent:
    return parse_event(parse_object(data))


def _within(events: tuple[bytes, ...], most_bytes: int, most_values: int) -> tuple[bytes, ...]:
    """Return as many of ``events`` as fit into a page, at least one."""
    size, values = _ROOM, 0
    for index, event in enumerate(events):
        size += len(event) + 1
        values += marks(event) + _VALUES_AROUND
        if index and (size > most_bytes or values > most_values):
            return events[:index]
    return events
