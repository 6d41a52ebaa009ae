"""From data alone to a concluded case: no line of code knows these one-things."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine

MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)
"""Nine o'clock where the offices are; a fixed day, so that no year runs out of calendar."""


@pytest.mark.parametrize(
    "thing", ["deregistration", "data_change", "credit_repair", "transport_company"]
)
async def test_the_example_is_concluded(bundled: Any, tmp_path: Path, thing: str) -> None:
    given = bundled.example(thing)
    applicant = Applicant(code=given.applicant.code, name=given.applicant.name)
    async with Engine.sandbox(tmp_path / "cases.db", start=MONDAY) as engine:
        plan = engine.plan(thing, region=given.region, answers=dict(given.answers))
        case = await engine.submit(
            plan,
            applicant,
            fields=dict(given.fields),
            materials={name: given.material_bytes(name) for name in given.materials},
            consents=bundled.consents(given),
        )
        case = await engine.settled(case.id)
    assert case.status is CaseStatus.CONCLUDED
    assert case.corrections == ()
    assert set(case.sub_cases) == {step.id for step in plan.steps}
    assert {str(sub_case.status) for sub_case in case.sub_cases.values()} == {"granted"}
