"""Subscribers of a real engine over real sockets: in order, once each, whatever they answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.canonical import parse_object
from oneservice.case import Actor
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.departments import (
    CaseNews,
    Ed25519EventKey,
    Notification,
    VerifyingKey,
    running,
    verify_notification,
)
from oneservice.engine import FACT_KINDS, SubscriberStatus
from oneservice.errors import (
    EndpointInvalidError,
    IllegalInputError,
    JournalFullError,
    JournalKeyError,
    JournalUnavailableError,
    NotAllowedError,
)
from oneservice.runtimes import SqliteStore, notifying
from oneservice.runtimes.notifying_subscribers import LONGEST_PAUSE_S, TRIED_FOR, TRIED_OFTEN
from oneservice.sandbox import PROMPT

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
OP = Actor.operator("op-7")
WHY = "contract 12/2026"
ORDER: Any = {"by": OP, "why": WHY}
HERE: Any = ORDER | {"is_internal": True}
NAME = "Old Noodles of the Ninth Lane"
FORM = load_answers(Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml")
PERSONAL = [NAME, *(str(FORM.fields[name]) for name in ("phone", "legal_rep_name", "address"))]
catalog = cache(lambda: load_catalog([bundled_catalog_dir()]))


@dataclass
class Ear:
    """A subscriber: notes what comes and answers as told."""

    statuses: list[int] = field(default_factory=list)
    usual: int = 204
    retry_after: str = ""
    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: list[CaseNews] = field(default_factory=list)
    waits: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.came.append((headers, body))
        self.asked.set()
        if self.waits is not None:
            await self.waits.wait()
        status = self.statuses.pop(0) if self.statuses else self.usual
        if 200 <= status < 300:
            self.taken += self.last().changes
        told = [(b"location", b"http://127.0.0.1:9/")]
        if self.retry_after:
            told.append((b"retry-after", self.retry_after.encode()))
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": b""})

    def last(self) -> Notification:
        document = parse_object(self.came[-1][1])
        return Notification(
            subscription=document["subscription"],
            changes=tuple(
                CaseNews(**one | {"at": datetime.fromisoformat(one["at"])})
                for one in document["changes"]
            ),
        )


@asynccontextmanager
async def ear(**given: Any) -> AsyncIterator[Ear]:
    found = Ear(**given)
    async with running(found, lifespan="off") as url:
        found.url = url.replace("/oneservice/v1", "/hooks/secret-path")
        yield found


def sandbox(path: Path, start: datetime | None = None) -> Any:
    return Engine.sandbox(path, start=start, catalog=catalog(), behaviours=PROMPT)


async def visit(engine: Engine) -> str:
    """Hand one application in and carry it on until only people can."""
    plan = engine.plan(FORM.thing, answers=FORM.answers)
    known = {one.group or one.id for one in plan.form}
    case = await engine.submit(
        plan,
        Applicant(name=NAME, code=FORM.applicant.code),
        fields={name: value for name, value in FORM.fields.items() if name in known},
        materials={name: FORM.material_bytes(name) for name in FORM.materials},
    )
    return (await engine.settled(case.id)).id


async def told(engine: Engine, *case_ids: str) -> list[tuple[str, int, str]]:
    """What the journals of these cases hold: every fact once."""
    found = []
    for case_id in case_ids:
        for record in map(parse_object, await engine.journal(case_id)):
            found.append((case_id, record["seq"], record["kind"]))  # noqa: PERF401 - nested
    return sorted(found)


def heard(news: list[CaseNews]) -> list[tuple[str, int, str]]:
    return sorted((one.case_id, one.seq, one.kind) for one in news)


async def one_of(engine: Engine, name: str = "records") -> SubscriberStatus:
    return next(one for one in await engine.notifications.subscribers() if one.id == name)


async def test_a_subscriber_hears_every_fact_once_and_in_order(tmp_path: Path) -> None:
    async with ear() as heard_here, sandbox(tmp_path / "c.db", start=START) as engine:
        desk = engine.notifications
        assert await desk.send_due() == 0
        first = await visit(engine)
        found = await desk.subscribe("records", heard_here.url, **HERE)
        assert (found.state, found.ordered) == ("active", "operator:op-7: contract 12/2026")
        assert await desk.send_due() == 0  # what had happened before is not told
        second = await visit(engine)
        assert await desk.send_due() == 1  # and what piles up is one message
        assert heard(heard_here.taken) == await told(engine, second)
        positions = [one.position for one in heard_here.taken]
        assert positions == list(range(positions[0], positions[0] + len(positions)))
        assert [one.seq for one in heard_here.taken] == sorted(one.seq for one in heard_here.taken)
        stored = {one.case_id: one.status for one in await engine.cases()}
        assert {one.status for one in heard_here.taken} == {stored[second]}
        assert (await one_of(engine)).position == positions[-1]
        assert await desk.send_due() == 0
        await desk.subscribe("all", heard_here.url, after=0, **HERE)
        heard_here.taken.clear()
        assert await desk.send_due() == 1
        assert heard(heard_here.taken) == await told(engine, first, second)
        headers, body = heard_here.came[-1]
        key = (await one_of(engine, "all")).key
        news = verify_notification(headers, body, [key], url=heard_here.url, now=engine.now())
        assert news.subscription == "all"
        assert list(news.changes) == heard_here.taken


async def test_nothing_of_a_person_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with ear(usual=500) as here, sandbox(tmp_path / "c.db", start=START) as engine:
        found = await engine.notifications.subscribe("records", here.url, after=0, **HERE)
        await visit(engine)
        await engine.notifications.send_due()
        headers, body = here.came[-1]
        whole = repr(headers).encode() + body
        for personal in PERSONAL:
            assert personal.encode() not in whole
        members = {name for one in parse_object(body)["changes"] for name in one}
        assert members == {"position", "case_id", "seq", "at", "kind", "status"}
        assert "secret-path" not in repr(found) + repr(await one_of(engine))
    ours = [one for one in caplog.records if one.name.startswith("oneservice")]
    assert any("it answered 500" in one.getMessage() for one in ours)
    assert not any("secret-path" in one.getMessage() for one in ours)


async def test_kinds_that_are_not_wanted_are_skipped_and_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "_SKIPPED_KEPT", 5)
    assert {"case_opened", "case_concluded", "bundle_issued"} <= FACT_KINDS
    async with ear() as here, sandbox(tmp_path / "c.db", start=START) as engine:
        desk = engine.notifications
        kinds = ("case_opened", "case_concluded")
        await desk.subscribe("records", here.url, kinds=kinds, **HERE)
        await desk.subscribe("rare", here.url, kinds=["sub_case_resumed"], **HERE)
        case_id = await visit(engine)
        assert await desk.send_due() == 1
        assert {one.kind for one in here.taken} == set(kinds)
        assert {one.case_id for one in here.taken} == {case_id}
        newest = len(await told(engine, case_id))
        assert (await one_of(engine, "rare")).position == newest
        with pytest.raises(IllegalInputError, match="no facts of the kind conclded"):
            await desk.subscribe("records", here.url, kinds=["conclded"], **HERE)
        assert (await one_of(engine)).kinds == set(kinds)


async def test_much_news_comes_in_messages_of_at_most_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "MOST_NEWS", 7)
    monkeypatch.setattr(notifying, "_PAGE", 3)
    async with ear() as here, sandbox(tmp_path / "c.db", start=START) as engine:
        await engine.notifications.subscribe("records", here.url, after=0, **HERE)
        case_id = await visit(engine)
        due = await told(engine, case_id)
        assert await engine.notifications.send_due() == -(-len(due) // 7)
        assert [one.position for one in here.taken] == list(range(1, len(due) + 1))


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_days_of_failures_then_people(tmp_path: Path, status: int) -> None:
    path = tmp_path / "c.db"
    async with ear(usual=status) as here:
        async with sandbox(path, start=START) as engine:
            desk = engine.notifications
            await desk.subscribe("records", here.url, after=0, **HERE)
            case_id = await visit(engine)
            began = engine.now()
            pauses = []
            for _ in range(6):
                assert await desk.send_due() == 1
                assert await desk.send_due() == 0  # not before the pause has ended
                due = await desk.next_due()
                assert due is not None
                pauses.append((due - engine.now()).total_seconds())
                await engine.wait_until(due)
            assert all(1 <= pause <= 2 ** (n + 1) for n, pause in enumerate(pauses))
            before = await one_of(engine)
            assert (before.tries, before.failing_since) == (6, began)
        async with sandbox(path, start=began) as engine:
            desk = engine.notifications
            assert await one_of(engine) == before  # no restart forgets a pause
            await engine.wait_until(before.not_before or began)
            while (await one_of(engine)).state == "active":
                assert await desk.send_due() == 1
                due = await desk.next_due()
                if due is not None:
                    pauses.append((due - engine.now()).total_seconds())
                    await engine.wait_until(due)
            assert LONGEST_PAUSE_S / 2 < max(pauses) <= LONGEST_PAUSE_S
            assert TRIED_FOR <= engine.now() - began < TRIED_FOR + timedelta(hours=4)
            stopped = await one_of(engine)
            assert stopped.state == "paused"
            assert f"it answered {status}" in stopped.reason
            count = len(here.came)
            await visit(engine)
            assert await desk.send_due() == 0
            assert len(here.came) == count
        async with sandbox(path, start=began) as engine:
            desk = engine.notifications
            assert (await one_of(engine)).reason == stopped.reason
            here.usual = 200
            again = await desk.resume("records", by=OP, why="they mended it")
            assert (again.state, again.reason, again.tries) == ("active", "", 0)
            assert await desk.send_due() == 1
            cases = [one.case_id for one in await engine.cases()]
            assert heard(here.taken) == await told(engine, *cases)  # nothing was let go
            assert case_id in cases


async def test_a_long_stop_of_ours_is_not_their_failure(tmp_path: Path) -> None:
    async with (
        ear(statuses=[500]) as here,
        sandbox(tmp_path / "c.db", start=START) as engine,
    ):
        desk = engine.notifications
        await desk.subscribe("records", here.url, after=0, **HERE)
        await visit(engine)
        await desk.send_due()
        await engine.wait_until(engine.now() + 3 * TRIED_FOR)
        here.statuses = [500] * (TRIED_OFTEN - 2)
        for _ in range(TRIED_OFTEN - 2):
            await desk.send_due()
            await engine.wait_until(await desk.next_due() or START)
        assert (await one_of(engine)).state == "active"
        await desk.send_due()
        assert (await one_of(engine)).tries == 0
        assert here.taken != []


async def test_who_says_gone_hears_no_more_until_registered_anew(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with ear(statuses=[410]) as here:
        async with sandbox(path, start=START) as engine:
            desk = engine.notifications
            await desk.subscribe("records", here.url, after=0, **HERE)
            case_id = await visit(engine)
            assert await desk.send_due() == 1
            assert await desk.send_due() == 0
        async with sandbox(path) as engine:
            desk = engine.notifications
            ended = await one_of(engine)
            assert (ended.state, ended.reason) == ("ended", "it answered 410: it wants no more")
            assert await desk.next_due() is None
            for order in (desk.pause, desk.resume):
                with pytest.raises(IllegalInputError, match="subscribe it anew"):
                    await order("records", **ORDER)
            assert await desk.send_due() == 0
            again = await desk.subscribe("records", here.url, **HERE)
            assert (again.state, again.position, again.key) == ("active", 0, ended.key)
            assert await desk.send_due() == 1
            assert heard(here.taken) == await told(engine, case_id)


async def test_retry_after_is_obeyed(tmp_path: Path) -> None:
    hearing, opening = ear(statuses=[503], retry_after="7200"), sandbox(tmp_path / "c.db", START)
    async with hearing as here, opening as engine:
        await engine.notifications.subscribe("records", here.url, after=0, **HERE)
        await visit(engine)
        await engine.notifications.send_due()
        due = await engine.notifications.next_due()
        assert due == engine.now() + timedelta(hours=2)


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - another task works
            await asyncio.sleep(0.005)


async def test_the_slow_hold_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "LOOK_S", 0.01)
    async with (
        ear(waits=asyncio.Event()) as slow,
        ear() as quick,
        sandbox(tmp_path / "c.db", start=START) as engine,
    ):
        desk = engine.notifications
        await desk.subscribe("slow", slow.url, **HERE)
        await desk.subscribe("quick", quick.url, **HERE)
        running_ = asyncio.create_task(desk.run())
        first = await visit(engine)
        due = await told(engine, first)
        await until(lambda: slow.came and len(quick.taken) == len(due))
        second = await visit(engine)
        due = await told(engine, first, second)
        await until(lambda: len(quick.taken) == len(due))
        assert heard(quick.taken) == due
        assert len(slow.came) == 1  # one message at a time
        assert slow.waits is not None
        slow.waits.set()
        await until(lambda: len(slow.taken) == len(due))
        assert heard(slow.taken) == due
        assert len(slow.came) <= 3
        running_.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running_


async def test_an_order_comes_at_once_whatever_is_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "LOOK_S", 0.01)
    async with (
        ear(waits=asyncio.Event()) as old,
        ear() as new,
        sandbox(tmp_path / "c.db", start=START) as engine,
    ):
        desk = engine.notifications
        await desk.subscribe("records", old.url, after=0, **HERE)
        case_id = await visit(engine)
        running_ = asyncio.create_task(desk.run())
        await old.asked.wait()
        paused = await desk.pause("records", by=OP, why="they move")
        assert (paused.state, paused.reason) == ("paused", "operator:op-7: they move")
        await desk.subscribe("records", new.url, **HERE)
        await until(lambda: new.taken)
        assert heard(new.taken) == await told(engine, case_id)
        assert len(old.came) == 1
        assert old.waits is not None
        old.waits.set()
        running_.cancel()
        await asyncio.gather(running_, return_exceptions=True)


async def test_keys_change_without_a_gap_and_go_with_their_subscriber(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with ear() as here, sandbox(path, start=START) as engine:
        desk = engine.notifications
        before = await desk.subscribe("records", here.url, **HERE)
        await visit(engine)
        await desk.send_due()
        fresh = Ed25519EventKey.generate("records-2027")
        after = await desk.subscribe("records", here.url, key=fresh, **HERE)
        assert after.key == VerifyingKey(
            keyid="records-2027", alg="ed25519", public_key=fresh.public_key
        )
        assert after.position == (before.position or len(here.taken))
        await visit(engine)
        await desk.send_due()
        both = [before.key, after.key]
        for headers, body in here.came:
            verify_notification(headers, body, both, url=here.url, now=engine.now())
        await desk.unsubscribe("records", **ORDER)
        await desk.unsubscribe("records", **ORDER)
        assert await desk.subscribers() == ()
        await visit(engine)
        assert await desk.send_due() == 0
    assert fresh.private.private_bytes_raw() not in path.read_bytes()


async def test_only_operators_register_and_only_what_can_be(tmp_path: Path) -> None:
    async with sandbox(tmp_path / "c.db", start=START) as engine:
        desk, url = engine.notifications, "https://records.example/hook"
        with pytest.raises(NotAllowedError):
            await desk.subscribe("records", url, by=Actor.clerk("w-3"), why=WHY)
        with pytest.raises(NotAllowedError):
            await desk.subscribe("records", url, by=OP, why=" ")
        with pytest.raises(EndpointInvalidError, match="public addresses"):
            await desk.subscribe("records", "https://127.0.0.1/hook", **ORDER)
        for name in ("", "a b", "a/b", "x" * 65):
            with pytest.raises(IllegalInputError, match="id is 1 to 64"):
                await desk.subscribe(name, url, **ORDER)
        with pytest.raises(IllegalInputError, match="key's id"):
            await desk.subscribe("records", url, key=Ed25519EventKey.generate('a"b'), **ORDER)
        with pytest.raises(IllegalInputError, match="count from 1"):
            await desk.subscribe("records", url, after=-1, **ORDER)
        for order in (desk.pause, desk.resume):
            with pytest.raises(IllegalInputError, match="no subscriber of that id"):
                await order("records", **ORDER)
            with pytest.raises(NotAllowedError):
                await order("records", by=Actor.officer("o-17"), why=WHY)
        with pytest.raises(NotAllowedError):
            await desk.unsubscribe("records", by=Actor.officer("o-17"), why=WHY)
        assert await desk.subscribers() == ()
    with pytest.raises(JournalUnavailableError):
        await engine.notifications.run()


async def test_a_position_that_cannot_be_kept_is_told_and_the_message_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SqliteStore.subscribe

    async def full(*_: Any) -> None:
        raise JournalFullError("the disk is full")

    async with ear() as here, sandbox(tmp_path / "c.db", start=START) as engine:
        await engine.notifications.subscribe("records", here.url, after=0, **HERE)
        case_id = await visit(engine)
        monkeypatch.setattr(SqliteStore, "subscribe", full)
        monkeypatch.setattr(notifying, "LOOK_S", 0.001)
        with pytest.raises(JournalFullError):
            await engine.notifications.send_due()
        running_ = asyncio.create_task(engine.notifications.run())
        await asyncio.sleep(0.1)  # a hundred looks
        assert len(here.came) == 1  # it rests: each try would be one more repeat
        running_.cancel()
        await asyncio.gather(running_, return_exceptions=True)
        monkeypatch.setattr(SqliteStore, "subscribe", real)
        assert await engine.notifications.send_due() == 1
        assert here.came[0][1] == here.came[1][1]
        assert heard(here.taken[: len(here.taken) // 2]) == await told(engine, case_id)


async def test_a_fact_is_told_although_its_case_is_erased_or_its_key_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ear() as here, sandbox(tmp_path / "c.db", start=START) as engine:
        desk = engine.notifications
        case_id = await visit(engine)
        await engine.operators.erase(case_id, by=OP, why="asked for", is_forced=True)
        await desk.subscribe("records", here.url, after=0, **HERE)
        await desk.send_due()
        assert {one.case_id for one in here.taken} == {case_id}
        assert None not in {one.status for one in here.taken}

        async def away(*_: Any) -> None:
            raise JournalKeyError("no key")

        await desk.subscribe("records", here.url, after=0, **HERE)
        monkeypatch.setattr(SqliteStore, "stored", away)
        assert await desk.send_due() == 1
        assert '"status"' not in here.came[-1][1].decode()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 31])
async def test_the_newest_position_is_found(count: int) -> None:
    class Facts(notifying.Notifier):
        def __init__(self) -> None:
            self.looks = 0

        async def _is_any_after(self, position: int) -> bool:
            self.looks += 1
            return position < count

    for _ in range(2):
        facts = Facts()
        assert await facts.newest_position() == count
        assert facts.looks < 12
