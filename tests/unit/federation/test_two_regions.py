"""A newborn, born in one region and registered in another: one case, two governments."""

from __future__ import annotations

from typing import Any

from oneservice.case import CaseStatus, SubCaseStatus

STEP = "birth_registration-1"


async def test_what_another_region_decides_is_decided_there(pair: Any) -> None:
    async with pair.open():
        plan = pair.plan()
        (step,) = [one for one in plan.steps if one.id == STEP]
        assert (step.department, step.region) == ("region-980200", "980201")
        assert any("980201 → region-980200" in (one.because or "") for one in step.reasons)
        case = await pair.apply(plan)
        await pair.carry()
        case = await pair.birth.engine.case(case.id)
        assert case.status is CaseStatus.CONCLUDED
        (theirs,) = await pair.home.engine.cases()
        home = await pair.home.engine.case(theirs.case_id)
        assert home.status is CaseStatus.CONCLUDED
        assert case.sub_cases[STEP].status is SubCaseStatus.GRANTED
        assert case.sub_cases[STEP].outcome["number"].startswith("N-")
        assert len(pair.home.filed["birth_registration"]) == 1
