"""Reading the feed as an engine does: page by page, cursor by cursor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from oneservice.conformance.breaking import broken

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.identity import Identity
    from oneservice.conformance.trial import Trial

__all__ = ["page_after", "pages", "snapshot", "to_the_end"]

_MOST_PAGES = 500


async def page_after(
    trial: Trial,
    cursor: str | None,
    *,
    who: Identity | None = None,
    limit: int = 200,
    wait_s: int = 0,
) -> Exchange:
    """Return one page of the feed after ``cursor``; ``None``: the beginning of a snapshot."""
    path = f"/changes?limit={limit}&wait={wait_s}"
    if cursor is not None:
        path += f"&after={quote(cursor, safe='')}"
    deadline_s = trial.bench.line.deadline_s + wait_s
    return (await trial.call("GET", path, who=who, deadline_s=deadline_s)).expect(200)


async def pages(
    trial: Trial, cursor: str | None = None, *, who: Identity | None = None, limit: int = 200
) -> AsyncIterator[Exchange]:
    """Yield pages until one says that there are no more."""
    for _ in range(_MOST_PAGES):
        page = await page_after(trial, cursor, who=who, limit=limit)
        yield page
        if page.document.get("more") is not True:
            return
        after = page.document.get("cursor")
        if not isinstance(after, str) or after == cursor:
            broken("a page with more: true has no cursor that leads on", page)
        cursor = after
    broken(f"the feed did not end after {_MOST_PAGES} pages")


async def snapshot(
    trial: Trial, *, who: Identity | None = None, limit: int = 200
) -> AsyncIterator[dict[str, Any]]:
    """Yield all entries of a snapshot."""
    async for page in pages(trial, who=who, limit=limit):
        for one in page.document.get("changes") or ():
            if isinstance(one, dict):
                yield one


async def to_the_end(trial: Trial, *, who: Identity | None = None) -> str:
    """Return the cursor behind everything that is in the feed now."""
    cursor = ""
    async for page in pages(trial, who=who):
        cursor = str(page.document.get("cursor"))
    return cursor
