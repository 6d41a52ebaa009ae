"""One step by itself: what an office does for another region's case."""

from __future__ import annotations

from datetime import date

import pytest

from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog, single_step
from oneservice.errors import UnknownReferenceError
from oneservice.plan import build_plan
from oneservice.workdays import announced_calendar

DAY = date(2026, 9, 28)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


def test_a_step_that_repeats_is_one_application(catalog: Catalog) -> None:
    alone = single_step(catalog.thing("newborn", region="980201", on=DAY), "birth_registration")
    plan = build_plan(alone, {}, on=DAY, calendar=announced_calendar())
    assert [one.id for one in plan.steps] == ["birth_registration", "bundle"]
    assert {one.group for one in plan.form} == {None}
    assert plan.steps[0].region == "980201"
    assert plan.parties == ()
    required = {one.id for one in plan.form if one.is_required}
    assert "child_name" in required
    assert "certificate_number" not in required  # it hung on a condition that others have judged


def test_limits_and_fees_keep_the_questions_on_which_they_hang(catalog: Catalog) -> None:
    alone = single_step(catalog.thing("newborn", region="970301", on=DAY), "birth_certificate")
    assert [one.id for one in alone.thing.situations] == ["born_in", "born_at"]
    here = {"born_in": "970301", "born_at": "hospital"}
    plan = build_plan(alone, here, on=DAY, calendar=announced_calendar())
    assert plan.steps[0].promised.days == 0
    other = build_plan(
        alone, here | {"born_at": "elsewhere"}, on=DAY, calendar=announced_calendar()
    )
    assert other.steps[0].promised.days == 3


def test_every_step_that_is_published_can_stand_alone(catalog: Catalog) -> None:
    for thing in catalog.things("970301", DAY):
        digests = {thing.digest}
        for step in thing.thing.steps:
            if str(step.kind) != "bundle":
                alone = single_step(thing, step.id)
                assert {one.id for one in alone.thing.steps} >= {step.id}
                digests.add(alone.digest)
        assert len(digests) > 1


def test_a_bundle_hands_out_what_others_decided(catalog: Catalog) -> None:
    thing = catalog.thing("newborn", region="980201", on=DAY)
    with pytest.raises(UnknownReferenceError, match="birth_registration"):
        single_step(thing, "bundle")


def test_a_plan_files_what_another_region_decides_at_its_engine(catalog: Catalog) -> None:
    thing = catalog.thing("newborn", region="970301", on=DAY)
    answers = {"born_in": "970301", "home_region": "980201", "wants_insurance": False}
    calendar = announced_calendar()
    plain = build_plan(thing, answers, on=DAY, calendar=calendar)
    wide = {"980000": "province", "980200": "city", "970000": "ours"}
    plan = build_plan(thing, answers, on=DAY, calendar=calendar, peers=wide)
    filed = {one.step_id: one.department for one in plan.steps}
    assert filed["birth_registration"] == "city"  # the nearest region that is known
    assert {one.department for one in plain.steps} & set(wide.values()) == set()
    assert plan.digest != plain.digest
    same = build_plan(thing, answers, on=DAY, calendar=calendar, peers={"110000": "far"})
    assert same == plain
