"""Cases as exchange rows: a row per stage, every clock stop, and nobody's name unless asked for."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, Engine
from oneservice.canonical import Digest
from oneservice.case import (
    Case,
    DeemedAccepted,
    DepartmentEvent,
    Event,
    EventType,
    Form,
    fill_form,
    read_record,
)
from oneservice.catalog import EffectiveThing, bundled_catalog_dir, load_catalog
from oneservice.errors import ExchangeError
from oneservice.exchange import (
    CaseRecord,
    CaseRows,
    ProcessRow,
    ResultRow,
    SpecialRow,
    Telling,
    columns_of,
    export_case,
    read_csv,
    write_csv,
)
from oneservice.exchange.stages import process_rows, result_rows, special_rows
from oneservice.plan import Plan
from oneservice.sandbox import Behaviour, Behaviours
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
INSPECTED = Behaviours(
    by_step={
        "food_permit": Behaviour(inspects_after=timedelta(days=1)),
        "signboard": Behaviour(decision="refused"),
    }
)


@dataclass(frozen=True)
class Story:
    case: Case
    events: tuple[Event, ...]
    plan: Plan
    form: Form
    thing: EffectiveThing

    def rows(self, **told: Any) -> CaseRows:
        return export_case(self.case, self.events, self.plan, telling=Telling(**told))


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """Run the noodle shop through real simulated departments: inspected, and one step refused."""
    catalog = load_catalog([bundled_catalog_dir()])
    given = yaml.safe_load((EXAMPLES / "noodle-shop.yaml").read_text(encoding="utf-8"))
    async with Engine.sandbox(
        tmp_path / "cases.db", start=START, catalog=catalog, behaviours=INSPECTED
    ) as engine:
        plan = engine.plan("restaurant", answers=given["answers"])
        known = {field.group or field.id for field in plan.form}
        fields = {
            name: str(value) if isinstance(value, float) else value
            for name, value in given["fields"].items()
            if name in known
        }
        applicant = Applicant(**given["applicant"])
        case = await engine.submit(plan, applicant, fields=fields, materials={})
        case = await engine.settled(case.id)
        lines = await engine.journal(case.id)
    return Story(
        case=case,
        events=tuple(events_of(case.id, lines)),
        plan=plan,
        form=fill_form(plan, applicant, fields=fields, materials={}),
        thing=catalog.thing("restaurant", region="990101", on=START.date()),
    )


def events_of(case_id: str, lines: Iterable[bytes]) -> Iterable[Event]:
    prev: Digest | None = None
    for seq, line in enumerate(lines, 1):
        recorded = read_record(line, case_id=case_id, seq=seq, prev=prev)
        prev = recorded.digest
        yield recorded.event


async def test_a_case_is_a_record_per_sub_case_with_all_its_stages(story: Story) -> None:
    rows = story.rows()
    filed = [name for name, sub in story.case.sub_cases.items() if sub.attempt]
    assert [one.project_no for one in rows.cases] == [f"{story.case.id}-{name}" for name in filed]
    food = f"{story.case.id}-food_permit"
    stages = [one for one in rows.processes if one.project_no == food]
    assert [one.process_name for one in stages] == ["收件", "受理", "特别程序", "审查", "办结"]
    for before, after in itertools.pairwise(stages):
        assert before.event_end_time == after.event_start_time
    assert stages[-1].event_end_time == stages[-1].event_start_time, "GB/T 39046, table 7"
    (stop,) = [one for one in rows.specials if one.project_no == food]
    assert stop.special_type == "2"
    assert stop.special_time == stages[2].event_start_time
    assert stop.end_time == stages[3].event_start_time
    (result,) = [one for one in rows.results if one.project_no == food]
    assert result.result_type == "准予许可"
    assert result.result_cetr_name == "食品经营许可证"
    assert result.result_cetr_no


async def test_a_refusal_has_a_result_and_no_certificate(story: Story) -> None:
    number = f"{story.case.id}-signboard"
    (result,) = [one for one in story.rows().results if one.project_no == number]
    assert (result.result_type, result.result_cetr_name) == ("不予许可", None)


async def test_nobody_is_named_unless_the_form_is_handed_over(story: Story) -> None:
    rows = story.rows()
    personal = [one.name for one in columns_of(CaseRecord) if one.is_personal]
    for record in rows.cases:
        assert all(getattr(record, name) is None for name in personal)
    text = "".join(
        write_csv(kind, some)
        for kind, some in (
            (CaseRecord, rows.cases),
            (ProcessRow, rows.processes),
            (SpecialRow, rows.specials),
            (ResultRow, rows.results),
        )
    )
    assert story.form.applicant.name not in text
    assert story.form.applicant.code not in text
    for value in story.form.fields.values():
        if isinstance(value, str) and len(value) > 10:
            assert value not in text


async def test_names_are_masked_unless_the_caller_says_otherwise(story: Story) -> None:
    person = Applicant(name="张某某", code="990101199001010019", kind="person")
    form = Form(
        applicant=person,
        fields={"contact_name": "李某", "contact_phone": "13900000000"},
        groups={},
        materials={},
    )
    masked = story.rows(form=form).cases[0]
    assert masked.applyer_name is not None
    assert masked.applyer_name.startswith("张")
    assert "某" not in masked.applyer_name
    assert masked.applyer_page_code == "9901011990****0019"
    assert masked.contact_name != "李某"
    assert masked.contact_mobile != "13900000000"
    assert (masked.applyer_type, masked.applyer_page_type) == ("1", "111")
    plain = story.rows(form=form, is_masked=False).cases[0]
    assert (plain.applyer_name, plain.applyer_page_code) == (person.name, person.code)
    assert plain.contact_mobile == "13900000000"


async def test_codes_limits_and_ratings_come_from_what_is_handed_over(story: Story) -> None:
    rows = story.rows(
        items=story.thing.items,
        departments=story.thing.departments,
        calendar=announced_calendar(),
        ratings={"food_permit": 5, "signboard": 1},
    )
    food = next(one for one in rows.cases if one.task_name and "食品经营许可" in one.task_name)
    assert food.org_code == story.thing.departments["market-regulation"].code
    assert food.org_name == "示例市市场监督管理局"
    assert food.promise_date is not None
    assert food.accept_doc_no
    rated = {one.project_no: one.satisfaction for one in rows.results if one.satisfaction}
    assert rated == {
        f"{story.case.id}-food_permit": "1",  # five stars: very satisfied
        f"{story.case.id}-signboard": "5",
    }
    with pytest.raises(ExchangeError, match="food_permit"):
        story.rows(ratings={"food_permit": 6})


async def test_rows_of_a_case_go_through_csv(story: Story) -> None:
    rows = story.rows(form=story.form, is_masked=False)
    assert read_csv(CaseRecord, write_csv(CaseRecord, rows.cases)) == rows.cases
    assert read_csv(ProcessRow, write_csv(ProcessRow, rows.processes)) == rows.processes
    assert read_csv(SpecialRow, write_csv(SpecialRow, rows.specials)) == rows.specials
    assert read_csv(ResultRow, write_csv(ResultRow, rows.results)) == rows.results


async def test_another_plan_is_refused(story: Story) -> None:
    other = dataclasses.replace(story.plan, digest=Digest("sha256:" + "0" * 64))
    with pytest.raises(ExchangeError, match="another plan"):
        export_case(story.case, story.events, other)


# --- single stages ------------------------------------------------------------------------------


def said(seq: int, kind: str, /, **data: Any) -> DepartmentEvent:
    at = f"2026-09-{10 + seq:02}T01:00:00.250Z"
    return DepartmentEvent(
        submission_id="C1.food_permit.1",
        seq=seq,
        type=kind,
        at=at,
        recorded_at=at,
        department="market-regulation",
        data=data,
        prev=None,
        digest=Digest("sha256:" + "0" * 64),
    )


def test_an_extension_is_a_special_procedure_of_the_first_kind() -> None:
    told = (said(1, "accepted"), said(2, "extended", working_days=10, notice_no="延〔1〕号"))
    (row,) = special_rows("C1", told)
    assert (row.special_type, row.special_reason) == ("1", "延〔1〕号")
    assert row.result == "延长 10 个工作日"


def test_a_clock_that_still_stands_has_no_end() -> None:
    (row,) = special_rows("C1", (said(1, "suspended", kind="hearing", by_law="第四十五条"),))
    assert row.end_time is None
    assert row.special_reason == "第四十五条"


def test_silence_is_a_stage_too() -> None:
    silence = DeemedAccepted(
        at=START, sub_case_id="food_permit", accepted_at=START, due_at=START + timedelta(days=7)
    )
    (row,) = process_rows("C1", (silence,))
    assert row.event_name == "逾期未告知，视为受理"
    assert row.event_start_time == START


def test_what_is_no_stage_has_no_row() -> None:
    assert process_rows("C1", (said(1, "progress", label="x"), said(2, "x_own"))) == ()
    assert process_rows("C1", ()) == ()


def test_instants_are_whole_seconds() -> None:
    (row,) = process_rows("C1", (said(1, "received"),))
    assert row.event_start_time == datetime(2026, 9, 11, 1, 0, tzinfo=UTC)


async def test_every_result_has_its_row(story: Story) -> None:
    step = next(one for one in story.plan.steps if one.id == "food_permit")
    told = (
        said(1, EventType.GRANTED, outcome={"number": "A1"}),
        said(2, EventType.RESULT_REPLACED, outcome={"number": "A2"}),
        said(3, EventType.RESULT_REVOKED, reason="x", by_law="y", effective_at="z"),
    )
    rows = result_rows("C1", told, step, "1")
    assert [one.result_cetr_no for one in rows] == ["A1", "A2", None]
    assert [one.satisfaction for one in rows] == ["1", None, None]
    assert rows[0].result_cetr_name == "食品经营许可证"
