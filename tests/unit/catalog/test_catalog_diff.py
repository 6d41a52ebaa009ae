"""Differences in plain words: all of them, each once, and none where the rules are the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from oneservice.catalog import (
    Catalog,
    CatalogDocument,
    DifferenceKind,
    diff,
    diff_item,
    load_catalog,
    read_catalog,
)
from oneservice.catalog.rule_words import rule_in_words
from oneservice.catalog.terms import CatalogModel
from oneservice.catalog.wording import LABELS
from oneservice.errors import UnknownReferenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAY = date(2026, 9, 28)
ROOT = Path(__file__).resolve().parents[3]
CATALOGS = ROOT / "catalogs"
RESTAURANT = load_catalog(
    [
        CATALOGS / "national" / "restaurant.yaml",
        CATALOGS / "national" / "departments.yaml",
        CATALOGS / "990100" / "restaurant.yaml",
    ]
)
HEAD = 'format: oneservice-catalog/1\nregion: "990100"\neffective_from: 2026-01-01\n'


def sentences(base: str, overlay: str, make: Callable[..., Catalog]) -> list[tuple[str, str]]:
    catalog = make(base=base, city=f"{HEAD}overlays:\n  - thing: shop\n{overlay}")
    here, there = (catalog.thing("shop", region=code, on=DAY) for code in ("000000", "990100"))
    texts = [each.sentence("A", "B") for each in diff(here, there)]
    return [(text.en, text.zh) for text in texts]


def test_the_restaurant_of_the_city_and_of_the_country() -> None:
    here, there = (
        RESTAURANT.thing("restaurant", region=code, on=DAY) for code in ("000000", "990101")
    )
    found = diff(here, there)
    assert [(each.kind, each.id, each.member) for each in found] == [
        (DifferenceKind.QUESTION, "fume_emission", None),
        (DifferenceKind.LIMIT, "tobacco", "promised"),
        (DifferenceKind.STEP, "eia_record", None),
        (DifferenceKind.FIELD, "fume_purifier", None),
        (DifferenceKind.MATERIAL, "m_fume_purifier", None),
    ]
    back = diff(there, here)
    assert {(each.kind, each.id, each.member) for each in back} == {
        (each.kind, each.id, each.member) for each in found
    }
    assert [each.first for each in back if each.id == "tobacco"] == [
        each.second for each in found if each.id == "tobacco"
    ]


def test_the_same_rules_have_no_difference_whoever_the_office_is() -> None:
    one, other = (
        RESTAURANT.thing("restaurant", region=code, on=day)
        for code, day in (("990100", DAY), ("990101", date(2027, 1, 1)))
    )
    assert diff(one, other) == ()


CASES = {
    "promise": (
        "    change_items: [{id: permit, promised: {days: 3}}]\n",
        ('Permit, promised limit: "8 working days" in A, "3 working days" in B',
         "许可，承诺时限：A为“8个工作日”，B为“3个工作日”"),
    ),
    "threshold": (
        ("    change_steps: [{id: check, when: area >= 200, "
        "legal_basis: [{law: {zh: 法, en: Law}}]}]\n"),
        (('Check, needed when: "‘Open late’ yes or ‘Area’ at least 300" in A, '
                '"‘Area’ at least 200" in B'),
         "检查，适用条件：A为“‘营业到深夜’答是，或‘面积’不小于300”，B为“‘面积’不小于200”"),
    ),
    "dropped material": (
        "    drop_materials: [m_plan]\n",
        ("Plan: only in A", "图：仅A有"),
    ),
    "bound": (
        "    change_situations: [{id: area, maximum: 90.5}]\n",
        ('Area, maximum: "none" in A, "90.5" in B', "面积，上限：A为“无”，B为“90.5”"),
    ),
    "fee": (
        ("    change_items: [{id: permit, fees: [{title: {zh: 工本费, en: Booklet}, amount: 6, "
        "legal_basis: [{law: {zh: 收费法, en: Fees Law}}]}]}]\n"),
        ('Permit, fees: B also has "Booklet, amount 6.00, legal basis Fees Law"',
         "许可，收费：B另有“工本费，金额 6.00，法律依据 《收费法》”"),
    ),
    "channel": (
        ("    change_items: [{id: permit, channels: [{kind: window, where: {zh: 大厅, en: Hall}, "
        "visits: 1}]}]\n"),
        ('Permit, ways to hand it in: B also has "window, Hall, visits 1"',
         "许可，办理渠道：B另有“窗口，大厅，到现场次数 1”"),
    ),
    "certificates": (
        "    change_materials: [{id: m_plan, accepts_also: [old_plan], importance: minor}]\n",
        ('Plan, class: "main" in A, "minor" in B', "图，材料类别：A为“主审要件”，B为“次要材料”"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_in_plain_words(
    case: tuple[str, tuple[str, str]], base: str, make_catalog: Callable[..., Catalog]
) -> None:
    overlay, due = case
    assert due in sentences(base, overlay, make_catalog)


def test_lists_tell_only_what_is_not_in_both(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    overlay = "    consumes: [{step: permit, fields: [helper_name]}]\n"
    assert sentences(base, overlay, make_catalog) == [
        ('Name, used by: B also has "Permit"', "姓名，使用的步骤：B另有“许可”")
    ]


def models(model: type[CatalogModel]) -> Iterator[type[CatalogModel]]:
    """Yield every model below ``model``."""
    waiting, seen = [model], set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        for field in current.model_fields.values():
            waiting += [
                each
                for each in _classes(field.annotation)
                if isinstance(each, type) and issubclass(each, CatalogModel)
            ]


def _classes(annotation: object) -> Iterator[object]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _classes(inner)


def test_every_member_of_a_definition_has_a_name_in_both_languages() -> None:
    things = next(
        each
        for each in _classes(CatalogDocument.model_fields["things"].annotation)
        if isinstance(each, type) and issubclass(each, CatalogModel)
    )
    items = next(
        each
        for each in _classes(CatalogDocument.model_fields["items"].annotation)
        if isinstance(each, type) and issubclass(each, CatalogModel)
    )
    apart = {"Text", "Limit", "Before", "Choice"}
    members = {
        name
        for top in (things, items)
        for model in models(top)
        if model.__name__ not in apart
        for name in model.model_fields
    }
    unnamed = members - set(LABELS) - {"id", "situations", "fields", "before", "also"}
    assert unnamed == set()
    assert all(zh != en and zh and en for zh, en in LABELS.values())


def test_no_difference_means_one_digest_and_the_other_way_round() -> None:
    """Over the bundled things and regions: only offices may make digests differ silently."""
    catalog, _ = read_catalog(CATALOGS)
    assert catalog is not None
    regions = sorted({each.region for each in catalog.documents})
    for name in sorted({name for each in catalog.documents for name in each.names["things"]}):
        sides = [catalog.thing(name, region=region, on=DAY) for region in regions]
        for one in sides:
            for other in sides:
                same_rules = (one.thing, dict(one.items)) == (other.thing, dict(other.items))
                assert (diff(one, other) == ()) >= same_rules
                if one.digest == other.digest:
                    assert diff(one, other) == ()
                elif not same_rules and one.thing.before == other.thing.before:
                    assert diff(one, other)


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("open_late", "‘Open late’ yes", "‘营业到深夜’答是"),
        ("!open_late", "‘Open late’ no", "‘营业到深夜’答否"),
        ('kind == "small"', "‘Kind’ is ‘Small’", "‘种类’是‘小’"),
        ('kind in ["small", "large"]', "‘Kind’ is ‘Small’ or ‘Large’", "‘种类’是‘小’或‘大’"),
        ("area < 2.50", "‘Area’ under 2.50", "‘面积’小于2.50"),
        ("open_late == true", "‘Open late’ yes", "‘营业到深夜’答是"),
        (
            'open_late && (area > 3 || kind != "large")',
            "‘Open late’ yes and (‘Area’ over 3 or ‘Kind’ is not ‘Large’)",
            "‘营业到深夜’答是，且（‘面积’大于3，或‘种类’不是‘大’）",
        ),
        ("!(area > 3)", "!(area > 3)", "!(area > 3)"),
        ("area >", "area >", "area >"),
        ("stranger > 3", "‘stranger’ over 3", "‘stranger’大于3"),
    ],
)
def test_rules_as_sentences(
    text: str, en: str, zh: str, base: str, make_catalog: Callable[..., Catalog]
) -> None:
    shop = make_catalog(base=base).thing("shop", region="990101", on=DAY).thing
    words = rule_in_words(text, {each.id: each for each in shop.situations})
    assert (words.en, words.zh) == (en, zh)


def test_one_item_is_compared_with_what_it_asks_for() -> None:
    catalog = load_catalog([CATALOGS])
    one, other = (catalog.thing("restaurant", region=at, on=DAY) for at in ("990101", "980201"))
    found = {(each.kind, each.id) for each in diff_item(one, other, "food_permit")}
    assert ("limit", "food_permit") in found
    assert found < {(each.kind, each.id) for each in diff(one, other)}
    assert not {kind for kind, _ in found} & {"thing", "question"}
    assert diff_item(one, one, "food_permit") == ()
    with pytest.raises(UnknownReferenceError, match=r"neither side.*food_permit"):
        diff_item(one, other, "no_such_item")
