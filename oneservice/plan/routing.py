"""Which region's office decides a step: where the premises are, or the person is registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from oneservice.catalog import (
    Department,
    EffectiveThing,
    Level,
    Routing,
    Step,
    Text,
    region_at,
)
from oneservice.identifiers import parse_region, region_chain
from oneservice.plan.facts import Facts
from oneservice.plan.terms import Reason, ReasonKind

__all__ = ["Route", "peer_of", "region_of", "route"]


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
    region = _cut(routing, value)
    reason = Reason(
        kind=ReasonKind.ROUTED,
        text=routing.reason,
        rule=routing.when,
        because=f"{routing.of} {value}" + ("" if region == value else f" → {region}"),
    )
    return Route(region, routing.of, (reason,))


def region_of(thing: EffectiveThing, step: Step, facts: Facts) -> str | None:
    """Return the region to which ``step`` is routed; ``None``: it is not, or is not known yet.

    Raises:
        RuleEvaluationError: the answers do not settle the rule of the routing.
        IdentifierError: the answer is no region code.
    """
    routing = step.region
    path = f"{thing.thing.id}.steps.{step.id}.region.when"
    if routing is None or not facts.holds(routing.when, path=path):
        return None
    value = _known(thing, routing.of, facts)
    return None if value is None else _cut(routing, value)


def _cut(routing: Routing, value: str) -> str:
    return region_at(value, routing.level or Level.VILLAGE)


_PEER = Text(
    zh="由决定地区的平台统一受理，按该地区的规定办理",
    en="filed at the deciding region's own engine, which goes by that region's law",
)


def peer_of(peers: Mapping[str, str], way: Route) -> tuple[str, tuple[Reason, ...]] | None:
    """Return the department as which the engine of the deciding region is known, and the reason.

    ``peers`` are departments by region; the nearest one counts. ``None``: the step is not routed,
    or no engine of that region is known.
    """
    if not peers or way.region_from is None:
        return None
    for code in reversed(region_chain(parse_region(way.region))):
        if code in peers:
            because = f"{way.region} → {peers[code]}"
            return peers[code], (Reason(kind=ReasonKind.ROUTED, text=_PEER, because=because),)
    return None


def _known(thing: EffectiveThing, name: str, facts: Facts) -> str | None:
    """Return the region that an answer gives: that of the question, or the one behind a field."""
    if name not in facts.answers:
        name = next((spec.answer or "" for spec in thing.thing.fields if spec.id == name), "")
    value = facts.answers.get(name)
    return None if value is None else str(value)
