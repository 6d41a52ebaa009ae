"""Steps that a held certificate spares: could one ever do so, and would nothing hang in the air?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.catalog.models import StepKind
from oneservice.catalog.persons import person_fields
from oneservice.catalog.terms import LimitUnit

if TYPE_CHECKING:
    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.models import Item, SparedBy, Step

__all__ = ["check_sparing"]

_SPARABLE: Final = frozenset({StepKind.DECISION, StepKind.CHECK})
"""What ends in a paper or a finding; the rest is told, handed out, or verified afterwards."""
_DAYS_IN_A_YEAR: Final = {LimitUnit.NATURAL_DAYS: 365, LimitUnit.WORKING_DAYS: 245}
"""At least so many: a limit that is longer by this count is longer by the calendar."""


def check_sparing(notes: Notes) -> None:
    """Note steps that no certificate can spare, and certificates that never could."""
    for step in notes.thing.steps:
        if step.spared_by is None:
            continue
        path = f"steps.{step.id}.spared_by"
        _kind(notes, path, step)
        _types(notes, path, step.spared_by)
        _whose(notes, path, step)
        item = notes.effective.items.get(step.item)
        if item is not None:
            _followed(notes, path, step, item)
            _lasting(notes, path, step.spared_by, item)


def _kind(notes: Notes, path: str, step: Step) -> None:
    if step.kind not in _SPARABLE:
        text = f"'{step.id}' is a step of kind {step.kind}: nobody holds its result beforehand"
        remedy = "drop 'spared_by', or put it on the step that decides"
        notes.add(path, "wrong_kind", text, remedy, at_key=True)
    elif step.is_by_duty:
        text = f"'{step.id}' handles a report, which no certificate answers"
        notes.add(path, "wrong_kind", text, "drop 'spared_by'", at_key=True)


def _types(notes: Notes, path: str, rule: SparedBy) -> None:
    for index, name in enumerate(rule.certificates):
        if name in rule.certificates[:index]:
            text = f"'{name}' stands twice in this list"
            notes.add(f"{path}.certificates.{index}", "duplicate_id", text, "keep one of them")


def _whose(notes: Notes, path: str, step: Step) -> None:
    """A certificate is somebody's; where the form has no number of theirs, nobody compares."""
    if step.for_each is None or person_fields(notes.thing.fields, step) is not None:
        return
    group = step.for_each.group
    text = (
        f"'{step.id}' has no one field in the group '{group}' that tells who the entry is, so "
        "nobody can compare whose the certificate is"
    )
    remedy = (
        f"let the step use one field of '{group}' of type citizen_number or credit_code that is "
        "always asked, and a name of value_kind person_name or firm_name beside it"
    )
    notes.add(path, "spared_uncompared", text, remedy, at_key=True)


def _followed(notes: Notes, path: str, step: Step, item: Item) -> None:
    """A check afterwards of what nobody granted here would have nothing to look at."""
    follow_up = item.commitment.follow_up if item.commitment is not None else None
    if follow_up is not None:
        text = f"'{follow_up}' verifies what '{step.id}' grants; a spared step grants nothing"
        remedy = "drop 'spared_by', or the 'follow_up' of the commitment"
        notes.add(path, "wrong_kind", text, remedy, at_key=True)


def _lasting(notes: Notes, path: str, rule: SparedBy, item: Item) -> None:
    years = item.result.valid_years if item.result is not None else None
    if years is None or rule.valid_for is None or item.result is None:
        return
    is_own = rule.certificates == (item.result.type,)
    if is_own and rule.valid_for.days >= years * _DAYS_IN_A_YEAR[rule.valid_for.unit]:
        text = (
            f"'{item.result.type}' is valid for {years} year{'' if years == 1 else 's'} when it is "
            "new; none is ever valid for so long once a case ends"
        )
        notes.add(f"{path}.valid_for", "spared_never", text, "ask for a shorter rest")
