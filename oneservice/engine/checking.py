"""Asking before filing: what would the departments find wanting (protocol section 7)?

Nothing is opened, stored or recorded, here or there. Each department is told only what its step
declares, as in a filing; one that does not offer checks is not asked, one that does not answer
holds nobody up. All opinions come back as one list, by the place of the one form.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from oneservice.canonical import parse_object
from oneservice.case import (
    Case,
    Form,
    OpenCase,
    Spared,
    SubCase,
    SubCaseStatus,
    planned_name,
    submission_body,
    transition,
)
from oneservice.catalog import Text
from oneservice.engine.border import Border
from oneservice.engine.crossings import Describing
from oneservice.errors import DepartmentContractError, DepartmentError, FormIncompleteError
from oneservice.plan import Plan, PlannedStep
from oneservice.ports import Checks, Departments, Opinion
from oneservice.runtimes import Mail
from oneservice.workdays import WorkCalendar

__all__ = [
    "NO_IDS",
    "CheckReport",
    "FieldProblem",
    "Unasked",
    "checked",
    "form_report",
    "refuse_blocked",
]

_NOT_SENT_YET: Final = "missing-document"
"""Documents travel with the filing; that they are not there before it is no finding."""
_SAID: Final = {
    "missing": Text(zh="缺少", en="is missing"),
    "expired": Text(zh="已过期", en="has expired"),
    "invalid": Text(zh="不符合要求", en="is not as it must be"),
}
_OTHERWISE: Final = Text(zh="部门认为有问题", en="the department finds something wanting")
_POINTER: Final = re.compile(
    r"/(fields|materials|applicant)(?:/([^/]*))?(?:/([^/]*))?(?:/([^/]*))?"
)
_LONGEST: Final = 500


class _NoIds:
    """Ids for what is not opened: departments see that it is only a question."""

    def case_id(self) -> str:
        return "check"

    def secret(self) -> str:
        return ""

    def code(self) -> str:
        return ""


NO_IDS: Final = _NoIds()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wanting in one place of the one form.

    Attributes:
        place: as :class:`FormIncompleteError` names it: the id of a field (``staff[0].staff_name``
            in a repeated group) or of a material; ``""``: the application as a whole.
        text: for people.
        blocks: whether a department would not accept the application because of it.
        departments: who says so; empty: the form itself.
        steps: for which sub-cases.
    """

    place: str
    text: Text
    blocks: bool = True
    departments: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A sub-case about which nothing is known, and why: ``waits``, ``not-offered`` or a code."""

    sub_case_id: str
    department: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """All opinions. No problem and nobody unasked is no promise: the decision comes later."""

    problems: tuple[FieldProblem, ...] = ()
    asked: tuple[str, ...] = ()
    unasked: tuple[Unasked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether the application would not be accepted as it is."""
        return any(one.blocks for one in self.problems)


def form_report(error: FormIncompleteError) -> CheckReport:
    """Return what the form itself finds wanting; no department is asked about half a form."""
    return CheckReport(
        problems=tuple(
            FieldProblem(place=place, text=_said_here(problem))
            for place, problem in error.problems.items()
        )
    )


def refuse_blocked(report: CheckReport) -> None:
    """Refuse to file what a department would not accept.

    Raises:
        FormIncompleteError: the places, and what is said of them.
    """
    problems: dict[str, str] = {}
    for one in report.problems:
        if one.blocks:
            said = f"{one.text.en} / {one.text.zh} ({', '.join(one.departments)})"
            before = problems.get(one.place or "application")
            problems[one.place or "application"] = f"{before}; {said}" if before else said
    if problems:
        raise FormIncompleteError(problems)


async def checked(
    mail: Mail, *, departments: Departments, calendar: WorkCalendar, border: Border
) -> CheckReport:
    """Return what the departments think of the application that ``mail`` would open.

    What another region is told for it is noted for the person first, as in a filing.
    """
    case_id, opening = mail.inputs[0]
    if not isinstance(opening, OpenCase) or mail.form is None:
        msg = "only an opening can be checked"
        raise AssertionError(msg)
    plan, form = opening.plan, mail.form
    asked = replace(opening, spared=_as_planned(plan))
    _, case = transition(None, asked, case_id=case_id, calendar=calendar)
    answers = await asyncio.gather(
        *(
            _asked(case, plan, form, step, departments=departments, border=border)
            for step in _filed(plan)
        )
    )
    found = [one for one in answers if isinstance(one, _Opinions)]
    return CheckReport(
        problems=_merged(plan, found),
        asked=tuple(one.step.id for one in found),
        unasked=tuple(one for one in answers if isinstance(one, Unasked)),
    )


