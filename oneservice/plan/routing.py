"""Which region's office decides a step: where the premises are, or the person is registered."""

from __future__ import annotations

from typing import NamedTuple

from oneservice.catalog import Department, EffectiveThing, Level, Step, region_at
from oneservice.plan.facts import Facts
from oneservice.plan.terms import Reason, ReasonKind

__all__ = ["Route", "route"]


class Route(NamedTuple):
    """The deciding region, the answer or field it hangs on, and the reason."""

    region: str
    region_from: str | None
    reasons: tuple[Reason, ...]


def route(thing: EffectiveThing, step: Step, department: Department, facts: Facts) -> Route:
    """Return which region decides ``step``; without a rule, and until known, the case's own.

    Raises:
        RuleEvaluationError: the answers do not settle the rule of the routing.
        IdentifierError: the answer is no region code.
    """
    own = department.region or thing.region
    routing = step.region
    path = f"{thing.thing.id}.steps.{step.id}.region.when"
    if routing is None or not facts.holds(routing.when, path=path):
        return Route(own, None, ())
    value = _known(thing, routing.of, facts)
    if value is None:
        reason = Reason(kind=ReasonKind.ROUTED, text=routing.reason, because=f"{routing.of} ?")
        return Route(own, routing.of, (reason,))
    region = region_at(value, routing.level or Level.VILLAGE)
    reason = Reason(
        kind=ReasonKind.ROUTED,
        text=routing.reason,
        rule=routing.when,
        because=f"{routing.of} {value}" + ("" if region == value else f" → {region}"),
    )
    return Route(region, routing.of, (reason,))


def _known(thing: EffectiveThing, name: str, facts: Facts) -> str | None:
    """Return the region that an answer gives: that of the question, or the one behind a field."""
    if name not in facts.answers:
        name = next((spec.answer or "" for spec in thing.thing.fields if spec.id == name), "")
    value = facts.answers.get(name)
    return None if value is None else str(value)
