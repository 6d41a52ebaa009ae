"""The story of the demonstration: submit, wait, answer what is asked, and show each step of it."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

from oneservice.case import (
    Applicant,
    Case,
    ConsentGiven,
    Document,
    SubCase,
    due_on,
    fill_form,
)
from oneservice.catalog import AnswersFile, Catalog, normalise_answers
from oneservice.cli.demo_words import say, state_of, titles_of
from oneservice.cli.demo_world import FIRST_MORNING
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.pages import Page
from oneservice.engine import Engine
from oneservice.errors import IllegalInputError
from oneservice.plan import Language, Plan, PlannedStep, build_plan
from oneservice.workdays import announced_calendar, legal_day

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

__all__ = ["Progress", "live_story", "plan_of", "refuse_incomplete"]

_KEY = "demo"
"""The applicant's own key: a second run with the same folder finds the same case."""


def plan_of(answers: AnswersFile, catalog: Catalog) -> Plan:
    """Return what follows from the answers on the first morning of the demonstration."""
    day = legal_day(FIRST_MORNING)
    thing = catalog.thing(answers.thing, region=answers.region, on=day)
    normal = normalise_answers(thing, answers.answers)
    return build_plan(thing, normal, on=day, calendar=announced_calendar())


def refuse_incomplete(answers: AnswersFile, plan: Plan) -> None:
    """Look at the form before anything is made or started.

    Raises:
        FormIncompleteError: every missing or wrong field, at once.
    """
    materials = {name: (_document(answers, name),) for name in answers.materials}
    fill_form(
        plan,
        _applicant(answers),
        fields=answers.fields,
        materials=materials,
        consents=_consents(answers),
    )


async def live_story(engine: Engine, answers: AnswersFile, plan: Plan, progress: Progress) -> Case:
    """Carry one case from its submission to its end, showing what happens."""
    case = await engine.submit(
        plan,
        _applicant(answers),
        fields=answers.fields,
        materials={name: _document(answers, name) for name in answers.materials},
        consents=_consents(answers),
        key=_KEY,
    )
    plan = await engine.plan_of(case.id)
    progress.begin(plan, case, engine.now())
    with progress:
        while True:
            await engine.progress()
            case = await engine.case(case.id)
            progress.show(plan, case, engine.now())
            if case.status.has_ended:
                return case
            await _answer_corrections(engine, answers, plan, case, progress)
            wake = await engine.next_wake()
            if wake is None:
                msg = f"case {case.id} waits for a person; its journal says for whom"
                raise IllegalInputError(msg, status=str(case.status))
            await engine.wait_until(wake)


async def _answer_corrections(
    engine: Engine, answers: AnswersFile, plan: Plan, case: Case, progress: Progress
) -> None:
    """Do what a careful applicant would: hand in what is asked for, once."""
    for correction in case.corrections:
        sub = case.sub_cases[correction.sub_case_id]
        if any(delivery.message == "supplement" for delivery in sub.deliveries):
            continue
        materials = {name: _asked_for(answers, name) for name in correction.materials}
        await engine.supplement(case.id, correction, materials=materials)
        progress.tell("answers", titles_of(correction.materials, plan, progress.language))


def _applicant(answers: AnswersFile) -> Applicant:
    given = answers.applicant
    return Applicant(kind=given.kind, name=given.name, code=given.code)


def _consents(answers: AnswersFile) -> dict[str, ConsentGiven]:
    return {
        name: ConsentGiven.to(one.text.encode(), by=one.by, at=one.at, until=one.until)
        for name, one in answers.consents.items()
    }


def _document(answers: AnswersFile, name: str) -> Document:
    entry = answers.materials[name]
    return Document(
        content=answers.material_bytes(name), name=entry.name, media_type=_media_type(entry.name)
    )


def _asked_for(answers: AnswersFile, name: str) -> Document:
    if name in answers.materials:
        return _document(answers, name)
    text = f"{name} (sample, handed in when it was asked for)"
    return Document(content=text.encode(), name=f"{name}.txt", media_type="text/plain")


