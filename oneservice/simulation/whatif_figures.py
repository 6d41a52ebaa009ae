"""Figures of several runs as one: means with their margins, rounded at the edge.

Every figure is the mean of the runs' own figures; its margin is half the width of a 95 % confidence
interval by Student's t over the runs. A difference between two scenarios is taken run by run, which
met the same applicants: so the margin of a difference is far smaller than those of its ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, Final

from oneservice.simulation.whatif_counted import RunFigures

__all__ = [
    "Difference",
    "Estimate",
    "Figures",
    "OfficeLoad",
    "StepFigures",
    "difference",
    "figures_of",
]

_TENTH: Final = Decimal("0.1")
_HUNDREDTH: Final = Decimal("0.01")
_HOUR_S: Final = 3600
_T_95: Final = (12_706, 4_303, 3_182, 2_776, 2_571, 2_447, 2_365, 2_306, 2_262, 2_228)
"""Student's t in thousandths, two-sided 95 %, for 1 to 10 degrees of freedom; then the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure and half the width of its 95 % confidence interval; ``None``: of one run only."""

    value: Decimal
    margin: Decimal | None

    @property
    def is_sure(self) -> bool:
        """Whether the figure differs from 0 beyond its margin."""
        return self.margin is not None and abs(self.value) > self.margin

    def as_json(self) -> dict[str, str | None]:
        """Return both as decimal text."""
        return {
            "value": str(self.value),
            "margin": None if self.margin is None else str(self.margin),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLoad:
    """How busy one kind of staff of an office is.

    ``utilisation_percent`` is work by the working time of all of them, ``waiting_hours`` how long
    an application waits for one of them, in office hours. ``staff`` ``None``: always enough.
    """

    department: str
    role: str
    staff: int | None
    utilisation_percent: Estimate
    waiting_hours: Estimate

    def as_json(self) -> dict[str, Any]:
        """Return the load as JSON; figures are decimal text."""
        return {
            "department": self.department,
            "role": self.role,
            "staff": self.staff,
            "utilisation_percent": self.utilisation_percent.as_json(),
            "waiting_hours": self.waiting_hours.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """What one step takes: ``mean_days`` in working days from its filing to its decision.

    ``last_percent``: of how many cases it is the last decision, the one that the others wait for.
    """

    step_id: str
    mean_days: Estimate
    last_percent: Estimate

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON."""
        return {
            "step": self.step_id,
            "mean_days": self.mean_days.as_json(),
            "last_percent": self.last_percent.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a scenario comes to. Days are working days from filing to the last decision.

    ``on_time_percent``: cases in which every office kept its promise by the legal clock;
    ``visits`` to the premises per case; ``offices`` with the busiest first, ``steps`` with the one
    first that most cases end with.
    """

    cases: int
    median_days: Estimate
    mean_days: Estimate
    p90_days: Estimate
    on_time_percent: Estimate
    visits: Estimate
    offices: tuple[OfficeLoad, ...]
    steps: tuple[StepFigures, ...]

    @property
    def bottleneck(self) -> OfficeLoad | None:
        """The busiest staff of all that are counted."""
        return next((one for one in self.offices if one.staff is not None), None)

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON."""
        bottleneck = self.bottleneck
        return {
            "cases": self.cases,
            "median_days": self.median_days.as_json(),
            "mean_days": self.mean_days.as_json(),
            "p90_days": self.p90_days.as_json(),
            "on_time_percent": self.on_time_percent.as_json(),
            "visits": self.visits.as_json(),
            "bottleneck": None if bottleneck is None else bottleneck.as_json(),
            "offices": [one.as_json() for one in self.offices],
            "steps": [one.as_json() for one in self.steps],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a change does: changed minus before, run by run.

    ``steps`` are the mean days of those that both have, the largest change first.
    """

    mean_days: Estimate
    p90_days: Estimate
    on_time_percent: Estimate
    visits: Estimate
    steps: tuple[tuple[str, Estimate], ...]

    def as_json(self) -> dict[str, Any]:
        """Return the differences as JSON."""
        return {
            "mean_days": self.mean_days.as_json(),
            "p90_days": self.p90_days.as_json(),
            "on_time_percent": self.on_time_percent.as_json(),
            "visits": self.visits.as_json(),
            "steps": {name: one.as_json() for name, one in self.steps},
        }


def figures_of(runs: Sequence[RunFigures]) -> Figures:
    """Return the figures of a scenario from its runs, of which there is at least one."""
    offices = [_load(runs, index) for index in _places(runs)]
    offices.sort(
        key=lambda one: (one.staff is None, -one.utilisation_percent.value, one.department)
    )
    return Figures(
        cases=sum(len(one.days) for one in runs),
        median_days=_estimate([_quantile(one, 50) for one in runs]),
        mean_days=_estimate([_mean(one) for one in runs]),
        p90_days=_estimate([_quantile(one, 90) for one in runs]),
        on_time_percent=_estimate([_on_time(one) for one in runs]),
        visits=_estimate([_visits(one) for one in runs], _HUNDREDTH),
        offices=tuple(offices),
        steps=tuple(sorted(map(_step, *_steps(runs)), key=_held_up)),
    )


def difference(changed: Sequence[RunFigures], before: Sequence[RunFigures]) -> Difference:
    """Return what a change does; both have a run for each of the same seeds."""
    pairs = list(zip(changed, before, strict=True))
    return Difference(
        mean_days=_estimate([_mean(one) - _mean(other) for one, other in pairs]),
        p90_days=_estimate([_quantile(one, 90) - _quantile(other, 90) for one, other in pairs]),
        on_time_percent=_estimate([_on_time(one) - _on_time(other) for one, other in pairs]),
        visits=_estimate([_visits(one) - _visits(other) for one, other in pairs], _HUNDREDTH),
        steps=_step_differences([(_step_days(one), _step_days(other)) for one, other in pairs]),
    )


def _mean(run: RunFigures) -> Fraction:
    return Fraction(sum(run.days), max(1, len(run.days)))


def _quantile(run: RunFigures, percent: int) -> Fraction:
    """Return the least number of days within which ``percent`` of the cases are decided."""
    if not run.days:
        return Fraction(0)
    return Fraction(run.days[max(0, -(-len(run.days) * percent // 100) - 1)])


def _on_time(run: RunFigures) -> Fraction:
    return Fraction(100 * run.on_time, max(1, len(run.days)))


def _visits(run: RunFigures) -> Fraction:
    return Fraction(run.visits, max(1, run.cases))


def _steps(runs: Sequence[RunFigures]) -> tuple[list[str], list[Sequence[RunFigures]]]:
    names = sorted({one.step_id for run in runs for one in run.steps})
    return names, [runs] * len(names)


def _step(name: str, runs: Sequence[RunFigures]) -> StepFigures:
    found = [(one, len(run.days)) for run in runs for one in run.steps if one.step_id == name]
    return StepFigures(
        step_id=name,
        mean_days=_estimate([Fraction(one.days, max(1, one.count)) for one, _ in found]),
        last_percent=_estimate([Fraction(100 * one.last, max(1, cases)) for one, cases in found]),
    )


def _step_days(run: RunFigures) -> dict[str, Fraction]:
    return {one.step_id: Fraction(one.days, max(1, one.count)) for one in run.steps}


def _step_differences(
    pairs: Sequence[tuple[dict[str, Fraction], dict[str, Fraction]]],
) -> tuple[tuple[str, Estimate], ...]:
    shared = set.intersection(*(one.keys() & other.keys() for one, other in pairs))
    found = [(name, _estimate([a[name] - b[name] for a, b in pairs])) for name in sorted(shared)]
    return tuple(sorted(found, key=lambda one: -abs(one[1].value)))


def _held_up(step: StepFigures) -> tuple[Decimal, str]:
    return -step.last_percent.value, step.step_id


def _places(runs: Sequence[RunFigures]) -> list[tuple[str, str]]:
    return sorted({(one.department, one.role) for run in runs for one in run.queues})


def _load(runs: Sequence[RunFigures], place: tuple[str, str]) -> OfficeLoad:
    queues = [one for run in runs for one in run.queues if (one.department, one.role) == place]
    return OfficeLoad(
        department=place[0],
        role=place[1],
        staff=queues[0].servers,
        utilisation_percent=_estimate(
            [Fraction(100 * one.busy_s, max(1, one.open_s * (one.servers or 1))) for one in queues]
        ),
        waiting_hours=_estimate(
            [Fraction(one.waited_s, max(1, one.served) * _HOUR_S) for one in queues]
        ),
    )


def _estimate(values: Sequence[Fraction], step: Decimal = _TENTH) -> Estimate:
    count = len(values)
    mean = sum(values, Fraction(0)) / count
    if count == 1:
        return Estimate(value=_rounded(mean, step), margin=None)
    variance = sum(((one - mean) ** 2 for one in values), Fraction(0)) / (count - 1)
    spread = (_decimal(variance) / count).sqrt()
    margin = spread * _T_95[min(count - 1, len(_T_95)) - 1] / 1000
    return Estimate(
        value=_rounded(mean, step), margin=margin.quantize(step, rounding=ROUND_HALF_EVEN)
    )


def _rounded(value: Fraction, step: Decimal) -> Decimal:
    rounded = _decimal(value).quantize(step, rounding=ROUND_HALF_EVEN)
    return rounded or abs(rounded)  # no "-0.0"


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
