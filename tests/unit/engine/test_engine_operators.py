"""Operators on a real engine: previews, two who press at once, migration, bulk, erasure."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import Actor, Case, SubCaseStatus, fold_records
from oneservice.catalog import Catalog, load_catalog
from oneservice.certificates import Verdict, examine_bundle
from oneservice.clocks import VirtualClock
from oneservice.engine import (
    AdoptOrder,
    CaseFilter,
    CloseOrder,
    MigrateOrder,
    ReassignOrder,
    ResumeOrder,
    RetryOrder,
)
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    DepartmentContractError,
    DepartmentUnavailableError,
    FormIncompleteError,
    IllegalInputError,
    JournalConflictError,
    NotAllowedError,
)
from oneservice.ports import StatusPage
from oneservice.sandbox import Behaviour, Behaviours, SandboxSeals, SimulatedDepartments

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
NEW_LAW = datetime(2026, 10, 9, 1, 0, tzinfo=UTC)
BOOK_STALL = Path(__file__).resolve().parents[3] / "docs" / "book-stall" / "national.yaml"
OP, OTHER = Actor.operator("op-7"), Actor.operator("op-8")
WHY = "telephoned with the office"
APPLICANT = Applicant(name="Old Pages", code="92990101MA99000523")
SLOW = Behaviours(
    by_step={"pitch": Behaviour(corrects={"m_sketch": "No sketch."})},
    otherwise=Behaviour(decides_after=timedelta(hours=5)),
)
Open = Callable[..., AbstractAsyncContextManager[Any]]


def versions(folder: Path) -> Catalog:
    """The book stall as published, and as it will be from 2026-10-09 on."""
    old = BOOK_STALL.read_text(encoding="utf-8")
    new = old.replace("effective_from: 2026-01-01", "effective_from: 2026-10-09")
    new = new.replace("promised: {days: 2}", "promised: {days: 1}")
    new = new.replace(
        "    materials:\n",
        "      - id: shelves\n"
        "        title: {zh: 书架数, en: Number of shelves}\n"
        "        type: int\n"
        "        steps: [book_record]\n\n"
        "    materials:\n",
    )
    new = new.replace(
        "steps: [pitch, book_record]\n      - id: phone", "steps: [pitch]\n      - id: phone"
    )
    folder.mkdir()
    (folder / "first.yaml").write_text(old, encoding="utf-8")
    (folder / "second.yaml").write_text(new, encoding="utf-8")
    return load_catalog(folder)


class Refusing(SimulatedDepartments):
    """Refuses what ``refused`` names, and cannot be reached for what ``away`` names."""

    refused: dict[str, str]
    away: set[str]

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        step = submission_id.split(".")[1]
        if step in self.refused:
            problem = self.refused[step]
            raise DepartmentContractError("no", department=department, problem=problem)
        if step in self.away:
            raise DepartmentUnavailableError("away", department=department, retry_after_s=0)
        return await super().submit(department, submission_id, body)


@pytest.fixture
def world(tmp_path: Path) -> Open:
    catalog = versions(tmp_path / "catalog")

    @asynccontextmanager
    async def opened(*, at: datetime = START) -> AsyncIterator[tuple[Engine, Refusing]]:
        clock = VirtualClock(at)
        things = catalog.things("990101", at.date())
        seals = SandboxSeals({one.thing.id: one for one in things}, region="990101")
        departments = Refusing(
            clock=clock, seals=seals, behaviours=SLOW, path=str(tmp_path / "departments")
        )
        departments.refused, departments.away = {}, set()
        async with Engine.embedded(
            tmp_path / "cases.db",
            region="990101",
            departments=departments,
            signer=seals.signer(),
            catalog=catalog,
            trust=seals.trust(),
            clock=clock,
            feed_every=timedelta(hours=6),
        ) as engine:
            yield engine, departments
        departments.close()

    return opened


async def hand_in(engine: Engine, *, sketch: bool = True) -> Case:
    plan = engine.plan("book_stall", answers={"area": "8", "new_books": True, "evening": False})
    return await engine.submit(
        plan,
        APPLICANT,
        fields={"name": "Old Pages", "phone": "13800000000"},
        materials={"m_sketch": b"a sketch"} if sketch else {},
    )


# --- a preview, and what really follows -------------------------------------------------------


async def test_a_preview_tells_what_then_happens(world: Open) -> None:
    async with world() as (engine, departments):
        departments.refused["pitch"] = "not-allowed"
        case = await engine.settled((await hand_in(engine)).id)
        order = ResumeOrder(case_id=case.id, sub_case_id="pitch")
        before = await engine.journal(case.id)
        preview = await engine.operators.preview(order)
        assert await engine.journal(case.id) == before, "nothing happened"
        assert preview.refusal is None
        assert {one.en for one in preview.changes} == {
            "pitch: halted no more",
            "pitch: is read at the department now",
        }
        assert all(one.zh for one in preview.changes)
        departments.refused.clear()
        await engine.operators.act(order, by=OP, why=WHY, expected=preview)
        told = [parse_object(one)["kind"] for one in await engine.journal(case.id)]
        assert told[len(before) : len(before) + 1] == [one.kind for one in preview.events]
        again = await engine.operators.preview(order)
        assert again.refusal is not None
        assert "not halted" in again.refusal


async def test_closing_is_previewed_as_a_withdrawal_and_not_as_a_filing(world: Open) -> None:
    async with world() as (engine, _):
        case = await engine.settled((await hand_in(engine, sketch=False)).id)
        filed = case.corrections[0].sub_case_id
        preview = await engine.operators.preview(CloseOrder(case_id=case.id))
        told = {one.en: one.zh for one in preview.changes}
        asked = f"{filed}: a withdrawal is asked of the department"
        assert told[asked] == f"{filed}：将向部门提出撤回"
        assert not any("composed and sent" in one for one in told)


async def test_a_closed_case_does_not_end_as_one_that_was_withdrawn(world: Open) -> None:
    async with world() as (engine, departments):
        departments.refused["pitch"] = "not-allowed"
        case = await engine.settled((await hand_in(engine)).id)
        preview = await engine.operators.preview(CloseOrder(case_id=case.id))
        ends = [(one.zh, one.en) for one in preview.changes if "the case ends" in one.en]
        assert ends == [("办件结束：终止办理", "the case ends: closed")]


async def test_two_who_press_at_once_cannot_both_win(world: Open) -> None:
    async with world() as (engine, departments):
        departments.refused["pitch"] = "not-allowed"
        case = await engine.settled((await hand_in(engine)).id)
        order = CloseOrder(case_id=case.id)
        seen = await engine.operators.preview(order)
        answers = await asyncio.gather(
            engine.operators.act(order, by=OP, why=WHY, expected=seen),
            engine.operators.act(order, by=OTHER, why=WHY, expected=seen.head),
            return_exceptions=True,
        )
        (lost,) = [one for one in answers if isinstance(one, JournalConflictError)]
        assert "case_closed" in str(lost), "it says what happened in between"
        kinds = [parse_object(one)["kind"] for one in await engine.journal(case.id)]
        assert kinds.count("case_closed") == 1


async def test_a_preview_of_one_order_is_no_preview_of_another(world: Open) -> None:
    async with world() as (engine, departments):
        departments.refused["pitch"] = "not-allowed"
        case = await engine.settled((await hand_in(engine)).id)
        before = await engine.journal(case.id)
        seen = await engine.operators.preview(ResumeOrder(case_id=case.id, sub_case_id="pitch"))
        with pytest.raises(JournalConflictError, match="something else"):
            await engine.operators.act(CloseOrder(case_id=case.id), by=OP, why=WHY, expected=seen)
        adopt = AdoptOrder(
            case_id=case.id,
            sub_case_id="pitch",
            decision="granted",
            decided_on=date(2026, 9, 28),
            paper=b"scan of the permit",
        )
        seen = await engine.operators.preview(adopt)
        other = dataclasses.replace(adopt, paper=b"another scan")
        with pytest.raises(JournalConflictError, match="something else"):
            await engine.operators.act(other, by=OP, why=WHY, expected=seen)
        assert await engine.journal(case.id) == before, "nothing happened"
        await engine.operators.act(adopt, by=OTHER, why=WHY, expected=seen)


@pytest.mark.parametrize(
    ("by", "why", "said"),
    [
        (Actor.clerk("w-1"), WHY, "for operator"),
        (OP, " ", "say why"),
        (OP, "138 0000 0000", "person"),
    ],
)
async def test_an_order_says_who_and_why(world: Open, by: Actor, why: str, said: str) -> None:
    async with world() as (engine, _):
        case = await hand_in(engine)
        with pytest.raises(NotAllowedError, match=said):
            await engine.operators.act(CloseOrder(case_id=case.id), by=by, why=why)
        with pytest.raises(NotAllowedError):
            await engine.operators.erase(case.id, by=by, why=why, is_forced=True)
        with pytest.raises(NotAllowedError, match=said):
            await engine.operators.bulk(CaseFilter(), CloseOrder(), by=by, why=why)


async def test_a_paper_is_kept_and_named(world: Open) -> None:
    async with world() as (engine, departments):
        departments.refused["pitch"] = "not-allowed"
        case = await engine.settled((await hand_in(engine)).id)
        paper = b"scan of the permit"
        order = AdoptOrder(
            case_id=case.id,
            sub_case_id="pitch",
            decision="granted",
            decided_on=date(2026, 9, 28),
            paper=paper,
            number="JY-1",
            second=Actor.officer("of-2"),
        )
        assert "scan" not in repr(order)
        preview = await engine.operators.preview(order)
        assert any("no signed event" in one.en for one in preview.warnings)
        case = await engine.operators.act(order, by=OP, why=WHY, expected=preview)
        assert case.sub_cases["pitch"].adopted is SubCaseStatus.GRANTED
        kept = await engine._driver.store.blob(case.id, digest_bytes(paper))
        assert kept == paper
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        bundle = await engine.bundle(case.id)
        report = examine_bundle(bundle.dump(), trust=engine.trust, at=engine.now())
        assert report.verdict is Verdict.VALID


async def test_no_way_leads_to_a_department_that_is_not_there(world: Open) -> None:
    async with world() as (engine, _):
        case = await hand_in(engine)
        order = ReassignOrder(case_id=case.id, sub_case_id="book_record", department="nowhere")
        preview = await engine.operators.preview(order)
        assert "no way leads" in str(preview.refusal)
        with pytest.raises(IllegalInputError, match="no way leads"):
            await engine.operators.act(order, by=OP, why=WHY)
        with pytest.raises(CaseNotFoundError):
            await engine.operators.preview(RetryOrder(case_id="c0", sub_case_id="pitch"))


# --- another definition -----------------------------------------------------------------------


async def test_a_case_moves_to_another_definition_and_filed_steps_stay(world: Open) -> None:
    async with world() as (engine, _):
        case = await engine.settled((await hand_in(engine, sketch=False)).id)
        assert case.corrections, "pitch asks for the sketch"
        first = case.plan
    async with world(at=NEW_LAW) as (engine, _):
        assert (await engine.case(case.id)).plan == first, "pinned: new law moves no case"
        order = MigrateOrder(case_id=case.id)
        preview = await engine.operators.preview(order)
        assert "shelves" in str(preview.refusal), "the form does not fit, and it says where"
        with pytest.raises(FormIncompleteError):
            await engine.operators.act(order, by=OP, why=WHY)

        order = MigrateOrder(case_id=case.id, fields={"shelves": 4})
        preview = await engine.operators.preview(order)
        said = [one.en for one in preview.changes]
        assert "new: Number of shelves" in said
        assert (
            "Record of the book trade, promised limit: "
            'from "2 working days" to "1 working day"' in said
        )
        assert any("stays under the definition of that day" in one.en for one in preview.stays)
        case = await engine.operators.act(order, by=OP, why=WHY, expected=preview)
        assert case.plan != first
        assert case.people.plan_of("pitch", case.plan) == first
        assert case.sub_cases["book_record"].spec.promised_days == 1

        (asked,) = case.corrections
        await engine.supplement(case.id, asked, materials={"m_sketch": b"a sketch"})
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        bundle = await engine.bundle(case.id)
        report = examine_bundle(bundle.dump(), trust=engine.trust, at=engine.now())
        assert report.verdict is Verdict.VALID
        lines = await engine.journal(case.id)
        bodies = [
            parse_object(body)
            for one in lines
            for message in parse_object(one)["data"].get("messages", ())
            if message["message"] == "submission"
            and (body := await engine._driver.store.blob(case.id, message["request_digest"]))
        ]
        seen = {body["step_id"]: set(body["fields"]) for body in bodies}
        assert seen == {
            "pitch": {"name", "phone", "stall_area"},
            "book_record": {"stall_area", "shelves"},
        }, "before and after, a step gets what it declares"
    async with world(at=NEW_LAW) as (engine, _):
        assert await engine.case(case.id) == case, "replayed, with the plans of both digests"
        assert fold_records(case.id, lines)[0] == case
        assert (await engine.plan_of(case.id)).digest == case.plan


async def test_a_case_stays_where_nothing_can_move(world: Open) -> None:
    async with world() as (engine, _):
        case = await hand_in(engine)
        preview = await engine.operators.preview(MigrateOrder(case_id=case.id))
        assert "nothing to move to" in str(preview.refusal)
        later = MigrateOrder(case_id=case.id, on=NEW_LAW.date(), answers={"area": "-1"})
        assert "area" in str((await engine.operators.preview(later)).refusal)
        case = await engine.settled(case.id)
        done = MigrateOrder(case_id=case.id, on=NEW_LAW.date(), fields={"shelves": 1})
        assert "handed out" in str((await engine.operators.preview(done)).refusal)


# --- many at once -----------------------------------------------------------------------------


async def test_a_bulk_is_one_record_and_failures_are_isolated(world: Open) -> None:
    async with world() as (engine, departments):
        departments.refused["pitch"] = "not-allowed"
        cases = [(await hand_in(engine)).id for _ in range(3)]
        fine = cases.pop()
        for one in (*cases, fine):
            await engine.settled(one)
        departments.refused.clear()
        await engine.resume(fine, "pitch", by=OP, why=WHY)
        asked = CaseFilter(thing="book_stall", department="city-management", problem="not-allowed")
        planned = await engine.operators.bulk(asked, ResumeOrder(), by=OP, why=WHY)
        assert planned.is_dry_run
        assert sorted(one.case_id for one in planned.done) == sorted(cases)
        kinds = [parse_object(one)["kind"] for one in await engine.journal(cases[0])]
        assert "bulk_joined" not in kinds, "a dry run by default"

        done = await engine.operators.bulk(asked, ResumeOrder(), by=OP, why=WHY, dry_run=False)
        assert [one.problem for one in done.items] == [None, None]
        for one in cases:
            records = [parse_object(line) for line in await engine.journal(one)]
            (joined,) = [record["data"] for record in records if record["kind"] == "bulk_joined"]
            assert joined["bulk"] == done.id
            order = await engine._driver.store.blob(one, done.id)
            assert order is not None
            stated = parse_object(order)
            assert (stated["by"], stated["why"], stated["count"]) == (str(OP), WHY, 2)
            assert stated["filter"] == {
                "thing": "book_stall",
                "department": "city-management",
                "problem": "not-allowed",
            }
        assert await engine.operators.bulk_report(done.id) == done
    async with world() as (engine, _):
        assert await engine.operators.bulk_report(done.id) == done, "durable"
        nobody = await engine.operators.bulk(asked, ResumeOrder(), by=OP, why=WHY)
        assert nobody.items == ()
        with pytest.raises(CaseNotFoundError):
            await engine.operators.bulk_report(digest_bytes(b"another"))


async def test_what_fails_in_a_bulk_fails_alone_and_says_why(world: Open) -> None:
    async with world() as (engine, _):
        ended = await engine.settled((await hand_in(engine)).id)
        fresh = await hand_in(engine)
        report = await engine.operators.bulk(
            CaseFilter(since=START), CloseOrder(), by=OP, why=WHY, dry_run=False
        )
        assert [one.case_id for one in report.done] == [fresh.id]
        ((case_id, problem),) = [(one.case_id, one.problem) for one in report.failed]
        assert case_id == ended.id
        assert str(problem).startswith("illegal_input: ")
        none = CaseFilter(status=CaseStatus.REJECTED)
        assert (await engine.operators.bulk(none, CloseOrder(), by=OP, why=WHY)).items == ()


async def test_a_bulk_touches_nothing_that_its_dry_run_did_not_show(world: Open) -> None:
    async with world() as (engine, _):
        seen = await hand_in(engine)
        await engine.progress()  # what departments answer now would move it on after the dry run
        planned = await engine.operators.bulk(CaseFilter(), CloseOrder(), by=OP, why=WHY)
        unseen = await hand_in(engine)
        report = await engine.operators.bulk(
            CaseFilter(), CloseOrder(), by=OP, why=WHY, dry_run=False, only=planned
        )
        assert [one.case_id for one in report.done] == [seen.id]
        assert (await engine.case(seen.id)).people.closed is not None
        assert (await engine.case(unseen.id)).people.closed is None


async def test_a_bulk_is_refused_to_who_may_not(world: Open) -> None:
    async with world() as (engine, _):
        case = await hand_in(engine)
        with pytest.raises(NotAllowedError, match="for operator"):
            await engine.operators.bulk(
                CaseFilter(), CloseOrder(), by=Actor.clerk("w-1"), why=WHY, dry_run=False
            )
        assert (await engine.case(case.id)).people.closed is None


# --- retry, erase -----------------------------------------------------------------------------


async def test_a_department_that_is_back_need_not_be_waited_for(world: Open) -> None:
    async with world() as (engine, departments):
        departments.away.add("pitch")
        case = await hand_in(engine)
        for _ in range(4):
            await engine.wait_until(await engine.next_wake() or engine.now())
            await engine.progress()
        departments.away.clear()
        order = RetryOrder(case_id=case.id, sub_case_id="pitch")
        preview = await engine.operators.preview(order)
        assert {one.en for one in preview.changes} == {"pitch: is sent now"}
        await engine.operators.act(order, by=OP, why=WHY, expected=preview)
        await engine.progress()
        case = await engine.case(case.id)
        assert case.sub_cases["pitch"].status is SubCaseStatus.RECEIVED
        assert departments.filed_once_each()


async def test_an_ended_case_is_erased_by_an_operator_with_a_reason(world: Open) -> None:
    async with world() as (engine, _):
        case = await engine.settled((await hand_in(engine)).id)
        kept = await engine.operators.erase(case.id, by=OP, why="asked for, form no. 12")
        assert (kept.by, kept.seq) == (str(OP), case.seq)
        with pytest.raises(CaseErasedError):
            await engine.case(case.id)
        report = await engine.operators.bulk(CaseFilter(), CloseOrder(), by=OP, why=WHY)
        assert report.items == ()
        fresh = await hand_in(engine)
        with pytest.raises(IllegalInputError):
            await engine.operators.erase(fresh.id, by=OP, why=WHY)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (CaseFilter(thing="book_stal"), r"no one-thing 'book_stal'; did you mean 'book_stall'\?"),
        (CaseFilter(department="city-managment"), r"'city-managment'; did you mean 'city-manage"),
        (CaseFilter(thing="book_stall", department="x"), r"no department 'x'"),
    ],
)
async def test_a_bulk_over_a_name_that_there_is_not_is_refused(
    world: Open, asked: CaseFilter, said: str
) -> None:
    async with world() as (engine, _):
        await hand_in(engine)
        with pytest.raises(IllegalInputError, match=said):
            await engine.operators.bulk(asked, CloseOrder(), by=OP, why=WHY)
        known = CaseFilter(thing="book_stall", status=CaseStatus.REJECTED)
        assert (await engine.operators.bulk(known, CloseOrder(), by=OP, why=WHY)).items == ()


def test_a_filter_asks_only_for_what_it_names() -> None:
    asked = CaseFilter(thing="book_stall", since=START)
    assert asked.as_json() == {"thing": "book_stall", "since": "2026-09-28T01:00:00Z"}
    assert dataclasses.replace(asked, thing=None, since=None).as_json() == {}
