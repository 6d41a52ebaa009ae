"""Where a step is routed, how it repeats, what it trusts, and who acts on a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.models import (
    AnswerType,
    FieldType,
    MaterialClass,
    OverduePolicy,
    Step,
    StepKind,
)
from oneservice.catalog.rules import did_you_mean

if TYPE_CHECKING:
    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.models import Item, Repeat, Routing

__all__ = ["check_placing"]


def check_placing(notes: Notes, known_materials: frozenset[str]) -> None:
    """Note routings, repetitions and trust that name the wrong thing.

    ``known_materials`` are those of every one-thing: an item is placed in several of them.
    """
    for step in notes.thing.steps:
        if step.region is not None:
            _routing(notes, f"steps.{step.id}.region", step.region)
        if step.for_each is not None and step.for_each.within is not None:
            _within(notes, step, step.for_each, step.for_each.within)
        if step.is_by_duty and notes.thing.dispatch is None:
            text = f"'{step.id}' acts by duty table, and the one-thing has none"
            remedy = "add 'dispatch' to the one-thing, or drop 'is_by_duty'"
            notes.add(f"steps.{step.id}.is_by_duty", "wrong_kind", text, remedy)
    for item in notes.effective.items.values():
        _tolerance(notes, item, known_materials)
        _commitment(notes, item)
        _overdue(notes, item)


def _routing(notes: Notes, path: str, routing: Routing) -> None:
    questions = {each.id: each.type for each in notes.thing.situations}
    fields = {each.id: each for each in notes.thing.fields}
    name = routing.of
    if name not in questions and name not in fields:
        hint = did_you_mean(name, {*questions, *fields})
        notes.dangling(f"{path}.of", "question or field", name, hint)
        return
    field = fields.get(name)
    is_region = questions.get(name) is AnswerType.REGION or (
        name not in questions and field is not None and field.type is FieldType.REGION
    )
    if not is_region:
        text = f"'{name}' is no region, so it cannot say whose office decides"
        notes.add(f"{path}.of", "wrong_kind", text, "name a question or field of type region")
    elif name not in questions and field is not None and field.group is not None:
        text = f"'{name}' is asked once for each of its group, so it names no one region"
        notes.add(f"{path}.of", "wrong_kind", text, "name a field outside of groups")


def _within(notes: Notes, step: Step, repeat: Repeat, outer: str) -> None:
    path = f"steps.{step.id}.for_each.within"
    steps = {each.id: each for each in notes.thing.steps}
    if outer not in steps:
        notes.dangling(path, "step", outer, did_you_mean(outer, steps))
        return
    seen = [step.id]
    name: str | None = outer
    while name is not None and name in steps and name not in seen:
        seen.append(name)
        around = steps[name].for_each
        if around is None:
            text = f"'{name}' is not repeated, so '{step.id}' cannot repeat within it"
            notes.add(path, "wrong_kind", text, "name a step with 'for_each', or drop 'within'")
            return
        if around.group == repeat.group:
            text = f"'{step.id}' and '{name}' repeat the same group '{repeat.group}'"
            remedy = "give the inner one a group of its own"
            notes.add(f"steps.{step.id}.for_each.group", "wrong_kind", text, remedy)
            return
        name = around.within
    if name is not None and name in seen:
        text = f"{' -> '.join([*seen, name])} repeat within one another"
        notes.add(path, "wrong_kind", text, "drop 'within' of one of them")


def _tolerance(notes: Notes, item: Item, known_materials: frozenset[str]) -> None:
    if item.tolerance is None:
        return
    here = {each.id: each for each in notes.thing.materials}
    for index, name in enumerate(item.tolerance.materials):
        path = f"items.{item.id}.tolerance.materials.{index}"
        if name not in known_materials:
            notes.dangling(path, "material", name, did_you_mean(name, here))
        elif name in here and here[name].importance is MaterialClass.MAIN:
            text = f"'{name}' is a main material; only a minor one may follow later"
            remedy = "drop it here, or set 'importance: minor' where the law lets you"
            notes.add(path, "tolerance_main", text, remedy)


def _overdue(notes: Notes, item: Item) -> None:
    """Look at what follows when the item is late: a ladder of known offices, or a grant."""
    path = f"items.{item.id}"
    known = notes.effective.departments
    for index, rung in enumerate(item.escalation):
        if rung.office not in known:
            hint = did_you_mean(rung.office, known)
            notes.dangling(f"{path}.escalation.{index}.office", "department", rung.office, hint)
    if item.escalation and item.on_overdue is not OverduePolicy.ESCALATE:
        text = f"'{item.id}' names a ladder that nobody climbs: 'on_overdue' is {item.on_overdue}"
        remedy = "set 'on_overdue: escalate', or drop 'escalation'"
        notes.add(f"{path}.escalation", "escalation_unused", text, remedy, at_key=True)
    if item.sensitive_area is not None and item.on_overdue is OverduePolicy.DEEMED_GRANTED:
        area = item.sensitive_area.value.replace("_", " ")
        text = f"'{item.id}' touches {area}, where silence must not grant"
        notes.add(f"{path}.on_overdue", "silence_sensitive", text, "take 'escalate', or 'none'")


def _commitment(notes: Notes, item: Item) -> None:
    if item.commitment is None:
        return
    path = f"items.{item.id}.commitment"
    if item.sensitive_area is not None:
        area = item.sensitive_area.value.replace("_", " ")
        text = f"'{item.id}' touches {area}, where no commitment replaces the check"
        notes.add(path, "commitment_sensitive", text, "drop 'commitment'", at_key=True)
    name = item.commitment.follow_up
    if name is None:
        return
    steps = {each.id: each for each in notes.thing.steps}
    if name not in steps:
        notes.dangling(f"{path}.follow_up", "step", name, did_you_mean(name, steps))
    elif steps[name].kind is not StepKind.FOLLOW_UP:
        text = f"'{name}' is a step of kind {steps[name].kind}, it does not verify afterwards"
        notes.add(f"{path}.follow_up", "wrong_kind", text, "name a step of kind follow_up")
