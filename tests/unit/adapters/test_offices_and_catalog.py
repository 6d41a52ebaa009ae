"""The restaurant's offices and its catalog agree, turn by turn of the form."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from oneservice.catalog import (
    EffectiveThing,
    MaterialClass,
    StepKind,
    bundled_catalog_dir,
    load_catalog,
)
from oneservice_adapters import DEPARTMENTS
from oneservice_adapters.offices import profile_of
from oneservice_adapters.procedure import Procedure

RESTAURANT = load_catalog([bundled_catalog_dir()]).thing(
    "restaurant", region="990101", on=date(2026, 9, 28)
)
PROCEDURES = {
    one.step_id: (department, one)
    for department in DEPARTMENTS
    for one in profile_of(department).procedures
    if one.step_id in {step.id for step in RESTAURANT.thing.steps}
}


@pytest.fixture(scope="module")
def restaurant() -> EffectiveThing:
    return RESTAURANT


def saying(**fields: Any) -> Any:
    """Stand for an application of which only the form matters."""
    return SimpleNamespace(fields=fields, body=SimpleNamespace(window_received_at=None))


def test_every_step_has_its_office(restaurant: EffectiveThing) -> None:
    steps = {
        one.id: restaurant.items[one.item].department
        for one in restaurant.thing.steps
        if one.kind is not StepKind.BUNDLE
    }
    assert steps == {step_id: department for step_id, (department, _) in PROCEDURES.items()}


@pytest.mark.parametrize("step_id", PROCEDURES)
def test_promise_and_result_are_the_catalogs(restaurant: EffectiveThing, step_id: str) -> None:
    step = next(one for one in restaurant.thing.steps if one.id == step_id)
    item, procedure = restaurant.items[step.item], PROCEDURES[step_id][1]
    assert procedure.promised_working_days == item.promised.days
    assert procedure.is_on_the_spot is item.is_on_the_spot
    result, paper = item.result, procedure.paper
    assert result is not None
    if paper is None:
        assert not result.is_certificate
    else:
        assert (paper.type, paper.title["zh"]) == (result.type, result.title.zh)
        assert (paper.valid_years, paper.is_certificate) == (
            result.valid_years,
            result.is_certificate,
        )


@pytest.mark.parametrize("step_id", PROCEDURES)
def test_grounds_that_stop_the_clock_are_the_catalogs(
    restaurant: EffectiveThing, step_id: str
) -> None:
    step = next(one for one in restaurant.thing.steps if one.id == step_id)
    known = {one.kind for one in restaurant.items[step.item].special_procedures}
    special = PROCEDURES[step_id][1].course(saying()).special
    assert {special.ground if special else None} <= known | {None}
    assert (special is None) is (not known)


@pytest.mark.parametrize("step_id", PROCEDURES)
def test_main_materials_are_the_catalogs(restaurant: EffectiveThing, step_id: str) -> None:
    procedure: Procedure = PROCEDURES[step_id][1]
    specs = [one for one in restaurant.thing.materials if step_id in one.steps]
    main = [one for one in specs if one.importance is MaterialClass.MAIN]
    assert set(procedure.knows) == {one.id for one in specs}
    assert set(procedure.materials(saying())) == {one.id for one in main if one.when is None}
    everything = saying(track="commitment", renovated_area="1", area="1")
    left_out = {one.id for one in main} - set(procedure.materials(everything))
    assert left_out <= {"m_agent"}  # the form does not say to an office whether there is an agent


def test_the_shorter_promise_of_a_commitment(restaurant: EffectiveThing) -> None:
    step = next(one for one in restaurant.thing.steps if one.id == "fire_check")
    course = PROCEDURES["fire_check"][1].course(saying(track="commitment"))
    assert course.promised_working_days == step.limits[0].promised.days
    assert course.special is None


def test_the_citys_own_codes(restaurant: EffectiveThing) -> None:
    from oneservice_adapters.numbers import office_code  # noqa: PLC0415 - only here

    for department, _ in PROCEDURES.values():
        code = restaurant.departments[department].code
        if code is not None:
            assert code == office_code("990101", profile_of(department).code_no)
