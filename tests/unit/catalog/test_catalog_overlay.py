"""Overlays: what a region may change, what it may not, and which file each part came from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from oneservice.catalog import Finding, Limit, LimitUnit
from oneservice.catalog.overlay import is_within
from oneservice.errors import (
    CatalogError,
    IdentifierError,
    OverlayError,
    UnknownReferenceError,
    UnknownThingError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.catalog import Catalog

ON = date(2026, 9, 28)
LAW = "legal_basis: [{law: {zh: 办法, en: Measures}}]"


def overlay(body: str, region: str = "990100", since: str = "2026-02-01", until: str = "") -> str:
    ends = f"effective_until: {until}\n" if until else ""
    head = f'format: oneservice-catalog/1\nregion: "{region}"\neffective_from: {since}\n{ends}'
    lines = body.strip("\n").split("\n")
    return head + "overlays:\n  - thing: shop\n" + "".join(f"    {line}\n" for line in lines)


def test_layers_are_laid_from_the_country_down_and_only_where_they_belong(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    def promise(region: str) -> int:
        thing = catalog.thing("shop", region=region, on=ON)
        return thing.items["permit"].promised.days

    change = "change_items: [{id: permit, promised: {days: %d}}]"
    catalog = make_catalog(
        z_base=base,
        c_province=overlay(change % 7, "990000"),
        b_city=overlay(change % 6, "990100"),
        a_county=overlay(change % 5, "990101"),
        other=overlay(change % 1, "980000"),
    )
    assert [promise(code) for code in ("000000", "990000", "990100", "990101")] == [8, 7, 6, 5]
    assert promise("990101001") == 5  # a town of that county
    assert promise("990200") == 7
    assert promise("970101") == 8


def test_layers_count_in_their_period_the_last_day_included(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    change = "change_items: [{id: permit, promised: {days: 5}}]"
    text = overlay(change, since="2026-03-01", until="2026-03-31")
    catalog = make_catalog(base=base, city=text)
    due = {date(2026, 2, 28): 8, date(2026, 3, 1): 5, date(2026, 3, 31): 5, date(2026, 4, 1): 8}
    for day, days in due.items():
        assert catalog.thing("shop", region="990100", on=day).items["permit"].promised.days == days


def test_a_newer_version_supersedes_from_its_first_day(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    new = base.replace("2026-01-01", "2026-07-01").replace(
        "promised: {days: 8}", "promised: {days: 3}"
    )
    catalog = make_catalog(new=new, old=base)
    before = catalog.thing("shop", region="990100", on=date(2026, 6, 30))
    after = catalog.thing("shop", region="990100", on=date(2026, 7, 1))
    assert (before.items["permit"].promised.days, after.items["permit"].promised.days) == (8, 3)
    assert before.digest != after.digest


def test_everything_that_an_overlay_may_do(base: str, make_catalog: Callable[..., Catalog]) -> None:
    body = f"""
lead_department: office
add_situations:
  - {{id: fumes, question: {{zh: 油烟, en: Fumes}}, type: bool, default: false}}
change_situations:
  - {{id: helpers, default: 2, maximum: 50}}
add_contradictions:
  - {{when: fumes && area < 5, text: {{zh: 太小, en: Too small}}}}
add_steps:
  - {{id: second, item: check, when: fumes, requires: [permit]}}
change_steps:
  - {{id: check, when: area >= 200, requires_also: [second], {LAW}}}
drop_fields: [name]
add_fields:
  - {{id: purifier, title: {{zh: 净化器, en: Purifier}}, type: text, steps: [second]}}
drop_materials: [m_plan]
add_materials:
  - {{id: m_new, title: {{zh: 证, en: Proof}}, source: applicant, steps: [second], {LAW}}}
consumes:
  - {{step: second, fields: [area], materials: [m_permit]}}
