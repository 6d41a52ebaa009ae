"""A story told from the case's own journal: who did what, when, by which law, and how the clock is.

Each fact of the journal becomes a paragraph or none. The case is folded beside it, so that what is
told of a clock is what it read after that very fact, also when a killed story is told anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from oneservice.canonical import Digest
from oneservice.case import (
    Case,
    DepartmentReported,
    Event,
    EventType,
    SubCase,
    clocks_of,
    evolve,
    read_record,
)
from oneservice.cli.demo_facts import recorded
from oneservice.cli.demo_lessons import INTRODUCTIONS
from oneservice.cli.demo_progress import begun
from oneservice.cli.demo_said import said
from oneservice.cli.demo_scripts import Act, Script
from oneservice.cli.demo_standing import Ending
from oneservice.cli.demo_told import Scene, Told
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.pages import Page
from oneservice.engine import Engine
from oneservice.plan import Language, Plan
from oneservice.workdays import announced_calendar, legal_day

__all__ = ["Telling"]

_INDENT = 4


class Telling:
    """Tells a case by the facts of its journal, in paragraphs; silent, it only collects them."""

    def __init__(self, script: Script, *, language: Language, is_silent: bool) -> None:
        self.told: list[Told] = []
        self._script = script
        self.language = language
        self.is_silent = is_silent
        self._case: Case | None = None
        self._head: Digest | None = None
        self._was_begun = False

    def begin(self, plan: Plan, case: Case, now: datetime) -> None:
        """Write who applies for what, and what the story is about."""
        self._was_begun = now > case.opened_at
        if self.is_silent or self._script.name is None:
            return
        begun(plan, case, now, self.language)
        about = INTRODUCTIONS[self._script.name]
        page = Page()
        page.line()
        page.line(about.zh if self.language == "zh" else about.en)
        page.line()

    def acted(self, act: Act, plan: Plan) -> None:
        """Say nothing: what the applicant did is in the journal."""

    async def show(self, engine: Engine, plan: Plan, case: Case) -> None:
        """Tell what was recorded since the last time."""
        scene = self._scene(plan)
        known = self._case.seq if self._case is not None else 0
        fresh: list[Told] = []
        for line in (await engine.journal(case.id))[known:]:
            fresh.extend(self._next(scene, line, case.id))
        # Offices date what they do; of one reading the earliest comes first.
        fresh.sort(key=lambda one: one.at)
        fresh = [_only_last_clock(one, fresh[place:]) for place, one in enumerate(fresh, start=1)]
        self.told.extend(fresh)
        if not self.is_silent:
            self._write(scene, fresh)

    async def ending(self, engine: Engine, plan: Plan, case: Case) -> Ending | None:
        """Return what stands at the end, with all that was told."""
        if self._script.name is None:
            return None
        return Ending(
            story=self._script.name,
            scene=self._scene(plan),
            standing=await engine.standing(case.id),
            findings=await engine.findings(case.id),
            told=tuple(self.told),
        )

    def __enter__(self) -> None:
        """Nothing to hold: paragraphs scroll by."""

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def _scene(self, plan: Plan) -> Scene:
        return Scene(
            plan=plan,
            language=self.language,
            calendar=announced_calendar(),
            held_back=self._script.without,
        )

    def _next(self, scene: Scene, line: bytes, case_id: str) -> Iterator[Told]:
        before = self._case
        seq = before.seq + 1 if before is not None else 1
        record = read_record(line, case_id=case_id, seq=seq, prev=self._head)
        self._case, self._head = evolve(before, record.event, case_id=case_id), record.digest
        for one in _tellings(scene, record.event, before, self._case):
            if not (one.is_ordinary and one.step not in self._script.about):
                yield self._with_clock(scene, one, self._case)

    def _with_clock(self, scene: Scene, one: Told, case: Case) -> Told:
        """Add how the clock of the step is, where the story is about it."""
        if one.step not in self._script.about or one.who == "applicant":
            return one
        return replace(one, clock=_clock(scene, case.sub_cases[one.step], one.at))

    def _write(self, scene: Scene, fresh: list[Told]) -> None:
        page = Page()
        if self._was_begun:
            page.line(scene.say("so_far"), style="bold")
        for one in fresh:
            when = one.at.astimezone(OFFICE_ZONE).strftime("%Y-%m-%d %H:%M")
            title = scene.title(one.step) if one.step else scene.say("whole_case")
            page.line(f"{when}  {title}", style="bold")
            for line in (*one.lines, *((one.clock,) if one.clock else ())):
                text = line.lstrip()
                indent = _INDENT + len(line) - len(text)
                if text.startswith("- "):
                    page.point(text[2:], indent=indent)
                else:
                    page.line(text, indent=indent)
        if self._was_begun:
            page.line(scene.say("goes_on"), style="bold")
            self._was_begun = False


def _tellings(scene: Scene, event: Event, before: Case | None, after: Case) -> Iterator[Told]:
    if not isinstance(event, DepartmentReported) or before is None:
        yield from recorded(scene, event, before)
        return
    sub, now = before.sub_cases[event.sub_case_id], after.sub_cases[event.sub_case_id]
    was_accepted = sub.submission is not None and sub.submission.was_accepted
    for each in event.events:
        told = said(scene, each, sub, now, was_accepted=was_accepted)
        was_accepted |= each.type == EventType.ACCEPTED
        if told is not None and told.lines:
            yield told


def _only_last_clock(one: Told, later: list[Told]) -> Told:
    """Leave the clock out where the same instant brings more of the same step."""
    is_last = all((each.step, each.at) != (one.step, one.at) for each in later)
    return one if is_last else replace(one, clock="")


def _clock(scene: Scene, sub: SubCase, at: datetime) -> str:
    """Return how the clock of a step reads on the day of ``at``, while nothing is decided."""
    clocks = clocks_of(sub, on=legal_day(at), calendar=scene.calendar)
    if clocks is None or sub.decided_at is not None:
        return ""
    used, promised = clocks.elapsed_working_days, sub.spec.promised_days
    if sub.pauses and sub.pauses[-1].end is None:
        return scene.say("clock_stands", used, promised)
    due, by_law = scene.day(clocks.promised_due), scene.day(clocks.statutory_due)
    return scene.say("clock", used, promised, scene.say(str(clocks.light)), due, by_law)
