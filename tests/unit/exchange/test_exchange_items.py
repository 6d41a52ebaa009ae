"""Items and materials in the national exchange: nothing is lost, in either direction."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    Department,
    EffectiveThing,
    Item,
    Limit,
    MaterialClass,
    MaterialSource,
    MaterialSpec,
    Text,
    bundled_catalog_dir,
    load_catalog,
)
from oneservice.errors import ExchangeError
from oneservice.exchange import (
    LUGGAGE,
    MATERIAL_MEMBERS,
    MEMBERS,
    ColumnKind,
    ItemRecord,
    MaterialRecord,
    columns_of,
    export_item,
    export_material,
    export_thing,
    import_item,
    import_material,
    use_level,
)
from oneservice.exchange import code_lists as lists
from oneservice.identifiers import parse_implementation_code

MONDAY = date(2026, 9, 28)
OFFICE = Department(
    id="market-regulation",
    name=Text(zh="示例市市场监督管理局", en="Market Regulation Bureau of Sample City"),
    code="11990101MB9900021A",
)


@pytest.fixture(scope="module")
def things() -> tuple[EffectiveThing, ...]:
    return load_catalog(bundled_catalog_dir()).things("990101", MONDAY)


@pytest.fixture(scope="module")
def restaurant(things: tuple[EffectiveThing, ...]) -> EffectiveThing:
    return next(one for one in things if one.thing.id == "restaurant")


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x00"),
    min_size=1,
    max_size=20,
)
laws = st.lists(
    st.sampled_from(
        ["《食品安全法》第三十五条", "《消防法》第十五条（2021-04-29起）", "无固定格式的依据"]
    ),
    min_size=1,
    max_size=3,
).map("\n".join)
CELLS: dict[ColumnKind, st.SearchStrategy[Any]] = {
    ColumnKind.TEXT: texts,
    ColumnKind.CODE: texts,
    ColumnKind.NUMBER: st.integers(0, 400),
    ColumnKind.FLAG: st.booleans(),
    ColumnKind.DAY: st.dates(date(1, 1, 1)),
}


def cells(kind: type[Any], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return any cells of a kind of row; ``given`` narrows single columns."""
    columns = {}
    for one in columns_of(kind):
        cell = st.sampled_from(sorted(one.codes.names)) if one.codes else CELLS[one.kind]
        columns[one.name] = given.get(one.name, st.none() | cell | CELLS[one.kind])
    extra = st.dictionaries(st.sampled_from([LUGGAGE, "row_guid", "备注"]), texts, max_size=3)
    return st.fixed_dictionaries({**columns, "extra": extra})


item_records = cells(
    ItemRecord,
    task_name=texts,
    catalog_code=st.just("000131001000"),
    dept_name=texts,
    dept_code=st.sampled_from(["11990101MB9900021A", "any"]),
    promise_day=st.integers(0, 400),
    promise_type=st.sampled_from([None, "WD", "ND", "WH", "NH"]),
    by_law=st.none() | texts | laws,
    fee_stand=st.none()
    | texts
    | st.sampled_from(["工本费：10.00元", "工本费：10元\n登记费：2.5 元"]),
    fee_basis=st.none() | laws,
    special_procedure=st.none() | texts | st.just("听证、现场核查，公示"),
).map(lambda row: ItemRecord(**row))


@settings(max_examples=200)
@given(record=item_records)
def test_a_row_comes_back_as_it_was(record: ItemRecord) -> None:
    got = import_item(record)
    assert export_item(got.item, got.department, kept=got.kept) == record


@settings(max_examples=100)
@given(record=item_records, other=texts)
def test_an_edit_is_never_masked_by_what_was_kept(record: ItemRecord, other: str) -> None:
    got = import_item(record)
    edited = got.item.model_copy(
        update={"title": Text(zh=other, en=other), "promised": Limit(days=399)}
    )
    back = export_item(edited, got.department, kept=got.kept)
    assert back.task_name == other
    if got.item.promised != Limit(days=399):
        assert (back.promise_day, back.promise_type) == (399, "WD")
    assert back.accept_condition == record.accept_condition


