"""A what-if agrees with the textbook where the textbook has an answer, and with common sense."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import EffectiveThing, bundled_catalog_dir, load_catalog
from oneservice.errors import ChangeUnknownError
from oneservice.plan import build_plan
from oneservice.simulation.offices_chance import Always, Spread, Table
from oneservice.simulation.offices_hours import seconds_of
from oneservice.simulation.offices_parameters import OfficeParameters, Parameters
from oneservice.simulation.offices_steps import Inspection, Rates, StepParameters
from oneservice.simulation.whatif import what_if
from oneservice.simulation.whatif_counted import Load, QueueFigures, RunFigures
from oneservice.simulation.whatif_population import Population, population_of
from oneservice.simulation.whatif_routes import Stage, route_of
from oneservice.simulation.whatif_run import Run
from oneservice.workdays import announced_calendar

MONDAY = seconds_of(datetime(2026, 1, 5, 0, tzinfo=UTC))
DAY_MIN = 390
SERVICE_MIN = 60
STAGE = Stage(
    id="look",
    step_id="look",
    department="d",
    requires=(),
    promised_days=5,
    is_in_working_days=True,
    materials=frozenset(),
    papers=(),
    is_counted=True,
)


def visited(minutes: Spread, inspectors: int) -> Parameters:
    """Return an office in which nothing takes time but a visit."""
    step = StepParameters(
        intake=Always(0),
        review=Always(0),
        review_days=Always(0),
        inspection=Inspection(minutes=minutes, lead_days=Always(0)),
    )
    return Parameters(
        departments=frozenset({"d"}),
        otherwise=step,
        offices={"d": OfficeParameters(inspectors=inspectors)},
    )


def lived(parameters: Parameters, per_day: int, *, days: int, seed: str = "1") -> RunFigures:
    load = Load(cases_per_day=per_day, days=days, warm_up_days=days // 10, starts_at=MONDAY)
    return Run(parameters, routes=[(STAGE,)], weights=[1], load=load, seed=seed).figures()


def only(run: RunFigures) -> QueueFigures:
    (queue,) = run.queues
    return queue


def exponential(mean: int, rows: int = 4_000) -> Table:
    return Table.of([round(-mean * math.log(1 - (row + 0.5) / rows)) for row in range(rows)])


def erlang_c(servers: int, load: float) -> float:
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    return top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)


def test_mmc_in_office_hours() -> None:
    """Three inspectors, random visits of an hour on average: waiting as Erlang's formula says."""
    servers, per_day = 3, 14
    run = lived(visited(exponential(SERVICE_MIN), servers), per_day, days=2_500)
    load = per_day * SERVICE_MIN / DAY_MIN
    expected_min = erlang_c(servers, load) * SERVICE_MIN / (servers - load)
    queue = only(run)
    assert queue.waited_s / queue.served / 60 == pytest.approx(expected_min, rel=0.07)
    assert queue.busy_s / (queue.open_s * servers) == pytest.approx(load / servers, rel=0.02)


def test_md1_in_office_hours() -> None:
    """One inspector, visits of exactly an hour: the formula of Pollaczek and Khinchine."""
    run = lived(visited(Always(SERVICE_MIN), 1), 4, days=5_000)
    rho = 4 * SERVICE_MIN / DAY_MIN
    expected_min = rho * SERVICE_MIN / (2 * (1 - rho))
    queue = only(run)
    assert queue.waited_s / queue.served / 60 == pytest.approx(expected_min, rel=0.06)
    assert queue.busy_s / queue.open_s == pytest.approx(rho, rel=0.02)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(2, 20))
@settings(max_examples=25)
def test_one_inspector_more_makes_no_case_longer(seed: int, staff: int, per_day: int) -> None:
    """The same applicants, the same luck: the whole distribution moves down, or stands."""
    fewer, more = (
        lived(visited(exponential(SERVICE_MIN, 50), people), per_day, days=30, seed=str(seed))
        for people in (staff, staff + 1)
    )
    assert all(one >= other for one, other in zip(fewer.days, more.days, strict=True))
    assert only(fewer).waited_s >= only(more).waited_s
    assert more.on_time >= fewer.on_time


# --- the restaurant ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thing() -> EffectiveThing:
    catalog = load_catalog([bundled_catalog_dir()])
    return catalog.thing("restaurant", region="990101", on=date(2026, 9, 28))


def test_the_route_is_the_plans_graph(thing: EffectiveThing) -> None:
    profile = population_of("restaurant").profiles[2]
    plan = build_plan(thing, profile.answers, on=thing.on, calendar=announced_calendar())
    route = {one.id: one for one in route_of(plan)}
    assert set(route) == {step.id for step in plan.steps} - {"bundle"}
    assert route["food_permit"].requires == ("registration",)
    assert route["registration"].requires == ()
    assert all(one.is_counted for one in route.values())


