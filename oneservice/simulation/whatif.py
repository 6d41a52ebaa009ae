"""What if the fire office had one inspector more? A year of applicants, with and without.

Theory of operation. Each scenario is lived through several times; the n-th run of every scenario
meets the same applicants with the same luck, so that what differs is the change's doing. The plans
are built once for each kind of applicant; the queues of the offices are those of the simulated
province (see :mod:`~oneservice.simulation.whatif_run` for what is real and what is left out).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final

from oneservice.catalog import EffectiveThing, Text
from oneservice.errors import ChangeUnknownError
from oneservice.plan import Plan, build_plan
from oneservice.simulation.offices_hours import seconds_of
from oneservice.simulation.offices_parameters import OfficeParameters, Parameters
from oneservice.simulation.whatif_changes import Scenario, changed_by
from oneservice.simulation.whatif_counted import Load, RunFigures
from oneservice.simulation.whatif_figures import Difference, Figures, difference, figures_of
from oneservice.simulation.whatif_population import Population, population_of
from oneservice.simulation.whatif_routes import Stage, route_of
from oneservice.simulation.whatif_run import Run
from oneservice.workdays import LEGAL_ZONE, announced_calendar

__all__ = ["Comparison", "Outlook", "staffed", "what_if"]

_STARTS_ON: Final = date(2026, 1, 5)
_WARM_UP_SHARE: Final = 8
_PILOT_DAYS: Final = 30
_USUAL_UTILISATION_PERCENT: Final = 85


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One scenario: the change in words (empty for things as they are), its figures, its effect."""

    change: str
    figures: Figures
    difference: Difference | None

    def as_json(self) -> dict[str, Any]:
        """Return the outlook as JSON; figures are decimal text."""
        return {
            "change": self.change,
            "figures": self.figures.as_json(),
            "difference": None if self.difference is None else self.difference.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Things as they are, and each change beside them.

    ``promised_tenths`` is the mean of what the plans promise, weighted by who comes, in tenths of a
    working day rounded down; ``departments`` are the offices' names, ``steps`` the items' titles by
    step.
    """

    thing: str
    title: Text
    region: str
    cases_per_day: int
    days: int
    seed: int
    runs: int
    given: tuple[str, ...]
    promised_tenths: int
    source: Text
    departments: Mapping[str, Text]
    steps: Mapping[str, Text]
    baseline: Outlook
    changes: tuple[Outlook, ...]

    @property
    def outlooks(self) -> tuple[Outlook, ...]:
        """Things as they are first, then each change."""
        return (self.baseline, *self.changes)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as JSON; figures are decimal text."""
        whole, tenth = divmod(self.promised_tenths, 10)
        return {
            "thing": self.thing,
            "region": self.region,
            "cases_per_day": self.cases_per_day,
            "days": self.days,
            "seed": self.seed,
            "runs": self.runs,
            "given": list(self.given),
            "promised_days": f"{whole}.{tenth}",
            "baseline": self.baseline.as_json(),
            "changes": [one.as_json() for one in self.changes],
        }


def what_if(
    thing: EffectiveThing,
    *,
    cases_per_day: int,
    days: int,
    given: Sequence[str] = (),
    changes: Sequence[str] = (),
    seed: int = 1,
    runs: int = 5,
    population: Population | None = None,
    parameters: Parameters | None = None,
    lived_one: Callable[[], object] = lambda: None,
) -> Comparison:
    """Return what ``changes`` would do, each for itself, beside things as they are.

    Args:
        thing: the one-thing in its region.
        cases_per_day: that come on an average working day; at least 1.
        days: working days on which somebody comes; an eighth of them are not measured.
        given: changes in words that are in force already: how many people there really are.
        changes: in words, see :data:`~oneservice.simulation.whatif_changes.EXAMPLES`.
        seed: of chance; the same seed gives the same figures.
        runs: how often each scenario is lived through; 2 or more give margins.
        population: who comes; by default what comes with the library for this one-thing.
        parameters: how the offices work; by default as the catalog says, with as many people as
            keep each office busy for at most 85 % of the time (:func:`staffed`).
        lived_one: is called after each run, for who watches; there are ``runs`` of each scenario.

    Raises:
        ChangeUnknownError: a change is not understood, nobody has counted who comes, or less than
            one case, day or run is asked for.
        AnswersInvalidError, AnswersConflictError: the population's answers, or changed ones, do not
            fit the questions.
    """
    if min(cases_per_day, days, runs) < 1:
        msg = "a what-if needs at least one case a day, one day and one run"
        raise ChangeUnknownError(msg)
    now = _as_it_is(
        thing, cases_per_day, given, seed=seed, population=population, parameters=parameters
    )
    # All scenarios are made before the first is lived: what is misspelt is told at once.
    scenarios = [_Prepared.of(one) for one in (now, *(changed_by(now, one) for one in changes))]
    before, *after = (
        _lived(one, days=days, seed=seed, runs=runs, lived_one=lived_one) for one in scenarios
    )
    return Comparison(
        thing=thing.thing.id,
        title=thing.thing.title,
        region=thing.region,
        cases_per_day=now.cases_per_day,
        days=days,
        seed=seed,
        runs=runs,
        given=tuple(given),
        promised_tenths=_promised_tenths(now),
        source=now.population.source,
        departments={name: one.name for name, one in thing.departments.items()},
        steps={one.id: thing.items[one.item].title for one in thing.thing.steps},
        baseline=Outlook(change="", figures=figures_of(before), difference=None),
        changes=tuple(
            Outlook(change=change, figures=figures_of(runs), difference=difference(runs, before))
            for change, runs in zip(changes, after, strict=True)
        ),
    )


def _as_it_is(
    thing: EffectiveThing,
    cases_per_day: int,
    given: Sequence[str],
    *,
    seed: int,
    population: Population | None,
    parameters: Parameters | None,
) -> Scenario:
    """Return the scenario that changes are compared with: staffed as usual, then as ``given``."""
    now = Scenario(
        thing=thing,
        population=population or population_of(thing.thing.id),
        parameters=parameters or Parameters.typical(thing),
        cases_per_day=cases_per_day,
    )
    if parameters is None:
        now = staffed(now, seed=seed)
    for change in given:
        now = changed_by(now, change)
    return now


def staffed(scenario: Scenario, *, seed: int = 1) -> Scenario:
    """Return the scenario with as many people in each office as it usually takes.

    A short pilot run with enough people everywhere measures the work; staff is what does it in 85 %
    of the working time, one person at least.
    """
    parameters = replace(scenario.parameters, offices={})
    prepared = _Prepared.of(replace(scenario, parameters=parameters))
    pilot = _lived(prepared, days=_PILOT_DAYS, seed=seed, runs=1, lived_one=lambda: None)
    needed: dict[str, dict[str, int]] = {}
    for queue in pilot[0].queues:
        at_work = queue.open_s * _USUAL_UTILISATION_PERCENT
        needed.setdefault(queue.department, {})[queue.role] = max(
            1, -(-100 * queue.busy_s // at_work)
        )
    offices = {
        name: OfficeParameters(desks=roles.get("desks"), inspectors=roles.get("inspectors"))
        for name, roles in sorted(needed.items())
    }
    return replace(scenario, parameters=replace(parameters, offices=offices))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A scenario with the routes of those who come; whoever has no weight stays at home."""

    scenario: Scenario
    routes: tuple[tuple[Stage, ...], ...]
    weights: tuple[int, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> _Prepared:
        thing, profiles = scenario.thing, scenario.population.profiles
        coming = [one for one in profiles if one.weight]
        return cls(
            scenario,
            tuple(route_of(_plan(thing, one.answers)) for one in coming),
            tuple(one.weight for one in coming),
        )


def _lived(
    prepared: _Prepared, *, days: int, seed: int, runs: int, lived_one: Callable[[], object]
) -> tuple[RunFigures, ...]:
    load = Load(
        cases_per_day=prepared.scenario.cases_per_day,
        days=days,
        warm_up_days=days // _WARM_UP_SHARE,
        starts_at=seconds_of(datetime.combine(_STARTS_ON, time(8), tzinfo=LEGAL_ZONE)),
    )
    found = []
    for number in range(runs):
        run = Run(
            prepared.scenario.parameters,
            routes=prepared.routes,
            weights=prepared.weights,
            load=load,
            seed=f"{seed}/{number}",
        )
        found.append(run.figures())
        lived_one()
    return tuple(found)


def _plan(thing: EffectiveThing, answers: Mapping[str, Any]) -> Plan:
    return build_plan(thing, answers, on=thing.on, calendar=announced_calendar())


def _promised_tenths(scenario: Scenario) -> int:
    """Return the mean promise of those who come, in tenths of a working day."""
    people = scenario.population
    promised = sum(
        one.weight * _plan(scenario.thing, one.answers).promised_working_days
        for one in people.profiles
    )
    return 10 * promised // people.total
