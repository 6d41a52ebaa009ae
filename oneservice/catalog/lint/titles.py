"""Titles that a person could not tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.lint.notes import Notes

__all__ = ["check_titles"]


def check_titles(notes: Notes) -> None:
    """Note questions, fields, materials and items of one one-thing that bear one title."""
    thing = notes.thing
    questions = ((each.id, "", each.question.zh) for each in thing.situations)
    _same(notes, "situations", "question", questions)
    fields = ((each.id, each.group or "", each.title.zh) for each in thing.fields)
    _same(notes, "fields", "title", fields)
    _same(notes, "materials", "title", ((each.id, "", each.title.zh) for each in thing.materials))
    items = ((each.id, "", each.title.zh) for each in notes.effective.items.values())
    _same(notes, "items", "title", items)
    for situation in thing.situations:
        seen: dict[str, str] = {}
        for index, choice in enumerate(situation.choices):
            first = seen.setdefault(choice.title.zh, choice.value)
            if first != choice.value:
                path = f"situations.{situation.id}.choices.{index}.title"
                _note(notes, path, first, choice.value, choice.title.zh)


def _same(notes: Notes, section: str, key: str, titled: Iterable[tuple[str, str, str]]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for name, group, title in titled:
        first = seen.setdefault((group, title), name)
        if first != name:
            _note(notes, f"{section}.{name}.{key}", first, name, title)


def _note(notes: Notes, path: str, first: str, name: str, title: str) -> None:
    text = f"'{name}' and '{first}' are both called {title}"
    remedy = "say in the title what tells them apart, or keep one of them"
    notes.add(path, "duplicate_title", text, remedy)
