"""What a region has around it when its first day begins: its world, its offices, its people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from oneservice.ports import Clock
from oneservice.simulation.chance import Chance
from oneservice.simulation.faults import FaultPlan
from oneservice.simulation.ids import SeededIds
from oneservice.simulation.network import Line, OfficeClock
from oneservice.simulation.offices import Offices
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.people import People
from oneservice.simulation.regions_keys import KeyRing
from oneservice.simulation.regions_offer import Border
from oneservice.simulation.regions_wire import Wires
from oneservice.simulation.settings import Manner, Settings
from oneservice.workdays import WorkCalendar

__all__ = ["Surroundings", "gathered", "opened_offices"]

_RESUMES: Final = 3
"""Operators of two regions talk this often before a case is closed that nobody can carry on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a house shares with its world."""

    settings: Settings
    clock: Clock
    plan: FaultPlan
    wires: Wires
    keys: KeyRing
    calendar: WorkCalendar
    later: Callable[[float, Callable[[], Awaitable[object]]], None]


def opened_offices(
    region: str, borders: tuple[Border, ...], world: Surroundings, chance: Chance
) -> tuple[dict[str, Offices], dict[str, Line]]:
    """Return the offices of a region and the lines to them: one for each department."""
    settings, offer = world.settings, borders[0].offer
    parameters = settings.manner.parameters(offer, world.calendar)
    if settings.manner is Manner.TYPICAL:
        settling = Parameters.typical(borders[0].settling, calendar=world.calendar)
        parameters = replace(parameters, steps={**parameters.steps, **settling.steps})
    offices: dict[str, Offices] = {}
    lines: dict[str, Line] = {}
    for name in sorted(parameters.departments):
        clock = OfficeClock(world.clock)
        own = replace(
            parameters,
            departments=frozenset({name}),
            joint_inspections=(),
            region=region,
        )
        offices[name] = Offices(own, clock, chance.stream(f"office {name}"))
        lines[name] = Line(offices[name], clock)
    return offices, lines


def gathered(
    region: str,
    borders: tuple[Border, ...],
    world: Surroundings,
    *,
    arrivals: Mapping[int, datetime],
    offices: Mapping[str, Offices],
    ids: SeededIds,
) -> People:
    """Return the people of a region, each of whom wants something of one of its neighbours."""
    chance = Chance(world.settings.seed, f"people {region}")

    def wants(visit: str) -> Border:
        return chance.choice(f"{visit}/wants", borders)

    def greet(visit: str) -> None:
        ids.visit = visit

    return People(
        borders[0].offer,
        chance,
        arrivals,
        greet=greet,
        has_granted=lambda name: any(name in one.granted for one in offices.values()),
        wants=lambda visit: wants(visit).offer,
        most_resumes=_RESUMES,
    )
