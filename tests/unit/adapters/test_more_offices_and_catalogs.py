"""Offices and all published things agree: neither side imports the other; only this can tell."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from oneservice.catalog import (
    Catalog,
    EffectiveThing,
    Item,
    LimitUnit,
    MaterialClass,
    Step,
    StepKind,
    bundled_catalog_dir,
    load_catalog,
)
from oneservice_adapters import DEPARTMENTS, steps_of
from oneservice_adapters.offices import profile_of
from oneservice_adapters.procedure import Procedure

ON = date(2026, 9, 28)
NOWHERE = "960101"
"""A region that changes nothing in the national catalog."""
REGIONS = (NOWHERE, "990101", "980201", "970301")
THINGS = (
    *("restaurant", "deregistration", "data_change", "credit_repair", "transport_company"),
    *("newborn", "school_entry", "retirement", "after_death", "utilities", "manhole_report"),
)
HANDS_OUT_ONLY = "government-service-centre"


@cache
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@cache
def thing(name: str, region: str = NOWHERE) -> EffectiveThing:
    return catalog().thing(name, region=region, on=ON)


class Asked(NamedTuple):
    """A step of a thing, and the office that serves it."""

    thing: str
    region: str
    step: Step
    item: Item

    @property
    def procedure(self) -> Procedure:
        return profile_of(self.item.department).procedure(self.step.id)


def _asked() -> list[Any]:
    found: dict[tuple[str, str], Asked] = {}
    for name in THINGS:
        for region in REGIONS:
            effective = thing(name, region)
            for step in effective.thing.steps:
                if step.kind is not StepKind.BUNDLE and not step.is_by_duty:
                    one = Asked(name, region, step, effective.items[step.item])
                    found.setdefault((name, step.id), one)
    return [pytest.param(one, id=f"{name}-{step}") for (name, step), one in found.items()]


ASKED = _asked()


def saying(**fields: Any) -> Any:
    """Stand for an application of which only the form matters."""
    now = datetime(2026, 9, 28, 2, tzinfo=UTC)
    body = SimpleNamespace(window_received_at=None)
    return SimpleNamespace(fields=fields, body=body, now=now)


def test_all_published_things_are_looked_at() -> None:
    published = {one.thing.id for region in REGIONS for one in catalog().things(region, ON)}
    assert set(THINGS) == published


@pytest.mark.parametrize("asked", ASKED)
def test_the_office_knows_the_step(asked: Asked) -> None:
    assert asked.step.id in steps_of(asked.item.department)


def test_who_has_no_office_decides_nothing() -> None:
    homeless: dict[str, set[StepKind]] = {}
    for name in THINGS:
        effective = thing(name)
        for step in effective.thing.steps:
            department = effective.items[step.item].department
            if department not in DEPARTMENTS:
                homeless.setdefault(department, set()).add(step.kind)
    assert homeless == {HANDS_OUT_ONLY: {StepKind.BUNDLE}}


def test_no_office_knows_a_step_that_nobody_asks_for() -> None:
    asked = {(one.values[0].item.department, one.values[0].step.id) for one in ASKED}
    served = {(one, step) for one in DEPARTMENTS for step in steps_of(one)}
    assert {step for _, step in served - asked} == {"handle"}


def test_every_unit_of_the_duty_table_closes_holes() -> None:
    dispatch = thing("manhole_report").thing.dispatch
    assert dispatch is not None
    units = {duty.department for duty in dispatch.duties}
    assert units == {one for one in DEPARTMENTS if "handle" in steps_of(one)}
    for duty in dispatch.duties:
        item = thing("manhole_report").items[duty.item]
        paper = profile_of(duty.department).procedure("handle").paper
        assert paper is not None
        assert item.result is not None
        assert (paper.type, paper.title["zh"]) == (item.result.type, item.result.title.zh)


@pytest.mark.parametrize("asked", ASKED)
def test_the_promise_is_one_that_a_catalog_gives(asked: Asked) -> None:
    promised, procedure = asked.item.promised, asked.procedure
    assert promised is not None
    assert procedure.is_on_the_spot is asked.item.is_on_the_spot
    if promised.unit is LimitUnit.NATURAL_DAYS:
        assert procedure.course(saying()).notice_days == promised.days
    else:
        there = [thing(asked.thing, one).items.get(asked.step.item) for one in REGIONS]
        given = {one.promised.days for one in there if one is not None and one.promised}
        assert procedure.promised_working_days in given


@pytest.mark.parametrize("asked", ASKED)
def test_the_result_is_the_catalogs(asked: Asked) -> None:
    result, paper = asked.item.result, asked.procedure.paper
    if paper is None:
        assert result is None or not result.is_certificate
        return
    assert result is not None
    if asked.step.id == "medical_retiree" or paper.type != "medical_insurance_record":
        assert paper.title["zh"] == result.title.zh
    assert (paper.type, paper.is_certificate) == (result.type, result.is_certificate)
    assert paper.valid_years == result.valid_years


@pytest.mark.parametrize("asked", ASKED)
def test_only_grounds_of_the_catalog_stop_the_clock(asked: Asked) -> None:
    special = asked.procedure.course(saying()).special
    known = {one.kind for one in asked.item.special_procedures}
    assert special is None or special.ground in known


@pytest.mark.parametrize("asked", ASKED)
def test_materials_are_the_catalogs(asked: Asked) -> None:
    """An office asks for nothing that the guide does not list, and for all that it always wants."""
    procedure = asked.procedure
    listed = [
        one
        for name in THINGS
        for region in REGIONS
        for one in thing(name, region).thing.materials
        if asked.step.id in one.steps
    ]
    assert set(procedure.knows) == {one.id for one in listed}
    effective = thing(asked.thing, asked.region)
    here = effective.thing.materials
    without_paper = {
        yielded
        for step in effective.thing.steps
        if (result := effective.items[step.item].result) and not result.is_certificate
        for yielded in result.yields
    }
    main = {
        one.id
        for one in here
        if asked.step.id in one.steps
        and one.importance is MaterialClass.MAIN
        and one.when is None
        and one.id not in without_paper
    }
    said = {"applicant_name": "李四"} if asked.thing == "after_death" else {}
    assert set(procedure.materials(saying(**said))) == main
    minor = {one.id for one in listed if one.importance is not MaterialClass.MAIN}
    assert set(procedure.tolerates) <= minor


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_what_is_asked_after_acceptance_is_a_material_of_the_step(department: str) -> None:
    for procedure in profile_of(department).procedures:
        assert {one.material for one in procedure.recheck} <= set(procedure.knows)


def test_a_type_is_counted_under_one_number() -> None:
    papers = [
        (paper.type_no, department, procedure.step_id)
        for department in DEPARTMENTS
        for procedure in profile_of(department).procedures
        if (paper := procedure.paper) is not None and paper.is_certificate
    ]
    assert len({number for number, _, _ in papers}) == len(papers)


def test_an_office_of_each_code_is_one() -> None:
    numbers = [profile_of(one).code_no for one in DEPARTMENTS]
    assert len(set(numbers)) == len(numbers)
