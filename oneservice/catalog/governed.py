"""A definition whose routed steps go by the deciding regions' law, all others by its own.

What makes the one-thing (which steps, in which order, after which questions) stays with the region
that accepts the case. What the deciding region says of its own step takes the place of the
accepting region's word: limits and tracks, ways, fees, trust, what follows when it is late, the
certificates that spare it, and the fields and materials that the step uses there.

Theory of operation. The result is a definition like any other, so that nothing that reads it needs
to know. Two steps may place one item under different law, so an item of another region has an id of
its own here: ``food_permit@980200``. A rule of the other region that these answers do not settle,
because only its own engine asks the question, decides nothing: what hangs on it is left out, and
the plan says so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from oneservice.catalog.answers import value_of_answer
from oneservice.catalog.apart import MARK, told_apart
from oneservice.catalog.models import (
    FieldSpec,
    Item,
    MaterialClass,
    MaterialSource,
    MaterialSpec,
    Step,
)
from oneservice.catalog.rules import FactValue, Rule, truth
from oneservice.catalog.shared_parts import RuledParts, disputed_rules, shared_parts
from oneservice.errors import RuleEvaluationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from oneservice.catalog.effective import EffectiveThing
    from oneservice.catalog.local import LocalDefinition

__all__ = [
    "catalog_item_id",
    "governed",
    "proposed_answers",
    "refuted_rules_among",
    "unsettled_rules",
]


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
    return frozenset(text for text in local.rules if _verdict(local.rules[text], facts) is None)


def refuted_rules_among(
    whole: EffectiveThing, local: Iterable[LocalDefinition], facts: Mapping[str, FactValue]
) -> frozenset[str]:
    """Return the rules that ``facts`` refute, of parts that not all laws ask for by one rule.

    Only these have to be looked at before the parts come together; all others the form looks at.
    """
    laws = tuple(local)
    mine = (whole.thing.fields, whole.thing.materials)
    disputed = disputed_rules(mine, *((one.fields, one.materials) for one in laws))
    rules: dict[str, Rule] = {**whole.rules}
    for one in laws:
        rules |= one.rules
    return frozenset(text for text in disputed if _verdict(rules[text], facts) is False)


def _verdict(rule: Rule, facts: Mapping[str, FactValue]) -> bool | None:
    try:
        return truth(rule, facts)
    except RuleEvaluationError:  # one name, but a question of another type there
        return None


def catalog_item_id(name: str) -> str:
    """Return the id that a catalog gives to the item ``name`` of a governed definition."""
    return name.partition(MARK)[0]


@lru_cache(maxsize=256)  # what plans work out of a definition goes by identity
def governed(
    whole: EffectiveThing,
    elsewhere: tuple[tuple[str, LocalDefinition], ...],
    open_rules: frozenset[str] = frozenset(),
    refuted_rules: frozenset[str] = frozenset(),
) -> EffectiveThing:
    """Return ``whole`` with steps that go by other regions' law.

    Args:
        whole: the definition of the region that accepts.
        elsewhere: step ids with the definition that governs each; it has that step.
        open_rules: rules that the answers do not settle; nothing that hangs on them is taken over.
        refuted_rules: those under which not all laws ask for a part, and that do not hold; see
            :func:`refuted_rules_among`.
    """
    laws = told_apart(whole.thing, dict(elsewhere))
    ruled = RuledParts(laws=laws, open_rules=open_rules, refuted_rules=refuted_rules)
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
        "fields": tuple(_fields(whole, ruled)),
        "materials": tuple(_materials(whole, ruled)),
    }
    thing = whole.thing.model_copy(update=changes)
    return replace(whole, thing=thing, items=items, departments=departments, rules=rules)


def _step(step: Step, law: LocalDefinition, open_rules: frozenset[str]) -> Step:
    there = law.steps[step.id]
    limits = tuple(case for case in there.limits if case.when not in open_rules)
    name = f"{there.item}{MARK}{law.region}"
    changes = {"limits": limits, "item": name, "spared_by": there.spared_by}
    return step.model_copy(update=changes)


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


def _fields(whole: EffectiveThing, ruled: RuledParts) -> Iterator[FieldSpec]:
    asked = {one.id for one in whole.thing.situations}
    there = {law: {one.id: one for one in law.fields} for law in ruled.laws.values()}
    for spec, _ in shared_parts(whole.thing.fields, there, ruled):
        is_known = spec.answer is None or spec.answer in asked
        yield spec if is_known else spec.model_copy(update={"answer": None})


def _materials(whole: EffectiveThing, ruled: RuledParts) -> Iterator[MaterialSpec]:
    steps = {one.id for one in whole.thing.steps}
    there = {law: {one.id: one for one in law.materials} for law in ruled.laws.values()}
    for spec, several in shared_parts(whole.thing.materials, there, ruled):
        yield _yielded_here(_strictest(spec, several), steps)


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
