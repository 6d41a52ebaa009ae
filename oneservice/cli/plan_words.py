"""The language of a plan's page: phrases, days and limits in Chinese or English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog import LimitUnit, StepKind
from oneservice.cli.pages import counted
from oneservice.exchange import GuideWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oneservice.catalog import Text
    from oneservice.plan import DueDate, Language, PlannedStep, TimeLimit

__all__ = ["Words", "is_outside"]


class Words:
    """Chooses the language of a phrase."""

    def __init__(self, language: Language, regions: Mapping[str, Text] | None = None) -> None:
        self.language = language
        self.regions = regions or {}
        self.is_zh = language == "zh"

    def __call__(self, zh: str, en: str) -> str:
        """Return the phrase in the language of the page."""
        return zh if self.is_zh else en

    def of(self, text: Text) -> str:
        """Return ``text`` in the language of the page."""
        return text.zh if self.is_zh else text.en

    def region(self, code: str) -> str:
        """Return the region's name with its code behind; the code alone says what it is."""
        return GuideWords(language=self.language, regions=self.regions).region(code)

    def day(self, due: DueDate) -> str:
        """Return the day, and whether it is provisional."""
        return f"{due.on}" + (self("（暂定）", " (provisional)") if due.is_provisional else "")

    def step_limit(self, step: PlannedStep) -> str:
        """Return the promise; what others usually take is none, and says so."""
        limit = self.limit(step.promised)
        return self(f"约 {limit}", f"about {limit}") if is_outside(step) else limit

    def step_due(self, step: PlannedStep) -> str:
        """Return the day on which the step is due, if a promise covers it."""
        return self("不计入", "not counted") if is_outside(step) else self.day(step.due)

    def limit(self, limit: TimeLimit) -> str:
        """Return the limit in words."""
        if limit.days == 0:
            return self("当日", "same day")
        if limit.unit is LimitUnit.NATURAL_DAYS:
            return self(f"{limit.days} 个自然日", counted(limit.days, "natural day"))
        return self(f"{limit.days} 个工作日", counted(limit.days, "working day"))

    def listed(self, names: Iterable[str]) -> str:
        """Return ``names`` as one text."""
        return self("、", ", ").join(names)


def is_outside(step: PlannedStep) -> bool:
    """Say whether others do the step: its time is no part of the promise."""
    return step.kind is StepKind.EXTERNAL
