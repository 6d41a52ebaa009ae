"""What simulated departments promise: what is published for the step, so that nothing differs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.sandbox import PROMPT, Behaviour, Behaviours

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
ASKING = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "missing"})})


@pytest.mark.parametrize(
    ("behaviours", "left_out"), [(None, ""), (PROMPT, ""), (ASKING, "m_layout")]
)
async def test_a_sandbox_promises_what_the_plan_does(
    tmp_path: Path, behaviours: Behaviours | None, left_out: str
) -> None:
    given: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    path = tmp_path / "cases.db"
    async with Engine.sandbox(path, start=START, behaviours=behaviours) as engine:
        plan = engine.plan("restaurant", answers=given["answers"])
        known = {field.group or field.id for field in plan.form}
        case = await engine.submit(
            plan,
            Applicant(**given["applicant"]),
            fields={
                key: str(one) if isinstance(one, float) else one
                for key, one in given["fields"].items()
                if key in known
            },
            materials={
                key: one["text"].encode()
                for key, one in given["materials"].items()
                if key != left_out
            },
        )
        case = await engine.settled(case.id)
        for correction in case.corrections:
            brought = dict.fromkeys(correction.materials, b"brought later")
            case = await engine.supplement(case.id, correction, materials=brought)
        case = await engine.settled(case.id)

        assert case.status is CaseStatus.CONCLUDED
        found = [one.kind for one in await engine.findings(case.id)]
        assert "promise-differs" not in found
        told = promises(await engine.journal(case.id))
        assert len(set(told.values())) > 1, "each step has a promise of its own"
        for name, days in told.items():
            spec = case.sub_cases[name].spec
            assert days == (spec.promised_days if spec.promised_unit == "working_days" else 0)


def promises(journal: tuple[bytes, ...]) -> dict[str, int]:
    """Return the working days that each step's acceptance promised."""
    records = [parse_object(line) for line in journal]
    reports = [one["data"] for one in records if one["kind"] == "department_reported"]
    return {
        report["sub_case_id"]: event["data"]["promised_working_days"]
        for report in reports
        for event in report["events"]
        if event["type"] == "accepted"
    }