joint_inspection: [permit, second]
before: {{fields: 9, materials: 8, working_days: 7, source: {{zh: 源, en: Source}}}}
"""
    thing = make_catalog(base=base, city=overlay(body)).thing("shop", region="990101", on=ON)
    merged = thing.thing
    assert [each.id for each in merged.situations] == [
        "area",
        "kind",
        "open_late",
        "helpers",
        "fumes",
    ]
    assert merged.situations[3].default == 2
    assert merged.situations[3].maximum == 50
    assert [each.when for each in merged.contradictions][1] == "fumes && area < 5"
    steps = {each.id: each for each in merged.steps}
    assert list(steps) == ["permit", "check", "second"]
    assert steps["check"].when == "area >= 200"
    assert steps["check"].requires == ("permit", "second")
    assert [each.id for each in merged.fields] == ["area", "helper_name", "purifier"]
    assert merged.fields[0].steps == ("permit", "second")
    assert {each.id: each.steps for each in merged.materials} == {
        "m_permit": ("check", "second"),
        "m_new": ("second",),
    }
    assert merged.joint_inspection == ("permit", "second")
    assert merged.before is not None
    assert [layer.name for layer in thing.layers] == ["base.yaml", "city.yaml"]
    assert set(thing.rules) >= {"fumes", "area >= 200"}


def test_each_part_remembers_its_file(base: str, make_catalog: Callable[..., Catalog]) -> None:
    body = f"""
change_steps:
  - {{id: check, when: area >= 200, {LAW}}}
change_items:
  - {{id: permit, promised: {{days: 3}}}}
"""
    thing = make_catalog(base=base, city=overlay(body)).thing("shop", region="990100", on=ON)

    def source(path: str) -> str:
        found = thing.source_of(path)
        assert found is not None
        return found

    assert source("shop.steps.check.when") == "city.yaml:7:27"
    assert thing.source_of("shop.steps.check.when", offset=8) == "city.yaml:7:35"
    assert source("items.permit.promised") == "city.yaml:9:32"
    line = base[: base.index("item: check")].count("\n") + 1
    assert source("shop.steps.check.item") == f"base.yaml:{line}:15"
    assert source("shop.steps.check.requires.0").startswith(f"base.yaml:{line + 2}:")
    assert source("items.permit.statutory").startswith("base.yaml:")
    assert source("shop.steps.nowhere").startswith("base.yaml:")  # the thing itself


def test_a_dropped_step_leaves_every_list(base: str, make_catalog: Callable[..., Catalog]) -> None:
    more = "      - {id: last, item: check, requires: [check]}\n    joint_inspection: [check]\n"
    text = base.replace("    fields:\n", f"{more}    fields:\n")
    thing = make_catalog(base=text, city=overlay("drop_steps: [check]")).thing(
        "shop", region="990100", on=ON
    )
    assert [(each.id, each.requires) for each in thing.thing.steps] == [
        ("permit", ()),
        ("last", ()),
    ]
    assert [each.id for each in thing.thing.fields] == ["name", "area"]  # the group went with it
    assert [each.id for each in thing.thing.materials] == ["m_plan"]
    assert thing.thing.joint_inspection == ()


CHANGED_LAW = """
change_steps:
  - id: permit
    limits: [{when: area > 1, promised: {days: 3}, statutory: ▸{days: 30}}]
"""
MORE_PAPER = """
add_materials:
  - ▸{id: m_x, title: {zh: 证, en: Proof}, source: applicant, steps: [check]}
