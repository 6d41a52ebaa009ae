"""A page of the feed as an engine reads it: one bad event must not stop the news of all others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.departments.client_answers import Answer, Call, Keys, prove, refuse_other_than_json
from oneservice.departments.reading import parse_changes
from oneservice.departments.wire import MAX_ARRAY_ITEMS, MAX_URL_BYTES
from oneservice.errors import DepartmentContractError, MalformedJsonError, ProtocolProblemError
from oneservice.ports import Change, ChangesPage

__all__ = ["changes_in"]

_LONGEST_CURSOR: Final = MAX_URL_BYTES // 2  # it travels in a URL


def changes_in(call: Call, answer: Answer, *, keys: Keys, limit_bytes: int) -> ChangesPage:
    """Return the page of the feed in ``answer``; events that are not proven are left out.

    One bad event must not stop the news of all other cases. A change whose events are malformed
    or not proven is passed on with its head only, as in a snapshot: whoever reads that submission
    then meets the error there, where it belongs.

    Raises:
        DepartmentContractError: it is no such page, or its cursor cannot be sent back.
    """
    refuse_other_than_json(call, answer)
    try:
        page = _readable(answer.body, limit_bytes)
    except ProtocolProblemError as error:
        raise call.unread(f"the page of changes: {error}", error.problem) from None
    if not page.cursor or len(page.cursor.encode()) > _LONGEST_CURSOR:
        raise call.unread(f"a cursor has 1 to {_LONGEST_CURSOR} bytes", "malformed")
    return replace(page, changes=tuple(_proven(call, one, keys) for one in page.changes))


def _proven(call: Call, change: Change, keys: Keys) -> Change:
    try:
        for event in change.events:
            prove(call, event, keys)
    except DepartmentContractError:
        return replace(change, events=())
    return change


def _readable(body: bytes, limit_bytes: int) -> ChangesPage:
    """Parse a page; where that fails, parse change by change and strip those that are malformed."""
    try:
        return parse_changes(body, max_bytes=limit_bytes)
    except ProtocolProblemError as error:
        if error.problem == "too-large":
            raise
        try:
            document = parse_object(body, max_bytes=limit_bytes)
        except MalformedJsonError:
            raise error from None
        changes = document.get("changes")
        if not isinstance(changes, list) or len(changes) > MAX_ARRAY_ITEMS:
            raise
        return _piecemeal(document, limit_bytes)


def _piecemeal(document: dict[str, Any], limit_bytes: int) -> ChangesPage:
    """Parse every change as a page of its own, without its events where they are malformed."""
    frame: dict[str, Any] = {
        "cursor": document.get("cursor"),
        "more": document.get("more"),
        "changes": [],
    }
    page = parse_changes(canonical(frame), max_bytes=limit_bytes)
    changes: list[Change] = []
    for one in document["changes"]:
        try:
            single = parse_changes(canonical(frame | {"changes": [one]}), max_bytes=limit_bytes)
        except ProtocolProblemError:
            if not isinstance(one, dict):
                raise
            stripped = canonical(frame | {"changes": [one | {"events": []}]})
            single = parse_changes(stripped, max_bytes=limit_bytes)
        changes.extend(single.changes)
    return replace(page, changes=tuple(changes))
