"""A duty table asked for every report that people can make: no gaps, no two units for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.competence import Report, competent_unit
from oneservice.catalog.models import AnswerType, Dispatch, Situation
from oneservice.catalog.rules import did_you_mean
from oneservice.errors import DutyConflictError, DutyUnknownError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.catalog.lint.notes import Notes

__all__ = ["check_duties"]

_LISTED = 3
"""Reports that one finding names."""


def check_duties(notes: Notes) -> None:
    """Note rows that name nothing, reports that no row takes, and reports that two rows take."""
    dispatch = notes.thing.dispatch
    if dispatch is None:
        return
    before = len(notes.findings)
    questions = {each.id: each for each in notes.thing.situations}
    kinds = _question(notes, questions, "kind", dispatch.kind, AnswerType.ENUM)
    places = _question(notes, questions, "place", dispatch.place, AnswerType.ENUM)
    _question(notes, questions, "where", dispatch.where, AnswerType.REGION)
    _rows(notes, dispatch, kinds, places)
    if len(notes.findings) == before:
        _reports(notes, dispatch, kinds, places or (None,))


def _question(
    notes: Notes, questions: dict[str, Situation], role: str, name: str | None, due: AnswerType
) -> tuple[str, ...]:
    """Return the choices of the question that plays ``role``, and note where it does not fit."""
    if name is None:
        return ()
    question = questions.get(name)
    if question is None:
        hint = did_you_mean(name, questions)
        notes.dangling(f"dispatch.{role}", "question", name, hint)
        return ()
    if question.type is not due:
        text = f"'{name}' is of type {question.type}, '{role}' must name one of type {due}"
        notes.add(f"dispatch.{role}", "wrong_kind", text, f"name a question of type {due}")
    return tuple(choice.value for choice in question.choices)


def _rows(
    notes: Notes, dispatch: Dispatch, kinds: tuple[str, ...], places: tuple[str, ...]
) -> None:
    for index, duty in enumerate(dispatch.duties):
        path = f"dispatch.duties.{index}"
        for section, named, known in (
            ("kinds", duty.kinds, kinds),
            ("places", duty.places, places),
        ):
            for number, name in enumerate(named):
                if name not in known:
                    hint = did_you_mean(name, known)
                    notes.dangling(f"{path}.{section}.{number}", "choice", name, hint)


def _reports(
    notes: Notes, dispatch: Dispatch, kinds: tuple[str, ...], places: tuple[str | None, ...]
) -> None:
    gaps: list[str] = []
    told: set[tuple[str, ...]] = set()
    rows = {duty.id: index for index, duty in enumerate(dispatch.duties)}
    for report in _made(notes, dispatch, kinds, places):
        try:
            competent_unit(dispatch, report)
        except DutyUnknownError:
            gaps.append(_in_words(report))
        except DutyConflictError as error:
            if error.duties not in told:
                told.add(error.duties)
                names = " and ".join(f"'{name}'" for name in error.duties)
                path = f"dispatch.duties.{rows[error.duties[-1]]}"
                text = f"{names} both take {_in_words(report)}"
                notes.add(path, "duty_overlap", text, "narrow one row by kind, place or region")
    if gaps:
        more = f" and {len(gaps) - _LISTED} more" if len(gaps) > _LISTED else ""
        text = f"no row takes {'; '.join(gaps[:_LISTED])}{more}"
        remedy = "add a row, or widen one"
        notes.add("dispatch.duties", "duty_gap", text, remedy, at_key=True)


def _made(
    notes: Notes, dispatch: Dispatch, kinds: tuple[str, ...], places: tuple[str | None, ...]
) -> Iterator[Report]:
    """Yield a report of each kind, at each place, in each region that the table tells apart."""
    regions = {code for duty in dispatch.duties for code in duty.regions}
    for region in sorted({notes.effective.region, *regions}):
        for kind in kinds:
            for place in places:
                yield Report(kind=kind, place=place, region=region)


def _in_words(report: Report) -> str:
    place = f" at '{report.place}'" if report.place else ""
    return f"'{report.kind}'{place} in {report.region}"