def _media_type(name: str) -> str:
    kinds = {"pdf": "application/pdf", "txt": "text/plain", "png": "image/png"}
    return kinds.get(name.rpartition(".")[2].lower(), "application/octet-stream")


class Progress:
    """Shows a case while it moves: a table that changes in a terminal, lines elsewhere."""

    def __init__(self, *, language: Language, is_silent: bool) -> None:
        self.language = language
        self._is_silent = is_silent
        self._is_live = not is_silent and sys.stdout.isatty()
        self._seen: dict[str, str] = {}
        self._live: Live | None = None
        self._notes: list[str] = []
        self._calendar = announced_calendar()

    def begin(self, plan: Plan, case: Case, now: datetime) -> None:
        """Write who applies for what, before anything moves."""
        if self._is_silent:
            return
        page = Page()
        page.title(f"{plan.title.zh} · {plan.title.en}")
        page.line(
            say(
                "opened",
                self.language,
                case.id,
                plan.region,
                _moment(now),
                plan.promised_working_days,
                plan.due.on,
            )
        )

    def tell(self, phrase: str, *facts: object) -> None:
        """Add a line that is no change of state."""
        text = say(phrase, self.language, *facts)
        if self._is_live:
            self._notes.append(text)
        elif not self._is_silent:
            Page().line(f"  {text}")

    def show(self, plan: Plan, case: Case, now: datetime) -> None:
        """Show what changed since the last time."""
        due = self._due(plan, case)
        states = {
            sub.id: str(sub.status) if sub.is_decided else f"{sub.status} {due[sub.id]}"
            for sub in case.sub_cases.values()
        }
        changed = [
            sub for sub in case.sub_cases.values() if self._seen.get(sub.id) != states[sub.id]
        ]
        self._seen = states
        if self._live is not None:
            self._live.update(self._table(plan, case, now), refresh=True)
        elif not self._is_silent:
            steps = {step.id: step for step in plan.steps}
            for sub in changed:
                self._line(plan, steps[sub.id], sub, now, due[sub.id])

    def __enter__(self) -> None:
        """Take the terminal."""
        if self._is_live:
            from rich.live import Live  # noqa: PLC0415 - only a terminal needs it

            self._live = Live(auto_refresh=False)
            self._live.start()

    def __exit__(self, *_: object) -> None:
        """Leave the last table standing."""
        if self._live is not None:
            self._live.stop()

    def _due(self, plan: Plan, case: Case) -> dict[str, date]:
        """Return until when each sub-case is due: what waits moves with what it waits for."""
        found: dict[str, date] = {}
        for step in plan.steps:
            own = due_on(case.sub_cases[step.id], "promised", self._calendar)
            before = (found[one] for one in step.requires if one in found)
            found[step.id] = own or max([step.due.on, *before])
        return found

    def _line(self, plan: Plan, step: PlannedStep, sub: SubCase, now: datetime, due: date) -> None:
        facts = (_moment(now), self._title(step), state_of(sub, plan, self.language))
        if sub.is_decided:
            Page().line(say("line", self.language, *facts))
        else:
            Page().line(say("line_due", self.language, *facts, due))

    def _table(self, plan: Plan, case: Case, now: datetime) -> Table:
        from rich.table import Table  # noqa: PLC0415 - only a terminal needs it

        table = Table(title=_moment(now), title_justify="left", box=None, padding=(0, 2, 0, 0))
        for head in ("step", "department", "state", "due"):
            table.add_column(say(head, self.language), no_wrap=head == "due")
        due = self._due(plan, case)
        for step in plan.steps:
            sub = case.sub_cases[step.id]
            office = step.department_name
            name = office.zh if self.language == "zh" else office.en
            state = state_of(sub, plan, self.language)
            table.add_row(self._title(step), name, state, str(due[step.id]))
        for note in self._notes[-3:]:
            table.add_row(note)
        return table

    def _title(self, step: PlannedStep) -> str:
        title = step.title.zh if self.language == "zh" else step.title.en
        return title if step.instance is None else f"{title} #{step.instance}"


def _moment(instant: datetime) -> str:
    return instant.astimezone(OFFICE_ZONE).strftime("%Y-%m-%d %H:%M")
