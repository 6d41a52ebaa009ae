"""The catalogs that come with the library: clean, complete, and right for the three profiles."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oneservice.catalog import (
    Catalog,
    EffectiveThing,
    LimitUnit,
    MaterialSource,
    Overlay,
    StepKind,
    bundled_catalog_dir,
    check_rule,
    evaluate,
    lint,
    load_answers,
    load_catalog,
    normalise_answers,
    parse_rule,
    read_document,
)
from oneservice.errors import AnswersConflictError, CatalogError, FileUnusableError
from oneservice.identifiers import parse_citizen_number, parse_credit_code

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ON = date(2026, 9, 28)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(bundled_catalog_dir())


@pytest.fixture(scope="module")
def restaurant(catalog: Catalog) -> EffectiveThing:
    return catalog.thing("restaurant", region="990101", on=ON)


def active(thing: EffectiveThing, answers: dict[str, Any]) -> set[str]:
    facts = normalise_answers(thing, answers)
    return {
        step.id
        for step in thing.thing.steps
        if step.when is None or evaluate(thing.rules[step.when], facts, path=step.id)
    }


def test_the_bundled_catalogs_are_clean(catalog: Catalog) -> None:
    assert [str(each) for each in lint(catalog)] == []


def test_regions_have_names_from_the_day_on_which_their_files_count(catalog: Catalog) -> None:
    names = {code: text.en for code, text in catalog.region_names(ON).items()}
    assert names == {
        "970000": "Pattern Province",
        "970300": "Pattern City",
        "980200": "Model City",
        "990100": "Sample City",
    }
    assert set(catalog.region_names(date(2025, 12, 31))) == {"970000"}


def test_the_restaurant_is_whole(restaurant: EffectiveThing) -> None:
    thing = restaurant.thing
    assert [step.id for step in thing.steps] == [
        "licence_check",
        "registration",
        "food_permit",
        "food_record",
        "signboard",
        "fire_check",
        "fire_followup",
        "health_cert",
        "drainage",
        "tobacco",
        "bundle",
        "eia_record",
    ]
    assert thing.before is not None
    assert (thing.before.fields, thing.before.materials, thing.before.working_days) == (100, 35, 48)
    assert 56 <= len(thing.fields) <= 63
    assert len(thing.materials) == 18
    assert thing.joint_cap.days == 45
    assert thing.joint_inspection == ("food_permit", "fire_check", "signboard")
    assert {layer.region for layer in restaurant.layers} == {"000000", "990100"}
    assert [layer.name for layer in restaurant.layers] == [
        "national/departments.yaml",
        "national/restaurant.yaml",
        "990100/restaurant.yaml",
    ]


def test_limits_are_those_of_the_law_and_of_the_city(catalog: Catalog) -> None:
    city = catalog.thing("restaurant", region="990101", on=ON).items
    base = catalog.thing("restaurant", region="000000", on=ON).items
    due = {
        "licence_check": (0, None),
        "registration": (1, 3),
        "food_permit": (8, 10),
        "food_record": (0, None),
        "signboard": (5, 20),
        "fire_check": (7, 10),
        "fire_followup": (20, 20),
        "health_cert": (5, None),
        "drainage": (5, 20),
        "tobacco": (10, 20),
        "bundle": (1, 10),
    }
    for name, (promised, statutory) in due.items():
        item = base[name]
        assert (item.promised.days, item.promised.unit) == (promised, LimitUnit.WORKING_DAYS)
        assert (item.statutory.days if item.statutory else None) == statutory
    assert city["tobacco"].promised.days == 7
    assert set(city) == set(due) | {"eia_record"}


def test_every_item_names_its_law_and_every_step_of_law_is_kept(
    restaurant: EffectiveThing,
) -> None:
    assert all(item.legal_basis for item in restaurant.items.values())
    optional = {step.id for step in restaurant.thing.steps if not step.is_statutory}
    assert optional == {"licence_check", "signboard", "eia_record"}


def test_nothing_that_a_step_yields_is_asked_from_the_applicant(
    restaurant: EffectiveThing,
) -> None:
    yielded = {
        name
        for item in restaurant.items.values()
        if item.result is not None
        for name in item.result.yields
    }
    assert yielded == {"m_licence", "m_health"}
    materials = {each.id: each for each in restaurant.thing.materials}
    assert all(materials[name].source is not MaterialSource.APPLICANT for name in yielded)


def test_the_bundle_waits_for_every_decision_and_not_for_the_follow_up(
    restaurant: EffectiveThing,
) -> None:
    steps = {step.id: step for step in restaurant.thing.steps}
    decided = {name for name, step in steps.items() if step.kind is StepKind.DECISION}
    assert decided <= set(steps["bundle"].requires)
    assert "fire_followup" not in steps["bundle"].requires


ALWAYS = {"licence_check", "food_permit", "health_cert", "bundle"}


@pytest.mark.parametrize(
    ("file", "steps"),
    [
        ("noodle-shop", ALWAYS | {"signboard", "drainage"}),
        (
            "seafood-karaoke",
            ALWAYS | {"signboard", "drainage", "fire_check", "fire_followup"},
        ),
        ("tea-kiosk", ALWAYS),
    ],
)
def test_the_three_profiles(restaurant: EffectiveThing, file: str, steps: set[str]) -> None:
    given = load_answers(EXAMPLES / f"{file}.yaml")
    assert active(restaurant, dict(given.answers)) == steps


@pytest.mark.parametrize("file", ["noodle-shop", "seafood-karaoke", "tea-kiosk"])
def test_the_examples_hand_in_all_that_is_asked(restaurant: EffectiveThing, file: str) -> None:
    given = load_answers(EXAMPLES / f"{file}.yaml")
    assert given.region == "990101"
    parse_credit_code(given.applicant.code)
    facts = normalise_answers(restaurant, given.answers)
    steps = active(restaurant, dict(given.answers))

    def is_due(spec: Any) -> bool:
        holds = spec.when is None or evaluate(restaurant.rules[spec.when], facts, path=spec.id)
        return holds and bool(steps & set(spec.steps))

    asked = {
        spec.id: spec
        for spec in restaurant.thing.fields
        if spec.answer is None and spec.group is None and is_due(spec)
    }
    assert {name for name, spec in asked.items() if spec.is_required} <= set(given.fields)
    assert set(given.fields) - {"staff"} <= set(asked)
    staff: Any = given.fields["staff"]
    assert len(staff) == facts["staff_count"]
    for person in staff:
        assert set(person) == {"staff_name", "staff_id_no", "staff_post"}
        parse_citizen_number(person["staff_id_no"])
    brought = {
        spec.id
        for spec in restaurant.thing.materials
        if spec.source is MaterialSource.APPLICANT and is_due(spec)
    }
    assert set(given.materials) == brought
    assert all(given.material_bytes(name) for name in brought)


def test_a_short_answers_file_is_enough(restaurant: EffectiveThing) -> None:
    answers = {"has_licence": True, "area": 80, "hot_food": True, "new_sign": True}
    assert active(restaurant, answers) == ALWAYS | {"signboard"}


@pytest.mark.parametrize(
    ("answers", "with_steps", "without"),
    [
        ({"has_licence": False}, {"registration"}, {"licence_check"}),
        ({"prepackaged_only": True}, {"food_record"}, {"food_permit"}),
        ({"area": 300}, {"fire_check"}, {"fire_followup"}),
        ({"area": "299.9"}, set(), {"fire_check"}),
        ({"area": 300, "fire_track": "commitment"}, {"fire_check", "fire_followup"}, set()),
        ({"fire_track": "commitment"}, set(), {"fire_check", "fire_followup"}),  # hidden: dropped
        ({"entertainment": True}, {"fire_check"}, set()),
        ({"sells_tobacco": True}, {"tobacco"}, set()),
        ({"fume_emission": True}, set(), {"eia_record"}),
        ({"fume_emission": True, "area": 200}, {"eia_record"}, set()),
        ({"staff_count": 0}, set(), {"health_cert"}),
    ],
)
def test_what_each_answer_switches(
    restaurant: EffectiveThing, answers: dict[str, Any], with_steps: set[str], without: set[str]
) -> None:
    steps = active(restaurant, {"has_licence": True, "area": 80, **answers})
    assert with_steps <= steps
    assert not without & steps


@pytest.mark.parametrize("dish", ["hot_food", "cold_plant", "cold_meat", "raw_food", "cakes"])
def test_sealed_food_only_and_dishes_contradict(restaurant: EffectiveThing, dish: str) -> None:
    answers = {"has_licence": True, "area": 20, "prepackaged_only": True, dish: True}
    with pytest.raises(AnswersConflictError, match="只卖预包装食品") as error:
        normalise_answers(restaurant, answers)
    assert {"prepackaged_only", dish} <= set(error.value.questions)


# --- answers files -------------------------------------------------------------------------------

ANSWERS = """\
region: "990101"
applicant: {kind: organisation, name: 李记面馆, code: 92990101MA99000523}
answers: {has_licence: true, area: 80}
materials:
  m_layout: {name: layout.txt, path: plan.txt}
