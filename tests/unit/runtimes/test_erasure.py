"""A person leaves the bytes of the file with the key of the case; the chain of the case stays."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import Digest, digest_bytes, parse_object
from oneservice.case import Case
from oneservice.certificates import verify_chain
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    IllegalInputError,
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalKeyError,
    JournalLockedError,
)
from oneservice.ports import Erasure, Subscription, Write
from oneservice.runtimes import EraseOrder, LocalKeyKeeper, SqliteStore

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
SHA = Digest("sha256:" + "6" * 64)
GIVEN = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
NUMBER = "980201200002290031"
KEY = "visit-of-unverwechselbar-4711"
MARK = b"kept by nobody else: 8c1d"
BY = {"by": "op-7", "why": "asked for under PIPL art. 47"}


def bytes_of(folder: Path) -> bytes:
    """Return all bytes that the engine keeps: the database, its log, its keys."""
    ours = [one for one in folder.iterdir() if ".departments" not in one.name]
    return b"".join(one.read_bytes() for one in ours)


def personal(case: Case, journal: tuple[bytes, ...]) -> list[bytes]:
    """Return what must never be found in the clear."""
    records = [parse_object(line) for line in journal]
    texts = [GIVEN["applicant"]["name"], GIVEN["applicant"]["code"], NUMBER, KEY, MARK.decode()]
    texts += [case.form, case.plan, digest_bytes(MARK * 900), *(one["salt"] for one in records)]
    return [text.encode() for text in texts]


async def visit(engine: Engine, key: str = KEY) -> Case:
    plan = engine.plan("restaurant", answers=GIVEN["answers"])
    known = {field.group or field.id for field in plan.form}
    fields = {
        name: str(value) if isinstance(value, float) else value
        for name, value in GIVEN["fields"].items()
        if name in known
    }
    papers = dict.fromkeys(GIVEN["materials"], MARK * 900)
    applicant = Applicant(**GIVEN["applicant"])
    return await engine.submit(plan, applicant, fields=fields, materials=papers, key=key)


async def test_nobody_finds_a_person_in_the_bytes_neither_before_nor_after(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        case = await engine.settled((await visit(engine)).id)
        assert case.status is CaseStatus.CONCLUDED
        journal = await engine.journal(case.id)
        stored = await engine._driver.store.stored(case.id)
        assert stored is not None
        secrets = [*personal(case, journal), stored.secret.encode()]
        content = bytes_of(tmp_path)
        assert not [one for one in secrets if one in content], "in the clear before the erasure"
        wrapped = wrapped_keys(tmp_path)

        erasure = await engine._driver.erase(EraseOrder(case_id=case.id, **BY))
        content = bytes_of(tmp_path)
        assert not [one for one in secrets if one in content]
        assert not [one for one in wrapped if one in content], "the wrapped key is still there"
        assert (erasure.by, erasure.seq) == ("op-7", len(journal))

        redacted = [parse_object(line) for line in await engine.journal(case.id)]
        assert all("data" not in one and "salt" not in one for one in redacted)
        assert verify_chain(redacted).head == parse_object(journal[-1])["digest"] == erasure.head
        with pytest.raises(CaseErasedError, match=case.id):
            await engine.case(case.id)
        with pytest.raises(CaseErasedError):
            await engine._driver.store.blob(case.id, case.form)
        (listed,) = await engine.cases()
        assert listed.erased_at == erasure.at
        assert not listed.secret
        assert await engine._driver.store.case_of_key(KEY) == case.id
        with pytest.raises(CaseErasedError, match=case.id):
            await visit(engine)  # an old request that comes once more brings nobody back
        await engine.progress()  # feeds may still tell of it
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        with pytest.raises(CaseErasedError):
            await engine.case(case.id)
        assert verify_chain([parse_object(one) for one in await engine.journal(case.id)])
        with pytest.raises(CaseErasedError, match=case.id):
            await visit(engine)
        assert len(await engine.cases()) == 1


def wrapped_keys(folder: Path) -> list[bytes]:
    look = sqlite3.connect(folder / "cases.db")
    try:
        return [row[0] for row in look.execute("SELECT wrapped FROM case_keys")]
    finally:
        look.close()


async def test_an_open_case_is_erased_only_by_force(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        case = await visit(engine)
        with pytest.raises(IllegalInputError, match="open"):
            await engine._driver.erase(EraseOrder(case_id=case.id, **BY))
        assert (await engine.case(case.id)).form == case.form
        erasing = EraseOrder(case_id=case.id, **BY, is_forced=True)
        first = await engine._driver.erase(erasing)  # with messages under way
        await engine.progress()
        assert await engine._driver.erase(erasing) == first, "repeating it is harmless"
        assert await engine._driver.store.next_due() is None
        with pytest.raises(CaseErasedError):
            await engine.withdraw(case.id)
        with pytest.raises(CaseNotFoundError):
            await engine._driver.erase(EraseOrder(case_id="c404", **BY))


class Slow:
    """Departments whose first upload waits until it is let go on."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.has_begun, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def put_document(self, *arguments: Any) -> None:
        self.has_begun.set()
        await self.may_go_on.wait()
        await self._inner.put_document(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_what_is_under_way_for_an_erased_case_ends_quietly(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        errands = engine._driver._errands
        slow = errands._departments = Slow(errands._departments)  # type: ignore[assignment]
        case = await visit(engine)
        await slow.has_begun.wait()
        await engine._driver.erase(EraseOrder(case_id=case.id, **BY, is_forced=True))
        slow.may_go_on.set()
        await asyncio.wait_for(engine._driver.idle(), 60)
        assert not errands.tasks
        other = await engine.settled((await visit(engine, key="another visit")).id)
        assert other.status is CaseStatus.CONCLUDED


async def test_an_erasure_that_could_not_be_finished_is_not_shown_any_more(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        case = await engine.settled((await visit(engine)).id)
        store = engine._driver.store
        assert isinstance(store, SqliteStore)
        store._connection.execute("PRAGMA busy_timeout = 50")
        reader = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM cases").fetchone()
        order = EraseOrder(case_id=case.id, **BY)
        with pytest.raises(JournalLockedError):
            await engine._driver.erase(order)
        with pytest.raises(CaseErasedError):
            await engine.case(case.id)
        reader.close()
        await engine._driver.erase(order)
        assert MARK not in bytes_of(tmp_path)


# --- the store alone --------------------------------------------------------------------------


def write(case_id: str, *, after: int = 0, number: int = 0, text: bytes = b"") -> Write:
    body = text or b"body of %d " % number * 20
    return Write(
        case_id=case_id,
        after_seq=after,
        records=(b"record %d " % number + text,),
        blobs={digest_bytes(body): body},
        thing="restaurant",
        status="concluded",
        next_due=None,
        secret=f"{number:064x}",
        key=f"key-{number}",
    )


def erasure(case_id: str, seq: int = 1) -> Erasure:
    return Erasure(case_id=case_id, at=START, by="op-7", why="asked", seq=seq, head=SHA)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "cases.db")
    yield opened
    await opened.close()


async def test_many_erasures_among_many_cases_leave_no_key_behind(
    store: SqliteStore, tmp_path: Path
) -> None:
    """Rows that move when pages are split or joined would leave copies of wrapped keys behind."""
    chance = random.Random(20260928)
    names = [f"c{chance.randrange(10**9)}" for _ in range(600)]
    for first in range(0, 600, 100):
        await store.commit([write(names[n], number=n) for n in range(first, first + 100)], {})
        await store.rewrap()
    rows = store._connection.execute(
        "SELECT case_id, wrapped FROM cases JOIN case_keys USING (number)"
    )
    wrapped = dict(rows.fetchall())
    gone = set(chance.sample(names, 300))
    for name in names:
        if name in gone:
            await store.erase(erasure(name))
    content = bytes_of(tmp_path)
    assert not [name for name in gone if wrapped[name][12:] in content]
    for number, name in enumerate(names):
        if name in gone:
            assert await store.records(name) == ()
            assert await store.erasure(name) == erasure(name)
        else:
            assert await store.records(name) == (b"record %d " % number,)
            assert await store.erasure(name) is None


async def test_an_erasure_must_name_where_the_case_stands(store: SqliteStore) -> None:
    await store.commit([write("c1")], {})
    with pytest.raises(JournalConflictError, match="record 1"):
        await store.erase(erasure("c1", seq=2))
    with pytest.raises(CaseNotFoundError):
        await store.erase(erasure("c2"))
    assert await store.records("c1") == (b"record 0 ",)
    await store.erase(erasure("c1"))
    with pytest.raises(JournalConflictError):
        await store.commit([write("c1", after=1)], {})
    with pytest.raises(JournalConflictError):
        await store.commit([write("c1")], {})


async def test_an_erasure_that_a_reader_holds_up_says_so_and_is_finished_later(
    store: SqliteStore, tmp_path: Path
) -> None:
    await store.commit([write("c1", text=MARK)], {})
    store._connection.execute("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(tmp_path / "cases.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM cases").fetchone()
    with pytest.raises(JournalLockedError, match="backup"):
        await store.erase(erasure("c1"))
    reader.close()
    await store.erase(erasure("c1"))
    assert (tmp_path / "cases.db-wal").stat().st_size == 0


async def test_rows_cannot_be_swapped_between_cases_or_places(store: SqliteStore) -> None:
    await store.commit([write("c1", number=1), write("c2", number=2)], {})
    await store.commit([write("c1", after=1, number=3)], {})
    swap = store._connection.execute
    ((private,),) = swap("SELECT private FROM journal WHERE case_id = 'c2'").fetchall()
    swap("UPDATE journal SET private = ? WHERE case_id = 'c1' AND first_seq = 1", (private,))
    with pytest.raises(JournalCorruptError, match="c1"):
        await store.records("c1")
    assert await store.records("c2") == (b"record 2 ",)


# --- keys -------------------------------------------------------------------------------------


async def test_a_lost_key_file_is_told_when_the_file_is_opened(tmp_path: Path) -> None:
    path, keys = tmp_path / "cases.db", tmp_path / "cases.db.keys"
    store = SqliteStore.open(path)
    await store.commit([write("c1")], {})
    await store.close()
    hidden = keys.rename(tmp_path / "hidden")
    with pytest.raises(JournalKeyError, match="put the copy of it back"):
        SqliteStore.open(path)
    assert not keys.exists(), "a new one would open nothing"
    LocalKeyKeeper.open(keys)
    with pytest.raises(JournalKeyError, match="has no key"):
        SqliteStore.open(path)
    hidden.replace(keys)
    store = SqliteStore.open(path)
    assert await store.records("c1") == (b"record 0 ",)
    await store.close()


async def test_cases_move_to_a_new_key_and_the_old_one_may_go(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    keeper = LocalKeyKeeper.open(tmp_path / "elsewhere.keys")
    store = SqliteStore.open(path, keys=keeper)
    await store.commit([write(f"c{n}", number=n) for n in range(450)], {})
    await store.subscribe(subscription())
    await store.erase(erasure("c7"))
    old = keeper.key_id
    fresh = keeper.rotate()
    await store.commit([write("later", number=999)], {})
    assert await store.key_ids() == {old, fresh}
    assert await store.rewrap() == 449
    assert await store.key_ids() == {fresh}
    await store.close()
    keeper.retire(old)
    store = SqliteStore.open(path, keys=LocalKeyKeeper.open(tmp_path / "elsewhere.keys"))
    assert await store.records("c449") == (b"record 449 ",)
    assert await store.case_of_key("key-3") == "c3"
    assert await store.subscriptions() == (subscription(),)
    await store.close()


async def test_one_case_whose_key_is_not_at_hand_waits_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "cases.db"
    async with Engine.sandbox(path, start=START) as engine:
        lost = await visit(engine)
    look = sqlite3.connect(path)
    look.execute("UPDATE case_keys SET key_id = 'local-aaaaaaaa'")
    look.execute("UPDATE cases SET key = NULL, next_due = 1")
    look.execute("INSERT INTO cases VALUES (99, 'c99', 't', 'concluded', 1, NULL, NULL, NULL)")
    look.execute("INSERT INTO case_keys SELECT 99, key_id, wrapped FROM secrets")
    look.commit()
    look.close()
    async with Engine.sandbox(path, start=START) as engine:
        case = await visit(engine)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        with pytest.raises(JournalKeyError, match="local-aaaaaaaa"):
            await engine.case(lost.id)
    assert f"case {lost.id} waits for its key" in caplog.text


# --- telling others ---------------------------------------------------------------------------


def subscription(**changed: object) -> Subscription:
    given = {"id": "s1", "url": "https://a.example.invalid/hook", "keyid": "k1"}
    return Subscription(**(given | {"secret": MARK} | changed))  # type: ignore[arg-type]


async def test_subscriptions_are_durable_and_their_secrets_wrapped(
    store: SqliteStore, tmp_path: Path
) -> None:
    await store.subscribe(subscription())
    later = subscription(position=7, tries=2, not_before=START, state="ended")
    await store.subscribe(later)
    await store.subscribe(subscription(id="s0"))
    assert MARK not in bytes_of(tmp_path)
    assert b"a.example.invalid" not in bytes_of(tmp_path), "a path may be a secret"
    await store.close()
    store = SqliteStore.open(tmp_path / "cases.db")
    assert await store.subscriptions() == (subscription(id="s0"), later)
    await store.unsubscribe("s1")
    await store.unsubscribe("s1")
    assert await store.subscriptions() == (subscription(id="s0"),)
    await store.close()


async def test_an_address_that_lies_in_the_clear_is_read_and_sealed(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    store = SqliteStore.open(path)
    for name in ("s1", "s2"):
        await store.subscribe(subscription(id=name))
    await store.close()
    change(path, "UPDATE subscriptions SET url = 'https://a.example.invalid/hook'")
    store = SqliteStore.open(path)
    both = (subscription(), subscription(id="s2"))
    assert await store.subscriptions() == both
    await store.rewrap()
    assert b"a.example.invalid" not in bytes_of(tmp_path)
    assert await store.subscriptions() == both
    await store.close()


@pytest.mark.parametrize(
    "to", ["'sealed:%'", "'sealed:AAAA'", "(SELECT url FROM subscriptions WHERE id = 's2')"]
)
async def test_an_address_that_was_altered_or_moved_is_found(tmp_path: Path, to: str) -> None:
    path = tmp_path / "cases.db"
    store = SqliteStore.open(path)
    for name in ("s1", "s2"):
        await store.subscribe(subscription(id=name))
    await store.close()
    change(path, f"UPDATE subscriptions SET url = {to} WHERE id = 's1'")  # noqa: S608 - ours
    store = SqliteStore.open(path)
    with pytest.raises(JournalCorruptError, match="subscription/s1"):
        await store.subscriptions()
    await store.close()


async def test_one_subscriber_whose_key_is_not_at_hand_stops_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "cases.db"
    keeper = LocalKeyKeeper.open(tmp_path / "elsewhere.keys")
    store = SqliteStore.open(path, keys=keeper)
    for name in ("s1", "s2", "s3"):
        await store.subscribe(subscription(id=name))
    await store.close()
    change(path, "UPDATE secrets SET key_id = 'local-aaaaaaaa' WHERE name = 'subscription/s2'")
    store = SqliteStore.open(path, keys=keeper)
    assert await store.subscriptions() == (subscription(), subscription(id="s3"))
    assert "subscriber s2 is not served" in caplog.text
    assert "local-aaaaaaaa" in caplog.text
    await store.subscribe(subscription(id="s2"))
    assert len(await store.subscriptions()) == 3
    await store.close()


def change(path: Path, statement: str) -> None:
    look = sqlite3.connect(path)
    look.execute(statement)
    look.commit()
    look.close()


async def test_the_key_of_an_erased_case_in_the_clear_is_kept_as_a_digest(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cases.db"
    store = SqliteStore.open(path)
    await store.commit([write("c1", number=1)], {})
    await store.close()
    change(path, f"UPDATE cases SET key = '{KEY}'")  # noqa: S608 - as schema 1 had it
    store = SqliteStore.open(path)
    await store.erase(erasure("c1"))
    assert await store.case_of_key(KEY) == "c1"
    assert KEY.encode() not in bytes_of(tmp_path)
    await store.close()


async def test_an_erasure_keeps_what_was_packed_out_of_memory(store: SqliteStore) -> None:
    body = MARK * 400
    opening = replace(write("c1", number=1), blobs={digest_bytes(body): body})
    await store.commit([opening], {})
    assert store._writer.packer._known
    await store.erase(erasure("c1"))
    assert not store._writer.packer._known
    assert store._keys.known("c1") is None
    await store.close()


async def test_facts_are_told_in_the_order_in_which_they_became_durable(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        case = await engine.settled((await visit(engine)).id)
        store = engine._driver.store
        assert isinstance(store, SqliteStore)
        whole = await store.recorded_after(0, 1000)
        assert [one.position for one in whole] == list(range(1, len(whole) + 1))
        assert [one.kind for one in whole] == [
            parse_object(line)["kind"] for line in await engine.journal(case.id)
        ]
        for size in (1, 2, 5):
            pages, position = [], 0
            while page := await store.recorded_after(position, size):
                assert len(page) <= size
                pages += page
                position = page[-1].position
            assert tuple(pages) == whole
        await engine._driver.erase(EraseOrder(case_id=case.id, **BY))
        assert await store.recorded_after(0, 1000) == whole


# --- crashes ----------------------------------------------------------------------------------


async def prepared(path: Path, keeper: LocalKeyKeeper) -> None:
    store = SqliteStore.open(path, keys=keeper)
    await store.commit([write(f"c{n}", number=n) for n in range(30)], {})
    await store.close()


@pytest.mark.parametrize("what", ["erase", "rewrap"])
async def test_a_death_anywhere_leaves_it_done_or_undone_and_it_can_be_asked_again(
    tmp_path: Path, what: str
) -> None:
    """Interrupt SQLite itself at ever later steps of its programs, until the work comes through."""
    keeper = LocalKeyKeeper.open(tmp_path / "keys")
    before = keeper.key_id
    await prepared(tmp_path / "whole.db", keeper)
    if what == "rewrap":
        keeper.rotate()
    after, deaths = 0, 0
    while True:
        path = tmp_path / f"{after}.db"
        path.write_bytes((tmp_path / "whole.db").read_bytes())
        store = SqliteStore.open(path, keys=keeper)
        steps = iter(range(10**9))
        store._connection.set_progress_handler(lambda: next(steps) >= after, 5)  # noqa: B023
        try:
            await (store.erase(erasure("c3")) if what == "erase" else store.rewrap())
        except JournalError:
            deaths += 1
        else:
            store._connection.set_progress_handler(None, 5)
            await store.close()
            break
        store._connection.set_progress_handler(None, 5)
        await store.close()
        store = SqliteStore.open(path, keys=keeper)
        await (store.erase(erasure("c3")) if what == "erase" else store.rewrap())
        for number in range(30):
            is_gone = what == "erase" and number == 3
            expected = () if is_gone else (b"record %d " % number,)
            assert await store.records(f"c{number}") == expected, (after, number)
        if what == "rewrap":
            assert before not in await store.key_ids()
        await store.close()
        after += 3
    assert deaths > 5


def test_erasures_are_written_down_in_utc_milliseconds(tmp_path: Path) -> None:
    async def told() -> Erasure | None:
        store = SqliteStore.open(tmp_path / "cases.db")
        await store.commit([write("c1")], {})
        await store.erase(erasure("c1"))
        try:
            return await store.erasure("c1")
        finally:
            await store.close()

    assert asyncio.run(told()) == erasure("c1")
