"""A change in words does what it says; a name that there is not is answered with those that are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.errors import ChangeUnknownError
from oneservice.simulation.offices_chance import Always
from oneservice.simulation.offices_parameters import OfficeParameters, Parameters
from oneservice.simulation.whatif_changes import EXAMPLES, Scenario, changed_by
from oneservice.simulation.whatif_population import population_of


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("restaurant", region="990101", on=date(2026, 9, 28))
    parameters = replace(
        Parameters.typical(thing),
        offices={"fire-rescue": OfficeParameters(desks=2, inspectors=3)},
    )
    return Scenario(
        thing=thing,
        population=population_of("restaurant"),
        parameters=parameters,
        cases_per_day=40,
    )


@pytest.mark.parametrize(
    ("words", "inspectors", "desks"),
    [
        ("fire-rescue inspectors +1", 4, 2),
        ("fire inspectors  + 2", 5, 2),
        ("fire-rescue inspectors -2", 1, 2),
        ("fire-rescue inspectors = 7", 7, 2),
        ("fire-rescue desks=9", 3, 9),
    ],
)
def test_staff(scenario: Scenario, words: str, inspectors: int, desks: int) -> None:
    office = changed_by(scenario, words).parameters.office("fire-rescue")
    assert (office.inspectors, office.desks) == (inspectors, desks)


def test_an_answer_is_given_by_everybody(scenario: Scenario) -> None:
    changed = changed_by(scenario, "restaurant fire_track = commitment")
    assert {one.answers["fire_track"] for one in changed.population.profiles} == {"commitment"}
    changed = changed_by(scenario, "restaurant sells_tobacco = true")
    assert {one.answers["sells_tobacco"] for one in changed.population.profiles} == {True}


@pytest.mark.parametrize(
    ("words", "name", "per_mille"),
    [
        ("food_permit correction rate 10 %", "correction", 100),
        ("food_permit correction rate = 2.5%", "correction", 25),
        ("food_permit late correction rate 1 %", "correction_after", 10),
        ("food_permit late decision rate 0 %", "late", 0),
        ("food_permit refusal rate 7 %", "refused", 70),
    ],
)
def test_rates(scenario: Scenario, words: str, name: str, per_mille: int) -> None:
    rates = changed_by(scenario, words).parameters.step("food_permit").rates
    assert getattr(rates, name) == per_mille
    before = scenario.parameters.step("food_permit").rates
    assert replace(rates, **{name: getattr(before, name)}) == before


def test_minutes(scenario: Scenario) -> None:
    step = changed_by(scenario, "food_permit inspection minutes 90").parameters.step("food_permit")
    assert step.inspection is not None
    assert step.inspection.minutes == Always(90)
    step = changed_by(scenario, "tobacco review minutes 5").parameters.step("tobacco")
    assert step.review == Always(5)


def test_joint_inspection_and_cases(scenario: Scenario) -> None:
    alone = changed_by(scenario, "joint inspection off")
    assert alone.parameters.joint_inspections == ()
    again = changed_by(alone, "joint inspection on")
    assert again.parameters.joint_inspections == scenario.parameters.joint_inspections
    assert changed_by(scenario, "cases per day 50").cases_per_day == 50


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("more inspectors", EXAMPLES[0]),
        ("police inspectors +1", "fire-rescue"),
        ("restaurant fire_trak = commitment", "fire_track"),
        ("restaurant fire_track = promise", "commitment"),
        ("restaurant sells_tobacco = yes", "true"),
        ("school fire_track = commitment", "restaurant"),
        ("food correction speed 10 %", EXAMPLES[3]),
        ("food_permit error rate 10 %", "correction"),
        ("foot_permit correction rate 10 %", "food_permit"),
        ("tobacco inspection minutes 30", "review"),
        ("health inspectors +1", "health inspectors = 3"),
        ("f inspectors +1", "fire-rescue"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    scenario: Scenario, words: str, choice: str
) -> None:
    if words.startswith("f "):
        assert changed_by(scenario, words).parameters.office("fire-rescue").inspectors == 4
        return
    with pytest.raises(ChangeUnknownError) as refused:
        changed_by(scenario, words)
    assert choice in refused.value.choices


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("fire inspector +1", "inspectors"),
        ("fire-rescue inspector = 4", "inspectors"),
        ("fire desk=9", "desks"),
        ("fire insepctors -1", "inspectors"),
    ],
)
def test_staff_nearly_named_is_answered_with_the_name(
    scenario: Scenario, words: str, meant: str
) -> None:
    with pytest.raises(ChangeUnknownError, match=f"did you mean '{meant}'"):
        changed_by(scenario, words)


@pytest.mark.parametrize(
    "words", ["fire-rescue inspectors -3", "fire-rescue desks = 0", "cases per day 0"]
)
def test_nobody_at_all_is_refused(scenario: Scenario, words: str) -> None:
    with pytest.raises(ChangeUnknownError, match="least 1"):
        changed_by(scenario, words)


@pytest.mark.parametrize(
    "words", ["food_permit correction rate 120 %", "tobacco late decision rate 999 %"]
)
def test_a_rate_beyond_all_cases_is_refused(scenario: Scenario, words: str) -> None:
    with pytest.raises(ChangeUnknownError, match="between 0 and 100 %"):
        changed_by(scenario, words)


def test_who_comes_must_have_been_counted() -> None:
    with pytest.raises(ChangeUnknownError) as refused:
        population_of("newborn")
    assert refused.value.choices == ("restaurant",)
