"""How the demonstration shows a case: a table that changes in a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

from oneservice.case import Case, SubCase, due_on
from oneservice.cli.demo_words import say, state_of, titles_of
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.pages import Page
from oneservice.engine import Engine
from oneservice.plan import Language, Plan, PlannedStep
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from oneservice.cli.demo_scripts import Act, Script

__all__ = ["Progress", "begun"]


def begun(plan: Plan, case: Case, now: datetime, language: Language) -> None:
    """Write who applies for what, before anything moves."""
    page = Page()
    page.title(f"{plan.title.zh} · {plan.title.en}")
    days, due = plan.promised_working_days, plan.due.on
    page.line(say("opened", language, case.id, plan.region, _moment(now), days, due))


class Progress:
    """Shows a case while it moves: a table that changes in a terminal, lines elsewhere."""

    def __init__(self, script: Script, *, language: Language, is_silent: bool) -> None:
        del script  # all goes well
        self.language = language
        self.is_silent = is_silent
        self._is_live = not is_silent and sys.stdout.isatty()
        self._seen: dict[str, str] = {}
        self._live: Live | None = None
        self._notes: list[str] = []
        self._calendar = announced_calendar()

    def begin(self, plan: Plan, case: Case, now: datetime) -> None:
        """Write who applies for what, before anything moves."""
        if not self.is_silent:
            begun(plan, case, now, self.language)

    def acted(self, act: Act, plan: Plan) -> None:
        """Add a line for what the applicant did."""
        text = say("answers", self.language, titles_of(act.materials, plan, self.language))
        if self._is_live:
            self._notes.append(text)
        elif not self.is_silent:
            Page().line(f"  {text}")

    async def show(self, engine: Engine, plan: Plan, case: Case) -> None:
        """Show what changed since the last time."""
        now = engine.now()
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
        elif not self.is_silent:
            steps = {step.id: step for step in plan.steps}
            for sub in changed:
                self._line(plan, steps[sub.id], sub, now, due[sub.id])

    async def ending(self, engine: Engine, plan: Plan, case: Case) -> None:
        """Return nothing: where all goes well, the certificates say all there is to say."""

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
