"""Killed while a person is being erased: ordered again, nothing of them is left, others go on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.case import Actor, Case
from oneservice.certificates import verify_chain
from oneservice.sandbox import PROMPT
from oneservice.testing.crashes import Fault, SandboxWorld, crash_sweep

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tea-kiosk.yaml"
OPERATOR = Actor.operator("op-7")
NAME = "Eva Erased"


async def handed_in(engine: Engine, key: str, name: str) -> Case:
    given: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    plan = engine.plan("restaurant", answers=given["answers"], on=START.date())
    known = {field.group or field.id for field in plan.form}
    return await engine.submit(
        plan,
        Applicant(**given["applicant"] | {"name": name}),
        fields={
            field: str(value) if isinstance(value, float) else value
            for field, value in given["fields"].items()
            if field in known
        },
        materials={material: one["text"].encode() for material, one in given["materials"].items()},
        key=key,
    )


async def one_is_erased_and_one_goes_on(engine: Engine) -> Case:
    case = await handed_in(engine, "visit-1", "Li")
    if not any(one.erased_at for one in await engine._driver.store.cases()):
        other = await engine.settled((await handed_in(engine, "visit-0", NAME)).id)
        await engine.operators.erase(other.id, by=OPERATOR, why="asked for in letter 4711")
    case = await engine.settled(case.id)
    await hold_that_nothing_is_left(engine)
    return case


async def hold_that_nothing_is_left(engine: Engine) -> None:
    erased = [one.case_id for one in await engine._driver.store.cases() if one.erased_at]
    assert len(erased) == 1
    lines = await engine.journal(erased[0])
    verify_chain([parse_object(line) for line in lines])
    assert NAME.encode() not in b"".join(lines)
    kept = await engine._driver.store.erasure(erased[0])
    assert (kept.by, kept.why) == (str(OPERATOR), "asked for in letter 4711")


def test_every_death_around_an_erasure(tmp_path: Path) -> None:
    swept = crash_sweep(
        one_is_erased_and_one_goes_on,
        tmp_path,
        world=lambda folder: SandboxWorld(folder, things=["restaurant"], behaviours=PROMPT),
        faults=(Fault.CRASH_BEFORE, Fault.CRASH_AFTER),
    )
    assert swept.clean.case.status is CaseStatus.CONCLUDED
    deaths = [one for one in swept.points if one.boundary.startswith("erase ")]
    assert {one.fault for one in deaths} == {Fault.CRASH_BEFORE, Fault.CRASH_AFTER}