"""
ILLEGAL = [
    ("change_items: [{id: permit, promised: ▸{days: 21}}]", OverlayError, "beyond the statutory"),
    ("change_items: [{id: check, promised: ▸{days: 6}}]", OverlayError, "beyond the promise"),
    ("drop_steps: [▸permit]", OverlayError, "statutory step"),
    (f"change_steps: [{{id: permit, when: ▸'false', {LAW}}}]", OverlayError, "would drop it"),
    ("change_steps: [{id: check, when: ▸area > 1}]", OverlayError, "rests on no rule"),
    (
        "change_steps: [{id: permit, limits: [{when: area > 1, promised: ▸{days: 30}}]}]",
        OverlayError,
        "beyond the statutory",
    ),
    (
        "change_steps: [{id: check, limits: [{when: area > 1, promised: ▸{days: 6}}]}]",
        OverlayError,
        "beyond the promise",
    ),
    (f"change_steps: [{{id: permit, when: ▸'false && area > 1', {LAW}}}]", OverlayError, "drop it"),
    (
        CHANGED_LAW,
        OverlayError,
        "set by law",
    ),
    (
        MORE_PAPER,
        OverlayError,
        "without a legal basis",
    ),
    ("consumes: [{step: check, materials: ▸[m_plan]}]", OverlayError, "without a legal basis"),
    ("add_steps: [{id: ▸check, item: check}]", OverlayError, "exists already"),
    ("drop_steps: [▸chek]", UnknownReferenceError, "did you mean 'check'?"),
    ("drop_fields: [▸nme]", UnknownReferenceError, "did you mean 'name'?"),
    ("drop_materials: [▸m_pln]", UnknownReferenceError, "did you mean 'm_plan'?"),
    ("change_items: [{id: ▸permt, promised: {days: 1}}]", UnknownReferenceError, "mean 'permit'?"),
    ("change_situations: [{id: ▸helper, default: 1}]", UnknownReferenceError, "'helpers'?"),
    ("consumes: [{step: check, fields: [▸nme]}]", UnknownReferenceError, "did you mean 'name'?"),
]


TRACKS = """
        limits:
          - {when: area > 500, promised: {days: 4}, statutory: {days: 5}}
          - {when: area > 200, promised: {days: 9}}
