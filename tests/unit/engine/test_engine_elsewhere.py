"""A window in another region receives: the plan says how long, the journal says when and who."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.case import (
    Actor,
    Case,
    Holder,
    HolderKind,
    IdentityCheck,
    WaitKind,
    Who,
    recount_trips,
)
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.errors import IllegalInputError
from oneservice.sandbox import Behaviour, Behaviours

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
CLERK = Actor.clerk("w-3")
HERE: Any = {"region": "990101", "place": "hall-1/w-3", "by": CLERK}
WINDOW = Holder(kind=HolderKind.WINDOW, id="w-3")


async def opened(engine: Engine) -> Case:
    form = load_answers(EXAMPLE)
    plan = engine.plan("restaurant", answers=form.answers, origin="990101")
    known = {one.group or one.id for one in plan.form}
    return await engine.submit(
        plan,
        Applicant(name="Kiosk", code=form.applicant.code),
        fields={name: value for name, value in form.fields.items() if name in known},
        materials={name: form.material_bytes(name) for name in form.materials},
    )


def at_home(tmp_path: Path) -> Any:
    return Engine.sandbox(tmp_path / "cases.db", region="980201", start=START)


async def test_what_is_received_here_is_accepted_there(tmp_path: Path) -> None:
    async with at_home(tmp_path) as engine:
        case = await opened(engine)
        elsewhere = engine.counter.elsewhere
        await elsewhere.receive(
            case.id, steps=["food_permit"], identity=IdentityCheck.READER, **HERE
        )
        (seen,) = await elsewhere.handed_in(case.id)
        assert seen.received_at == START
        assert seen.check.identity is IdentityCheck.READER
        await engine.settled(case.id)
        (seen,) = await elsewhere.handed_in(case.id)
        assert seen.accepted_at is not None
        assert seen.accepted_at > seen.received_at
        statement = recount_trips(case.id, await engine.journal(case.id))
        assert statement.trips.count == 1


async def test_a_window_takes_papers_also_where_another_way_is_preferred(tmp_path: Path) -> None:
    (tmp_path / "online-first.yaml").write_text(
        """format: oneservice-catalog/1
region: "980201"
effective_from: 2026-01-01
overlays:
  - thing: restaurant
    change_items:
      - id: food_permit
        cross_region:
          - mode: online
          - mode: collect
            origins: ["990100"]
            window: {zh: 当地窗口, en: The window near you}
            papers: courier
            forwarded_within: {days: 3}
""",
        encoding="utf-8",
    )
    catalog = load_catalog([bundled_catalog_dir(), tmp_path / "online-first.yaml"])
    database = tmp_path / "cases.db"
    async with Engine.sandbox(database, region="980201", start=START, catalog=catalog) as engine:
        case = await opened(engine)
        (step,) = (one for one in (await engine.plan_of(case.id)).steps if one.id == "food_permit")
        assert step.crossing is not None
        assert step.crossing.mode == "online"
        receive = engine.counter.elsewhere.receive
        await receive(case.id, steps=["food_permit"], identity=IdentityCheck.READER, **HERE)
        (seen,) = await engine.counter.elsewhere.handed_in(case.id)
        assert seen.check.forward_by == date(2026, 10, 8), "three working days, past the holidays"


async def test_papers_by_courier_have_a_last_day_by_the_plan(tmp_path: Path) -> None:
    async with at_home(tmp_path) as engine:
        case = await opened(engine)
        plan = await engine.plan_of(case.id)
        (step,) = (one for one in plan.steps if one.id == "food_permit")
        assert step.crossing is not None
        assert step.crossing.papers == "courier"
        assert step.crossing.forwarded_within is not None
        await engine.counter.elsewhere.receive(
            case.id,
            steps=["food_permit"],
            identity=IdentityCheck.DOCUMENT,
            wanting=["m_layout"],
            **HERE,
        )
        papers = engine.counter.papers
        here = {"place": HERE["place"], "by": CLERK}
        await papers.take(
            case.id, "bag-1", material="m_layout", description="one", taker=WINDOW, **here
        )
        await papers.send(
            case.id,
            carrier="ems",
            tracking="EA1",
            content=b"bag-1",
            seal_no="s-1",
            giver=WINDOW,
            taker=Holder(kind=HolderKind.WINDOW, id="home-1"),
            originals=["bag-1"],
            **here,
        )
        (seen,) = await engine.counter.elsewhere.handed_in(case.id)
        assert seen.check.forward_by is not None
        assert date(2026, 9, 28) <= seen.check.forward_by <= date(2026, 10, 9)
        assert seen.passed_on_at == START
        assert not seen.is_forwarded_late(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"region": "110101"}, "is not collected in 110101"),
        ({"steps": ["nothing"]}, "'nothing' is not collected"),
        ({"wanting": ["m_unheard_of"]}, "no material or field 'm_unheard_of'"),
    ],
)
async def test_only_what_the_plan_collects_there(tmp_path: Path, changes: Any, why: str) -> None:
    asked = {"steps": ["food_permit"], "identity": IdentityCheck.FACE, **HERE, **changes}
    async with at_home(tmp_path) as engine:
        case = await opened(engine)
        with pytest.raises(IllegalInputError, match=why):
            await engine.counter.elsewhere.receive(case.id, **asked)


async def test_a_look_before_the_opening_reaches_the_office_with_the_filing(
    tmp_path: Path,
) -> None:
    form = load_answers(EXAMPLE)
    async with at_home(tmp_path) as engine:
        plan = engine.plan("restaurant", answers=form.answers, origin="990101")
        asked = {"steps": ["food_permit"], "identity": IdentityCheck.READER, **HERE}
        look = engine.counter.elsewhere.look(plan, **asked)
        known = {one.group or one.id for one in plan.form}
        case = await engine.submit(
            plan,
            Applicant(name="Kiosk", code=form.applicant.code),
            fields={name: value for name, value in form.fields.items() if name in known},
            received=look,
        )
        (seen,) = await engine.counter.elsewhere.handed_in(case.id)
        assert (seen.received_at, seen.forward_by) == (START, date(2026, 9, 30))
        (duty,) = [one for one in await engine.waits(case.id) if one.who is Who.WINDOW]
        assert (duty.kind, duty.name, duty.since) == (WaitKind.FORWARDING, HERE["place"], START)
        assert duty.until == datetime(2026, 9, 30, 16, tzinfo=UTC)  # the end of the day in China
        with pytest.raises(IllegalInputError, match="this plan: by its plan"):
            engine.counter.elsewhere.look(plan, **{**asked, "region": "110101"})


async def test_a_window_that_keeps_papers_is_told_of_and_no_office(tmp_path: Path) -> None:
    silent = Behaviours(
        otherwise=Behaviour(accepts_after=timedelta(days=20), decides_after=timedelta(days=30))
    )
    async with Engine.sandbox(
        tmp_path / "cases.db", region="980201", start=START, behaviours=silent
    ) as engine:
        case = await opened(engine)
        await engine.counter.elsewhere.receive(
            case.id, steps=["food_permit"], identity=IdentityCheck.READER, **HERE
        )
        assert "forwarded-late" not in {one.problem for one in await engine.findings(case.id)}
        await engine.settled(case.id, until=datetime(2026, 10, 8, tzinfo=UTC))
        await engine.wait_until(datetime(2026, 10, 8, tzinfo=UTC))
        late = [one for one in await engine.findings(case.id) if one.problem == "forwarded-late"]
        assert [one.sub_case_id for one in late] == ["food_permit"]
