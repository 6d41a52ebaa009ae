"""One step of a one-thing by itself: what an office does for another region's case.

The other region asked its applicant, decided that the step is needed and will put the results
together. So nothing of that is asked again here: the step stands alone and is always on, its
conditional fields may come or not, and of the questions only those are left on which its limits,
fees and ways still hang.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from oneservice.catalog.effective import EffectiveThing, effective_digest, rule_texts, rules_of
from oneservice.catalog.models import (
    FieldSpec,
    MaterialSource,
    MaterialSpec,
    OneThing,
    Situation,
    Step,
    StepKind,
)
from oneservice.errors import UnknownReferenceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.items import Item

__all__ = ["single_step"]


@lru_cache(maxsize=64)  # what plans work out of a definition goes by identity
def single_step(whole: EffectiveThing, step_id: str) -> EffectiveThing:
    """Return the definition of one step alone, with the bundle that hands its result out.

    Limits, fees, tolerance and calendar stay those of the region for which ``whole`` counts. An
    instance of a step that repeats is one application here, and its fields belong to no group.

    Args:
        whole: the definition of the one-thing as it counts in the deciding region.
        step_id: one of its steps that a department decides.

    Raises:
        UnknownReferenceError: there is no such step, or it is the bundle.
    """
    found = {one.id: one for one in whole.thing.steps}
    step = found.get(step_id)
    if step is None or step.kind is StepKind.BUNDLE:
        known = ", ".join(name for name, one in found.items() if one.kind is not StepKind.BUNDLE)
        msg = f"{whole.thing.id!r} has no step {step_id!r} to stand alone; it has {known}"
        raise UnknownReferenceError(msg, source=whole.source_of(f"{whole.thing.id}.steps"))
    steps = (_alone(step), *(_after(one, step) for one in _bundles(found.values())))
    items = {one.item: _item(whole.items[one.item], one) for one in steps}
    thing = _narrowed(whole.thing, steps, items)
    names = {thing.lead_department, *(one.department for one in items.values())}
    departments = {name: one for name, one in whole.departments.items() if name in names}
    offices = {name: one for name, one in whole.offices.items() if name in names}
    return replace(
        whole,
        thing=thing,
        items=items,
        departments=departments,
        offices=offices,
        by_region={},
        digest=effective_digest(thing, items, departments, offices),
        rules=rules_of(thing, items),
    )


def _bundles(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(one for one in steps if one.kind is StepKind.BUNDLE)


def _alone(step: Step) -> Step:
    return step.model_copy(
        update={
            "when": None,
            "requires": (),
            "attaches": (),
            "for_each": None,
            "region": None,
            "spared_by": None,
            "is_by_duty": False,
        }
    )


def _after(bundle: Step, step: Step) -> Step:
    return bundle.model_copy(update={"when": None, "requires": (step.id,), "attaches": ()})


def _item(item: Item, step: Step) -> Item:
    """Return the item; how results reach the applicant is for the region that asked."""
    is_bundle = step.kind is StepKind.BUNDLE
    return item.model_copy(update={"channels": (), "fees": ()}) if is_bundle else item


def _narrowed(thing: OneThing, steps: tuple[Step, ...], items: dict[str, Item]) -> OneThing:
    names = {one.id for one in steps if one.kind is not StepKind.BUNDLE}
    hidden = {one.id for one in thing.situations if one.visible_when is not None}
    narrow = thing.model_copy(
        update={
            "steps": steps,
            "fields": tuple(
                _field(one, names, hidden) for one in thing.fields if names & {*one.steps}
            ),
            "materials": tuple(
                _material(one, names) for one in thing.materials if names & {*one.steps}
            ),
            "contradictions": (),
            "joint_inspection": (),
            "parties": (),
            "batches": (),
            "before": None,
            "dispatch": None,
        }
    )
    asked = _still_asked(narrow, items)
    situations = tuple(one for one in thing.situations if one.id in asked)
    return narrow.model_copy(
        update={
            "situations": situations,
            "fields": tuple(_unanswered(one, asked) for one in narrow.fields),
        }
    )


def _field(spec: FieldSpec, names: set[str], hidden: set[str]) -> FieldSpec:
    """Return a field without its condition: it may come, and need not where it hung on one.

    One that repeats the answer to a question hangs on whether that question is asked at all.
    """
    is_required = spec.is_required and spec.when is None and spec.answer not in hidden
    alone = {"when": None, "group": None, "is_required": is_required, "steps": tuple(names)}
    return spec.model_copy(update=alone)


def _unanswered(spec: FieldSpec, asked: set[str]) -> FieldSpec:
    return spec if spec.answer in asked else spec.model_copy(update={"answer": None})


def _material(spec: MaterialSpec, names: set[str]) -> MaterialSpec:
    """Return a material without its condition; what another step yielded is handed in here."""
    is_result = spec.source is MaterialSource.STEP
    source = MaterialSource.LOOKUP if is_result else spec.source
    alone = {"when": None, "yielded_by": None, "source": source, "steps": tuple(names)}
    return spec.model_copy(update=alone)


def _still_asked(thing: OneThing, items: dict[str, Item]) -> set[str]:
    """Return the questions that rules still read, and those on which their visibility hangs."""
    visible = {f"situations.{one.id}.visible_when": one.id for one in thing.situations}
    rules = rules_of(thing, items)
    reads: dict[str, set[str]] = {}
    asked: set[str] = set()
    for path, text in rule_texts(thing, items):
        names = set(rules[text].names)
        if path in visible:
            reads[visible[path]] = names
        else:
            asked |= names
    waiting: list[Situation] = [one for one in thing.situations if one.id in asked]
    while waiting:
        more = reads.get(waiting.pop().id, set()) - asked
        asked |= more
        waiting += [one for one in thing.situations if one.id in more]
    return asked
