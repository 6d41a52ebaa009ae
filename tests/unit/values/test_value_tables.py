"""What people and registers really write, kind by kind: what passes, as what, and what does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

import pytest

from oneservice.identifiers import RegionCode
from oneservice.values import Change, Option, ProblemCode, ValueKind, Words, read_value

K, C, P = ValueKind, Change, ProblemCode

OPTIONS = (
    Option(value="company", title=Words(zh="公司", en="Company")),
    Option(value="sole_trader", title=Words(zh="个体工商户", en="Sole trader")),
    Option(value="other", title=Words(zh="其他", en="Other")),
    Option(value="none", title=Words(zh="其他", en="None of these")),
)

READ = [
    # credit code
    (K.CREDIT_CODE, "92990101MA99000523", "92990101MA99000523", ()),
    (K.CREDIT_CODE, "92990101ma99000523", "92990101MA99000523", (C.CASE,)),
    (K.CREDIT_CODE, "９２９９０１０１ＭＡ９９０００５２３", "92990101MA99000523", (C.WIDTH,)),
    (K.CREDIT_CODE, " 9299 0101 MA99 0005 23\n", "92990101MA99000523", (C.SPACES,)),
    (K.CREDIT_CODE, "92990101-MA990005-2-3", "92990101MA99000523", (C.PUNCTUATION,)),
    (K.CREDIT_CODE, "92990101MA99000523。", "92990101MA99000523", (C.PUNCTUATION,)),
    (K.CREDIT_CODE, "\ufeff92990101MA99\u200b000523", "92990101MA99000523", (C.INVISIBLE,)),
    (K.CREDIT_CODE, "91350100M000100Y43", "91350100M000100Y43", ()),
    # organisation code
    (K.ORGANISATION_CODE, "MA990005-2", "MA9900052", (C.PUNCTUATION,)),
    (K.ORGANISATION_CODE, "ma990005—2", "MA9900052", (C.CASE, C.PUNCTUATION)),
    # citizen number
    (K.CITIZEN_NUMBER, "11010519491231002x", "11010519491231002X", (C.CASE,)),
    (K.CITIZEN_NUMBER, "11010519491231002ｘ", "11010519491231002X", (C.WIDTH, C.CASE)),
    (K.CITIZEN_NUMBER, "11010519491231002Ⅹ", "11010519491231002X", (C.WIDTH,)),
    (K.CITIZEN_NUMBER, "110105 19491231 002X", "11010519491231002X", (C.SPACES,)),
    (K.CITIZEN_NUMBER, 990101199001010019, "990101199001010019", ()),
    # region
    (K.REGION, "990101", "990101", ()),
    (K.REGION, "990101 001", "990101001", (C.SPACES,)),
    (K.REGION, 990101, "990101", ()),
    # telephone
    (K.PHONE, "13800000000", "13800000000", ()),
    (K.PHONE, "138-0000-0000", "13800000000", (C.FORMAT,)),
    (K.PHONE, "138 0000 0000", "13800000000", (C.FORMAT,)),
    (K.PHONE, "＋86 138 0000 0000", "13800000000", (C.WIDTH, C.COUNTRY_CODE)),
    (K.PHONE, "0086-13800000000", "13800000000", (C.COUNTRY_CODE,)),
    (K.PHONE, "8613800000000", "13800000000", (C.COUNTRY_CODE,)),
    (K.PHONE, "86-138-0000-0000", "13800000000", (C.COUNTRY_CODE,)),
    (K.PHONE, "0990-1234567", "0990-1234567", ()),
    (K.PHONE, "(0990) 1234567", "0990-1234567", (C.FORMAT,)),
    (K.PHONE, "（0990）1234567", "0990-1234567", (C.WIDTH, C.FORMAT)),
    (K.PHONE, "09901234567", "0990-1234567", (C.FORMAT,)),
    (K.PHONE, "01062345678", "010-62345678", (C.FORMAT,)),
    (K.PHONE, "+86 10 6234 5678", "010-62345678", (C.COUNTRY_CODE,)),
    (K.PHONE, "0990-2234567转801", "0990-2234567-801", (C.FORMAT,)),
    (K.PHONE, "0990-2234567 ext. 801", "0990-2234567-801", (C.FORMAT,)),
    (K.PHONE, "0990-2234567-801", "0990-2234567-801", ()),
    (K.PHONE, "400-123-4567", "4001234567", (C.FORMAT,)),
    (K.PHONE, "+852 2345 6789", "+85223456789", (C.FORMAT,)),
    (K.PHONE, "00852-23456789", "+85223456789", (C.FORMAT,)),
    # date
    (K.DATE, "2026-09-28", "2026-09-28", ()),
    (K.DATE, "2026年9月28日", "2026-09-28", (C.FORMAT,)),
    (K.DATE, "2026 年 09 月 28 号", "2026-09-28", (C.FORMAT,)),
    (K.DATE, "2026.9.28", "2026-09-28", (C.FORMAT,)),
    (K.DATE, "2026/9/28", "2026-09-28", (C.FORMAT,)),
    (K.DATE, "20260928", "2026-09-28", (C.FORMAT,)),
    (K.DATE, 20260928, "2026-09-28", (C.FORMAT,)),
    (K.DATE, "２０２６－０９－２８", "2026-09-28", (C.WIDTH,)),
    (K.DATE, "2026—9—28", "2026-09-28", (C.PUNCTUATION, C.FORMAT)),
    (K.DATE, date(2026, 9, 28), "2026-09-28", ()),
    # numbers
    (K.INT, 3, 3, ()),
    (K.INT, "３人", 3, (C.WIDTH, C.UNIT)),
    (K.INT, "1,200", 1200, (C.PUNCTUATION,)),
    (K.INT, "3.0", 3, (C.ZEROS,)),
    (K.INT, "-2", -2, ()),
    (K.DECIMAL, "82.5", "82.5", ()),
    (K.DECIMAL, "８２．５０", "82.5", (C.WIDTH, C.ZEROS)),
    (K.DECIMAL, "82。5", "82.5", (C.PUNCTUATION,)),
    (K.DECIMAL, "−12.5", "-12.5", (C.PUNCTUATION,)),
    (K.DECIMAL, ".5", "0.5", (C.FORMAT,)),
    (K.DECIMAL, Decimal("1E+3"), "1000", ()),
    (K.DECIMAL, "-0.00", "0", (C.ZEROS,)),
    (K.AREA, "82.5㎡", "82.5", (C.UNIT,)),
    (K.AREA, "82.5 m²", "82.5", (C.UNIT,)),
    (K.AREA, "82.5M2", "82.5", (C.UNIT,)),
    (K.AREA, "1,200 平方米", "1200", (C.PUNCTUATION, C.UNIT)),
    (K.AREA, "８０平米", "80", (C.WIDTH, C.UNIT)),
    (K.AREA, 80, "80", ()),
    (K.MONEY, "1,200", "1200.00", (C.PUNCTUATION,)),
    (K.MONEY, "￥1,200.50元", "1200.50", (C.WIDTH, C.PUNCTUATION, C.UNIT)),
    (K.MONEY, "0.00", "0.00", ()),
    (K.MONEY, "5", "5.00", (C.FORMAT,)),
    (K.MONEY, "5.500", "5.50", (C.ZEROS,)),
    (K.MONEY, "RMB 300", "300.00", (C.UNIT,)),
    (K.MONEY, "人民币3万元整", "30000.00", (C.UNIT,)),
    (K.MONEY, "0.5亿元", "50000000.00", (C.UNIT,)),
    # names
    (K.PERSON_NAME, "张　三", "张三", (C.SPACES,)),
    (K.PERSON_NAME, "阿卜杜拉•买买提", "阿卜杜拉·买买提", (C.PUNCTUATION,)),
    (K.PERSON_NAME, "阿卜杜拉 . 买买提", "阿卜杜拉·买买提", (C.SPACES, C.PUNCTUATION)),
    (K.PERSON_NAME, "Ｊ. O'Brien-Smith ", "J. O'Brien-Smith", (C.WIDTH, C.SPACES)),
    (K.PERSON_NAME, "ئەخمەت", "ئەخمەت", ()),
    (K.FIRM_NAME, "李记(北京) 餐饮有限公司", "李记（北京）餐饮有限公司", (C.PUNCTUATION, C.SPACES)),
    (K.FIRM_NAME, "Li's Noodles （Beijing）", "Li's Noodles (Beijing)", (C.PUNCTUATION,)),
    (K.FIRM_NAME, "⽼张⾯馆", "老张面馆", (C.WIDTH,)),
    # addresses
    (K.ADDRESS, "人民路 12 号 3 室", "人民路12号3室", (C.SPACES,)),
    (K.ADDRESS, "人民路１２号３室", "人民路12号3室", (C.WIDTH,)),
    (K.ADDRESS, "人民路12#楼3－2－501", "人民路12号楼3-2-501", (C.PUNCTUATION,)),
    (K.ADDRESS, "人民路12~14号", "人民路12~14号", ()),
    (K.ADDRESS, "中心大厦 A － 101", "中心大厦A-101", (C.SPACES, C.PUNCTUATION)),
    (K.ADDRESS, "Room 302,  12 Renmin Road", "Room 302, 12 Renmin Road", (C.SPACES,)),
    # prose, lists, choices, yes and no
    (K.TEXT, "餐饮服务；食品销售。", "餐饮服务；食品销售。", ()),
    (K.TEXT, " a  b\r\n\r\n c ", "a b\n\nc", (C.SPACES,)),
    (K.TEXT, "8²", "8²", ()),
    (K.LIST, "灭火器、喷淋，疏散灯", ["灭火器", "喷淋", "疏散灯"], (C.FORMAT,)),
    (K.LIST, "1. stove\n2. sink\n", ["stove", "sink"], (C.FORMAT,)),
    (K.LIST, ["stove, gas", " sink"], ["stove, gas", "sink"], (C.SPACES,)),
    (K.CHOICE, "company", "company", ()),
    (K.CHOICE, "公司", "company", (C.FORMAT,)),
    (K.CHOICE, " SOLE  trader", "sole_trader", (C.FORMAT,)),
    (K.CHOICE, "ＣＯＭＰＡＮＹ", "company", (C.FORMAT,)),
    (K.BOOL, True, True, ()),
    (K.BOOL, "是", True, (C.FORMAT,)),
    (K.BOOL, "没有", False, (C.FORMAT,)),
    (K.BOOL, "ＹＥＳ", True, (C.FORMAT,)),
    (K.BOOL, "off", False, (C.FORMAT,)),
]

REFUSED = [
    *((kind, raw, P.MISSING) for kind in K for raw in (None, "", " \u3000\n")),
    *((kind, "x" * 4001, P.TOO_LONG) for kind in K if kind not in {K.CHOICE, K.BOOL}),
    (K.TEXT, "\ud800", P.UNREADABLE),
    (K.TEXT, 5, P.WRONG_TYPE),
    (K.TEXT, "\u200b", P.MISSING),
    (K.PERSON_NAME, "张\ue000", P.PRIVATE_CHARACTER),
    (K.CREDIT_CODE, "92990101MA99000524", P.CREDIT_CODE_CHECK),
    (K.CREDIT_CODE, "92990101MA990005", P.CREDIT_CODE_SHAPE),
    (K.CREDIT_CODE, "1234567", P.CREDIT_CODE_SHAPE),
    (K.CREDIT_CODE, b"92990101MA99000523", P.WRONG_TYPE),
    (K.ORGANISATION_CODE, "MA9900053", P.ORGANISATION_CODE_CHECK),
    (K.ORGANISATION_CODE, "MA990005", P.ORGANISATION_CODE_SHAPE),
    (K.CITIZEN_NUMBER, "110105491231002", P.CITIZEN_NUMBER_OLD),
    (K.CITIZEN_NUMBER, "110105 491231 002", P.CITIZEN_NUMBER_OLD),
    (K.CITIZEN_NUMBER, "110105194912310020", P.CITIZEN_NUMBER_CHECK),
    (K.CITIZEN_NUMBER, "11010519491231", P.CITIZEN_NUMBER_SHAPE),
    (K.REGION, "9901", P.REGION_SHAPE),
    (K.REGION, "980201", P.OUTSIDE_REGION),
    (K.PHONE, "2234567", P.NO_AREA_CODE),
    (K.PHONE, "2234567转8", P.NO_AREA_CODE),
    (K.PHONE, "1380000000", P.NOT_A_PHONE),
    (K.PHONE, "13800000000转1", P.NOT_A_PHONE),
    (K.PHONE, "12345", P.NOT_A_PHONE),
    (K.PHONE, "电话同上", P.NOT_A_PHONE),
    (K.PHONE, "13800000000/13900000000", P.NOT_A_PHONE),
    (K.DATE, "2026-02-29", P.NO_SUCH_DAY),
    (K.DATE, "20261301", P.NO_SUCH_DAY),
    (K.DATE, "03/04/2026", P.DATE_ORDER),
    (K.DATE, "26.9.28", P.SHORT_YEAR),
    (K.DATE, "长期", P.OPEN_ENDED),
    (K.DATE, "2026年9月", P.NOT_A_DATE),
    (K.DATE, "2026-09-28T00:00:00Z", P.IS_INSTANT),
    (K.DATE, datetime(2026, 9, 28, tzinfo=UTC), P.IS_INSTANT),
    (K.INT, "3.5", P.NOT_WHOLE),
    (K.INT, True, P.WRONG_TYPE),
    (K.INT, 2**53, P.TOO_LARGE),
    (K.INT, 10**5000, P.TOO_LARGE),
    (K.INT, "三", P.NOT_A_NUMBER),
    (K.INT, "3B", P.NOT_A_NUMBER),
    (K.INT, "10%", P.OTHER_UNIT),
    (K.DECIMAL, 82.5, P.BINARY_FRACTION),
    (K.DECIMAL, "1e3", P.NOT_A_NUMBER),
    (K.DECIMAL, "NaN", P.NOT_A_NUMBER),
    (K.DECIMAL, Decimal("NaN"), P.NOT_A_NUMBER),
    (K.DECIMAL, Decimal("sNaN"), P.NOT_A_NUMBER),
    (K.DECIMAL, Decimal("1E+999999"), P.TOO_LARGE),
    (K.DECIMAL, "8²", P.NOT_A_NUMBER),
    (K.DECIMAL, "1,20,000", P.GROUPING),
    (K.DECIMAL, "80 120", P.NOT_A_NUMBER),
    (K.DECIMAL, "82.5㎡", P.OTHER_UNIT),
    (K.AREA, "1.2亩", P.OTHER_UNIT),
    (K.AREA, "12米", P.OTHER_UNIT),
    (K.AREA, "约80㎡", P.NOT_A_NUMBER),
    (K.AREA, "-80", P.NEGATIVE),
    (K.MONEY, "0.125", P.TOO_PRECISE),
    (K.MONEY, "$100", P.OTHER_UNIT),
    (K.MONEY, "100美元", P.OTHER_UNIT),
    (K.PERSON_NAME, "张3", P.NOT_A_NAME),
    (K.PERSON_NAME, "13800000000", P.NOT_A_NAME),
    (K.FIRM_NAME, "12345", P.NOT_A_NAME),
    (K.ADDRESS, "12-3", P.NOT_AN_ADDRESS),
    (K.CHOICE, "firm", P.NOT_AN_OPTION),
    (K.CHOICE, "其他", P.NOT_AN_OPTION),  # the title of two options names neither
    (K.CHOICE, 5, P.NOT_AN_OPTION),
    (K.BOOL, "也许", P.NOT_YES_OR_NO),
    (K.BOOL, 1, P.NOT_YES_OR_NO),
    (K.LIST, ["a", ""], P.ENTRY),
    (K.LIST, [1], P.ENTRY),
    (K.LIST, {"a": 1}, P.NOT_A_LIST),
    (K.LIST, ["a"] * 1001, P.TOO_MANY),
]


def _name(value: object) -> str:
    """Return a short test id: kinds and codes only, as real ids carry no values."""
    return value.value if isinstance(value, (ValueKind, ProblemCode)) else ""


@pytest.mark.parametrize(("kind", "raw", "value", "changes"), READ, ids=_name)
def test_what_people_write_is_read(
    kind: ValueKind, raw: object, value: object, changes: tuple[Change, ...]
) -> None:
    reading = read_value(kind, raw, choices=OPTIONS)
    assert (reading.value, reading.problem) == (value, None)
    assert type(reading.value) is type(value)
    assert reading.changes == tuple(change for change in Change if change in changes)
    assert reading.suggestion is None


@pytest.mark.parametrize(("kind", "raw", "code"), REFUSED, ids=_name)
def test_what_is_no_such_value_is_refused(kind: ValueKind, raw: object, code: ProblemCode) -> None:
    reading = read_value(kind, raw, choices=OPTIONS, region=RegionCode("990100"))
    assert reading.value is None
    assert reading.problem is not None
    assert reading.problem.code is code
    assert reading.problem.text.zh
    assert reading.problem.text.en


def test_the_tables_meet_every_problem() -> None:
    assert {code for _, _, code in REFUSED} == set(ProblemCode)


@pytest.mark.parametrize("unit", ["m²", "㎡", "平方米"])
@pytest.mark.parametrize("raw", ["82.5", "82.5m2", "82.5 平米", "82.50㎡"])
def test_a_number_may_bear_the_unit_of_its_field(raw: str, unit: str) -> None:
    assert read_value(K.DECIMAL, raw, unit=unit).value == "82.5"


@pytest.mark.parametrize(("unit", "raw"), [("m", "1.2米"), ("°", "104.1°"), ("盏", "3盏")])
def test_units_of_other_fields(unit: str, raw: str) -> None:
    kind = K.INT if unit == "盏" else K.DECIMAL
    assert read_value(kind, raw, unit=unit).problem is None
    assert read_value(kind, "5公顷", unit=unit).problem is not None


def test_the_callers_decimal_context_changes_nothing() -> None:
    with localcontext(prec=2):
        assert read_value(K.MONEY, "123456.78万元").value == "1234567800.00"
        assert read_value(K.DECIMAL, Decimal("82.123456")).value == "82.123456"
        assert read_value(K.INT, "9007199254740991").value == 2**53 - 1
        assert read_value(K.INT, "9007199254740992").value is None


def test_the_options_are_named_when_none_fits() -> None:
    problem = read_value(K.CHOICE, "firm", choices=OPTIONS).problem
    assert problem is not None
    assert "个体工商户" in problem.text.zh
    assert "Sole trader" in problem.text.en


def test_the_entry_of_a_list_is_named_by_its_place() -> None:
    problem = read_value(K.LIST, ["stove", ""]).problem
    assert problem is not None
    assert problem.text.en.startswith("entry 2:")
    assert problem.text.say("zh").startswith("第2项")
