"""A case of ours as rows of the exchange: one 办件 per sub-case, a row per stage, every clock stop.

Only this direction makes a case: rows that others send are read as records, because a case of ours
is the fold of signed events, and no row can stand for those. Personal columns stay empty unless the
caller hands over the form, and then they are masked unless the caller says otherwise.

What does not survive: instants lose their fractions of a second; the officer's name
(``handle_user_name``) is not known here; a stage's reasons stay with the applicant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from oneservice.case import (
    Case,
    DeemedAccepted,
    DepartmentEvent,
    DepartmentReported,
    Event,
    EventType,
    Form,
    SubCase,
    due_on,
)
from oneservice.catalog import Department, Item
from oneservice.errors import ExchangeError
from oneservice.exchange.code_lists import SATISFACTION
from oneservice.exchange.items import export_item
from oneservice.exchange.records import CaseRecord, ProcessRow, ResultRow, SpecialRow
from oneservice.exchange.stages import process_rows, result_rows, special_rows
from oneservice.identifiers import mask_citizen_number, mask_name, mask_phone
from oneservice.plan import Plan, PlannedStep
from oneservice.workdays import WorkCalendar

__all__ = ["CaseRows", "Telling", "export_case"]

_ONLINE: Final = "2"
_PERSON: Final = "1"
_ENTERPRISE: Final = "2"
_CITIZEN_PAPER: Final = "111"
"""Resident identity card in GA/T 2000.156."""
_BEST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRows:
    """The four tables of one or many cases; ``project_no`` ties the rows together."""

    cases: tuple[CaseRecord, ...] = ()
    processes: tuple[ProcessRow, ...] = ()
    specials: tuple[SpecialRow, ...] = ()
    results: tuple[ResultRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the journal does not hold and rows have columns for; all of it may be left out.

    ``items`` and ``departments`` (by their ids) give implementation and credit codes, ``calendar``
    the day promised, ``form`` the applicant, ``ratings`` the stars (1 to 5, 5 is best) by sub-case,
    where they were given elsewhere; those of the case itself are told without it.
    ``is_masked``: names, numbers and telephones in display form (domain page, invariant 10).
    """

    items: Mapping[str, Item] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    calendar: WorkCalendar | None = None
    form: Form | None = None
    is_masked: bool = True
    ratings: Mapping[str, int] = field(default_factory=dict)


def export_case(
    case: Case, events: Iterable[Event], plan: Plan, *, telling: Telling | None = None
) -> CaseRows:
    """Return the rows of ``case``: one record per sub-case that was filed, and its stages.

    Args:
        case: where it stands.
        events: its journal, from the first event.
        plan: the plan that it is pinned to; titles and offices stand there.
        telling: what else the rows shall tell.

    Raises:
        ExchangeError: the plan is another than the case's, or a rating is none of 1 to 5.
    """
    telling = telling or Telling()
    if plan.digest != case.plan:
        msg = f"case {case.id} is pinned to another plan than the one given; give that one"
        raise ExchangeError(msg)
    told = _by_sub_case(events)
    planned = {step.id: step for step in plan.steps}
    rows = [
        _sub_case_rows(case, sub, planned[sub.id], told.get(sub.id, ()), telling)
        for sub in case.sub_cases.values()
        if sub.id in planned and sub.attempt
    ]
    return CaseRows(
        cases=tuple(row for one in rows for row in one.cases),
        processes=tuple(row for one in rows for row in one.processes),
        specials=tuple(row for one in rows for row in one.specials),
        results=tuple(row for one in rows for row in one.results),
    )


def _by_sub_case(
    events: Iterable[Event],
) -> dict[str, tuple[DepartmentEvent | DeemedAccepted, ...]]:
    told: dict[str, list[DepartmentEvent | DeemedAccepted]] = {}
    for event in events:
        match event:
            case DepartmentReported():
                told.setdefault(event.sub_case_id, []).extend(event.events)
            case DeemedAccepted():
                told.setdefault(event.sub_case_id, []).append(event)
            case _:
                pass
    return {name: tuple(some) for name, some in told.items()}


def _sub_case_rows(
    case: Case,
    sub: SubCase,
    step: PlannedStep,
    told: Sequence[DepartmentEvent | DeemedAccepted],
    telling: Telling,
) -> CaseRows:
    number = f"{case.id}-{sub.id}"
    return CaseRows(
        cases=(_case_record(number, case, sub, step=step, told=told, telling=telling),),
        processes=process_rows(number, told),
        specials=special_rows(number, told),
        results=result_rows(number, told, step, _satisfaction(case, sub, telling)),
    )


def _case_record(
    number: str,
    case: Case,
    sub: SubCase,
    *,
    step: PlannedStep,
    told: Sequence[DepartmentEvent | DeemedAccepted],
    telling: Telling,
) -> CaseRecord:
    office = telling.departments.get(step.department)
    item = telling.items.get(step.item)
    row = export_item(item, office, region=step.region) if item and office else None
    calendar = telling.calendar
    return CaseRecord(
        project_no=number,
        task_code=row.task_code if row else None,
        task_name=step.title.zh,
        apply_date=_whole(case.opened_at),
        apply_type=_ONLINE,
        accept_date=_whole(sub.accepted_at),
        accept_doc_no=_acceptance_no(told),
        promise_date=due_on(sub, "promised", calendar) if calendar is not None else None,
        org_code=office.code if office else None,
        org_name=step.department_name.zh,
        **_applicant(telling),
    )


def _applicant(telling: Telling) -> dict[str, Any]:
    form = telling.form
    if form is None:
        return {}
    is_person = form.applicant.kind == "person"
    name, code = form.applicant.name, form.applicant.code
    contact, phone = _text(form, "contact_name"), _text(form, "contact_phone")
    if telling.is_masked:
        name = mask_name(name) if is_person else name
        code = mask_citizen_number(code) if is_person else code
        contact = mask_name(contact) if contact else None
        phone = mask_phone(phone) if phone else None
    return {
        "applyer_name": name,
        "applyer_page_type": _CITIZEN_PAPER if is_person else None,
        "applyer_page_code": code,
        "applyer_type": _PERSON if is_person else _ENTERPRISE,
        "contact_name": contact,
        "contact_mobile": phone,
    }


def _text(form: Form, name: str) -> str | None:
    value = form.fields.get(name)
    return value if isinstance(value, str) else None


def _acceptance_no(told: Sequence[DepartmentEvent | DeemedAccepted]) -> str | None:
    numbers = (
        one.data.get("acceptance_no")
        for one in told
        if isinstance(one, DepartmentEvent) and one.type == EventType.ACCEPTED
    )
    return next((one for one in numbers if isinstance(one, str)), None)


def _satisfaction(case: Case, sub: SubCase, telling: Telling) -> str | None:
    """Return the code of a rating: the list counts from the best, stars count from the worst."""
    stars = telling.ratings.get(sub.id)
    if stars is None:
        rating = case.counter.rating(sub.id)
        stars = rating.level if rating is not None else None
    if stars is None:
        return None
    code = str(_BEST + 1 - stars)
    if code not in SATISFACTION.names:
        msg = f"the rating of {sub.id} is not one of 1 to {_BEST}"
        raise ExchangeError(msg)
    return code


def _whole(instant: datetime | None) -> datetime | None:
    return instant.replace(microsecond=0) if instant else None
