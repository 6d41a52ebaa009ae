"""Which steps these answers switch on, how often, within which limits, and why."""

from __future__ import annotations

from dataclasses import dataclass

from oneservice.catalog import EffectiveThing, Item, Limit, Step, Text
from oneservice.errors import AnswersInvalidError, UnknownReferenceError
from oneservice.plan.facts import Facts, law_reasons
from oneservice.plan.models import SkippedStep
from oneservice.plan.terms import Reason, ReasonKind, TimeLimit

__all__ = ["MAX_INSTANCES", "ActiveStep", "activate", "instance_counts"]

MAX_INSTANCES = 200
"""How often one step may repeat in one plan: keeps a plan's JSON under half a mebibyte."""

_ALWAYS = Reason(
    kind=ReasonKind.ALWAYS,
    text=Text(zh="此一件事必办", en="always part of this one-thing"),
)
_NEEDED = Text(zh="按所答情形需要办理", en="needed for these answers")
_NOT_NEEDED = Text(zh="按所答情形无需办理", en="not needed for these answers")
_SHORTER = Text(zh="按所答情形适用此时限", en="this time limit applies for these answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveStep:
    """A step that is switched on, with the ids of its sub-cases: one, or one per instance."""

    step: Step
    item: Item
    ids: tuple[str, ...]
    promised: TimeLimit
    statutory: TimeLimit | None
    is_on_papers: bool
    reasons: tuple[Reason, ...]


def instance_counts(thing: EffectiveThing, facts: Facts) -> dict[str, int]:
    """Return how many entries each repeated group of fields has.

    Raises:
        AnswersInvalidError: a count is beyond :data:`MAX_INSTANCES`.
    """
    counts: dict[str, int] = {}
    problems: dict[str, str] = {}
    for step in thing.thing.steps:
        if step.for_each is None:
            continue
        # A hidden question has no value: nobody is counted.
        count = int(facts.answers.get(step.for_each.count, 0))
        if count > MAX_INSTANCES:
            problems[step.for_each.count] = (
                f"{count} is more than one case can hold ({MAX_INSTANCES}); "
                "hand in the rest with a case of their own"
            )
        counts[step.for_each.group] = max(count, 0)
    if problems:
        raise AnswersInvalidError(problems)
    return counts


def activate(
    thing: EffectiveThing, facts: Facts, counts: dict[str, int]
) -> tuple[tuple[ActiveStep, ...], tuple[SkippedStep, ...]]:
    """Return the steps that are on and those that are off, both in the author's order.

    Raises:
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: a step names an item that the definition does not have.
    """
    active: list[ActiveStep] = []
    skipped: list[SkippedStep] = []
    for step in thing.thing.steps:
        item = thing.items.get(step.item)
        if item is None:
            msg = f"step {step.id!r} places the item {step.item!r}, which is not declared"
            raise UnknownReferenceError(msg, source=thing.source_of(_path(thing, step, "item")))
        off = _why_off(thing, step, facts, counts)
        if off is None:
            active.append(_active(thing, step, item, facts, counts))
        else:
            skipped.append(SkippedStep(step_id=step.id, title=item.title, reasons=(off,)))
    return tuple(active), tuple(skipped)


def _why_off(
    thing: EffectiveThing, step: Step, facts: Facts, counts: dict[str, int]
) -> Reason | None:
    """Return why ``step`` is off, or ``None``: it is on."""
    if step.when is not None and not facts.holds(step.when, path=_path(thing, step, "when")):
        return facts.reason(step.when, _NOT_NEEDED)
    if step.for_each is not None and counts[step.for_each.group] == 0:
        return Reason(kind=ReasonKind.RULE, text=_NOT_NEEDED, because=f"{step.for_each.count} = 0")
    return None


def _active(
    thing: EffectiveThing, step: Step, item: Item, facts: Facts, counts: dict[str, int]
) -> ActiveStep:
    reasons = [facts.reason(step.when, _NEEDED) if step.when is not None else _ALWAYS]
    promised, statutory, is_on_papers = item.promised, item.statutory, False
    for index, case in enumerate(step.limits):
        if facts.holds(case.when, path=_path(thing, step, f"limits.{index}.when")):
            promised, statutory = case.promised, case.statutory or statutory
            is_on_papers = case.is_on_papers
            reasons.append(facts.reason(case.when, case.title or _SHORTER))
            break
    ids: tuple[str, ...] = (step.id,)
    if step.for_each is not None:
        ids = tuple(f"{step.id}-{n}" for n in range(1, counts[step.for_each.group] + 1))
    return ActiveStep(
        step=step,
        item=item,
        ids=ids,
        promised=_limit(promised),
        statutory=None if statutory is None else _limit(statutory),
        is_on_papers=is_on_papers,
        reasons=(*reasons, *law_reasons(item.legal_basis)),
    )


def _limit(limit: Limit) -> TimeLimit:
    return TimeLimit(days=limit.days, unit=limit.unit)


def _path(thing: EffectiveThing, step: Step, member: str) -> str:
    return f"{thing.thing.id}.steps.{step.id}.{member}"
