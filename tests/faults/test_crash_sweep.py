"""Kill the runtime before and after every write and every call: a restart ends in the same case.

What the sweep does, and what may differ, is told in ``oneservice.testing.crashes``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, CaseStatus, Engine
from oneservice.case import Case, SubCaseStatus
from oneservice.sandbox import Behaviour, Behaviours
from oneservice.testing.crashes import Fault, SandboxWorld, Story, Sweep, crash_sweep

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DEATHS = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
DISKS = (Fault.TORN_WRITE, Fault.FULL_DISK)


@cache
def example(name: str) -> Mapping[str, Any]:
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))


def story(
    name: str,
    act: Callable[[Engine, Case], Awaitable[None]],
    *,
    leave_out: tuple[str, ...] = (),
    key: str | None = "visit-1",
) -> Story:
    """Return an example from the opening to its end, told so that it can be told again."""
    given = example(name)

    async def tell(engine: Engine) -> Case:
        plan = engine.plan("restaurant", answers=given["answers"], on=START.date())
        known = {field.group or field.id for field in plan.form}
        case = await engine.submit(
            plan,
            Applicant(**given["applicant"]),
            fields={
                field: str(value) if isinstance(value, float) else value
                for field, value in given["fields"].items()
                if field in known
            },
            materials={
                material: document["text"].encode()
                for material, document in given["materials"].items()
                if material not in leave_out
            },
            key=key,
        )
        for _ in range(20):
            case = await engine.settled(case.id)
            if case.status.has_ended:
                return case
            await act(engine, case)
        pytest.fail("the story does not end")

    return tell


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


def world(**behaviours: Behaviour) -> Callable[[Path], SandboxWorld]:
    chosen = Behaviours(by_step=behaviours)
    return lambda folder: SandboxWorld(folder, things=["restaurant"], behaviours=chosen)


ASKS = Behaviour(corrects={"m_layout": "the floor plan is missing"})
INSPECTS = Behaviour(inspects_after=timedelta(days=1))
CORRECTING = world(food_permit=ASKS, health_cert=INSPECTS)
REFUSING = world(fire_check=Behaviour(decision="refused"), food_permit=ASKS)
CORRECTED = story("tea-kiosk", answer, leave_out=("m_layout",))
FULL = story("noodle-shop", answer, leave_out=("m_layout",))
REFUSED = story("seafood-karaoke", withdraw_after("signboard"), leave_out=("m_layout",))


def test_every_crash_point_of_a_corrected_and_inspected_case(tmp_path: Path) -> None:
    swept = crash_sweep(CORRECTED, tmp_path, world=CORRECTING, faults=DEATHS)
    assert swept.clean.case.status is CaseStatus.CONCLUDED
    assert len(swept.points) > 40


def test_every_torn_write_and_full_disk(tmp_path: Path) -> None:
    swept = crash_sweep(CORRECTED, tmp_path, world=CORRECTING, faults=DISKS)
    assert len(swept.points) > 20


def test_crash_points_of_the_whole_restaurant(tmp_path: Path) -> None:
    swept = crash_sweep(FULL, tmp_path, world=CORRECTING, every=13)
    assert swept.clean.case.status is CaseStatus.CONCLUDED


def test_crash_points_of_a_refusal_and_a_withdrawal(tmp_path: Path) -> None:
    swept: Sweep = crash_sweep(REFUSED, tmp_path, world=REFUSING, every=11)
    ends = {sub.id: sub.status for sub in swept.clean.case.sub_cases.values()}
    assert ends["fire_check"] is SubCaseStatus.REFUSED
    assert ends["signboard"] is SubCaseStatus.WITHDRAWN
    assert SubCaseStatus.NOT_APPLICABLE in ends.values()
    assert swept.clean.case.status is CaseStatus.CONCLUDED


@pytest.mark.parametrize("fault", [Fault.CRASH_AFTER, Fault.FULL_DISK])
def test_a_story_without_a_key_is_told_so_with_the_point(tmp_path: Path, fault: Fault) -> None:
    keyless = story("tea-kiosk", answer, leave_out=("m_layout",), key=None)
    said = rf"{fault} at '.*does the story submit under a key\?"
    with pytest.raises(AssertionError, match=said):
        crash_sweep(keyless, tmp_path, world=CORRECTING, faults=(fault,))
