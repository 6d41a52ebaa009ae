"""Which steps these answers switch on, how often, within which limits, and why."""

from __future__ import annotations

from dataclasses import dataclass

from oneservice.catalog import Competence, EffectiveThing, Item, Step, Text
from oneservice.errors import AnswersInvalidError, DependencyCycleError, UnknownReferenceError
from oneservice.plan.duty import item_by_duty, unit_on_duty
from oneservice.plan.facts import Facts, law_reasons
from oneservice.plan.frame import frame_of, time_limit
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
    """A step that is switched on, with the ids of its sub-cases: one, or one per instance.

    ``parents`` names for each of them the sub-case that it belongs to, in nested repetition, and
    ``numbers`` the entry of the form that it stands for. ``spared`` are those that are not taken.
    ``unit`` acts by the duty table, in place of the item's department.
    """

    step: Step
    item: Item
    ids: tuple[str, ...]
    parents: tuple[str | None, ...]
    unit: Competence | None
    promised: TimeLimit
    statutory: TimeLimit | None
    is_on_papers: bool
    reasons: tuple[Reason, ...]
    numbers: tuple[int, ...] = ()
    spared: frozenset[str] = frozenset()

    @property
    def spared_numbers(self) -> frozenset[int]:
        """The entries of the form whose sub-case is not taken."""
        return frozenset(int(name.rpartition("-")[2]) for name in self.spared)


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
        count = _count(thing, step, facts)
        if count > MAX_INSTANCES:
            problems[step.for_each.count] = (
                f"{count} is more than one case can hold ({MAX_INSTANCES}); "
                "hand in the rest with a case of their own"
            )
        counts[step.for_each.group] = count
    if problems:
        raise AnswersInvalidError(problems)
    return counts


def _count(thing: EffectiveThing, step: Step, facts: Facts) -> int:
    """Return how many sub-cases ``step`` has in all: drivers of a vehicle times vehicles.

    Raises:
        DependencyCycleError: repeated steps stand within one another.
        UnknownReferenceError: a step stands within one that is not declared.
    """
    chain: list[str] = []
    count = 1
    while step.for_each is not None:
        if step.id in chain:
            source = thing.source_of(_path(thing, step, "for_each"))
            raise DependencyCycleError(cycle=(*chain, step.id), source=source)
        chain.append(step.id)
        # A hidden question has no value: nobody is counted.
        count *= max(int(facts.answers.get(step.for_each.count, 0)), 0)
        if step.for_each.within is None or count == 0:
            return count
        outer = next((one for one in thing.thing.steps if one.id == step.for_each.within), None)
        if outer is None:
            msg = f"step {step.id!r} repeats within {step.for_each.within!r}, which is not declared"
            source = thing.source_of(_path(thing, step, "for_each.within"))
            raise UnknownReferenceError(msg, source=source)
        if not facts.holds(outer.when, path=_path(thing, outer, "when")):
            return 0
        step = outer
    return count


def activate(
    thing: EffectiveThing, facts: Facts, counts: dict[str, int]
) -> tuple[tuple[ActiveStep, ...], tuple[SkippedStep, ...]]:
    """Return the steps that are on and those that are off, both in the author's order.

    Raises:
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: a step names an item that the definition does not have.
        DutyConflictError, DutyUnknownError: the duty table does not name one unit.
    """
    unit = unit_on_duty(thing, facts)
    active: list[ActiveStep] = []
    skipped: list[SkippedStep] = []
    for step in thing.thing.steps:
        placed = item_by_duty(thing, step, unit)
        item = thing.items.get(placed)
        if item is None:
            msg = f"step {step.id!r} places the item {placed!r}, which is not declared"
            raise UnknownReferenceError(msg, source=thing.source_of(_path(thing, step, "item")))
        off = _why_off(thing, step, facts, counts)
        if off is None:
            acting = unit if step.is_by_duty else None
            active.append(_active(thing, step, item, facts, counts=counts, unit=acting))
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
    thing: EffectiveThing,
    step: Step,
    item: Item,
    facts: Facts,
    *,
    counts: dict[str, int],
    unit: Competence | None,
) -> ActiveStep:
    reasons = [facts.reason(step.when, _NEEDED) if step.when is not None else _ALWAYS]
    frame = frame_of(thing).items[item.id]
    promised, statutory, is_on_papers = frame.promised, frame.statutory, False
    for index, case in enumerate(step.limits):
        if facts.holds(case.when, path=_path(thing, step, f"limits.{index}.when")):
            promised = time_limit(case.promised)
            statutory = time_limit(case.statutory) if case.statutory else statutory
            is_on_papers = case.is_on_papers
            reasons.append(facts.reason(case.when, case.title or _SHORTER))
            break
    if unit is not None:
        reasons.append(Reason(kind=ReasonKind.DUTY, text=unit.reason, because=unit.duty.id))
        if unit.duty.handle is not None and unit.duty.item == item.id:
            promised = time_limit(unit.duty.handle)
    ids: tuple[str, ...] = (step.id,)
    parents: tuple[str | None, ...] = (None,)
    numbers: tuple[int, ...] = ()
    if step.for_each is not None:
        total = counts[step.for_each.group]
        numbers = tuple(range(1, total + 1))
        ids = tuple(f"{step.id}-{n}" for n in numbers)
        parents = (None,) * total
        if step.for_each.within is not None:
            each = int(facts.answers[step.for_each.count])
            parents = tuple(f"{step.for_each.within}-{n // each + 1}" for n in range(total))
    return ActiveStep(
        step=step,
        item=item,
        ids=ids,
        parents=parents,
        unit=unit,
        promised=promised,
        statutory=statutory,
        is_on_papers=is_on_papers,
        reasons=(*reasons, *frame.laws, *(law_reasons(unit.duty.legal_basis) if unit else ())),
        numbers=numbers,
    )


def _path(thing: EffectiveThing, step: Step, member: str) -> str:
    return f"{thing.thing.id}.steps.{step.id}.{member}"
