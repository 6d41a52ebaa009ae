"""Units behind a number, in the spellings that people use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COUNTERS", "METRE_SQUARED", "YUAN", "is_unit", "unit_of"]

METRE_SQUARED: Final = "m²"
YUAN: Final = "元"

COUNTERS: Final = frozenset("人名个位层家间台辆户张件份次处座把套只岁年月天日")
"""Words that stand behind a count (量词) and change nothing about it."""

_SPELLINGS: Final[Mapping[tuple[str, int], tuple[str, ...]]] = {
    (METRE_SQUARED, 0): (
        "m²", "㎡", "m2", "m^2", "平方米", "平米", "平方公尺", "平方", "sqm", "sq m", "sq.m",
        "square metres", "square meters",
    ),
    ("km²", 0): ("km²", "km2", "㎢", "平方公里", "平方千米"),
    ("亩", 0): ("亩", "mu"),
    ("公顷", 0): ("公顷", "ha"),
    ("ft²", 0): ("ft²", "ft2", "平方英尺", "平方尺", "sq ft", "sqft"),
    ("m", 0): ("m", "米", "公尺", "metres", "meters"),
    ("cm", 0): ("cm", "㎝", "厘米", "公分"),
    ("mm", 0): ("mm", "㎜", "毫米"),
    ("km", 0): ("km", "㎞", "公里", "千米"),
    ("m³/d", 0): ("m³/d", "m3/d", "立方米/日", "立方米/天", "方/天"),
    ("m³", 0): ("m³", "m3", "立方米", "方"),
    ("t/d", 0): ("t/d", "吨/日", "吨/天"),
    ("%", 0): ("%", "percent", "百分之"),
    ("°", 0): ("°", "度", "º", "degrees"),
    (YUAN, 0): ("元", "元整", "圆", "块", "元人民币", "人民币", "rmb", "cny", "yuan", "¥", "rmb¥"),
    (YUAN, 4): ("万元", "万元整", "万", "万元人民币", "万块"),
    (YUAN, 8): ("亿元", "亿元整", "亿", "亿元人民币"),
    ("USD", 0): ("usd", "$", "us$", "美元"),
    ("HKD", 0): ("hkd", "hk$", "港元", "港币"),
    ("EUR", 0): ("eur", "€", "欧元"),
}  # fmt: skip

_UNITS: Final = {word: unit for unit, words in _SPELLINGS.items() for word in words}


def unit_of(word: str) -> tuple[str, int]:
    """Return the unit that ``word`` names and the power of ten in it: ``万元`` is yuan and 4.

    A word that is not known is its own unit, with no power.
    """
    return _UNITS.get(word.strip().lower(), (word.strip(), 0))


def is_unit(word: str) -> bool:
    """Say whether ``word`` names a unit that we know."""
    return word.strip().lower() in _UNITS
