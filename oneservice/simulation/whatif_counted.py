"""What goes into one run of a what-if, and what is counted in it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Load", "QueueFigures", "RunFigures", "StepDays"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many come, and for how long.

    Args:
        cases_per_day: on the average of the working days.
        days: working days on which somebody comes; all cases are then followed to their ends.
        warm_up_days: working days at the beginning that are not measured.
        starts_at: seconds since 1970 of the first moment.
    """

    cases_per_day: int
    days: int
    warm_up_days: int
    starts_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """What one queue did while it was measured: desk seconds of work and of waiting."""

    department: str
    role: str
    servers: int | None
    busy_s: int
    waited_s: int
    served: int
    open_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What came out of one run.

    ``days`` are the working days of each case from its filing to its last decision, sorted;
    ``on_time`` counts cases in which every office kept its promise by the legal clock; both are of
    the cases that came after the warm-up. ``visits`` to premises are of all ``cases``.
    """

    days: tuple[int, ...]
    on_time: int
    visits: int
    cases: int
    queues: tuple[QueueFigures, ...]
    steps: tuple[StepDays, ...]


@dataclass(slots=True)
class StepDays:
    """What one step took: working days of ``count`` measured decisions; ``last``: of a case."""

    step_id: str
    count: int = 0
    days: int = 0
    last: int = 0
