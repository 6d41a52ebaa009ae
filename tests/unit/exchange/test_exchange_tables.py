"""Rows as CSV and JSON text: one way to write them, every customary way to read them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.errors import ExchangeError
from oneservice.exchange import (
    CaseRecord,
    ColumnKind,
    ItemRecord,
    MaterialRecord,
    ProcessRow,
    ResultRow,
    SpecialRow,
    columns_of,
    read_csv,
    read_json,
    write_csv,
    write_json,
)

KINDS = (ItemRecord, MaterialRecord, CaseRecord, ProcessRow, SpecialRow, ResultRow)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1)
CELLS: dict[ColumnKind, st.SearchStrategy[Any]] = {
    ColumnKind.TEXT: texts,
    ColumnKind.CODE: st.just("99"),
    ColumnKind.NUMBER: st.integers(0, 10**9),
    ColumnKind.FLAG: st.booleans(),
    ColumnKind.DAY: st.dates(),
    ColumnKind.MOMENT: st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001 - bounds have no zone
        datetime(9999, 12, 30),  # noqa: DTZ001 - as above
        timezones=st.just(UTC),
    ).map(lambda at: at.replace(microsecond=0)),
}


@st.composite
def rows(draw: st.DrawFn) -> tuple[type[Any], list[Any]]:
    kind = draw(st.sampled_from(KINDS))
    cells = {one.name: st.none() | CELLS[one.kind] for one in columns_of(kind)}
    extra = st.dictionaries(st.sampled_from(["row_guid", "备注", "x,y"]), texts, max_size=2)
    one = st.fixed_dictionaries({**cells, "extra": extra}).map(lambda row: kind(**row))
    return kind, draw(st.lists(one, max_size=4))


@settings(max_examples=150)
@given(made=rows())
def test_csv_gives_every_row_back(made: tuple[type[Any], list[Any]]) -> None:
    kind, some = made
    text = write_csv(kind, some)
    filled = [
        row for row in some if any(getattr(row, c.name) is not None for c in columns_of(kind))
    ]
    assert [row for row in read_csv(kind, text) if row in filled] == filled
    assert read_csv(kind, "\ufeff" + text) == read_csv(kind, text)


@settings(max_examples=150)
@given(made=rows())
def test_json_gives_every_row_back(made: tuple[type[Any], list[Any]]) -> None:
    kind, some = made
    text = write_json(some)
    assert list(read_json(kind, text)) == some
    assert write_json(read_json(kind, text)) == text
    assert read_json(kind, "\ufeff" + text) == read_json(kind, text)


@settings(max_examples=300)
@given(text=st.text(), kind=st.sampled_from(KINDS))
def test_any_text_is_read_or_refused(text: str, kind: type[Any]) -> None:
    for read in (read_csv, read_json):
        try:
            read(kind, text)
        except ExchangeError as error:
            assert error.code == "exchange_invalid"  # noqa: PT017 - nothing else may be raised


def test_the_written_form_is_the_standard_one() -> None:
    row = CaseRecord(
        project_no="C1-food_permit",
        apply_date=datetime(2026, 9, 28, 1, 30, tzinfo=UTC),
        promise_date=date(2026, 10, 14),
    )
    head, line, end = write_csv(CaseRecord, [row]).split("\r\n")
    cells = dict(zip(head.split(","), line.split(","), strict=True))
    assert cells["apply_date"] == "20260928T093000", "legal time, GB/T 39046"
    assert cells["promise_date"] == "20261014"
    assert end == ""
    member = json.loads(write_json([row]))[0]
    assert member["apply_date"] == "20260928T093000"
    assert member["accept_date"] is None


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("plan_effective_date", "2026-09-28", date(2026, 9, 28)),
        ("plan_effective_date", "2026/09/28", date(2026, 9, 28)),
        ("plan_effective_date", "20260928000000", date(2026, 9, 28)),
        ("plan_effective_date", "2026-09-28 00:00:00.0", date(2026, 9, 28)),
        ("is_online", "是", True),
        ("is_online", "0", False),
        ("promise_day", 8, 8),
        ("promise_day", "08", 8),
        ("project_type", "即办件", "1"),
        ("project_type", "2", "2"),
        ("use_level", "市级", "3"),
        ("promise_type", "工作日", "WD"),
        ("task_type", "11", "11"),
        ("task_name", " 两边有空格 ", " 两边有空格 "),
        ("task_name", "", None),
    ],
)
def test_customary_forms(name: str, written: object, value: object) -> None:
    (row,) = read_json(ItemRecord, json.dumps([{name: written}]))
    assert getattr(row, name) == value


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plan_effective_date", "2026-02-30"),
        ("plan_effective_date", "20260928T093000"),
        ("plan_effective_date", "tomorrow"),
        ("is_online", "maybe"),
        ("promise_day", "-1"),
        ("promise_day", "8.5"),
        ("promise_day", "10000000000"),
        ("promise_day", "0" * 12 + "9" * 400),
        ("promise_day", "9" * 5000),
        ("promise_day", "９"),
        ("task_name", ["a"]),
        ("task_name", "字" * 70_000),
        ("task_name", True),
    ],
)
def test_a_cell_that_does_not_fit_is_named_and_never_repeated(name: str, written: object) -> None:
    with pytest.raises(ExchangeError, match=f"row 2, field {name}") as caught:
        read_json(ItemRecord, json.dumps([{}, {name: written}]))
    if isinstance(written, str):
        assert written not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "a,a\r\n1,2", "a,\r\n1,2", "a,b\r\n1", 'a,b\r\n"1,2', "extra\r\n1"],
)
def test_csv_that_is_none(text: str) -> None:
    with pytest.raises(ExchangeError):
        read_csv(ItemRecord, text)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"a":1,"a":2}]', '[{"a":1.5}]', "[{}"])
def test_json_that_is_none(text: str) -> None:
    with pytest.raises(ExchangeError):
        read_json(ItemRecord, text)


def test_unknown_columns_go_through() -> None:
    (row,) = read_csv(ItemRecord, "row_guid,task_name,leer\r\nG-1,许可,\r\n")
    assert row.extra == {"row_guid": "G-1"}
    assert "G-1" in write_csv(ItemRecord, [row])


def test_csv_refuses_extra_members_that_are_no_text() -> None:
    (row,) = read_json(ItemRecord, '[{"tags":["a"]}]')
    assert json.loads(write_json([row]))[0]["tags"] == ["a"]
    with pytest.raises(ExchangeError, match="field tags"):
        write_csv(ItemRecord, [row])


def test_personal_columns_are_marked() -> None:
    marked = {one.name for kind in KINDS for one in columns_of(kind) if one.is_personal}
    assert marked == {
        "applyer_name",
        "applyer_page_type",
        "applyer_page_code",
        "contact_name",
        "contact_mobile",
        "handle_user_name",
    }
