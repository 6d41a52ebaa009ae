"""What the state machine needs of a planned step; the rest is in the plan, by its digest."""

from __future__ import annotations

from dataclasses import dataclass, field

from oneservice.case.later import LATER
from oneservice.catalog import catalog_part_id

__all__ = ["Rung", "StepSpec", "Unit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung of an escalation ladder (督办): who is told when the rung below was silent.

    ``level`` is a level of government as catalogs name it, ``office`` a department id. The office
    has ``days`` (``working_days | natural_days``) before the next rung is climbed.
    """

    level: str
    office: str
    days: int
    unit: str = "working_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit that the duty table (派单) names after the one that was asked first."""

    duty: str
    department: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec:
    """What the state machine needs of one step.

    Limits count days after acceptance; ``-1`` stands for "no limit". ``kind`` is
    ``decision | check | follow_up | bundle | notify | external``, units are
    ``working_days | natural_days``. ``on_overdue`` is ``none | escalate | deemed_granted``,
    ``warning_share`` the percentage of the promise at which the light turns.

    Of a report that found its unit by a duty table: ``accept_hours`` are the hours in which the
    unit takes it or returns it (0: the notice of five working days that the law gives), ``units``
    those that are asked next, ``max_returns`` how often it may be returned. ``region`` is the
    deciding office's; ``tolerance_days`` the working days from acceptance within which tolerated
    materials follow. ``calendar`` is the region in whose working days its limits are counted
    (empty: those of the case), because its office works by them. ``apart`` are the fields and
    materials that have another id in the plan than at its office, by their ids in the plan.
    """

    id: str
    step_id: str
    department: str
    kind: str
    requires: tuple[str, ...] = ()
    promised_days: int = -1
    promised_unit: str = "working_days"
    statutory_days: int = -1
    statutory_unit: str = "working_days"
    correction: str = "pause"
    on_overdue: str = field(default="none", metadata=LATER)
    warning_share: int = field(default=80, metadata=LATER)
    ladder: tuple[Rung, ...] = field(default=(), metadata=LATER)
    accept_hours: int = field(default=0, metadata=LATER)
    units: tuple[Unit, ...] = field(default=(), metadata=LATER)
    max_returns: int = field(default=0, metadata=LATER)
    region: str = field(default="", metadata=LATER)
    tolerance_days: int = field(default=-1, metadata=LATER)
    calendar: str = field(default="", metadata=LATER)
    apart: tuple[str, ...] = field(default=(), metadata=LATER)

    def planned_id(self, name: str) -> str:
        """Return the id in the plan of what the office of this step calls ``name``."""
        return next((one for one in self.apart if catalog_part_id(one) == name), name)
