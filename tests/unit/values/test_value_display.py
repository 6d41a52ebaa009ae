"""Values as people see them: in words, and without what is nobody's business."""

from __future__ import annotations

import pytest

from oneservice.values import Language, Option, ValueKind, Words, display

K = ValueKind

OPTIONS = (Option(value="company", title=Words(zh="公司", en="Company")),)

SHOWN: list[tuple[ValueKind, object, bool, Language, str]] = [
    (K.CITIZEN_NUMBER, "11010519491231002X", True, "zh", "1101051949****002X"),
    (K.CITIZEN_NUMBER, "11010519491231002X", False, "zh", "11010519491231002X"),
    (K.PHONE, "13800000000", True, "zh", "138 **** 0000"),
    (K.PHONE, "13800000000", False, "en", "138 0000 0000"),
    (K.PHONE, "0990-1234567", False, "zh", "0990-1234567"),
    (K.PERSON_NAME, "张三丰", True, "zh", "张**"),
    (K.PERSON_NAME, "张三丰", False, "zh", "张三丰"),
    (K.ADDRESS, "人民路12号3室", True, "zh", "人民路**号*室"),
    (K.ADDRESS, "人民路12号3室", False, "zh", "人民路12号3室"),
    (K.CREDIT_CODE, "92990101MA99000523", True, "zh", "92990101MA99000523"),
    (K.DATE, "2026-09-28", True, "zh", "2026年9月28日"),
    (K.DATE, "2026-09-28", True, "en", "2026-09-28"),
    (K.DATE, "28.9.2026", True, "zh", "****"),
    (K.AREA, "1200.5", True, "zh", "1,200.5平方米"),
    (K.AREA, "82.5", True, "en", "82.5 m²"),
    (K.MONEY, "1200.00", True, "zh", "1,200.00元"),
    (K.MONEY, "1200.00", True, "en", "1,200.00 yuan"),
    (K.DECIMAL, "1E+999999", True, "en", "****"),
    (K.DECIMAL, "NaN", True, "en", "****"),
    (K.DECIMAL, "many", True, "en", "****"),
    (K.INT, 1200, True, "en", "1,200"),
    (K.INT, True, True, "en", "****"),
    (K.BOOL, True, True, "zh", "是"),
    (K.BOOL, False, True, "en", "no"),
    (K.BOOL, "yes", True, "en", "****"),
    (K.CHOICE, "company", True, "zh", "公司"),
    (K.CHOICE, "retired_option", True, "zh", "retired_option"),
    (K.LIST, ["a", "b"], True, "zh", "a、b"),
    (K.LIST, ["a", "b"], True, "en", "a, b"),
    (K.TEXT, None, True, "en", ""),
    (K.TEXT, {"a": 1}, False, "en", "****"),
]


@pytest.mark.parametrize(("kind", "value", "mask", "language", "shown"), SHOWN)
def test_values_are_shown(
    kind: ValueKind, value: object, *, mask: bool, language: Language, shown: str
) -> None:
    assert display(kind, value, mask=mask, language=language, choices=OPTIONS) == shown


def test_masking_is_the_default() -> None:
    assert display(K.CITIZEN_NUMBER, "11010519491231002X") == "1101051949****002X"


def test_a_decimal_bears_its_unit() -> None:
    assert display(K.DECIMAL, "1200.5", unit=" m") == "1,200.5 m"
