"""What lint has proven of a catalog, plans keep for answers drawn at random; and the reverse."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    Catalog,
    EffectiveThing,
    MaterialSource,
    bundled_catalog_dir,
    lint,
    normalise_answers,
    read_catalog,
    truth,
)
from oneservice.catalog.lint.domains import domains_of
from oneservice.catalog.lint.solving import Space
from oneservice.errors import AnswersConflictError, DependencyCycleError
from oneservice.plan import build_plan
from oneservice.workdays import national_calendar

DAY = date(2026, 9, 28)
CORPUS = Path(__file__).parents[2] / "golden" / "lint"


def _definitions() -> list[EffectiveThing]:
    catalog, findings = read_catalog(bundled_catalog_dir())
    assert catalog is not None, findings
    regions = sorted({each.region for each in catalog.documents})
    return [thing for region in regions for thing in catalog.things(region, DAY)]


DEFINITIONS = _definitions()
NAMES = [f"{each.thing.id}-{each.region}" for each in DEFINITIONS]


def _drawn(data: st.DataObject, effective: EffectiveThing) -> dict[str, Any]:
    """Answer each visible question with one of the answers that stand for all."""
    asked = effective.thing.situations
    domains = domains_of(asked, effective.rules.values())
    facts: dict[str, Any] = {}
    given_answers: dict[str, Any] = {}
    for question in asked:
        shown = question.visible_when
        if shown is not None and truth(effective.rules[shown], facts) is not True:
            facts |= {} if question.default is None else {question.id: question.default}
            continue
        value = data.draw(st.sampled_from(domains[question.id]), label=question.id)
        facts[question.id] = given_answers[question.id] = value
    return given_answers


@pytest.mark.parametrize("effective", DEFINITIONS, ids=NAMES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_plans_of_a_clean_catalog_have_no_circle_and_every_source(
    effective: EffectiveThing, data: st.DataObject
) -> None:
    """Invariants 1 and 2 of the domain's section 9, as lint promises them."""
    raw = {
        name: min(value, 5) if type(value) is int else value  # repeats are bounded elsewhere
        for name, value in _drawn(data, effective).items()
    }
    try:
        answers = normalise_answers(effective, raw)
    except AnswersConflictError:
        return
    plan = build_plan(effective, answers, on=DAY, calendar=national_calendar())
    active = {step.id for step in plan.steps}
    for step in plan.steps:
        assert set(step.requires) | set(step.attaches) <= active
    planned = {material.id: material for material in plan.materials}
    for spec in effective.thing.materials:
        if spec.source is MaterialSource.STEP and spec.id in planned:
            assert planned[spec.id].yielded_by


@pytest.mark.parametrize("effective", DEFINITIONS, ids=NAMES)
def test_answers_that_the_search_finds_can_be_handed_in(effective: EffectiveThing) -> None:
    thing = effective.thing
    space = Space(thing.situations, thing.contradictions)
    all_asked = [
        (f"!({each.visible_when or 'true'}) || {each.id} == {each.id}", True)
        for each in thing.situations
    ]
    for step in thing.steps:
        when = step.when or "true"
        found = space.find((when, True), *all_asked)
        assert found is not None, step.id
        facts = normalise_answers(effective, _asked(effective, found))
        assert facts == {each.id: found[each.id] for each in thing.situations if each.id in found}
        assert step.when is None or truth(effective.rules[when], facts) is True


def _asked(effective: EffectiveThing, found: dict[str, Any]) -> dict[str, Any]:
    shown = {each.id: each.visible_when for each in effective.thing.situations}
    return {
        name: value
        for name, value in found.items()
        if (when := shown[name]) is None or truth(effective.rules[when], found)
    }


@pytest.mark.parametrize("name", ["circle", "circle-by-attaching"])
def test_the_answers_that_lint_names_make_the_circle(name: str) -> None:
    catalog, _ = read_catalog(CORPUS / f"{name}.yaml")
    assert catalog is not None
    (finding,) = lint(catalog)
    effective = catalog.thing("shop", region="000000", on=DAY)
    answers = normalise_answers(effective, {"kind": "food", "area": 1, "late": True, "helpers": 0})
    assert "kind = food, area = 1, late = true" in finding.text
    if name == "circle":
        with pytest.raises(DependencyCycleError):
            build_plan(effective, answers, on=DAY, calendar=national_calendar())


def test_lint_leaves_the_catalog_as_it_was() -> None:
    catalog, _ = read_catalog(CORPUS / "clean.yaml")
    assert catalog is not None
    before = catalog.thing("shop", region="000000", on=DAY).digest
    assert lint(catalog) == lint(Catalog(documents=catalog.documents)) == ()
    assert catalog.thing("shop", region="000000", on=DAY).digest == before
