"""An engine whose calendar knows other regions plans and counts in their days what they decide."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.case import due_date
from oneservice.catalog import load_answers
from oneservice.errors import CalendarConflictError
from oneservice.plan import build_plan
from oneservice.sandbox import Behaviour, Behaviours
from oneservice.workdays import announced_calendar, with_regions

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
FORM = load_answers(Path(__file__).resolve().parents[3] / "examples" / "transport_company.yaml")
OURS = announced_calendar()
THEIRS = OURS.regional(extra_days_off=[date(2026, 3, 4), date(2026, 3, 5)])
BOTH = with_regions(OURS, {"980200": THEIRS})
SLOW = Behaviours(
    by_step={
        "licence_check": Behaviour(on_the_spot=True),
        "road_permit": Behaviour(decides_after=timedelta(days=200)),
    }
)


def opened(path: Path, calendar: Any) -> Any:
    """The counter is in 990101; the yard, and so the deciding office, lies in 980201."""
    return Engine.sandbox(path, region="990101", start=START, calendar=calendar, behaviours=SLOW)


async def test_plan_case_and_findings_agree_about_whose_days_count(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    async with opened(path, BOTH) as engine:
        plan = engine.plan("transport_company", answers=FORM.answers)
        step = next(one for one in plan.steps if one.id == "road_permit")
        assert step.law is not None
        assert (step.law.region, step.law.calendar_region) == ("980200", "980200")
        assert step.due.on == date(2026, 3, 9)  # three working days of 980200: 3, 6, 9 March
        case = await engine.submit(
            plan,
            Applicant(name=FORM.applicant.name, code=FORM.applicant.code),
            fields=FORM.fields,
            materials={name: FORM.material_bytes(name) for name in FORM.materials},
        )
        await engine.settled(case.id, until=START + timedelta(hours=12))
        sub = (await engine.case(case.id)).sub_cases["road_permit"]
        assert sub.spec.calendar == "980200"
        due = due_date(sub, "promised", BOTH)
        assert due is not None
        assert due.on == step.due.on
        assert "calendar-of-region-missing" not in await problems(engine, case.id)
    async with opened(path, OURS) as engine:  # opened without the other region's days
        sub = (await engine.case(case.id)).sub_cases["road_permit"]
        due = due_date(sub, "promised", OURS)
        assert due is not None
        assert due.on == date(2026, 3, 5)
        assert "calendar-of-region-missing" in await problems(engine, case.id)
    async with opened(path, BOTH) as engine:
        assert "calendar-of-region-missing" not in await problems(engine, case.id)


async def problems(engine: Engine, case_id: str) -> set[str]:
    return {one.problem for one in await engine.findings(case_id)}


async def test_other_days_for_the_own_region_are_refused_at_the_opening(tmp_path: Path) -> None:
    """They would never be counted: the first argument is the own region's word."""
    twice = with_regions(OURS, {"990101": THEIRS})
    with pytest.raises(CalendarConflictError, match="990101"):
        async with opened(tmp_path / "cases.db", twice):
            pass
    with pytest.raises(CalendarConflictError, match="990101"):
        async with opened(tmp_path / "cases.db", OURS) as engine:
            build_plan(
                engine.definition("transport_company"),
                FORM.answers,
                on=START.date(),
                calendar=OURS,
                calendars={"990101": THEIRS},
            )
