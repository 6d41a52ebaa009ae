"""One restaurant in three provinces: what each region does otherwise, and that it may."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from oneservice.catalog import DifferenceKind, EffectiveThing, bundled_catalog_dir, diff, lint
from oneservice.cli import program
from oneservice.errors import OverlayError

THING = "restaurant"
CITIES = ("990100", "980200", "970300")
EVERYWHERE = {
    *("restaurant", "deregistration", "newborn", "data_change", "retirement", "school_entry"),
    *("after_death", "utilities", "credit_repair", "transport_company", "manhole_report"),
}


def promised(effective: EffectiveThing) -> dict[str, int]:
    return {name: item.promised.days for name, item in effective.items.items()}


def test_all_eleven_are_published(bundled: Any) -> None:
    for region in ("000000", *CITIES):
        things = bundled.catalog.things(region, bundled.monday)
        assert {one.thing.id for one in things} >= EVERYWHERE


def test_all_that_is_published_is_clean(bundled: Any) -> None:
    assert [str(each) for each in lint(bundled.catalog)] == []


@pytest.mark.parametrize(
    ("region", "layers"),
    [
        ("000000", ["national"]),
        ("110105", ["national"]),
        ("990101", ["national", "990100"]),
        ("980201", ["national", "980200"]),
        ("970301", ["national", "970000", "970300"]),
        ("970101", ["national", "970000"]),
    ],
)
def test_layers_from_the_country_to_the_county(
    bundled: Any, region: str, layers: list[str]
) -> None:
    named = [layer.name.split("/") for layer in bundled.thing(THING, region=region).layers]
    assert [folder for folder, file in named if file == f"{THING}.yaml"] == layers


def test_each_region_promises_no_more_days_than_the_country(bundled: Any) -> None:
    country = bundled.thing(THING)
    for region in ("970101", *CITIES):
        region_s = bundled.thing(THING, region=region)
        for name, days in promised(region_s).items():
            assert days <= promised(country).get(name, days), (region, name)
            assert region_s.items[name].statutory == (
                country.items[name].statutory if name in country.items else None
            ), "the law is one for all"


def test_a_city_goes_beyond_its_province(bundled: Any) -> None:
    found = [promised(bundled.thing(THING, region=one)) for one in ("000000", "970101", "970301")]
    assert [one["food_permit"] for one in found] == [8, 7, 4]
    assert [one["drainage"] for one in found] == [5, 4, 4]
    city = bundled.thing(THING, region="970301")
    assert "m_food_manager" not in {one.id for one in city.thing.materials}


@pytest.mark.parametrize(
    ("region", "due"),
    [
        ("000000", {"food_permit": "10-14", "signboard": "10-10", "drainage": "10-10"}),
        ("990101", {"food_permit": "10-14", "signboard": "10-10", "drainage": "10-10"}),
        ("980201", {"food_permit": "10-12", "signboard": "10-08", "drainage": "10-10"}),
        ("970301", {"food_permit": "10-09", "signboard": "09-28", "drainage": "09-30"}),
    ],
    ids=["country", *CITIES],
)
def test_days_of_the_noodle_shop(bundled: Any, region: str, due: dict[str, str]) -> None:
    """From 09-28 the working days are 09-29, 09-30, 10-08, 10-09, 10-10, 10-12, 10-13, 10-14."""
    plan = bundled.plan("noodle-shop", region=region)
    dues = {name: f"{day:%m-%d}" for name, day in bundled.dues(plan).items()}
    assert dues.items() >= due.items()
    bundles = {"000000": 15, "990101": 15, "980201": 13, "970301": 10}
    assert plan.due.on == date(2026, 10, bundles[region])


@pytest.mark.parametrize(
    ("region", "answers", "is_checked"),
    [
        ("000000", {"area": 299}, False),
        ("000000", {"area": 300}, True),
        ("980201", {"area": 199}, False),
        ("980201", {"area": 200}, True),
        ("970301", {"area": 299}, False),
        ("970301", {"area": 100, "in_mall": True}, True),
        ("970301", {"area": 99, "in_mall": True}, False),
        ("990101", {"area": 100, "in_mall": True}, False),
    ],
    ids=str,
)
def test_from_which_area_fire_safety_is_checked(
    bundled: Any,
    region: str,
    answers: dict[str, Any],
    is_checked: bool,  # noqa: FBT001 - a column of the table
) -> None:
    plan = bundled.plan("noodle-shop", region=region, **answers)
    assert ("fire_check" in {step.id for step in plan.steps}) is is_checked


def test_two_offices_come_together_where_photos_are_enough(bundled: Any) -> None:
    visits = {
        region: set(bundled.plan("noodle-shop", region=region, area=320).joint_inspection)
        for region in ("990101", "980201", "970301")
    }
    assert visits == {
        "990101": {"food_permit", "fire_check", "signboard"},
        "980201": {"food_permit", "fire_check"},
        "970301": {"food_permit", "fire_check"},
    }


def test_a_sign_on_a_commitment(bundled: Any) -> None:
    signs = {
        region: next(
            step
            for step in bundled.plan("noodle-shop", region=region).steps
            if step.id == "signboard"
        )
        for region in ("000000", "970301")
    }
    assert signs["000000"].commitment is None
    assert signs["970301"].commitment is not None
    plan = bundled.plan("noodle-shop", region="970301")
    assert "m_sign_drawing" not in {one.id for one in plan.materials}
    assert "m_waste_contract" in {one.id for one in plan.missing}


def test_the_seal_is_made_in_the_same_case(bundled: Any) -> None:
    plan = bundled.plan("noodle-shop", region="980201", has_licence=False, wants_seal=True)
    assert bundled.needs(plan)["seal_making"] == {"registration"}
    assert bundled.dues(plan)["registration"] == date(2026, 9, 28)
    assert "seal_making" in bundled.needs(plan)["bundle"]


def test_before_an_overlay_begins_the_country_s_rules_count(bundled: Any) -> None:
    new_year_s_eve, new_year = date(2025, 12, 31), date(2026, 1, 1)
    for region, last in (("980201", "national"), ("970301", "970000")):
        then, now = (
            bundled.thing(THING, region=region, on=day) for day in (new_year_s_eve, new_year)
        )
        assert then.layers[-1].name == f"{last}/{THING}.yaml"
        assert now.layers[-1].name == f"{region[:4]}00/{THING}.yaml"
        assert diff(then, now)


# --- told in plain words -------------------------------------------------------------------------


def test_what_differs_between_two_cities(bundled: Any) -> None:
    one, other = (bundled.thing(THING, region=region) for region in ("980201", "990101"))
    found = {(each.kind, each.id, each.member) for each in diff(one, other)}
    assert (DifferenceKind.STEP, "fire_check", "when") in found
    assert (DifferenceKind.STEP, "seal_making", None) in found
    assert (DifferenceKind.STEP, "eia_record", None) in found
    limits = {each.id for each in diff(one, other) if each.kind is DifferenceKind.LIMIT}
    assert limits == {"registration", "food_permit", "signboard", "tobacco"}
    assert diff(one, one) == ()
    assert len(diff(other, one)) == len(diff(one, other))


@pytest.mark.parametrize("thing", sorted(EVERYWHERE))
def test_counties_of_one_city_have_one_standard(bundled: Any, thing: str) -> None:
    for city in CITIES:
        one, other = (bundled.thing(thing, region=f"{city[:4]}{county}") for county in ("01", "02"))
        assert diff(one, other) == ()


def run(*arguments: str) -> Any:
    catalogs = ("--catalog", str(bundled_catalog_dir()))
    return CliRunner().invoke(program, ["diff", THING, *catalogs, *arguments])


def test_the_command_tells_two_regions_and_two_days_apart() -> None:
    regions = run("--region", "980201", "--region", "970301", "--on", "2026-09-28")
    assert regions.exit_code == 1
    assert "at least 200 m²" in regions.stdout
    assert "Record of who collects the kitchen waste: only in 970301" in regions.stdout
    days = run("--region", "970301", "--on", "2025-12-31", "--on", "2026-01-01", "--json")
    assert days.exit_code == 1
    assert json.loads(days.stdout)
    same = run("--region", "980201", "--region", "980202", "--on", "2026-09-28")
    assert same.exit_code == 0
    assert "no rule differs" in same.stdout


# --- and what no region may do -------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: food_permit, promised: {days: 11}}]",
        "change_items: [{id: health_cert, promised: {days: 6}}]",
        "drop_steps: [fire_check]",
        "change_steps: [{id: fire_check, when: area >= 500}]",
        "consumes: [{step: food_permit, materials: [m_drain_plan]}]",
    ],
    ids=["statute", "promise", "drop", "threshold", "material"],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
