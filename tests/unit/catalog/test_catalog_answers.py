"""Answers: checked all at once, hidden ones dropped, defaults applied, contradictions told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from oneservice.catalog import EffectiveThing, conflicts, normalise_answers
from oneservice.errors import AnswersConflictError, AnswersInvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.catalog import Catalog


@pytest.fixture
def shop(base: str, make_catalog: Callable[..., Catalog]) -> EffectiveThing:
    return make_catalog(base=base).thing("shop", region="990101", on=date(2026, 9, 28))


def test_defaults_fill_what_is_not_answered_in_the_order_of_the_questions(
    shop: EffectiveThing,
) -> None:
    facts = normalise_answers(shop, {"kind": "large", "area": "82.50"})
    assert facts == {"area": Decimal("82.5"), "kind": "large", "open_late": False, "helpers": 0}
    assert list(facts) == ["area", "kind", "open_late", "helpers"]


def test_a_hidden_question_has_no_value_whatever_was_sent(shop: EffectiveThing) -> None:
    sent = {"kind": "small", "area": 10, "open_late": True}
    assert normalise_answers(shop, sent)["open_late"] is False
    assert normalise_answers(shop, {**sent, "area": 20})["open_late"] is True


def test_all_problems_are_told_at_once(shop: EffectiveThing) -> None:
    with pytest.raises(AnswersInvalidError) as error:
        normalise_answers(shop, {"kind": "smal", "aera": 3, "helpers": 1.5})
    problems = error.value.problems
    assert set(problems) == {"kind", "aera", "area", "helpers"}
    assert "did you mean 'area'?" in problems["aera"]
    assert "did you mean 'small'?" in problems["kind"]
    assert problems["area"] == "not answered: Area / 面积"
    assert problems["helpers"] == "a whole number is due"


@pytest.mark.parametrize(
    ("raw", "due"),
    [
        (80, Decimal(80)),
        ("80", Decimal(80)),
        ("80.0", Decimal(80)),
        (" 82.50 ", Decimal("82.5")),
        (Decimal("82.500"), Decimal("82.5")),
        (82.5, Decimal("82.5")),
        (0.1, Decimal("0.1")),  # a float at the shortest text that reads back
        (-0.0, Decimal(0)),
    ],
)
def test_numbers_become_exact_and_one_number_has_one_form(
    shop: EffectiveThing, raw: Any, due: Decimal
) -> None:
    area = normalise_answers(shop, {"kind": "small", "area": raw})["area"]
    assert (area, str(area), type(area)) == (due, str(due), Decimal)


@pytest.mark.parametrize(
    "raw",
    [
        True,
        None,
        "",
        "eighty",
        "1e3",
        "٣",
        "1,000",
        "0x10",
        "--1",
        float("nan"),
        float("inf"),
        1e300,
        pytest.param(10**5000, id="more digits than Python prints"),
        Decimal("NaN"),
        Decimal("1E+5000"),
        Decimal("1E-5000"),
        "9" * 100,
        [80],
        {"area": 80},
        b"80",
    ],
)
def test_what_is_no_number_is_a_problem_and_nothing_else(shop: EffectiveThing, raw: Any) -> None:
    with pytest.raises(AnswersInvalidError) as error:
        normalise_answers(shop, {"kind": "small", "area": raw})
    assert set(error.value.problems) == {"area"}


@pytest.mark.parametrize("raw", ["true", 1, 0, None, "yes"])
def test_yes_and_no_are_true_and_false_only(shop: EffectiveThing, raw: Any) -> None:
    with pytest.raises(AnswersInvalidError, match="answer true or false"):
        normalise_answers(shop, {"kind": "large", "area": 80, "open_late": raw})


def test_bounds_are_inclusive_and_named(base: str, make_catalog: Callable[..., Catalog]) -> None:
    text = base.replace(
        "type: decimal\n      - id: kind",
        "type: decimal\n        minimum: 1\n"
        "        maximum: 500.5\n        unit: m²\n      - id: kind",
    )
    shop = make_catalog(base=text).thing("shop", region="000000", on=date(2026, 9, 28))
    for fine in (1, "500.5"):
        normalise_answers(shop, {"kind": "large", "area": fine})
    with pytest.raises(AnswersInvalidError, match=r"at least 1, at most 500\.5 m²"):
        normalise_answers(shop, {"kind": "large", "area": "500.6"})


def test_contradictions_are_told_in_both_languages_with_their_questions(
    shop: EffectiveThing,
) -> None:
    with pytest.raises(AnswersConflictError) as error:
        normalise_answers(shop, {"kind": "small", "area": 501})
    assert error.value.questions == ("kind", "area")
    assert "A small shop is not that large / 小店没有这么大" in str(error.value)


def test_contradictions_can_be_asked_before_all_is_answered(shop: EffectiveThing) -> None:
    assert conflicts(shop, {"kind": "small"}) == ()
    assert conflicts(shop, {"kind": "small", "area": Decimal(501)}) == ((0, ("kind", "area")),)
