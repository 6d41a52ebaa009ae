"""What becomes of mail: one key, one case; one head, one winner; a new calendar, new due times."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from oneservice import Applicant, Engine
from oneservice.canonical import digest_bytes
from oneservice.case import APPLICANT, AskWithdrawal, Case
from oneservice.errors import JournalConflictError
from oneservice.ports import Write
from oneservice.runtimes import Mail, SqliteStore
from oneservice.sandbox import Behaviour, Behaviours
from oneservice.workdays import TabulatedCalendar, WorkCalendar, YearTable, announced_calendar

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
GIVEN = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
SLOW = Behaviours(by_step={"food_permit": Behaviour(decides_after=timedelta(days=300))})


async def visit(engine: Engine, key: str | None = None) -> Case:
    plan = engine.plan("restaurant", answers=GIVEN["answers"])
    known = {field.group or field.id for field in plan.form}
    fields = {
        name: str(value) if isinstance(value, float) else value
        for name, value in GIVEN["fields"].items()
        if name in known
    }
    papers = {name: one["text"].encode() for name, one in GIVEN["materials"].items()}
    applicant = Applicant(**GIVEN["applicant"])
    return await engine.submit(plan, applicant, fields=fields, materials=papers, key=key)


# --- one key, one case ------------------------------------------------------------------------


async def test_many_at_once_under_one_key_get_one_case(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        found = await asyncio.gather(*(visit(engine, "visit-1") for _ in range(8)))
        others = await asyncio.gather(visit(engine, "visit-2"), visit(engine))
        assert len({case.id for case in found}) == 1
        assert len(await engine.cases()) == 3
        assert found[0].id not in {case.id for case in others}


async def test_a_death_between_the_commit_and_the_answer_makes_no_second_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        pass

    commit = SqliteStore.commit

    async def die_after(self: SqliteStore, *arguments: object) -> None:
        await commit(self, *arguments)  # type: ignore[arg-type]
        raise Death

    monkeypatch.setattr(SqliteStore, "commit", die_after)
    with pytest.raises(Death):
        async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
            await visit(engine, "visit-1")
    monkeypatch.undo()
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        (stored,) = await engine.cases()
        assert (await visit(engine, "visit-1")).id == stored.case_id
        assert len(await engine.cases()) == 1


# --- one head, one winner ---------------------------------------------------------------------


def withdrawal(engine: Engine, case: Case, step: str, **options: object) -> Mail:
    asked = AskWithdrawal(at=engine.now(), sub_case_ids=(step,), by=APPLICANT)
    return Mail(inputs=((case.id, asked),), **options)  # type: ignore[arg-type]


async def test_of_two_who_decide_on_one_sight_one_wins(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START, behaviours=SLOW) as engine:
        case = await visit(engine)
        await engine.progress()
        driver = engine._driver
        seen = (await driver.hot(case.id)).head
        steps = [
            one for one, sub in (await engine.case(case.id)).sub_cases.items() if not sub.is_decided
        ]
        orders = [withdrawal(engine, case, step, if_head=seen) for step in steps[:2]]
        done = await asyncio.gather(*map(driver.give, orders), return_exceptions=True)
        lost = [one for one in done if isinstance(one, BaseException)]
        assert len(lost) == 1
        assert isinstance(lost[0], JournalConflictError)
        assert "withdrawal_asked" in str(lost[0])
        with pytest.raises(JournalConflictError, match=r"withdrawal_asked.*look at it again"):
            await driver.give(withdrawal(engine, case, steps[1], if_head=seen))
        with pytest.raises(JournalConflictError, match="never stood"):
            await driver.give(withdrawal(engine, case, steps[1], if_head=digest_bytes(b"")))
        now = (await driver.hot(case.id)).head
        await driver.give(withdrawal(engine, case, steps[1], if_head=now))


# --- another calendar -------------------------------------------------------------------------


def with_days_off(version: str, *days: date) -> WorkCalendar:
    announced = announced_calendar()
    tables = dict(announced.tables)
    year = tables[2026]
    tables[2026] = YearTable(
        year=2026, days_off=year.days_off | set(days), work_days=year.work_days - set(days)
    )
    return TabulatedCalendar(version=version, tables=tables)


async def test_another_calendar_moves_due_times_and_records_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    async with Engine.sandbox(path, start=START, behaviours=SLOW) as engine:
        cases = [(await visit(engine)).id for _ in range(3)]
        await engine.progress()
        before = {one.case_id: one.next_due for one in await engine.cases()}
        journals = [await engine.journal(one) for one in cases]
        ended = (await visit(engine)).id
        await engine.withdraw(ended)
        await engine._driver.idle()
    longer = with_days_off("storm", date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 9))
    async with Engine.sandbox(path, start=START, behaviours=SLOW, calendar=longer) as engine:
        assert await engine._driver.store.next_due() == START, "woken when it was opened"
        await engine._driver.tick()
        after = {one.case_id: one.next_due for one in await engine.cases()}
        for case_id in cases:
            assert (after[case_id] or START) >= (before[case_id] or START) + timedelta(days=1)
        assert [await engine.journal(one) for one in cases] == journals
    async with Engine.sandbox(path, start=START, behaviours=SLOW, calendar=longer) as engine:
        assert (await engine._driver.store.next_due() or START) > START, "the same one wakes nobody"


async def test_a_crash_before_the_note_wakes_them_again(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    async with Engine.sandbox(path, start=START, behaviours=SLOW) as engine:
        await visit(engine)
        await engine.progress()
    other = with_days_off("other", date(2026, 10, 9))
    for _ in range(2):  # nothing is committed in the first life, so the note is not either
        async with Engine.sandbox(path, start=START, behaviours=SLOW, calendar=other) as engine:
            assert await engine._driver.store.next_due() == START


# --- the tick ---------------------------------------------------------------------------------


async def test_a_tick_wakes_what_is_due_and_opens_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "cases.db"
    async with Engine.sandbox(path, start=START, behaviours=SLOW) as engine:
        cases = [(await visit(engine)).id for _ in range(6)]
        await engine.progress()
    store = SqliteStore.open(path)
    due, damaged, other = cases[:2], cases[2], cases[3:]
    store._connection.execute(
        "UPDATE journal SET private = substr(private, 2) WHERE case_id = ?", (damaged,)
    )
    writes = [
        Write(
            case_id=one.case_id,
            after_seq=one.seq,
            records=(),
            blobs={},
            thing=one.thing,
            status=one.status,
            next_due=START if one.case_id in {*due, damaged} else START + timedelta(days=99),
        )
        for one in await store.cases()
    ]
    await store.commit(writes, {})
    await store.close()
    async with Engine.sandbox(path, start=START, behaviours=SLOW) as engine:
        driver = engine._driver
        with caplog.at_level(logging.ERROR):
            assert await driver.tick() == 3
        assert f"case {damaged} is parked" in caplog.text
        assert set(driver._memory._hot) == set(due)
        assert await driver.tick() == 0
        stored = {one.case_id: one.next_due for one in await engine.cases()}
        assert stored[damaged] is None
        assert {stored[one] for one in other} == {START + timedelta(days=99)}