"""
QUICK = "{when: area > 500, promised: {days: 3}}"


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ("[{when: area > 400, promised: {days: 6}}]", "is no case here any more"),
        (f"[{{when: area > 1, promised: {{days: 6}}}}, {QUICK}]", "beyond the statutory"),
        ("[{when: area > 500, promised: {days: 6}}]", "beyond the statutory"),
    ],
)
def test_a_limit_that_the_law_sets_for_a_case_cannot_be_lost(
    base: str, make_catalog: Callable[..., Catalog], limits: str, text: str
) -> None:
    permit = "is_statutory: true\n"
    law = base.replace(permit, permit.rstrip() + TRACKS, 1)
    change = "change_steps: [{id: permit, limits: %s}]"
    with pytest.raises(OverlayError, match=text) as error:
        make_catalog(base=law, city=overlay(change % limits)).thing("shop", region="990101", on=ON)
    assert error.value.source is not None
    kept = overlay(change % f"[{QUICK}, {{when: area > 1, promised: {{days: 6}}}}]")
    thing = make_catalog(base=law, city=kept).thing("shop", region="990101", on=ON)
    step = next(each for each in thing.thing.steps if each.id == "permit")
    assert [case.statutory for case in step.limits] == [Limit(days=5), None]  # the law stays


@pytest.mark.parametrize(("body", "kind", "text"), ILLEGAL)
def test_what_an_overlay_may_not_do(  # noqa: PLR0917 - fixtures and one row of a table
    base: str,
    make_catalog: Callable[..., Catalog],
    linted: Callable[..., tuple[Finding, ...]],
    unmark: Callable[[str], tuple[str, str]],
    body: str,
    kind: type[CatalogError],
    text: str,
) -> None:
    written, place = unmark(overlay(body))
    catalog = make_catalog(base=base, city=written)
    with pytest.raises(kind, match=text.replace("?", r"\?")) as error:
        catalog.thing("shop", region="990101", on=ON)
    assert error.value.source == f"city.yaml:{place}"
    found = linted(base=base, city=written)
    assert [(each.source, each.code) for each in found] == [(f"city.yaml:{place}", kind.code)]
    assert found[0].remedy


def test_a_region_does_not_redefine_what_lies_above_it(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    own = base.replace('"000000"', '"990100"').replace("2026-01-01", "2026-02-01")
    catalog = make_catalog(base=base, city=own)
    with pytest.raises(OverlayError, match="published for 000000 already"):
        catalog.thing("shop", region="990101", on=ON)
    items_only = own[: own.index("things:")]
    with pytest.raises(OverlayError, match="use 'change_items'"):
        make_catalog(base=base, city=items_only).thing("shop", region="990101", on=ON)


def test_a_mistake_that_only_base_and_overlay_together_make_is_found(
    base: str, linted: Callable[..., tuple[Finding, ...]]
) -> None:
    late = overlay("change_steps: [{id: permit, requires_also: [check]}]")
    found = linted(base=base, city=late)
    assert [each.code for each in found] == ["dependency_cycle"]
    assert found[0].cycle == ("permit", "check", "permit")


def test_an_overlay_for_nothing_is_told(linted: Callable[..., tuple[Finding, ...]]) -> None:
    found = linted(city=overlay("drop_steps: [x]"))
    assert [(each.source, each.code) for each in found] == [("city.yaml:5:12", "unknown_reference")]


def test_what_is_not_published_lists_what_is(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    catalog = make_catalog(base=base)
    with pytest.raises(UnknownThingError, match="did you mean 'shop'"):
        catalog.thing("shp", region="990100", on=ON)
    with pytest.raises(UnknownThingError, match="nothing is"):
        catalog.thing("shop", region="990100", on=date(2025, 12, 31))
    with pytest.raises(IdentifierError):
        catalog.thing("shop", region="99", on=ON)
    assert [each.thing.id for each in catalog.things("990100", ON)] == ["shop"]


def test_the_digest_is_of_the_definition_not_of_the_day_or_the_region(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    catalog = make_catalog(base=base)
    first = catalog.thing("shop", region="990100", on=ON)
    assert catalog.thing("shop", region="980000", on=date(2026, 12, 1)).digest == first.digest
    assert make_catalog(other=base).thing("shop", region="990100", on=ON).digest == first.digest
    changed = base.replace("area >= 300", "area >= 301")
    assert make_catalog(b=changed).thing("shop", region="990100", on=ON).digest != first.digest


def test_a_definition_is_made_once_also_on_the_days_that_follow(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    catalog = make_catalog(base=base)
    first = catalog.thing("shop", region="990101", on=date(2026, 9, 1))
    for day in (1, 2, 3):
        thing = catalog.thing("shop", region="990101", on=date(2026, 9, day))
        assert (thing.on.day, thing.items is first.items) == (day, True)
        # What plans work out of a definition is kept by identity.
        assert catalog.thing("shop", region="990101", on=date(2026, 9, day)) is thing


def test_the_office_of_the_narrowest_region_counts(
    base: str, make_catalog: Callable[..., Catalog]
) -> None:
    head = 'format: oneservice-catalog/1\nregion: "990100"\neffective_from: 2026-02-01\n'
    city = head + (
        "departments:\n  - id: office\n    name: {zh: 市办公室, en: City Office}\n"
        '    code: 91350100M000100Y43\n    region: "990101"\n'
    )
    catalog = make_catalog(base=base, city=city)
    thing = catalog.thing("shop", region="990101", on=ON)
    assert thing.departments["office"].code == "91350100M000100Y43"
    assert thing.source_of("departments.office.code") == "city.yaml:7:11"
    assert catalog.thing("shop", region="980101", on=ON).departments["office"].code is None


WD, ND = LimitUnit.WORKING_DAYS, LimitUnit.NATURAL_DAYS


@pytest.mark.parametrize(
    ("promised", "statutory", "fits"),
    [
        ((20, WD), (20, WD), True),
        ((21, WD), (20, WD), False),
        ((20, ND), (20, ND), True),
        ((20, ND), (20, WD), True),
        ((1, WD), (20, ND), False),
        ((0, WD), (20, ND), True),
    ],
)
def test_promises_within_the_law(
    promised: tuple[int, LimitUnit],
    statutory: tuple[int, LimitUnit],
    fits: bool,  # noqa: FBT001 - a table
) -> None:
    def limit(given: tuple[int, LimitUnit]) -> Limit:
        return Limit(days=given[0], unit=given[1])

    assert is_within(limit(promised), limit(statutory)) is fits
