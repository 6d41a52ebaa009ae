"""The three restaurants of the domain page (section 4.5), from the bundled catalog, to the day."""

from __future__ import annotations

from datetime import date

import pytest

from oneservice.catalog import EffectiveThing, MaterialSource, bundled_catalog_dir, load_catalog
from oneservice.plan import Plan, build_plan, explain_plan, reduction, to_mermaid, to_svg
from oneservice.workdays import national_calendar

ACCEPTED = date(2026, 9, 28)

PROFILES = {
    "noodle-shop": {
        "has_licence": True,
        "subject_type": "sole_trader",
        "area": 80,
        "seats": 30,
        "hot_food": True,
        "new_sign": True,
        "drains_to_sewer": True,
        "staff_count": 3,
    },
    "seafood-karaoke": {
        "has_licence": True,
        "subject_type": "sole_trader",
        "area": 420,
        "seats": 120,
        "hot_food": True,
        "raw_food": True,
        "cold_meat": True,
        "entertainment": True,
        "new_sign": True,
        "drains_to_sewer": True,
        "staff_count": 20,
        "fire_track": "commitment",
    },
    "tea-kiosk": {
        "has_licence": True,
        "subject_type": "sole_trader",
        "area": 18,
        "seats": 0,
        "in_mall": True,
        "fresh_drinks": True,
        "new_sign": False,
        "staff_count": 2,
    },
}


@pytest.fixture(scope="module")
def restaurant() -> EffectiveThing:
    catalog = load_catalog([bundled_catalog_dir()])
    return catalog.thing("restaurant", region="990101", on=ACCEPTED)


def planned(restaurant: EffectiveThing, name: str, **changed: object) -> Plan:
    answers = {**PROFILES[name], **changed}
    return build_plan(restaurant, answers, on=ACCEPTED, calendar=national_calendar())


def dues(plan: Plan) -> dict[str, date]:
    """Return the due day by step; instances of one step must agree."""
    found: dict[str, set[date]] = {}
    for step in plan.steps:
        found.setdefault(step.step_id, set()).add(step.due.on)
        assert not step.due.is_provisional
    return {name: day for name, (day,) in found.items()}


COMMON = {
    "licence_check": date(2026, 9, 28),
    "food_permit": date(2026, 10, 14),
    "health_cert": date(2026, 10, 10),  # a Saturday that is worked
    "bundle": date(2026, 10, 15),
}
WITH_SIGN = COMMON | {"signboard": date(2026, 10, 10), "drainage": date(2026, 10, 10)}
EXPECTED = {
    "noodle-shop": WITH_SIGN,
    "seafood-karaoke": WITH_SIGN
    | {"fire_check": date(2026, 9, 29), "fire_followup": date(2026, 11, 2)},
    "tea-kiosk": COMMON,
}


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_steps_and_days(restaurant: EffectiveThing, name: str) -> None:
    plan = planned(restaurant, name)
    assert dues(plan) == EXPECTED[name]
    health = [step for step in plan.steps if step.step_id == "health_cert"]
    assert len(health) == PROFILES[name]["staff_count"]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_the_promise_is_the_longest_path_not_the_sum(restaurant, name: str) -> None:
    plan = planned(restaurant, name)
    assert plan.promised_working_days == 9
    assert plan.critical_path[-2:] == ("food_permit", "bundle")
    assert plan.due.on == date(2026, 10, 15)
    assert plan.joint_cap_due.on == date(2026, 12, 4)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("noodle-shop", {"fire_check", "fire_followup", "tobacco", "eia_record"}),
        ("seafood-karaoke", {"tobacco"}),
        ("tea-kiosk", {"signboard", "fire_check", "fire_followup", "drainage"}),
    ],
)
def test_what_is_not_needed_is_skipped_with_a_reason(restaurant, name: str, steps) -> None:
    skipped = {step.step_id: step for step in planned(restaurant, name).skipped}
    assert steps <= set(skipped)
    assert all(skipped[step].reasons[0].because for step in steps)


@pytest.mark.parametrize(
    ("name", "visit"),
    [
        ("noodle-shop", ("food_permit", "signboard")),
        ("seafood-karaoke", ("food_permit", "signboard")),
        ("tea-kiosk", ("food_permit",)),
    ],
)
def test_one_visit_for_all_that_need_one(restaurant, name: str, visit) -> None:
    assert planned(restaurant, name).joint_inspection == visit


def test_the_ordinary_fire_track_is_inspected_with_the_others(restaurant) -> None:
    plan = planned(restaurant, "seafood-karaoke", fire_track="ordinary")
    assert plan.joint_inspection == ("food_permit", "signboard", "fire_check")
    assert "fire_followup" not in dues(plan)
    assert dues(plan)["fire_check"] == date(2026, 10, 13)  # 7 working days


def test_without_a_licence_registration_comes_first(restaurant) -> None:
    plan = planned(restaurant, "noodle-shop", has_licence=False)
    assert dues(plan)["registration"] == date(2026, 9, 29)
    assert plan.critical_path == ("registration", "food_permit", "bundle")
    assert plan.promised_working_days == 10
    licence = next(material for material in plan.materials if material.id == "m_licence")
    assert licence.yielded_by == ("registration",)


def test_health_certificates_are_attached_and_never_asked_for(restaurant) -> None:
    plan = planned(restaurant, "noodle-shop")
    food = next(step for step in plan.steps if step.id == "food_permit")
    assert food.attaches == ("health_cert-1", "health_cert-2", "health_cert-3")
    health = next(material for material in plan.materials if material.id == "m_health")
    assert health.yielded_by == food.attaches
    assert not health.must_bring


def test_the_small_shop_brings_little(restaurant) -> None:
    saved = reduction(planned(restaurant, "noodle-shop"))
    assert saved is not None
    assert (saved.fields.before, saved.materials.before, saved.working_days.before) == (100, 35, 48)
    assert saved.working_days.after == 9
    assert f"{saved.working_days.saved_percent}" == "81.25"
    assert saved.fields.after < 60
    assert saved.materials.after < 17
    assert saved.to_bring <= 5


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_data_minimisation(restaurant: EffectiveThing, name: str) -> None:
    """Each sub-case's fields and materials are those that name it as a consumer, and no others."""
    plan = planned(restaurant, name)
    for step in plan.steps:
        assert step.fields == tuple(field.id for field in plan.form if step.id in field.steps)
        assert step.materials == tuple(
            material.id for material in plan.materials if step.id in material.steps
        )
        assert MaterialSource.STEP not in {
            material.source
            for material in plan.materials
            if step.id in material.steps and not material.yielded_by
        }


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_rendering_names_every_step(restaurant, name: str, language) -> None:
    plan = planned(restaurant, name)
    titles = {step.title.zh if language == "zh" else step.title.en for step in plan.steps}
    for text in (
        explain_plan(plan, language=language),
        to_mermaid(plan, language=language),
        to_svg(plan, language=language),
    ):
        for title in titles:
            assert title in text
