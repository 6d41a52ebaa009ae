"""A definition whose routed steps go by the deciding regions' law, all others by its own.

What makes the one-thing (which steps, in which order, after which questions) stays with the region
that accepts the case. What the deciding region says of its own step takes the place of the
accepting region's word: limits and tracks, ways, fees, trust, what follows when it is late, and the
fields and materials that the step uses there.

Theory of operation. The result is a definition like any other, so that nothing that reads it needs
to know. Two steps may place one item under different law, so an item of another region has an id of
its own here: ``food_permit@980200``. A rule of the other region that these answers do not settle,
because only its own engine asks the question, decides nothing: what hangs on it is left out, and
the plan says so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from oneservice.catalog.answers import value_of_answer
from oneservice.catalog.models import (
    FieldSpec,
    Item,
    MaterialClass,
    MaterialSource,
    MaterialSpec,
    Step,
)
from oneservice.catalog.rules import FactValue, truth
from oneservice.errors import RuleEvaluationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from oneservice.catalog.effective import EffectiveThing
    from oneservice.catalog.local import LocalDefinition

__all__ = ["catalog_item_id", "governed", "proposed_answers", "unsettled_rules"]

_Spec = TypeVar("_Spec", FieldSpec, MaterialSpec)
_MARK = "@"


def proposed_answers(
    local: Iterable[LocalDefinition], facts: Mapping[str, FactValue]
) -> dict[str, FactValue]:
    """Return the defaults of questions that only deciding regions ask, as far as they agree.

    They are what such a region goes by itself where nobody answered.
    """
    found: dict[str, set[FactValue | None]] = {}
    for one in local:
        for name, question in one.situations.items():
            if name not in facts and question.default is not None:
                value = value_of_answer(question, question.default)
                found.setdefault(name, set()).add(value)
    agreed = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if value is not None}


def unsettled_rules(local: LocalDefinition, facts: Mapping[str, FactValue]) -> frozenset[str]:
    """Return the rules of ``local`` that ``facts`` do not settle, as texts."""
    return frozenset(text for text in local.rules if not _is_settled(local, text, facts))


def _is_settled(local: LocalDefinition, text: str, facts: Mapping[str, FactValue]) -> bool:
    try:
        return truth(local.rules[text], facts) is not None
    except RuleEvaluationError:  # one name, but a question of another type there
        return False


def catalog_item_id(name: str) -> str:
    """Return the id that a catalog gives to the item ``name`` of a governed definition."""
    return name.partition(_MARK)[0]


@lru_cache(maxsize=256)  # what plans work out of a definition goes by identity
def governed(
    whole: EffectiveThing,
    elsewhere: tuple[tuple[str, LocalDefinition], ...],
    open_rules: frozenset[str] = frozenset(),
) -> EffectiveThing:
    """Return ``whole`` with steps that go by other regions' law.

    Args:
        whole: the definition of the region that accepts.
        elsewhere: step ids with the definition that governs each; it has that step.
        open_rules: rules that the answers do not settle; nothing that hangs on them is taken over.
    """
    laws = dict(elsewhere)
    steps = tuple(
        _step(one, laws[one.id], open_rules) if one.id in laws else one for one in whole.thing.steps
    )
    items = dict(whole.items)
    departments = dict(whole.departments)
    rules = dict(whole.rules)
    for step in steps:
        law = laws.get(step.id)
        if law is not None:
            item = law.items[law.steps[step.id].item]
            items[step.item] = _item(item, step.item, open_rules)
            departments = {**law.departments, **departments}
            rules |= law.rules
    changes = {
        "steps": steps,
        "fields": tuple(_fields(whole, laws, open_rules)),
        "materials": tuple(_materials(whole, laws, open_rules)),
    }
    thing = whole.thing.model_copy(update=changes)
    return replace(whole, thing=thing, items=items, departments=departments, rules=rules)


def _step(step: Step, law: LocalDefinition, open_rules: frozenset[str]) -> Step:
    there = law.steps[step.id]
    limits = tuple(case for case in there.limits if case.when not in open_rules)
    name = f"{there.item}{_MARK}{law.region}"
    return step.model_copy(update={"limits": limits, "item": name})


def _item(item: Item, name: str, open_rules: frozenset[str]) -> Item:
    commitment = item.commitment
    return item.model_copy(
        update={
            "id": name,
            "channels": tuple(one for one in item.channels if one.when not in open_rules),
            "fees": tuple(one for one in item.fees if one.when not in open_rules),
            "commitment": None if commitment and commitment.when in open_rules else commitment,
        }
    )


# --- what the steps use -------------------------------------------------------------------------


def _fields(
    whole: EffectiveThing, laws: Mapping[str, LocalDefinition], open_rules: frozenset[str]
) -> Iterator[FieldSpec]:
    asked = {one.id for one in whole.thing.situations}
    there = {law: {one.id: one for one in law.fields} for law in laws.values()}
    for spec in _shared(whole.thing.fields, there, laws):
        if not _is_open(spec, laws, open_rules):
            is_known = spec.answer is None or spec.answer in asked
            yield spec if is_known else spec.model_copy(update={"answer": None})


def _materials(
    whole: EffectiveThing, laws: Mapping[str, LocalDefinition], open_rules: frozenset[str]
) -> Iterator[MaterialSpec]:
    steps = {one.id for one in whole.thing.steps}
    there = {law: {one.id: one for one in law.materials} for law in laws.values()}
    for spec in _shared(whole.thing.materials, there, laws):
        if _is_open(spec, laws, open_rules):
            continue
        several = [there[laws[name]][spec.id] for name in spec.steps if name in laws]
        if any(name not in laws for name in spec.steps):
            several.append(spec)
        yield _yielded_here(_strictest(spec, several), steps)


def _is_open(
    spec: FieldSpec | MaterialSpec, laws: Mapping[str, LocalDefinition], open_rules: frozenset[str]
) -> bool:
    """Say whether a part of another region's step hangs on what nobody answered."""
    return spec.when in open_rules and any(step in laws for step in spec.steps)


