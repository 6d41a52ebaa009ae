"""Building blocks of the guide: sections, tables that become cards, timelines, marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from oneservice.catalog import LimitUnit, StepKind
from oneservice.exchange.guide_words import GuideWords
from oneservice.exchange.html import Html, joined, tag, unbroken
from oneservice.plan import Plan, PlannedStep

__all__ = [
    "Column",
    "Section",
    "advice",
    "folded",
    "make_up_days",
    "mark",
    "note",
    "plain_list",
    "small",
    "table",
    "titles_of",
    "weekday",
]

_SATURDAY: Final = 5
"""The first day of the weekend, as :meth:`datetime.date.weekday` counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A numbered part of the guide; without content it is left out."""

    id: str
    title: str
    content: tuple[Html, ...]

    def markup(self, number: int) -> Html:
        """Return the section under its number."""
        head = tag(
            "h2",
            tag("span", f"{number}", class_="no", aria_hidden="true"),
            tag("span", self.title),
            id=f"{self.id}-title",
        )
        return tag("section", head, *self.content, id=self.id, aria_labelledby=f"{self.id}-title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; ``kind`` is a class of the style sheet (``num``, ``day``)."""

    title: str
    kind: str = ""


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Html:
    """Return a table whose first column heads its rows. On narrow screens a row is a card.

    Roles are written out: a table that is laid out as blocks is no table to screen readers.
    """
    heads = (
        tag("th", one.title, scope="col", role="columnheader", **_kind(one)) for one in columns
    )
    body = (tag("tr", *_cells(columns, row), role="row") for row in rows)
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *heads, role="row"), role="rowgroup"),
        tag("tbody", *body, role="rowgroup"),
        class_="cards",
        role="table",
    )


def _cells(columns: Sequence[Column], row: Sequence[str]) -> Iterable[Html]:
    for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
        if place == 0:
            yield tag("th", unbroken(cell), scope="row", role="rowheader", **_kind(column))
        else:
            yield tag("td", unbroken(cell), role="cell", data_label=column.title, **_kind(column))


def _kind(column: Column) -> dict[str, str]:
    return {"class_": column.kind} if column.kind else {}


def plain_list(points: Iterable[Html], *, in_columns: bool = False) -> Html:
    """Return points without bullets, separated by lines."""
    return tag("ul", *points, class_="plain cols" if in_columns else "plain")


def mark(words: str, kind: str = "") -> Html:
    """Return a small label, after a space."""
    return joined((" ", tag("span", words, class_=f"mark {kind}".strip())))


def small(*words: str) -> Html:
    """Return a second line below a cell's first."""
    return tag("small", *map(unbroken, words))


def note(*words: str, kind: str = "") -> Html:
    """Return a paragraph that stands out."""
    return tag("p", *map(unbroken, words), class_=f"note {kind}".strip())


def advice(said: str, words: GuideWords) -> Html:
    """Return what people can do, told apart from what is so: nobody must take it for a rule."""
    return note(tag("strong", words("建议：", "What you can do: ")), said, kind="advice")


def make_up_days(plan: Plan) -> frozenset[date]:
    """Return the Saturdays and Sundays among the plan's days on which offices work (调休上班).

    A limit in working days can end on such a day only if it is one; who reads a last day that is a
    Saturday takes it for a mistake, or comes on the Monday after it.
    """
    ends = [
        (step.due.on, step.promised)
        for step in plan.steps
        if step.kind is not StepKind.EXTERNAL and step.promised.days
    ]
    ends += [(plan.joint_cap_due.on, plan.joint_cap)] if plan.joint_cap else []
    worked = {day for day, limit in ends if limit.unit is LimitUnit.WORKING_DAYS}
    worked |= {day for one in plan.appointments for day in (one.earliest, one.latest)}
    return frozenset(day for day in worked if day.weekday() >= _SATURDAY)


def weekday(plan: Plan, day: date, words: GuideWords) -> str:
    """Return the day's name, and that offices work on it where that surprises people."""
    name = words.weekday(day)
    if day not in make_up_days(plan):
        return name
    return name + words("（调休上班）", " (offices work: make-up day)")


def folded(steps: Iterable[PlannedStep]) -> list[list[PlannedStep]]:
    """Return the sub-cases by step: the instances of a repeated one differ in nothing here."""
    by_step: dict[str, list[PlannedStep]] = {}
    for step in steps:
        by_step.setdefault(step.step_id, []).append(step)
    return list(by_step.values())


def titles_of(plan: Plan, names: Iterable[str], words: GuideWords) -> str:
    """Return the titles of sub-cases, each step once."""
    titles = {step.id: words.of(step.title) for step in plan.steps}
    return words.listed(titles.get(name, name) for name in names)