def test_a_follow_up_is_not_waited_for(thing: EffectiveThing) -> None:
    answers = {**population_of("restaurant").profiles[-1].answers, "fire_track": "commitment"}
    plan = build_plan(thing, answers, on=thing.on, calendar=announced_calendar())
    route = {one.id: one for one in route_of(plan)}
    assert not route["fire_followup"].is_counted
    assert route["fire_check"].is_counted
    assert route["fire_check"].promised_days == 1


def test_a_comparison_is_the_same_for_the_same_seed(thing: EffectiveThing) -> None:
    asked = {"cases_per_day": 10, "days": 16, "runs": 2, "changes": ("fire inspectors +1",)}
    one, other = (what_if(thing, **asked) for _ in range(2))  # type: ignore[arg-type]
    assert one == other
    assert one.as_json() == other.as_json()
    assert one != what_if(thing, seed=2, **asked)  # type: ignore[arg-type]


def test_a_change_that_changes_nothing_makes_no_difference(thing: EffectiveThing) -> None:
    found = what_if(
        thing,
        cases_per_day=10,
        days=16,
        runs=3,
        given=("fire inspectors = 2",),
        changes=("fire inspectors = 2",),
    )
    (change,) = found.changes
    assert change.figures == found.baseline.figures
    assert change.difference is not None
    assert (change.difference.mean_days.value, change.difference.mean_days.margin) == (0, 0)
    assert not change.difference.mean_days.is_sure


def test_a_commitment_makes_the_fire_check_shorter_and_moves_visits_behind(
    thing: EffectiveThing,
) -> None:
    found = what_if(
        thing,
        cases_per_day=20,
        days=40,
        runs=3,
        changes=("restaurant fire_track = commitment", "joint inspection off"),
    )
    commitment, alone = found.changes
    assert commitment.difference is not None
    steps = dict(commitment.difference.steps)
    assert steps["fire_check"].is_sure
    assert steps["fire_check"].value < -2
    assert alone.difference is not None
    assert alone.difference.visits.is_sure
    assert alone.difference.visits.value > Decimal("0.5")


def test_too_few_people_are_the_bottleneck_and_one_more_helps(thing: EffectiveThing) -> None:
    found = what_if(
        thing,
        cases_per_day=20,
        days=40,
        runs=3,
        given=("market inspectors = 6", "joint inspection off"),
        changes=("market inspectors +2",),
    )
    worst = found.baseline.figures.bottleneck
    assert worst is not None
    assert (worst.department, worst.role, worst.staff) == ("market-regulation", "inspectors", 6)
    assert worst.utilisation_percent.value > 90
    change = found.changes[0].difference
    assert change is not None
    assert change.mean_days.value < 0
    assert dict(change.steps)["food_permit"].value < 0


def test_staff_is_sized_for_its_work(thing: EffectiveThing) -> None:
    found = what_if(thing, cases_per_day=20, days=40, runs=2)
    shares = [one.utilisation_percent.value for one in found.baseline.figures.offices if one.staff]
    assert shares
    assert max(shares) < 97


def test_all_that_comes_is_decided(thing: EffectiveThing) -> None:
    parameters = Parameters.typical(thing, rates=Rates(correction=500, tolerated=200, refused=100))
    profiles = population_of("restaurant").profiles
    routes = [
        route_of(build_plan(thing, one.answers, on=thing.on, calendar=announced_calendar()))
        for one in profiles
    ]
    load = Load(cases_per_day=20, days=10, warm_up_days=0, starts_at=MONDAY)
    run = Run(parameters, routes=routes, weights=[1] * len(routes), load=load, seed="3")
    assert len(run.figures().days) == run.figures().cases
    assert all(not case.left for case in run._cases.values())
    assert run.figures().steps
    assert sum(one.last for one in run.figures().steps) <= run.figures().cases


@pytest.mark.parametrize("wrong", [{"cases_per_day": 0}, {"days": 0}, {"runs": 0}])
def test_nothing_at_all_is_refused(thing: EffectiveThing, wrong: dict[str, int]) -> None:
    with pytest.raises(ChangeUnknownError, match="at least one"):
        what_if(thing, **({"cases_per_day": 1, "days": 1, "runs": 1} | wrong))  # type: ignore[arg-type]


def test_a_population_has_somebody_in_it() -> None:
    people = population_of("restaurant")
    assert Fraction(people.total) == 100
    with pytest.raises(ValueError, match="weights"):
        Population(profiles=(), source=people.source)
    with pytest.raises(ValueError, match="weights"):
        Population(
            profiles=(replace(people.profiles[0], weight=-1), people.profiles[1]),
            source=people.source,
        )
