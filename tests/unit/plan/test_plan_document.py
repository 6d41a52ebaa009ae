"""A plan goes through JSON unchanged, and one that was changed is told."""

from __future__ import annotations

import copy
import json

import pytest

from oneservice.canonical import digest, parse_object
from oneservice.errors import CaseError, PlanInvalidError
from oneservice.plan import PLAN_FORMAT, parse_plan, plan_bytes, plan_digest


@pytest.fixture
def plan(kit):
    return kit.plan(
        {"staff": 2, "area": "82.5", "sign": True},
        items=(kit.item("food", 8, statutory=kit.days(10)),),
        situations=[
            kit.question("staff", "int"),
            kit.question("area", "decimal"),
            kit.question("sign"),
        ],
        steps=[
            {"id": "health", "for_each": {"count": "staff", "group": "people"}},
            {"id": "food", "attaches": ["health"], "when": "area > 10"},
            {"id": "fire", "when": "area > 300"},
        ],
        fields=[kit.field("area", "food", answer="area"), kit.field("p", "health", group="people")],
        materials=[kit.material("m", "food")],
        before={
            "fields": 9,
            "materials": 8,
            "working_days": 7,
            "source": {"zh": "样本", "en": "sample"},
        },
    )


def test_round_trip(plan) -> None:
    data = plan_bytes(plan)
    again = parse_plan(parse_object(data))
    assert again == plan
    assert plan_bytes(again) == data


def test_the_bytes_are_plain_json(plan) -> None:
    assert json.loads(plan_bytes(plan)) == plan.as_json()
    assert plan.as_json()["format"] == PLAN_FORMAT
    assert plan.as_json()["answers"] == {"area": "82.5", "sign": True, "staff": 2}


def test_the_digest_covers_everything_but_itself(plan) -> None:
    document = plan.as_json()
    named = document.pop("digest")
    assert named == plan.digest == digest(document) == plan_digest(plan.as_json())


def paths(value, path=()):
    """Yield the path of every scalar in a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))
    else:
        yield path


def test_any_changed_value_is_told(plan) -> None:
    original = plan.as_json()
    for path in paths(original):
        document = copy.deepcopy(original)
        place = document
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = "changed"
        with pytest.raises(PlanInvalidError):
            parse_plan(document)


def resealed(document):
    return {**document, "digest": plan_digest(document)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "oneservice-plan/2"}, "no plan of format"),
        ({"surprise": 1}, "does not know"),
        ({"steps": "none"}, "wrong shape: steps"),
        ({"on": "someday"}, "wrong shape: on"),
        ({"promised_working_days": "8"}, "does not know"),
        ({"form": [{"id": 3}]}, "wrong shape"),
    ],
)
def test_a_document_of_another_shape_is_told_even_with_its_own_digest(plan, change, words) -> None:
    with pytest.raises(PlanInvalidError, match=words):
        parse_plan(resealed(plan.as_json() | change))


@pytest.mark.parametrize("truth", [1, 1.0])
def test_what_only_counts_as_true_is_told(plan, truth) -> None:
    """Python takes 1 for true; readers of the bytes, and of the digest, do not."""
    document = plan.as_json()
    critical = [step for step in document["steps"] if step["is_critical"]]
    critical[0]["is_critical"] = truth
    with pytest.raises(PlanInvalidError, match="does not know"):
        parse_plan(resealed(document))


def test_a_missing_member_is_told(plan) -> None:
    document = plan.as_json()
    del document["due"]
    with pytest.raises(PlanInvalidError, match="wrong shape: due"):
        parse_plan(resealed(document))


@pytest.mark.parametrize("document", [{}, {"format": PLAN_FORMAT}, {"format": None, "digest": 3}])
def test_no_plan_at_all(document) -> None:
    with pytest.raises(PlanInvalidError) as caught:
        parse_plan(document)
    assert isinstance(caught.value, CaseError)
    assert caught.value.code == "plan_invalid"
