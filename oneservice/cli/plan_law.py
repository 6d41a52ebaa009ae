"""Whose law and whose working days a step goes by, where they are not those of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.plan import law_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.cli.pages import Page
    from oneservice.cli.plan_words import Words
    from oneservice.plan import Plan, PlannedLaw, PlannedStep

__all__ = ["show_laws"]


def show_laws(page: Page, plan: Plan, words: Words) -> None:
    """Write one line for each other law and calendar, with the steps that go by it."""
    found: dict[str, dict[str, None]] = {}
    for step in plan.steps:
        if step.law is not None:
            for line in _lines(step, step.law, words):
                found.setdefault(line, {})[words.of(step.title)] = None
    for line, titles in found.items():
        names = words.listed(titles)
        page.line(words(f"{line}：{names}", f"{line}: {names}"), indent=2)


def _lines(step: PlannedStep, law: PlannedLaw, words: Words) -> Iterator[str]:
    if not law.is_at_hand:
        region = step.region
        yield words(f"{region} 的规定不在此处，以其办件为准", f"law of {region} not at hand here")
    if law.region is not None:
        name = law_of(law.region)
        yield words(f"按{name.zh}办理", f"by {name.en}")
    if law.calendar_region is not None:
        where = law.calendar_region
        yield words(f"按 {where} 的工作日计算", f"in the working days of {where}")