material_records = cells(MaterialRecord, material_name=texts, by_law=st.none() | texts | laws).map(
    lambda row: MaterialRecord(**row)
)


@settings(max_examples=200)
@given(record=material_records)
def test_a_material_row_comes_back_as_it_was(record: MaterialRecord) -> None:
    got = import_material(record, material_id="m_any", steps=["food_permit"])
    assert export_material(got.material, kept=got.kept) == record


def test_every_bundled_item_travels_with_its_luggage(things: tuple[EffectiveThing, ...]) -> None:
    for thing in things:
        for item in thing.items.values():
            office = thing.departments[item.department]
            record = export_item(item, office, region="990101", with_luggage=True)
            got = import_item(record)
            assert got.item == item
            assert got.department == office
            assert got.notes == ()
            assert export_item(got.item, got.department, kept=got.kept) == record


def test_every_bundled_material_travels_with_its_luggage(
    things: tuple[EffectiveThing, ...],
) -> None:
    for material in (one for thing in things for one in thing.thing.materials):
        record = export_material(material, with_luggage=True)
        got = import_material(record, material_id="other", steps=["other"])
        assert got.material == material
        assert export_material(got.material, kept=got.kept) == record


def test_without_luggage_what_both_know_survives(restaurant: EffectiveThing) -> None:
    for item in restaurant.items.values():
        office = restaurant.departments[item.department]
        got = import_item(
            export_item(item, office),
            item_id=item.id,
            departments=tuple(restaurant.departments.values()),
        )
        assert got.item.id == item.id
        assert got.item.title.zh == item.title.zh
        assert got.item.department == item.department
        assert (got.item.promised, got.item.statutory) == (item.promised, item.statutory)
        assert got.item.is_on_the_spot == item.is_on_the_spot
        assert [(one.law.zh, one.article, one.since) for one in got.item.legal_basis] == [
            (one.law.zh, one.article, one.since) for one in item.legal_basis
        ]
        assert [one.title.zh for one in got.item.special_procedures] == [
            one.title.zh for one in item.special_procedures
        ]
        assert [one.kind for one in got.item.special_procedures] == [
            one.kind for one in item.special_procedures
        ]


def test_what_others_changed_on_the_way_wins_over_the_luggage(restaurant: EffectiveThing) -> None:
    item = restaurant.items["food_permit"]
    office = restaurant.departments[item.department]
    record = export_item(item, office, with_luggage=True)
    cells = {one.name: getattr(record, one.name) for one in columns_of(ItemRecord)}
    changed = ItemRecord(**{**cells, "promise_day": 6}, extra=record.extra)
    got = import_item(changed)
    assert got.item.promised == Limit(days=6)
    assert got.item.title == item.title, "what nobody touched keeps its English"
    assert export_item(got.item, got.department, kept=got.kept) == changed


def item(**more: Any) -> Item:
    members = {
        "id": "food_permit",
        "title": {"zh": "食品经营许可", "en": "Food business permit"},
        "department": "market-regulation",
        "catalog_code": "990131001000",
        "promised": {"days": 8},
        "statutory": {"days": 20, "unit": "natural_days"},
        "legal_basis": [
            {"law": {"zh": "食品安全法", "en": "Food Safety Law"}, "article": "第三十五条"}
        ],
    }
    return Item.model_validate(members | more)


def test_the_implementation_code_is_made_of_its_parts() -> None:
    record = export_item(item(), OFFICE, region="990100", effective_from=MONDAY)
    assert record.task_code == "11990101MB9900021A3990131001000"
    assert parse_implementation_code(record.task_code)
    assert (record.use_level, record.task_state, record.plan_effective_date) == ("3", "1", MONDAY)
    assert (record.promise_day, record.promise_type) == (8, "WD")
    assert (record.anticipate_day, record.anticipate_type) == (20, "ND")
    assert record.by_law == "《食品安全法》第三十五条"


