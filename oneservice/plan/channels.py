"""How one reaches each office, what closes a way, and how often the applicant has to go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from oneservice.catalog import Channel, ChannelKind, Item, Level, StepKind, Text, region_at
from oneservice.identifiers import parse_region, region_contains
from oneservice.plan.facts import Facts
from oneservice.plan.frame import ItemFrame
from oneservice.plan.models import PlannedStep
from oneservice.plan.parts import PlannedChannel, Trip

__all__ = ["planned_channels", "region_away", "trip_count", "trips"]

_OPEN = Text(zh="按所答情形可以使用", en="open for these answers")
_CLOSED = Text(zh="按所答情形不能使用", en="not open for these answers")


def planned_channels(item: Item, made: ItemFrame, facts: Facts) -> tuple[PlannedChannel, ...]:
    """Return the ways of ``item`` in its own order of preference, each open or closed.

    Raises:
        RuleEvaluationError: the answers do not settle a way's rule.
    """
    if not made.has_channel_rules:
        return made.channels
    return tuple(
        plain
        if channel.when is None
        else _channel(channel, plain, channel.when, facts, f"items.{item.id}.channels.{index}.when")
        for index, (channel, plain) in enumerate(zip(item.channels, made.channels, strict=True))
    )


def _channel(
    channel: Channel, plain: PlannedChannel, rule: str, facts: Facts, path: str
) -> PlannedChannel:
    is_open = facts.holds(rule, path=path)
    text = _OPEN if is_open else channel.otherwise or _CLOSED
    return replace(plain, is_open=is_open, reasons=(facts.reason(rule, text),))


def region_away(step: PlannedStep, here: str) -> str | None:
    """Return the region that decides ``step``, where it was routed to another city than ``here``.

    Offices of one city, the districts' and the city's own, share halls and go out together.
    """
    if step.region_from is None:
        return None
    city, other = parse_region(region_at(here, Level.CITY)), parse_region(step.region)
    is_near = region_contains(city, other) or region_contains(other, city)
    return None if is_near else step.region


def trips(steps: Iterable[PlannedStep], *, here: str) -> tuple[Trip, ...]:
    """Return the places to go to, in the plan's order.

    What is handed in at one place is handed in on one journey; results are collected on another
    one, because they do not exist before. Halls of two regions are two places, whatever both call
    them; ``here`` is the region that accepts.
    """
    places: dict[tuple[ChannelKind, str, str, bool, str | None], list[PlannedStep]] = {}
    for step in steps:
        way = step.channel
        if way is not None and way.visits > 0:
            is_bundle = step.kind is StepKind.BUNDLE
            place = (way.kind, way.where.zh, way.where.en, is_bundle, region_away(step, here))
            places.setdefault(place, []).append(step)
    return tuple(
        Trip(
            where=Text(zh=zh, en=en),
            kind=kind,
            visits=max(step.channel.visits for step in some if step.channel),
            steps=tuple(step.id for step in some),
            region=region,
        )
        for (kind, zh, en, _, region), some in places.items()
    )


def trip_count(steps: Iterable[PlannedStep], planned: Iterable[Trip]) -> int | None:
    """Return how often the applicant goes somewhere, ``None`` where a step does not say it."""
    if any(step.channel is None and not step.needs_no_visit for step in steps):
        return None
    return sum(trip.visits for trip in planned)
