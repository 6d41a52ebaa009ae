"""Phrases that explanations and pictures share: limits, days, reasons, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

from oneservice.catalog import ChannelKind, LimitUnit, Text
from oneservice.plan.terms import Answer, DueDate, Reason, ReasonKind, TimeLimit

__all__ = [
    "CHANNELS",
    "Language",
    "Titles",
    "day_text",
    "folded",
    "in_language",
    "limit_text",
    "reason_lines",
    "value_text",
]

Language: TypeAlias = Literal["zh", "en"]

CHANNELS: Mapping[ChannelKind, Text] = {
    ChannelKind.ONLINE: Text(zh="网上", en="online"),
    ChannelKind.KIOSK: Text(zh="自助终端", en="kiosk"),
    ChannelKind.WINDOW: Text(zh="窗口", en="window"),
    ChannelKind.POST: Text(zh="邮寄", en="post"),
}
"""What people call a way to an office."""
_ANSWER_NO: Final = re.compile(r"(?<![^ ,])(?<![^,] )(\w+) is false(?=, |$)")
_NOT_SO: Final = re.compile(r" is false(?=, |$)")


def in_language(text: Text, language: Language) -> str:
    """Return ``text`` in ``language``."""
    return text.zh if language == "zh" else text.en


def limit_text(limit: TimeLimit, language: Language) -> str:
    """Return ``limit`` in words: ``8 working days``, ``当日``."""
    if limit.days == 0:
        return "当日" if language == "zh" else "the same day"
    match limit.unit:
        case LimitUnit.WORKING_DAYS:
            zh, en = "工作日", "working day"
        case LimitUnit.NATURAL_DAYS:
            zh, en = "自然日", "natural day"
        case _:
            assert_never(limit.unit)
    if language == "zh":
        return f"{limit.days} 个{zh}"
    return f"{limit.days} {en}{'' if limit.days == 1 else 's'}"


def day_text(due: DueDate, language: Language) -> str:
    """Return the day, and whether it is provisional."""
    if not due.is_provisional:
        return f"{due.on}"
    return f"{due.on}（暂定）" if language == "zh" else f"{due.on} (provisional)"


def folded(names: tuple[str, ...]) -> list[str]:
    """Return ``names`` with the instances of one step as one entry: ``health_cert ×3``."""
    counts: dict[str, int] = {}
    for name in names:
        stem = name.partition("-")[0]
        counts[stem] = counts.get(stem, 0) + 1
    return [f"{stem} ×{count}" if count > 1 else stem for stem, count in counts.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """What people call the steps and materials of one plan; ids are for machines.

    ``steps`` are by step, not by sub-case: instances bear the title of their step.
    """

    steps: Mapping[str, Text]
    materials: Mapping[str, Text]

    def of_steps(self, names: tuple[str, ...], language: Language) -> str:
        """Return the titles of sub-cases in one line, those of one step as ``… ×3``."""
        found = []
        for name in folded(names):
            stem, times, count = name.partition(" ×")
            found.append(_called(stem, self.steps, language) + times + count)
        return _listed(found, language)

    def of_materials(self, names: tuple[str, ...], language: Language) -> str:
        """Return the titles of materials in one line."""
        return _listed([_called(name, self.materials, language) for name in names], language)


def _called(name: str, titles: Mapping[str, Text], language: Language) -> str:
    return in_language(titles[name], language) if name in titles else name


def _listed(names: list[str], language: Language) -> str:
    return ("、" if language == "zh" else "; ").join(names)


def value_text(value: Answer) -> str:
    """Return an answer as a rule would write it."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def reason_lines(reasons: tuple[Reason, ...], language: Language, *, indent: int = 4) -> list[str]:
    """Return one indented line for each reason: answer, rule, clause, date."""
    return [" " * indent + _reason(reason, language) for reason in reasons]


def _reason(reason: Reason, language: Language) -> str:
    text = in_language(reason.text, language)
    match reason.kind:
        case ReasonKind.RULE:
            mark = "：" if language == "zh" else ": "
            because = mark + _because(reason.because, language) if reason.because else ""
            is_same = reason.rule == reason.because
            rule = f"  [{reason.rule}]" if reason.rule and not is_same else ""
            return f"{text}{because}{rule}"
        case ReasonKind.LAW:
            return ("依据 " if language == "zh" else "law: ") + text
        case ReasonKind.ROUTED | ReasonKind.TRACK | ReasonKind.CROSSING:
            mark = "：" if language == "zh" else ": "
            return f"{text}{mark}{reason.because}" if reason.because else text
        case (
            ReasonKind.ALWAYS
            | ReasonKind.NEEDED_BY
            | ReasonKind.ANSWER
            | ReasonKind.YIELDED
            | ReasonKind.DUTY
            | ReasonKind.ELSEWHERE
            | ReasonKind.HELD
            | ReasonKind.NOT_HELD
        ):
            return text
        case _:
            assert_never(reason.kind)


def _because(because: str, language: Language) -> str:
    """Return the answers behind a rule; the names in it are the catalog's, the rest is words."""
    if language == "en":
        return because
    said = _ANSWER_NO.sub(r"\1 为“否”", because)
    return _NOT_SO.sub(" 不成立", said).replace(", ", "，")