@pytest.mark.parametrize(
    ("region", "level"),
    [
        ("000000", "1"),
        ("990000", "2"),
        ("990100", "3"),
        ("990101", "4"),
        ("990101001", "5"),
        ("990101001001", "6"),
    ],
)
def test_levels(region: str, level: str) -> None:
    assert use_level(region) == level
    assert level in lists.LEVELS.names


def test_channels_and_fees_both_ways() -> None:
    law = {"law": {"zh": "价格法", "en": "Price Law"}, "article": "第四十七条"}
    ours = item(
        channels=[
            {"kind": "online", "where": {"zh": "政务服务网", "en": "Portal"}},
            {"kind": "window", "where": {"zh": "大厅", "en": "Hall"}, "visits": 1},
            {"kind": "post", "where": {"zh": "邮寄", "en": "Post"}},
        ],
        fees=[
            {
                "title": {"zh": "工本费", "en": "Cost of the certificate"},
                "amount": "10",
                "legal_basis": [law],
                "is_reducible": True,
            }
        ],
    )
    record = export_item(ours, OFFICE)
    assert (record.is_online, record.is_service_terminals, record.is_express) == (True, False, True)
    assert record.limit_scene_num == 0
    assert (record.is_fee, record.fee_name, record.fee_stand) == (True, "工本费", "工本费：10.00元")
    assert (record.fee_basis, record.is_desc) == ("《价格法》第四十七条", True)
    got = import_item(record, item_id="food_permit", departments=(OFFICE,)).item
    assert [one.kind.value for one in got.channels] == ["online", "post"]
    assert got.fees[0].amount == Decimal("10.00")
    assert got.fees[0].is_reducible


@pytest.mark.parametrize(
    ("count", "unit", "limit"),
    [
        (8, "WD", Limit(days=8)),
        (20, "ND", Limit.model_validate({"days": 20, "unit": "natural_days"})),
        (8, "WH", Limit(days=1)),
        (9, "WH", Limit(days=2)),
        (25, "NH", Limit.model_validate({"days": 2, "unit": "natural_days"})),
        (0, None, Limit(days=0)),
    ],
)
def test_limits_in_every_unit(count: int, unit: str | None, limit: Limit) -> None:
    record = export_item(item(), OFFICE)
    cells = {one.name: getattr(record, one.name) for one in columns_of(ItemRecord)}
    got = import_item(ItemRecord(**{**cells, "promise_day": count, "promise_type": unit}))
    assert got.item.promised == limit
    assert any("hours" in one.text for one in got.notes) == (unit in {"WH", "NH"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task_name": None}, "task_name"),
        ({"promise_day": None}, "promise_day"),
        ({"promise_type": "fortnight"}, "promise_day"),
        ({"dept_code": None}, "dept_code"),
        ({"dept_name": None, "dept_code": None}, "dept_name"),
        ({"catalog_code": None}, "catalog_code"),
    ],
)
def test_what_a_row_must_say(changes: dict[str, Any], field: str) -> None:
    record = export_item(item(), OFFICE)
    cells = {one.name: getattr(record, one.name) for one in columns_of(ItemRecord)}
    with pytest.raises(ExchangeError, match=f"row 7, field {field}") as caught:
        import_item(ItemRecord(**{**cells, **changes}), row=7)
    assert (caught.value.row, caught.value.field) == (7, field)


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({}, "1"),
        ({"when": "area > 10"}, "2"),
        ({"importance": "minor", "when": "area > 10"}, "3"),
    ],
)
def test_how_much_a_material_is_needed(changes: dict[str, Any], cell: str) -> None:
    members = {
        "id": "m_layout",
        "title": {"zh": "平面图", "en": "Floor plan"},
        "steps": ["food_permit"],
        "source": "applicant",
    }
    record = export_material(MaterialSpec.model_validate(members | changes))
    assert record.is_need == cell
    got = import_material(record, material_id="m_layout", steps=["food_permit"])
    assert got.material.importance is (MaterialClass.MINOR if cell == "3" else MaterialClass.MAIN)
    assert bool(got.notes) == (cell == "2")