def _as_planned(plan: Plan) -> tuple[Spared, ...]:
    """Return what spares steps as ``plan`` has it: a question records nothing of it."""
    return tuple(
        Spared(
            sub_case_id=one.id,
            type=one.held.type,
            reference=one.held.reference,
            paper=one.held.digest or plan.digest,
            level=str(one.held.level or ""),
            holder=None if one.whose is None else plan.digest,
        )
        for one in plan.skipped
        if one.held is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opinions:
    """What one department says of one sub-case, and of which bytes."""

    step: PlannedStep
    department: str
    body: Mapping[str, Any] = field(repr=False)
    opinions: tuple[Opinion, ...] = ()


def _filed(plan: Plan) -> Iterable[PlannedStep]:
    return (one for one in plan.steps if str(one.kind) != "bundle")


async def _asked(
    case: Case,
    plan: Plan,
    form: Form,
    step: PlannedStep,
    *,
    departments: Departments,
    border: Border,
) -> _Opinions | Unasked:
    sub = case.sub_cases[step.id]
    department = sub.spec.department

    def unasked(why: str) -> Unasked:
        return Unasked(sub_case_id=step.id, department=department, why=why)

    if not _could_be_filed(sub):
        return unasked("waits")
    if case.people.lacking(sub.id, sub.spec.department):
        return unasked("not-shared")  # the applicant lets nothing of it go there
    if not isinstance(departments, Checks) or department not in departments.names:
        return unasked("not-offered")
    body = submission_body(case, plan, form, step.id, 1)
    if border.is_abroad(department):  # what is not offered is not sent, and so is not noted
        refusal = await _why_not_offered(departments, department)
        if refusal is not None:
            return unasked(refusal)
    await border.checking(form.applicant, department, body, purpose=plan.thing)
    try:
        found = await departments.check(department, body)
    except DepartmentContractError as error:
        is_not_offered = error.problem == "feature-not-offered"
        return unasked("not-offered" if is_not_offered else error.problem)
    except DepartmentError as error:
        return unasked(error.code)
    told = tuple(one for one in found if one.problem != _NOT_SENT_YET)
    return _Opinions(step=step, department=department, body=parse_object(body), opinions=told)


async def _why_not_offered(departments: object, department: str) -> str | None:
    if not isinstance(departments, Describing):
        return None
    try:
        told = await departments.capabilities(department)
    except DepartmentError as error:
        return error.code
    return None if "checks" in told.features else "not-offered"


def _could_be_filed(sub: SubCase) -> bool:
    """Say whether nothing has to come before it: what waits lacks the results of other steps."""
    return sub.status is SubCaseStatus.WAITING and not sub.spec.requires


def _merged(plan: Plan, found: Iterable[_Opinions]) -> tuple[FieldProblem, ...]:
    """Return one problem for each place and text, whoever says it, in the order of the form."""
    merged: dict[tuple[str, str, str], FieldProblem] = {}
    for one in found:
        for opinion in one.opinions:
            place, text = _place(plan, one, opinion.pointer), _text(opinion)
            before = merged.get((place, text.zh, text.en))
            merged[place, text.zh, text.en] = FieldProblem(
                place=place,
                text=text,
                blocks=opinion.blocks or (before is not None and before.blocks),
                departments=_with(before.departments if before else (), one.department),
                steps=_with(before.steps if before else (), one.step.id),
            )
    rank = {name: number for number, name in enumerate(_places(plan))}
    last = len(rank)
    return tuple(
        sorted(merged.values(), key=lambda one: rank.get(re.split(r"[.\[]", one.place)[0], last))
    )


def _places(plan: Plan) -> Iterable[str]:
    yield from dict.fromkeys(["applicant", *(one.group or one.id for one in plan.form)])
    yield from (one.id for one in plan.materials)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


def _place(plan: Plan, told: _Opinions, pointer: str) -> str:
    """Return the place of the one form that a pointer into one filing means; ``""``: the whole."""
    match = _POINTER.match(pointer)
    if match is None:
        return ""
    part, first, second, third = (_unescaped(one) for one in match.groups())
    match part:
        case "applicant":
            return f"applicant.{first}" if first in ("name", "code") else "applicant"
        case "materials":
            rows = told.body.get("materials", [])
            is_row = first.isdecimal() and len(first) < 5 and int(first) < len(rows)  # noqa: PLR2004
            name = rows[int(first)]["material"] if is_row else first
            known = planned_name(told.step, name)
            return known if known in told.step.materials else ""
        case _:
            return _field_place(plan, told.step, (first, second, third))


def _field_place(plan: Plan, step: PlannedStep, parts: tuple[str, str, str]) -> str:
    """A repeated step sees its own entry without the group, an only step the whole group."""
    first, second, third = parts
    first = planned_name(step, first)
    known = {one.id: one for one in plan.form}
    if first in known and first in step.fields:
        group = known[first].group
        return f"{group}[{(step.instance or 1) - 1}].{first}" if group else first
    if any(one.group == first for one in plan.form):
        entry = f"{first}[{second}]" if second.isdecimal() else first
        return f"{entry}.{third}" if third in known and second.isdecimal() else entry
    return ""


def _unescaped(part: str | None) -> str:
    return (part or "").replace("~1", "/").replace("~0", "~")


def _text(opinion: Opinion) -> Text:
    """Return what is said in both languages; the one that is there serves for both."""
    stock = _SAID.get(opinion.problem, _OTHERWISE)
    zh, en = opinion.text.get("zh", ""), opinion.text.get("en", "")
    return Text(zh=(zh or en or stock.zh)[:_LONGEST], en=(en or zh or stock.en)[:_LONGEST])


def _said_here(problem: str) -> Text:
    zh = _SAID["missing" if problem.startswith("is missing") else "invalid"].zh
    return Text(zh=zh, en=problem)
