"""Searching by goal, in both languages, without a dictionary."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    HitKind,
    bundled_catalog_dir,
    index_goals,
    load_catalog,
    read_catalog,
)
from oneservice.catalog.effective import effective_digest

DAY = date(2026, 9, 28)
ROOT = Path(__file__).resolve().parents[3]
DOCS, _ = read_catalog([ROOT / "docs" / "shapes" / "national.yaml"])
NATIONAL = ROOT / "catalogs" / "national"
RESTAURANT = load_catalog([NATIONAL / "restaurant.yaml", NATIONAL / "departments.yaml"])
BUNDLED = index_goals(load_catalog(bundled_catalog_dir()), region="990101", on=DAY)
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


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("开饭店", "restaurant"),
        ("我要开一家饭店", "restaurant"),
        ("饭店", "restaurant"),
        ("餐馆", "restaurant"),
        ("开小吃店", "restaurant"),
        ("open a diner", "restaurant"),
        ("装煤气", "utilities"),
        ("broadband", "utilities"),
        ("上户口", "newborn"),
        ("公司注销", "deregistration"),
        ("我想注册一个物流公司", "transport_company"),
        ("领养老金", "retirement"),
        ("公司改名", "data_change"),
        ("小孩上学", "school_entry"),
        ("亲人过世", "after_death"),
        ("井盖丢了", "manhole_report"),
        ("黑名单", "credit_repair"),
    ],
)
def test_everyday_words_find_the_bundled_goals(words: str, first: str) -> None:
    found = BUNDLED.search(words)
    assert found
    assert found[0].id == first


def test_words_that_are_only_searched_are_no_part_of_the_digest() -> None:
    effective = RESTAURANT.thing("restaurant", region="990101", on=DAY)
    assert effective.thing.also
    bare = effective.thing.model_copy(update={"also": ()})
    items = {name: item.model_copy(update={"also": ()}) for name, item in effective.items.items()}
    assert effective_digest(bare, items, effective.departments) == effective.digest


@pytest.mark.parametrize("words", ["一家", "我想要", "开一家", "我要办理"])
def test_a_wish_alone_finds_nothing(words: str) -> None:
    assert INDEX.search(words) == ()