"""


def test_materials_may_stand_beside_the_file_but_not_outside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "plan.txt").write_bytes(b"plan")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    file = folder / "answers.yaml"
    file.write_text(ANSWERS)
    assert load_answers(file).material_bytes("m_layout") == b"plan"
    assert load_answers(str(file)).material_bytes("m_layout") == b"plan", "as load_catalog"
    file.write_text(ANSWERS.replace("plan.txt", "../secret.txt"))
    with pytest.raises(FileUnusableError, match="outside the folder"):
        load_answers(file).material_bytes("m_layout")
    file.write_text(ANSWERS.replace("plan.txt", "missing.txt"))
    with pytest.raises(FileUnusableError, match=r"missing\.txt"):
        load_answers(file).material_bytes("m_layout")


@pytest.mark.parametrize(
    ("old", "new", "place", "text"),
    [
        ("kind: organisation", "kind: company", "2:19", "kind: 'company' is not known here"),
        ("answers:", "answer:", "3:1", "unknown key 'answer'; did you mean 'answers'?"),
        ("path: plan.txt", "file: plan.txt", "5:32", "unknown key 'file'"),
        (", path: plan.txt", "", "5:13", "give either 'text' or 'path'"),
        ('"990101"', "990101", "1:9", "990101 is no text here"),
        ("region", "folder: /etc\nregion", "1:1", "unknown key 'folder'"),
    ],
)
def test_wrong_answers_files_are_told_at_their_place(
    tmp_path: Path, old: str, new: str, place: str, text: str
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS.replace(old, new, 1))
    with pytest.raises(CatalogError) as error:
        load_answers(file)
    assert f"{file}:{place}: " in str(error.value)
    assert text in str(error.value)


# --- the guide for authors -----------------------------------------------------------------------


def test_the_guide_shows_what_works(catalog: Catalog, restaurant: EffectiveThing) -> None:
    guide = (bundled_catalog_dir() / "README.md").read_text()
    rules, overlay = (
        guide.split("## Rules")[1].split("```")[1],
        guide.split("## Overlays")[1].split("```yaml")[1].split("```")[0],
    )
    for text in rules.strip().splitlines():
        check_rule(parse_rule(text), restaurant.declared)
    head = 'format: oneservice-catalog/1\nregion: "990200"\neffective_from: 2026-01-01\n'
    document, findings = read_document((head + overlay).encode(), file="guide.yaml")
    assert document is not None, findings
    together = Catalog(documents=(*catalog.documents, document))
    assert lint(together) == ()
    thing = together.thing("restaurant", region="990201", on=ON)
    steps = {step.id: step for step in thing.thing.steps}
    assert steps["fire_check"].when == "entertainment || area >= 200"
    for key in re.findall(r"`((?:add|drop|change)_\w+|consumes)`", guide):
        assert key in Overlay.model_fields