def _shared(
    own: Iterable[_Spec],
    there: Mapping[LocalDefinition, Mapping[str, _Spec]],
    laws: Mapping[str, LocalDefinition],
) -> Iterator[_Spec]:
    """Yield each part once with the steps that use it, each by the law that governs the step.

    A part that steps under one foreign law alone use is that law's; otherwise the own one counts.
    """
    ours: dict[str, _Spec] = {one.id: one for one in own}
    names = dict.fromkeys([*ours, *(name for specs in there.values() for name in specs)])
    for name in names:
        mine = ours.get(name)
        steps: list[str] = [step for step in (mine.steps if mine else ()) if step not in laws]
        theirs: dict[str, LocalDefinition] = {
            step: law
            for step, law in laws.items()
            if name in there[law] and step in there[law][name].steps
        }
        if steps or theirs:
            sources = list(dict.fromkeys(theirs.values()))
            is_theirs = mine is None or (not steps and len(sources) == 1)
            spec: _Spec = there[sources[0]][name] if is_theirs or mine is None else mine
            together: list[str] = [*steps, *theirs]
            order = [*spec.steps, *together]
            yield spec.model_copy(update={"steps": tuple(sorted(together, key=order.index))})


def _strictest(spec: MaterialSpec, several: Collection[MaterialSpec]) -> MaterialSpec:
    """Return one paper that is enough for all who ask for it."""
    is_main = any(one.importance is MaterialClass.MAIN for one in several)
    importance = MaterialClass.MAIN if is_main else MaterialClass.MINOR
    accepts = tuple(name for name in spec.accepts if all(name in one.accepts for one in several))
    return spec.model_copy(update={"importance": importance, "accepts": accepts})


def _yielded_here(spec: MaterialSpec, steps: Collection[str]) -> MaterialSpec:
    """Return the material; what a step yields that is none here comes from that office's files."""
    if spec.yielded_by is None or spec.yielded_by in steps:
        return spec
    source = MaterialSource.LOOKUP if spec.source is MaterialSource.STEP else spec.source
    return spec.model_copy(update={"yielded_by": None, "source": source})
