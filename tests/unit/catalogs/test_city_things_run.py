"""Suppliers, builders and the unit on duty: from data alone to a concluded case."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine

MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)
"""Nine o'clock where the offices are; a fixed day, so that no year runs out of calendar."""


@pytest.mark.parametrize(
    ("example", "region"),
    [
        ("utilities", "990101"),
        ("manhole_report", "990101"),
    ],
)
async def test_the_example_is_concluded(
    bundled: Any, tmp_path: Path, example: str, region: str
) -> None:
    given = bundled.example(example)
    applicant = Applicant(
        code=given.applicant.code, name=given.applicant.name, kind=given.applicant.kind
    )
    async with Engine.sandbox(tmp_path / "cases.db", start=MONDAY) as engine:
        plan = engine.plan(given.thing, region=region, answers=dict(given.answers))
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
