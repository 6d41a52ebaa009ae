"""CPSV-AP export: the graph hangs together, and what the profile wants is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from oneservice.catalog import EffectiveThing, bundled_catalog_dir, load_catalog
from oneservice.exchange import cpsv_document, cpsv_text

MONDAY = date(2026, 9, 28)
CATALOG = load_catalog(bundled_catalog_dir())
THINGS = CATALOG.things("990101", MONDAY)

MANDATORY = {
    "PublicService": {"identifier", "title", "description", "competentAuthority"},
    "PublicOrganisation": {"label", "spatial", "identifier", "title"},
    "Event": {"identifier", "title"},
    "Rule": {"identifier", "title", "description"},
    "Output": {"identifier", "title"},
    "Channel": {"identifier"},
    "Cost": {"identifier"},
    "Requirement": {"identifier", "title"},
    "EvidenceType": {"identifier"},
}
"""Properties with a minimum of one in CPSV-AP 3.2.0, by class."""


@pytest.fixture(params=THINGS, ids=lambda thing: thing.thing.id)
def thing(request: pytest.FixtureRequest) -> EffectiveThing:
    found: EffectiveThing = request.param
    return found


def nodes(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["@graph"]
    return found


def kinds(node: dict[str, Any]) -> list[str]:
    kind = node["@type"]
    return kind if isinstance(kind, list) else [kind]


def links(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    context = document["@context"]
    for node in nodes(document):
        for name, value in node.items():
            if isinstance(context.get(name), dict) and context[name].get("@type") == "@id":
                for target in value if isinstance(value, list) else [value]:
                    yield name, target


def test_every_term_is_in_the_context(thing: EffectiveThing) -> None:
    document = cpsv_document(thing)
    context = document["@context"]
    assert isinstance(context, dict)
    for node in nodes(document):
        assert {name for name in node if not name.startswith("@")} <= set(context)
        assert set(kinds(node)) <= set(context)


def test_every_link_has_its_node_or_is_of_the_public_web(thing: EffectiveThing) -> None:
    document = cpsv_document(thing)
    named = [node["@id"] for node in nodes(document)]
    assert len(set(named)) == len(named)
    for name, target in links(document):
        is_public = target.startswith(("http://publications.europa.eu/", "https://"))
        assert target in named or is_public, (name, target)


def test_mandatory_properties_are_there(thing: EffectiveThing) -> None:
    for node in nodes(cpsv_document(thing)):
        for kind in kinds(node):
            assert MANDATORY.get(kind, set()) <= set(node), node["@id"]


def test_texts_are_in_both_languages(thing: EffectiveThing) -> None:
    document = cpsv_document(thing)
    for node in nodes(document):
        for name, value in node.items():
            if document["@context"].get(name, {}) == {"@id": "dct:title"}:
                assert set(value) == {"zh", "en"}


def test_a_service_for_the_whole_and_one_for_each_step(thing: EffectiveThing) -> None:
    services = [node for node in nodes(cpsv_document(thing)) if "PublicService" in kinds(node)]
    whole, *steps = services
    assert whole["@id"] == f"urn:oneservice:990101:{thing.thing.id}"
    assert whole["relatedService"] == [one["@id"] for one in steps]
    assert len(steps) == len(thing.thing.steps)
    for step, node in zip(thing.thing.steps, steps, strict=True):
        item = thing.items[step.item]
        assert node["processingTime"] == f"P{item.promised.days}D"
        assert re.fullmatch(r"P\d+D", node["processingTime"])
        assert node["title"] == {"zh": item.title.zh, "en": item.title.en}


def test_who_asks_for_a_credit_code_is_a_business() -> None:
    restaurant = next(one for one in THINGS if one.thing.id == "restaurant")
    assert "BusinessEvent" in kinds(nodes(cpsv_document(restaurant))[0])
    assert "LifeEvent" in kinds(nodes(cpsv_document(restaurant, event="LifeEvent"))[0])


def test_the_same_definition_gives_the_same_text() -> None:
    restaurant = next(one for one in THINGS if one.thing.id == "restaurant")
    assert cpsv_text(restaurant) == cpsv_text(restaurant)
