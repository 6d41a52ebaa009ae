"""One line of a story, and what is needed to write it: titles, offices, the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from oneservice.canonical import write_instant
from oneservice.case import planned_step
from oneservice.cli.demo_phrases import phrase
from oneservice.cli.demo_words import titles_of
from oneservice.plan import Language, Plan, PlannedStep
from oneservice.workdays import WorkCalendar, legal_day

__all__ = ["Scene", "Told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fact of a story.

    ``who`` acts: ``department``, ``applicant``, ``clock`` or ``centre``; ``what`` is the fact's
    kind, ``lines`` tell it, ``clock`` says how the step's clock reads after it. ``is_ordinary``:
    told only of the steps that the story is about.
    """

    at: datetime
    who: str
    what: str
    lines: tuple[str, ...]
    step: str = ""
    clock: str = ""
    is_ordinary: bool = False

    def as_json(self) -> dict[str, str]:
        """Return it for machines; ``day`` is the offices', ``text`` in the reader's language."""
        return {
            "at": write_instant(self.at),
            "day": legal_day(self.at).isoformat(),
            "who": self.who,
            "step": self.step,
            "what": self.what,
            "text": "\n".join(self.lines),
            "clock": self.clock,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where the story plays. ``held_back``: materials that the applicant did not hand in."""

    plan: Plan
    language: Language
    calendar: WorkCalendar
    held_back: tuple[str, ...] = ()

    def say(self, name: str, *facts: object) -> str:
        """Return a phrase."""
        return phrase(name, self.language, *facts)

    def does(self, who: str, name: str, *facts: object) -> str:
        """Return a phrase with its subject, ``who``: an office, or people."""
        return self.say("does", who, self.say(name, *facts))

    def text(self, value: Any) -> str:
        """Return a text for people, as a department or a catalog has it, in the language."""
        if isinstance(value, Mapping):
            other = "en" if self.language == "zh" else "zh"
            return str(value.get(self.language) or value.get(other) or "")
        if hasattr(value, "zh"):
            return str(value.zh if self.language == "zh" else value.en)
        return str(value or "")

    def step(self, sub_case_id: str) -> PlannedStep:
        """Return the planned step."""
        return planned_step(self.plan, sub_case_id)

    def title(self, sub_case_id: str) -> str:
        """Return what the step is called."""
        step = self.step(sub_case_id)
        title = self.text(step.title)
        return title if step.instance is None else f"{title} #{step.instance}"

    def office(self, department: str) -> str:
        """Return what an office is called; its id where no step of the plan is its own."""
        names = [one.department_name for one in self.plan.steps if one.department == department]
        return self.text(names[0]) if names else department

    def materials(self, names: Iterable[str]) -> str:
        """Return the titles of materials."""
        return titles_of(names, self.plan, self.language)

    def field(self, pointer: str) -> str:
        """Return what the field of a JSON pointer is called."""
        name = pointer.removeprefix("/fields/")
        titles = {one.id: one.title for one in self.plan.form}
        return self.text(titles[name]) if name in titles else name

    def day(self, day: date | None) -> str:
        """Return a day, or that there is none."""
        return self.say("none") if day is None else day.isoformat()
