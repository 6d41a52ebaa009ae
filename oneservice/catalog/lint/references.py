"""Every name must name something, and the two ends of a reference must fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.models import (
    AnswerType,
    FieldSpec,
    FieldType,
    MaterialSource,
    MaterialSpec,
    StepKind,
)
from oneservice.catalog.rules import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.lint.notes import Notes

__all__ = ["check_references"]

_FIELD_OF_ANSWER = {
    AnswerType.BOOL: FieldType.BOOL,
    AnswerType.INT: FieldType.INT,
    AnswerType.DECIMAL: FieldType.DECIMAL,
    AnswerType.ENUM: FieldType.CHOICE,
    AnswerType.LIST: FieldType.LIST,
    AnswerType.REGION: FieldType.REGION,
    AnswerType.DATE: FieldType.DATE,
}


def check_references(notes: Notes) -> None:
    """Note references of a definition that lead nowhere, or to the wrong kind of thing."""
    _offices(notes)
    _steps(notes)
    _bundle(notes)
    for spec in notes.thing.fields:
        _field(notes, spec)
    for material in notes.thing.materials:
        _material(notes, material)


def _offices(notes: Notes) -> None:
    departments = notes.effective.departments
    if notes.thing.lead_department not in departments:
        name = notes.thing.lead_department
        notes.dangling("lead_department", "department", name, did_you_mean(name, departments))
    for item in notes.effective.items.values():
        if item.department not in departments:
            hint = did_you_mean(item.department, departments)
            notes.dangling(f"items.{item.id}.department", "department", item.department, hint)
        if not item.legal_basis:
            notes.add(
                f"items.{item.id}",
                "no_legal_basis",
                f"the item '{item.id}' names no law",
                "add 'legal_basis'; mark it 'is_sample: true' where no source is at hand",
            )


def _steps(notes: Notes) -> None:
    steps = [step.id for step in notes.thing.steps]
    groups = {spec.group for spec in notes.thing.fields if spec.group is not None}
    questions = {situation.id: situation for situation in notes.thing.situations}
    for step in notes.thing.steps:
        path = f"steps.{step.id}"
        if step.item not in notes.effective.items:
            hint = did_you_mean(step.item, notes.effective.items)
            notes.dangling(f"{path}.item", "item", step.item, hint)
        _names(notes, f"{path}.requires", step.requires, "step", steps)
        _names(notes, f"{path}.attaches", step.attaches, "step", steps)
        if step.for_each is None:
            continue
        count = questions.get(step.for_each.count)
        if count is None:
            name = step.for_each.count
            notes.dangling(
                f"{path}.for_each.count", "question", name, did_you_mean(name, questions)
            )
        elif count.type is not AnswerType.INT:
            notes.add(
                f"{path}.for_each.count",
                "wrong_kind",
                f"'{count.id}' is answered by {count.type}, a whole number is due",
                "name a question of type int",
            )
        if step.for_each.group not in groups:
            name = step.for_each.group
            hint = did_you_mean(name, groups)
            notes.dangling(f"{path}.for_each.group", "group of fields", name, hint)
    _names(notes, "joint_inspection", notes.thing.joint_inspection, "step", steps)


def _bundle(notes: Notes) -> None:
    """A result that no bundle waits for would be handed out late, or never."""
    decided = [step.id for step in notes.thing.steps if step.kind is StepKind.DECISION]
    for step in notes.thing.steps:
        missing = [name for name in decided if name not in step.requires]
        if step.kind is StepKind.BUNDLE and missing:
            notes.add(
                f"steps.{step.id}.requires",
                "bundle_incomplete",
                f"'{step.id}' does not wait for: {', '.join(missing)}",
                "add them to its 'requires'",
                at_key=True,
            )


def _names(notes: Notes, path: str, names: Iterable[str], kind: str, known: Iterable[str]) -> None:
    declared = list(known)
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name not in declared:
            notes.dangling(f"{path}.{index}", kind, name, did_you_mean(name, declared))
        if name in seen:
            text = f"'{name}' stands twice in this list"
            notes.add(f"{path}.{index}", "duplicate_id", text, "keep one of them")
        seen.add(name)


def _field(notes: Notes, spec: FieldSpec) -> None:
    path = f"fields.{spec.id}"
    _names(notes, f"{path}.steps", spec.steps, "step", [step.id for step in notes.thing.steps])
    groups = {step.for_each.group for step in notes.thing.steps if step.for_each is not None}
    if spec.group is not None and spec.group not in groups:
        notes.add(
            f"{path}.group",
            "unknown_reference",
            f"no step repeats the group '{spec.group}'",
            "add 'for_each' to the step that uses it, or drop 'group'",
        )
    if (spec.type is FieldType.CHOICE) and not spec.choices:
        text = f"the field '{spec.id}' offers no choices"
        notes.add(f"{path}.type", "wrong_kind", text, "add 'choices', or use another type")
    if spec.answer is not None:
        _answered(notes, spec, spec.answer)


def _answered(notes: Notes, spec: FieldSpec, answer: str) -> None:
    path = f"fields.{spec.id}"
    questions = {situation.id: situation for situation in notes.thing.situations}
    question = questions.get(answer)
    if question is None:
        notes.dangling(f"{path}.answer", "question", answer, did_you_mean(answer, questions))
        return
    if _FIELD_OF_ANSWER[question.type] is not spec.type:
        notes.add(
            f"{path}.type",
            "wrong_kind",
            f"the field is {spec.type}, the answer of '{question.id}' is {question.type}",
            f"use the type {_FIELD_OF_ANSWER[question.type]}",
        )
    elif question.choices != spec.choices:
        notes.add(
            f"{path}.answer",
            "wrong_kind",
            f"the field and the question '{question.id}' offer different choices",
            "repeat the choices of the question",
        )
    if spec.group is not None:
        text = "one answer cannot fill every entry of a repeated group"
        notes.add(f"{path}.answer", "wrong_kind", text, "drop 'answer' or 'group'")


def _material(notes: Notes, material: MaterialSpec) -> None:
    path = f"materials.{material.id}"
    steps = {step.id: step for step in notes.thing.steps}
    _names(notes, f"{path}.steps", material.steps, "step", steps)
    if (material.source is MaterialSource.STEP) is (material.yielded_by is None):
        is_step = material.source is MaterialSource.STEP
        notes.add(
            path if is_step else f"{path}.yielded_by",
            "material_source",
            f"'{material.id}' has source '{material.source}' and "
            + ("names no step that yields it" if is_step else "yet names a step that yields it"),
            "add 'yielded_by'" if is_step else "use 'source: step', or drop 'yielded_by'",
        )
    if material.yielded_by is None:
        return
    step = steps.get(material.yielded_by)
    if step is None:
        name = material.yielded_by
        notes.dangling(f"{path}.yielded_by", "step", name, did_you_mean(name, steps))
        return
    item = notes.effective.items.get(step.item)
    if item is not None and (item.result is None or material.id not in item.result.yields):
        notes.add(
            f"{path}.yielded_by",
            "material_source",
            f"the result of '{item.id}' does not yield '{material.id}'",
            f"add 'yields: [{material.id}]' to the result of the item",
        )