def test_a_looked_up_material_comes_from_the_government() -> None:
    material = MaterialSpec(
        id="m_licence",
        title=Text(zh="营业执照", en="Business licence"),
        steps=("food_permit",),
        source=MaterialSource.LOOKUP,
    )
    record = export_material(material)
    assert record.source_type == "20"
    got = import_material(record, material_id="m_licence", steps=["food_permit"])
    assert got.material.source is MaterialSource.LOOKUP


def test_a_one_thing_as_rows(restaurant: EffectiveThing) -> None:
    rows = export_thing(restaurant)
    assert [one.task_name for one in rows.items] == list(
        dict.fromkeys(restaurant.items[step.item].title.zh for step in restaurant.thing.steps)
    )
    named = {one.task_name for one in rows.items}
    assert {one.task_name for one in rows.materials} <= named
    assert len(rows.materials) == sum(len(one.steps) for one in restaurant.thing.materials)


def test_the_tables_of_members_name_real_members_and_fields() -> None:
    fields = {one.name for one in columns_of(ItemRecord)}
    assert set(MEMBERS) <= set(Item.model_fields)
    assert {name for names in MEMBERS.values() for name in names} <= fields
    assert set(MATERIAL_MEMBERS) <= set(MaterialSpec.model_fields)


def test_a_number_never_comes_back_with_another_unit() -> None:
    record = export_item(item(), OFFICE)
    cells = {one.name: getattr(record, one.name) for one in columns_of(ItemRecord)}
    got = import_item(ItemRecord(**{**cells, "promise_day": 9, "promise_type": "WH"}))
    edited = got.item.model_copy(update={"promised": Limit(days=16)})
    back = export_item(edited, got.department, kept=got.kept)
    assert (back.promise_day, back.promise_type) == (16, "WD")


anything = cells(
    ItemRecord,
    fee_stand=st.none() | st.text(max_size=20) | st.just("  ：10元"),
    by_law=st.none() | st.text(st.sampled_from("《》（）2026-09起\n 第"), max_size=20),
    promise_day=st.none() | st.integers(0, 10**9),
).map(lambda row: ItemRecord(**row))
packed = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=300)
@given(record=anything, luggage=st.dictionaries(st.sampled_from(["item", "department"]), packed))
def test_any_row_is_imported_or_refused(record: ItemRecord, luggage: dict[str, Any]) -> None:
    own = {name: getattr(record, name) for name in ItemRecord.__slots__}
    row = ItemRecord(**own | {"extra": {LUGGAGE: json.dumps(luggage, ensure_ascii=False)}})
    for one in (record, row):
        try:
            got = import_item(one)
        except ExchangeError:
            continue
        assert export_item(got.item, got.department, kept=got.kept) == one


def test_luggage_of_another_item_changes_no_cell(restaurant: EffectiveThing) -> None:
    """Somebody who puts a foreign definition into the column gains nothing over the cells."""
    item, other = restaurant.items["food_permit"], restaurant.items["tobacco"]
    record = export_item(item, restaurant.departments[item.department], with_luggage=True)
    foreign = export_item(other, restaurant.departments[other.department], with_luggage=True)
    own = {one.name: getattr(record, one.name) for one in columns_of(ItemRecord)}
    got = import_item(ItemRecord(**own, extra=foreign.extra))
    assert got.item.title.zh == item.title.zh
    assert (got.item.promised, got.item.statutory) == (item.promised, item.statutory)
    assert got.department.name.zh == restaurant.departments[item.department].name.zh
