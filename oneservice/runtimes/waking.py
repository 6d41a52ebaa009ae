"""Waking cases: those that are due, and all open ones when another calendar has arrived.

Limits are derived, never stored, so a case needs nothing but to be looked at. What a calendar
changes shows in the next due time alone; no fact is recorded for it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from oneservice.case import CaseStatus
from oneservice.errors import JournalCorruptError, JournalKeyError
from oneservice.ports import Store, StoredCase, Write
from oneservice.runtimes.hot import HotCase

__all__ = ["openable", "wake_for_calendar"]

_log = logging.getLogger(__name__)

_NOTE: Final = "oneservice:calendar"
_AT_ONCE: Final = 2_000
"""Cases that one commit wakes."""
_KEY_TRIED_EVERY: Final = timedelta(hours=1)
"""When a case is tried again whose key was not at hand."""
_ENDED: Final = frozenset(str(status) for status in CaseStatus if status.has_ended)


async def wake_for_calendar(store: Store, version: str, at: datetime) -> Mapping[str, str | None]:
    """Make every open case due at ``at``, unless the store was last opened with this calendar.

    Returns:
        The note that must become durable with the next commit; empty where it is already. After a
        crash in between, the cases are woken again, which is harmless.
    """
    if await store.cursor(_NOTE) == version:
        return {}
    waking = [
        _due(one, at)
        for one in await store.cases()
        if one.status not in _ENDED and one.erased_at is None
    ]
    for first in range(0, len(waking), _AT_ONCE):
        await store.commit(waking[first : first + _AT_ONCE], {})
    return {_NOTE: version}


async def openable(
    due: Sequence[str],
    *,
    hot: Callable[[str], Awaitable[HotCase]],
    store: Store,
    now: datetime,
) -> list[str]:
    """Return those of ``due`` that can be opened, and put aside the others.

    None of them may hold up the rest for ever: one whose history is damaged is parked, one whose
    key is not at hand is tried again later.
    """
    found: list[str] = []
    aside: dict[str, datetime | None] = {}
    for case_id in due:
        try:
            await hot(case_id)
        except JournalCorruptError as error:
            _log.error("case %s is parked: %s", case_id, error)
            aside[case_id] = None
        except JournalKeyError as error:
            _log.error("case %s waits for its key: %s", case_id, error)
            aside[case_id] = now + _KEY_TRIED_EVERY
        else:
            found.append(case_id)
    if aside:
        # Of the list of all: to be told of one by its id takes its key, which may be the trouble.
        known = [one for one in await store.cases() if one.case_id in aside]
        await store.commit([_due(one, aside[one.case_id]) for one in known], {})
    return found


def _due(stored: StoredCase, at: datetime | None) -> Write:
    """Return the write that changes nothing of a case but when it is due."""
    return Write(
        case_id=stored.case_id,
        after_seq=stored.seq,
        records=(),
        blobs={},
        thing=stored.thing,
        status=stored.status,
        next_due=at,
    )
