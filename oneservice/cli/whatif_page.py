"""The page of ``oneservice what-if``: scenarios side by side, then where the time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.cli.pages import Page
from oneservice.simulation import (
    Comparison,
    as_it_is,
    busiest,
    effect_words,
    estimate_words,
    moved_steps,
    office_name,
    say,
    setting_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.plan import Language

__all__ = ["show_comparison"]

_HEADS: Final = {
    "zh": ("", "中位数", "平均", "九成以内", "按时 %", "勘验次数"),
    "en": ("", "median", "mean", "90 % in", "on time %", "visits"),
}
_SECTIONS: Final = {
    "zh": ("所需工作日", "变化的效果", "最忙的岗位", "各岗位（现状）", "时间花在哪里（现状）"),
    "en": (
        "Working days until everything is decided",
        "What each change does",
        "The busiest staff",
        "All staff, as it is",
        "Where the time goes, as it is",
    ),
}
_STAFF_HEADS: Final = {
    "zh": ("部门", "岗位", "人数", "忙碌 %", "等候（小时）"),
    "en": ("office", "staff", "people", "busy %", "wait (hours)"),
}
_STEP_HEADS: Final = {
    "zh": ("环节", "事项", "平均工作日", "最后办结 %"),
    "en": ("step", "item", "mean days", "last, %"),
}
_MARKS: Final = "0ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def show_comparison(comparison: Comparison, language: Language) -> None:
    """Write ``comparison`` for people."""
    page = Page()
    title = comparison.title.zh if language == "zh" else comparison.title.en
    page.title(title)
    page.line(setting_words(comparison, language))
    days, effects, staff, all_staff, steps = _SECTIONS[language]
    page.head(days)
    right = frozenset(range(1, 6))
    page.table(_HEADS[language], _rows(comparison, language), right=right)
    page.head(effects)
    for number, outlook in enumerate(comparison.outlooks):
        words = outlook.change or as_it_is(language)
        page.point(f"{words}: {effect_words(outlook, language)}", mark=_mark(number))
        if moved := moved_steps(outlook, language):
            page.line(moved, indent=6)
    page.head(staff)
    for number, outlook in enumerate(comparison.outlooks):
        found = outlook.figures.bottleneck
        words = say("enough", language)
        if found is not None:
            share = estimate_words(found.utilisation_percent)
            words = f"{busiest(comparison, found, language)} · {share} %"
        page.point(words, mark=_mark(number))
    page.head(all_staff)
    page.table(
        _STAFF_HEADS[language], _staff_rows(comparison, language), right=frozenset({2, 3, 4})
    )
    page.head(steps)
    page.table(_STEP_HEADS[language], _step_rows(comparison, language), right=frozenset({2, 3}))


def _mark(number: int) -> str:
    return _MARKS[number] if number < len(_MARKS) else str(number)


def _rows(comparison: Comparison, language: Language) -> Iterator[tuple[str, ...]]:
    for number, outlook in enumerate(comparison.outlooks):
        figures = outlook.figures
        yield (
            f"{_mark(number)} {outlook.change or as_it_is(language)}",
            str(figures.median_days.value),
            estimate_words(figures.mean_days),
            str(figures.p90_days.value),
            estimate_words(figures.on_time_percent),
            str(figures.visits.value),
        )


def _staff_rows(comparison: Comparison, language: Language) -> Iterator[tuple[str, ...]]:
    for one in comparison.baseline.figures.offices:
        yield (
            office_name(comparison, one.department, language),
            say(one.role, language),
            "-" if one.staff is None else str(one.staff),
            "-" if one.staff is None else estimate_words(one.utilisation_percent),
            estimate_words(one.waiting_hours),
        )


def _step_rows(comparison: Comparison, language: Language) -> Iterator[tuple[str, ...]]:
    for one in comparison.baseline.figures.steps:
        title = comparison.steps[one.step_id]
        yield (
            one.step_id,
            title.zh if language == "zh" else title.en,
            estimate_words(one.mean_days),
            estimate_words(one.last_percent),
        )
