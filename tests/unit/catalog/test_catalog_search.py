"""Searching by goal, in both languages, without a dictionary."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import HitKind, index_goals, load_catalog, read_catalog

DAY = date(2026, 9, 28)
ROOT = Path(__file__).resolve().parents[3]
DOCS, _ = read_catalog([ROOT / "docs" / "shapes" / "national.yaml"])
NATIONAL = ROOT / "catalogs" / "national"
RESTAURANT = load_catalog([NATIONAL / "restaurant.yaml", NATIONAL / "departments.yaml"])
INDEX = index_goals(RESTAURANT, region="990101", on=DAY)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("我想开餐饮店", "restaurant"),
        ("open restaurants", "restaurant"),
        ("招牌", "signboard"),
        ("a sign for the storefront", "signboard"),
        ("排水许可", "drainage"),
        ("消防安全检查", "fire_check"),
        ("烟草零售", "tobacco"),
        ("TOBACCO", "tobacco"),
    ],
)
def test_what_is_meant_comes_first(words: str, first: str) -> None:
    found = INDEX.search(words)
    assert found
    assert found[0].id == first


def test_an_item_names_the_one_things_that_place_it() -> None:
    (hit, *_) = INDEX.search("招牌")
    assert hit.kind is HitKind.ITEM
    assert hit.things == ("restaurant",)


def test_things_of_other_goals_do_not_come() -> None:
    assert DOCS is not None
    found = index_goals(DOCS, region="990101", on=DAY).search("路灯坏了")
    assert found[0].id == "street_lamp"
    assert "move_house" not in {hit.id for hit in found}


@pytest.mark.parametrize("words", ["", "   ", "我要", "the", "!?", "ω", "龘"])
def test_words_that_say_nothing_find_nothing(words: str) -> None:
    assert INDEX.search(words) == ()


@given(text=st.text(max_size=400), limit=st.integers(-1, 5))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_searched(text: str, limit: int) -> None:
    found = INDEX.search(text, limit=limit)
    assert len(found) <= max(limit, 0)
    assert list(found) == sorted(found, key=lambda hit: -hit.score)
