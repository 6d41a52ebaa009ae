"""Kill the runtime before and after every write and every call: a restart ends in the same case.

What may differ, and why: a restart reads the departments' feeds at once, where the life before it
would have waited for their turn. So it may *hear* of a correction some hours earlier, the answer to
it goes out earlier, and the dates, certificates and digests that follow from it move with it.
Everything else must be the same: states, ids, messages, the events of each step in their order.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.case import Case, SubCaseStatus, fold_records
from oneservice.catalog import (
    Catalog,
    bundled_catalog_dir,
    load_catalog,
    normalise_answers,
)
from oneservice.certificates import Verdict, examine_bundle, verify_chain
from oneservice.clocks import VirtualClock
from oneservice.plan import Plan, build_plan
from oneservice.runtimes import SqliteStore
from oneservice.sandbox import (
    Behaviour,
    Behaviours,
    FaultPlan,
    FaultyDepartments,
    FaultyStore,
    SandboxSeals,
    SimulatedCrash,
    SimulatedDepartments,
)
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class FixedIds:
    """The same ids in every life: what was durable is found again by its key."""

    def case_id(self) -> str:
        return "c1"

    def secret(self) -> str:
        return "5" * 64


@cache
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@cache
def example(name: str) -> Mapping[str, Any]:
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def plan_of(name: str) -> Plan:
    thing = catalog().thing("restaurant", region="990101", on=START.date())
    answers = normalise_answers(thing, example(name)["answers"])
    return build_plan(thing, answers, on=START.date(), calendar=announced_calendar())


@cache
def seals() -> SandboxSeals:
    things = catalog().things("990101", START.date())
    return SandboxSeals({one.thing.id: one for one in things}, region="990101")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Story:
    """A case from the opening to its end, told so that it can be told again after every crash."""

    name: str
    behaviours: Behaviours
    act: Callable[[Engine, Case], Awaitable[None]]
    leave_out: tuple[str, ...] = ()

    async def tell(self, engine: Engine) -> Case:
        given = example(self.name)
        plan = plan_of(self.name)
        known = {field.group or field.id for field in plan.form}
        case = await engine.submit(
            plan,
            Applicant(**given["applicant"]),
            fields={
                name: str(value) if isinstance(value, float) else value
                for name, value in given["fields"].items()
                if name in known
            },
            materials={
                name: document["text"].encode()
                for name, document in given["materials"].items()
                if name not in self.leave_out
            },
            key="visit-1",
        )
        for _ in range(20):
            case = await engine.settled(case.id)
            if case.status.has_ended:
                return case
            await self.act(engine, case)
        pytest.fail("the story does not end")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    case: Case
    journal: tuple[bytes, ...]
    filed: Mapping[str, int]
    messages: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, ...], ...]
    lives: int


def live(folder: Path, story: Story, faults: FaultPlan) -> Told:
    """Tell ``story`` through one crash at most, on the same files and the same clock."""
    clock = VirtualClock(START)
    departments = SimulatedDepartments(
        clock=clock, seals=seals(), behaviours=story.behaviours, path=folder / "departments.db"
    )
    lives = 1
    try:
        case, journal = asyncio.run(one_life(folder, story, clock, departments, faults))
    except SimulatedCrash:
        lives = 2
        case, journal = asyncio.run(one_life(folder, story, clock, departments, FaultPlan()))
    finally:
        filed = dict(departments.filed)
        messages = tuple((one, message) for one, message, _ in departments.messages())
        departments.close()
    events = tuple(
        tuple(event for step, event in told_by(journal) if step == sub.id)
        for sub in case.sub_cases.values()
    )
    return Told(
        case=case, journal=journal, filed=filed, messages=messages, events=events, lives=lives
    )


def told_by(journal: tuple[bytes, ...]) -> list[tuple[str, str]]:
    records = [parse_object(line) for line in journal]
    reports = [one["data"] for one in records if one["kind"] == "department_reported"]
    return [(one["sub_case_id"], event["type"]) for one in reports for event in one["events"]]


async def one_life(
    folder: Path,
    story: Story,
    clock: VirtualClock,
    departments: SimulatedDepartments,
    faults: FaultPlan,
) -> tuple[Case, tuple[bytes, ...]]:
    store = SqliteStore.open(folder / "cases.db")
    try:
        async with Engine.over(
            FaultyStore(store, faults),
            region="990101",
            departments=FaultyDepartments(departments, faults),
            signer=seals().signer(),
            catalog=catalog(),
            trust=seals().trust(),
            clock=clock,
            calendar=announced_calendar(),
            ids=FixedIds(),
            feed_every=timedelta(days=1),
        ) as engine:
            case = await story.tell(engine)
            if case.bundle is not None:
                bundle = await engine.bundle(case.id)
                report = examine_bundle(bundle.dump(), trust=seals().trust(), at=clock.now())
                assert report.verdict is Verdict.VALID, report
            return case, await engine.journal(case.id)
    finally:
        await store.close()


async def answer(engine: Engine, case: Case) -> None:
    for correction in case.corrections:
        brought = dict.fromkeys(correction.materials, b"brought later")
        await engine.supplement(case.id, correction, materials=brought)


def withdraw_after(*names: str) -> Callable[[Engine, Case], Awaitable[None]]:
    async def act(engine: Engine, case: Case) -> None:
        if all(case.sub_cases[name].withdrawal == "no" for name in names):
            await engine.withdraw(case.id, sub_case_ids=names)
        else:
            await answer(engine, case)

    return act


CORRECTED = Story(
    name="tea-kiosk",
    behaviours=Behaviours(
        by_step={
            "food_permit": Behaviour(corrects={"m_layout": "the floor plan is missing"}),
            "health_cert": Behaviour(inspects_after=timedelta(days=1)),
        }
    ),
    act=answer,
    leave_out=("m_layout",),
)
FULL = dataclasses.replace(CORRECTED, name="noodle-shop")
REFUSED = Story(
    name="seafood-karaoke",
    behaviours=Behaviours(
        by_step={
            "fire_check": Behaviour(decision="refused"),
            "food_permit": Behaviour(corrects={"m_layout": "the floor plan is missing"}),
        }
    ),
    act=withdraw_after("signboard"),
    leave_out=("m_layout",),
)


def outcome_of(case: Case) -> dict[str, Any]:
    """Return everything of ``case`` that no instant and no digest over instants is part of."""
    return {
        "status": case.status,
        "opened_at": case.opened_at,
        "pinned": (case.plan, case.definition, case.form),
        "bundle": case.bundle and case.bundle.certificate_id,
        "steps": {
            sub.id: {
                "status": sub.status,
                "attempt": sub.attempt,
                "submission": sub.submission and (sub.submission.submission_id, sub.submission.seq),
                "pauses": [(pause.kind, pause.end is None) for pause in sub.pauses],
                "open": (sub.deliveries, sub.correction, sub.withdrawal, sub.withdrawals),
                "trouble": (sub.halted, sub.incident, sub.passed, sub.deemed_due_at),
                "reasons": sub.reasons,
                "number": sub.outcome and sub.outcome["number"],
            }
            for sub in case.sub_cases.values()
        },
    }


def check(clean: Told, told: Told, point: int) -> None:
    assert outcome_of(told.case) == outcome_of(clean.case), point
    assert set(told.filed.values()) == {1}, point
    assert told.messages == clean.messages, point
    assert told.events == clean.events, point
    verify_chain([parse_object(line) for line in told.journal])
    assert fold_records("c1", told.journal)[0] == told.case, point


def sweep(tmp_path: Path, story: Story, *, every: int) -> Told:
    faults = FaultPlan()
    (tmp_path / "clean").mkdir()
    clean = live(tmp_path / "clean", story, faults)
    assert faults.crossings > 40
    lives = []
    for point in range(1, faults.crossings + 1, every):
        folder = tmp_path / str(point)
        folder.mkdir()
        told = live(folder, story, FaultPlan(crash_at=point))
        check(clean, told, point)
        lives.append(told.lives)
    # Commits that happen to be grouped save crossings, so the last points may lie beyond a life.
    assert lives.count(2) >= len(lives) * 9 // 10
    return clean


def test_every_crash_point_of_a_corrected_and_inspected_case(tmp_path: Path) -> None:
    clean = sweep(tmp_path, CORRECTED, every=1)
    assert clean.case.status is CaseStatus.CONCLUDED


def test_crash_points_of_the_whole_restaurant(tmp_path: Path) -> None:
    clean = sweep(tmp_path, FULL, every=7)
    assert clean.case.status is CaseStatus.CONCLUDED


def test_crash_points_of_a_refusal_and_a_withdrawal(tmp_path: Path) -> None:
    clean = sweep(tmp_path, REFUSED, every=5)
    ends = {sub.id: sub.status for sub in clean.case.sub_cases.values()}
    assert ends["fire_check"] is SubCaseStatus.REFUSED
    assert ends["signboard"] is SubCaseStatus.WITHDRAWN
    assert SubCaseStatus.NOT_APPLICABLE in ends.values()
    assert clean.case.status is CaseStatus.CONCLUDED
