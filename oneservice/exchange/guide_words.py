"""The guide's words in Chinese and English: phrases, days, limits, money, names of things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from oneservice.catalog import ChannelKind, FieldType, LimitUnit, Situation, Text
from oneservice.exchange.html import Html, tag
from oneservice.identifiers import NATIONAL, parse_region, region_chain
from oneservice.plan import Answer, DueDate, Language, TimeLimit

__all__ = ["CHANNELS", "FIELD_TYPES", "GuideWords", "answer_words"]

CHANNELS: Final[Mapping[ChannelKind, Text]] = {
    ChannelKind.ONLINE: Text(zh="网上", en="online"),
    ChannelKind.KIOSK: Text(zh="自助终端", en="kiosk"),
    ChannelKind.WINDOW: Text(zh="窗口", en="window"),
    ChannelKind.POST: Text(zh="邮寄", en="post"),
}
FIELD_TYPES: Final[Mapping[FieldType, Text]] = {
    FieldType.TEXT: Text(zh="文字", en="text"),
    FieldType.BOOL: Text(zh="是或否", en="yes or no"),
    FieldType.INT: Text(zh="整数", en="whole number"),
    FieldType.DECIMAL: Text(zh="数字", en="number"),
    FieldType.DATE: Text(zh="日期", en="date"),
    FieldType.CHOICE: Text(zh="选择", en="choice"),
    FieldType.PHONE: Text(zh="电话号码", en="telephone number"),
    FieldType.CREDIT_CODE: Text(zh="统一社会信用代码（18 位）", en="credit code (18 characters)"),
    FieldType.CITIZEN_NUMBER: Text(zh="公民身份号码（18 位）", en="citizen number (18 characters)"),
    FieldType.REGION: Text(zh="行政区划", en="region"),
    FieldType.ADDRESS: Text(zh="地址", en="address"),
    FieldType.LIST: Text(zh="可填多项", en="one or more"),
}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS: Final = (
    Text(zh="周一", en="Monday"),
    Text(zh="周二", en="Tuesday"),
    Text(zh="周三", en="Wednesday"),
    Text(zh="周四", en="Thursday"),
    Text(zh="周五", en="Friday"),
    Text(zh="周六", en="Saturday"),
    Text(zh="周日", en="Sunday"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideWords:
    """Chooses the language of every phrase.

    Numbers and days are written out by hand: a locale of the machine must not change a notice.
    """

    language: Language
    regions: Mapping[str, Text] = field(default_factory=dict)
    """What people call regions, by code; a region without a name goes by a wider one's."""

    def __call__(self, zh: str, en: str) -> str:
        """Return the phrase in the guide's language."""
        return zh if self.language == "zh" else en

    def of(self, text: Text) -> str:
        """Return a bilingual text in the guide's language."""
        return self(text.zh, text.en)

    def region(self, code: str) -> str:
        """Return the region's name with its code behind; the code alone says what it is."""
        *wider, own = region_chain(parse_region(code))
        near = (own, *(one for one in reversed(wider) if one != NATIONAL))
        name = next((one for one in near if one in self.regions), None)
        if name is None:
            return self(f"区划（{code}）", f"region {code}")
        return self.of(self.regions[name]) + self(f"（{code}）", f" ({code})")

    def unit(self, number: int, zh: str, en: str) -> str:
        """Return the noun that goes with ``number``."""
        return self(zh, f"{en}{'' if number == 1 else 's'}")

    def count(self, number: int, zh: str, en: str) -> str:
        """Return ``3 件`` or ``3 materials``; ``zh`` is the measure word."""
        return f"{number} {self.unit(number, zh, en)}"

    def day(self, day: date) -> str:
        """Return a day in full."""
        return self(
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        )

    def weekday(self, day: date) -> str:
        """Return the day's name: a make-up Saturday surprises people."""
        return self.of(_WEEKDAYS[day.weekday()])

    def time(self, day: date) -> Html:
        """Return a day in full as an element that machines read too."""
        return tag("time", self.day(day), datetime=day.isoformat())

    def due(self, due: DueDate) -> str:
        """Return a last day; a provisional one says so."""
        sure = self.day(due.on)
        return sure + self("（暂定）", " (provisional)") if due.is_provisional else sure

    def limit(self, limit: TimeLimit) -> str:
        """Return a limit in days."""
        if limit.days == 0:
            return self("当日", "same day")
        if limit.unit is LimitUnit.NATURAL_DAYS:
            return self.count(limit.days, "个自然日", "natural day")
        return self.count(limit.days, "个工作日", "working day")

    def money(self, amount: str, currency: str) -> str:
        """Return an amount with its unit; the exact decimals stay."""
        plain = f"{Decimal(amount):,f}"
        return self(f"{plain} 元", f"{plain} yuan") if currency == "CNY" else f"{plain} {currency}"

    def listed(self, names: Iterable[str]) -> str:
        """Return names in one line."""
        return self("、", ", ").join(dict.fromkeys(names))

    def sentence(self, *parts: str) -> str:
        """Return sentences in one paragraph."""
        return self("", " ").join(part for part in parts if part)

    def answer(self, value: Answer, titles: Mapping[str, Text], unit: str = "") -> str:
        """Return an answer as people say it; ``titles`` are those of the choices."""
        if isinstance(value, bool):
            return self("是", "yes") if value else self("否", "no")
        if isinstance(value, tuple):
            return self.listed(self.answer(one, titles) for one in value) or self("无", "none")
        words = str(value)
        if words in titles:
            return self.of(titles[words])
        return f"{words} {unit}".strip()


def answer_words(question: Situation, value: Answer, language: Language) -> str:
    """Return an answer to ``question`` as people say it: choices by their titles, with the unit."""
    titles = {one.value: one.title for one in question.choices}
    shown = value if isinstance(value, (bool, int, tuple)) else str(value)
    return GuideWords(language=language).answer(shown, titles, question.unit)
