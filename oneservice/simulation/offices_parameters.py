"""All that a run of offices hangs on, as data: what a manager can count or change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from oneservice.catalog import EffectiveThing
from oneservice.simulation.offices_steps import Rates, StepParameters
from oneservice.simulation.offices_typical import TYPICAL_RATES, typical_step
from oneservice.workdays import WorkCalendar, national_calendar

__all__ = ["OfficeParameters", "Parameters"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeParameters:
    """The staff of one office: ``None`` means that there are always enough.

    ``desks`` take in and decide, ``inspectors`` go out.
    """

    desks: int | None = None
    inspectors: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything that a run of offices hangs on, beside the clock and chance.

    Args:
        departments: ids of all offices.
        steps: by step id; others are treated as ``otherwise``.
        offices: staff by department; others have enough of it.
        joint_inspections: groups of steps that are seen in one visit (一同勘验).
        region: that the offices serve.
        calendar: their working days.
    """

    departments: frozenset[str]
    steps: Mapping[str, StepParameters] = field(default_factory=dict)
    otherwise: StepParameters = field(default_factory=StepParameters)
    offices: Mapping[str, OfficeParameters] = field(default_factory=dict)
    joint_inspections: tuple[tuple[str, ...], ...] = ()
    region: str = "990101"
    calendar: WorkCalendar = field(default_factory=national_calendar)

    def step(self, step_id: str) -> StepParameters:
        """Return how ``step_id`` goes."""
        return self.steps.get(step_id, self.otherwise)

    def office(self, department: str) -> OfficeParameters:
        """Return the staff of ``department``."""
        return self.offices.get(department, _ENOUGH)

    @classmethod
    def typical(
        cls,
        *things: EffectiveThing,
        rates: Rates = TYPICAL_RATES,
        calendar: WorkCalendar | None = None,
    ) -> Parameters:
        """Return offices that work as the catalog says of them, with enough staff.

        Promises, special procedures, tracks and results are the catalog's; minutes and ``rates``
        are sample values of the order that service centres publish. Of steps with one id in
        several one-things the last counts.
        """
        steps = {
            step.id: typical_step(thing, step, rates)
            for thing in things
            for step in thing.thing.steps
        }
        return cls(
            departments=frozenset(name for thing in things for name in thing.departments),
            steps=steps,
            joint_inspections=tuple(
                dict.fromkeys(
                    thing.thing.joint_inspection
                    for thing in things
                    if len(thing.thing.joint_inspection) > 1
                )
            ),
            region=things[0].region if things else "990101",
            calendar=calendar or national_calendar(),
        )


_ENOUGH: Final = OfficeParameters()
