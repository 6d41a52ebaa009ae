"""The feed: statements P-56 to P-59."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest

from oneservice.case import fold
from oneservice.departments import Accepted, Granted, Progress, parse_changes, parse_problem
from oneservice.ports import ChangesPage


async def feed(desk: Any, query: str = "", **headers: str) -> ChangesPage:
    answer = await desk.get(f"/changes{query}", **headers)
    assert answer.status_code == 200, answer.text
    return parse_changes(answer.content)


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_p56_every_event_in_order_at_any_page_size(desk: Any, limit: int) -> None:
    start = (await feed(desk)).cursor
    for number in range(3):
        await desk.file(f"c{number}.plain.1")
    for number in (1, 0, 2):
        await desk.app.record(f"c{number}.plain.1", Accepted(), Progress(label="x"))
    seen: dict[str, list[Any]] = {}
    cursor, more = start, True
    while more:
        page = await feed(desk, f"?after={cursor}&limit={limit}")
        assert sum(len(change.events) for change in page.changes) <= limit
        for change in page.changes:
            assert change.head_seq == 3
            seen.setdefault(change.submission_id, []).extend(change.events)
        cursor, more = page.cursor, page.has_more
    assert len(seen) == 3
    for name, events in seen.items():
        assert fold(name, tuple(events)).seq == 3
    assert (await feed(desk, f"?after={cursor}")).changes == ()


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_p57_a_snapshot_lists_every_head_and_misses_no_news(desk: Any, limit: int) -> None:
    for number in range(5):
        await desk.file(f"c{number}.plain.1")
    page = await feed(desk, f"?limit={limit}")
    heads = [change.submission_id for change in page.changes]
    await desk.app.record("c0.plain.1", Accepted())  # while the snapshot is being paged
    await desk.file("c9.plain.1")
    while page.has_more:
        page = await feed(desk, f"?after={page.cursor}&limit={limit}")
        heads += [change.submission_id for change in page.changes]
        assert all(change.events == () for change in page.changes)
    assert set(heads) >= {f"c{number}.plain.1" for number in range(5)}
    news = await feed(desk, f"?after={page.cursor}")
    assert {change.submission_id for change in news.changes} == {"c0.plain.1", "c9.plain.1"}


async def test_p58_other_callers_see_nothing(desk: Any) -> None:
    await desk.file("c1.plain.1")
    for query in ("", "?after=v1.0"):
        assert (await feed(desk, query, **{"X-Caller": "other"})).changes == ()


async def test_p59_a_waiting_reader_is_told_at_once(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.departments.feed.LOOK_AGAIN_S", 60)  # only the bell wakes
    await desk.file("c1.plain.1")
    cursor = (await feed(desk)).cursor
    looking = asyncio.Event()

    @desk.app.before_read
    async def look(_: datetime) -> None:
        looking.set()

    waiting = asyncio.create_task(feed(desk, f"?after={cursor}&wait=25"))
    await looking.wait()
    for _ in range(3):  # its look is answered by the same thread before ours are
        await desk.read("c1.plain.1")
    began = time.monotonic()
    await desk.app.record("c1.plain.1", Accepted(), Granted(number="1"))
    page = await waiting
    assert time.monotonic() - began < 20
    assert [event.type for event in page.changes[0].events] == ["accepted", "granted"]


async def test_p59_without_news_the_wait_ends(desk: Any) -> None:
    await desk.file("c1.plain.1")
    cursor = (await feed(desk)).cursor
    page = await feed(desk, f"?after={cursor}&wait=1")
    assert (page.changes, page.cursor) == ((), cursor)


@pytest.mark.parametrize("cursor", ["v1.99", "v1.99.1", "x", "v1.", "v1.-1", "v1.01", "v2.0"])
async def test_cursors_that_are_not_ours_are_gone(desk: Any, cursor: str) -> None:
    answer = await desk.get(f"/changes?after={cursor}")
    assert (answer.status_code, parse_problem(answer.content).code) == (410, "cursor-expired")


@pytest.mark.parametrize("query", ["limit=x", "wait=-1", "wait=1.5", "limit=%D9%A1"])
async def test_parameters_that_are_no_numbers(desk: Any, query: str) -> None:
    answer = await desk.get(f"/changes?{query}")
    assert (answer.status_code, parse_problem(answer.content).code) == (400, "malformed")


async def test_a_reader_does_not_keep_a_stopping_server_waiting(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.departments.feed.LOOK_AGAIN_S", 60)
    cursor = (await feed(desk)).cursor
    waiting = asyncio.create_task(feed(desk, f"?after={cursor}&wait=25"))
    await desk.get("/capabilities")
    began = time.monotonic()
    desk.app.drain()
    await waiting
    assert time.monotonic() - began < 20
