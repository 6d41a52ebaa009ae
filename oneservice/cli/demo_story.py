"""The story of the demonstration: submit, wait, answer what is asked, and show each step of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from oneservice.case import Applicant, Case, ConsentGiven, Document, fill_form
from oneservice.catalog import AnswersFile, Catalog, normalise_answers
from oneservice.cli.demo_scripts import Act, Script, acts_of
from oneservice.cli.demo_world import FIRST_MORNING
from oneservice.engine import Engine
from oneservice.errors import IllegalInputError
from oneservice.plan import Plan, build_plan
from oneservice.workdays import announced_calendar, legal_day

__all__ = ["View", "live_story", "plan_of", "refuse_incomplete"]

_A_DAY = timedelta(days=1)
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


class View(Protocol):
    """Whoever shows a case while it moves; as a context manager it holds the terminal."""

    def begin(self, plan: Plan, case: Case, now: datetime) -> None:
        """Show who applies for what."""
        ...

    def acted(self, act: Act, plan: Plan) -> None:
        """Show what the applicant did."""
        ...

    async def show(self, engine: Engine, plan: Plan, case: Case) -> None:
        """Show what changed since the last time."""
        ...

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


async def live_story(
    engine: Engine, answers: AnswersFile, plan: Plan, view: View, script: Script
) -> Case:
    """Carry one case from its submission to its end, showing what happens.

    What people do at an instant comes before the news of that instant: so a withdrawal meets a
    decision that the applicant cannot know of yet, also where the story was killed in between.
    """
    case = await engine.submit(
        plan,
        _applicant(answers),
        fields=answers.fields,
        materials={name: _document(answers, name) for name in answers.materials},
        consents=_consents(answers),
        key=_KEY,
    )
    plan = await engine.plan_of(case.id)
    view.begin(plan, case, engine.now())
    with view:
        while True:
            for act in [one for one in acts_of(case, script) if one.at <= engine.now()]:
                await _perform(engine, case.id, act, script, answers)
                view.acted(act, plan)
            await engine.progress()
            case = await engine.case(case.id)
            await view.show(engine, plan, case)
            if script.is_over(case):
                return case
            wakes = [await engine.next_wake(), *(one.at for one in acts_of(case, script))]
            wake = min((one for one in wakes if one is not None), default=None)
            if case.status.has_ended and script.revoked is not None:
                # Nothing is owed any more; the office is asked once a day whether it has news.
                engine.look_soon(case.sub_cases[script.revoked].spec.department)
                wake = engine.now() + _A_DAY
            if wake is None:
                msg = f"case {case.id} waits for a person; its journal says for whom"
                raise IllegalInputError(msg, status=str(case.status))
            await engine.wait_until(wake)


async def _perform(
    engine: Engine, case_id: str, act: Act, script: Script, answers: AnswersFile
) -> None:
    """Do what a careful applicant would: hand in what is asked for, or promised, once."""
    if act.withdraws:
        await engine.withdraw(case_id, sub_case_ids=(act.sub_case_id,))
        return
    source = answers if script.name is None else script.whole()
    materials = {name: _asked_for(source, name) for name in act.materials}
    fields = {
        name: value
        for name, value in script.mends.items()
        if act.correction is not None and f"/fields/{name}" in act.correction.fields
    }
    await engine.supplement(
        case_id, act.correction or act.sub_case_id, fields=fields, materials=materials
    )


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
