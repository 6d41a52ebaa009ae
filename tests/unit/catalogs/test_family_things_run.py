"""From data alone to a concluded case: a child is born, goes to school; one retires, one dies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine

MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)
"""Nine o'clock where the offices are; a fixed day, so that no year runs out of calendar."""
JUNE = datetime(2026, 6, 17, 1, tzinfo=UTC)
"""A Wednesday on which a batch of school entries is open."""


async def concluded(
    bundled: Any, folder: Path, given: Any, start: datetime, *, answers: Any, fields: Any
) -> tuple[Any, Any]:
    """Return the plan and the case of ``given`` once only a person could move it on."""
    async with Engine.sandbox(folder / "cases.db", start=start) as engine:
        plan = engine.plan(given.thing, region=given.region, answers=answers)
        case = await engine.submit(
            plan,
            Applicant(**given.applicant.model_dump()),
            fields=fields,
            materials={name: given.material_bytes(name) for name in given.materials},
            consents=bundled.consents(given),
        )
        case = await engine.settled(case.id)
    assert case.status is CaseStatus.CONCLUDED
    assert case.corrections == ()
    assert set(case.sub_cases) == {step.id for step in plan.steps}
    assert {str(sub_case.status) for sub_case in case.sub_cases.values()} == {"granted"}
    return plan, case


@pytest.mark.parametrize(
    ("thing", "start"),
    [("newborn", MONDAY), ("school_entry", JUNE), ("retirement", MONDAY), ("after_death", MONDAY)],
)
async def test_the_example_is_concluded(
    bundled: Any, tmp_path: Path, thing: str, start: datetime
) -> None:
    given = bundled.example(thing)
    await concluded(bundled, tmp_path, given, start, answers=given.answers, fields=given.fields)


async def test_twins_are_one_case_with_papers_for_each(bundled: Any, tmp_path: Path) -> None:
    given = bundled.example("newborn")
    (child,) = given.fields["child"]
    fields = {**given.fields, "child": [child, {**child, "child_name": "陆小苗"}]}
    answers = {**given.answers, "children": 2}
    _, case = await concluded(bundled, tmp_path, given, MONDAY, answers=answers, fields=fields)
    assert {"birth_registration-1", "birth_registration-2"} <= set(case.sub_cases)
