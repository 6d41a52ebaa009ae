"""A broken manhole cover: the duty table finds who must act, and a return asks the next row."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from oneservice.catalog import Dispatch, Report, competent_unit
from oneservice.errors import DutyUnknownError, OverlayError

THING = "manhole_report"
COVERS = ("rain", "sewage", "water", "power", "gas", "telecom", "heat", "signal", "unmarked")
PLACES = ("arterial", "street", "estate", "park", "highway")
CITY = "990100"


def table(bundled: Any, region: str = "000000") -> Dispatch:
    dispatch = bundled.thing(THING, region=region).thing.dispatch
    assert dispatch is not None
    return dispatch


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_days_of_the_example_in_the_whole_country(bundled: Any) -> None:
    """0 + 1 + 1 + 1 working days from 09-28: 09-29, 09-30, and after the holidays 10-08."""
    plan = bundled.plan(THING, region="000000")
    assert bundled.dues(plan) == {
        "assign": date(2026, 9, 28),
        "guard": date(2026, 9, 28),
        "handle": date(2026, 9, 29),
        "verify": date(2026, 9, 30),
        "answer": date(2026, 10, 8),
        "sweep": date(2026, 10, 20),
    }
    assert bundled.needs(plan) == {
        "assign": set(),
        "guard": {"assign"},
        "handle": {"assign"},
        "verify": {"guard", "handle"},
        "answer": {"verify"},
        "sweep": {"verify"},
    }


@pytest.mark.parametrize(
    ("cover", "place", "where", "due"),
    [
        ("rain", "street", "990101001", ("drains", "drainage", "990101")),
        ("power", "street", "990101001", ("power", "power", "990100")),
        ("rain", "estate", "990101001", ("estate", "estate-management", "990101001")),
        ("gas", "estate", "990101001", ("gas", "gas", "990101")),
        ("telecom", "park", "990101", ("park", "greening", "990101")),
        ("sewage", "highway", "990101", ("highway", "transport", "990101")),
        ("unmarked", "street", "990101", ("nobody", "city-management", "990101")),
    ],
    ids="-".join,
)
def test_who_must_act(
    bundled: Any, cover: str, place: str, where: str, due: tuple[str, str, str]
) -> None:
    plan = bundled.plan(THING, region="000000", cover=cover, place=place, where=where)
    handle = next(step for step in plan.steps if step.id == "handle")
    assert (handle.duty, handle.department, handle.region) == due
    verify = next(step for step in plan.steps if step.id == "verify")
    assert verify.department == "urban-dispatch", "who repairs does not close"


@pytest.mark.parametrize("region", ["000000", CITY])
def test_every_report_finds_exactly_one_unit(bundled: Any, region: str) -> None:
    dispatch = table(bundled, region)
    for cover, place, where in product(COVERS, PLACES, ("990101", "990102", "990101001")):
        assert competent_unit(dispatch, Report(kind=cover, place=place, region=where))


@pytest.mark.parametrize(
    ("cover", "place", "order"),
    [
        ("gas", "estate", ["gas", "estate", "nobody"]),
        ("rain", "street", ["drains", "nobody"]),
        ("water", "park", ["park", "water", "nobody"]),
    ],
)
def test_a_returned_report_goes_to_the_next_row_and_at_last_to_the_lead(
    bundled: Any, cover: str, place: str, order: list[str]
) -> None:
    dispatch = table(bundled)
    assert len(order) - 1 <= dispatch.max_returns
    report = Report(kind=cover, place=place, region="990101")
    returned: list[str] = []
    for name in order:
        assert competent_unit(dispatch, report, without=returned).duty.id == name
        returned.append(name)
    with pytest.raises(DutyUnknownError, match="let the lead department decide"):
        competent_unit(dispatch, report, without=returned)


def test_what_endangers_people_is_guarded_at_once(bundled: Any) -> None:
    loose = bundled.plan(THING, region="000000", trouble="noisy")
    assert {step.id for step in loose.steps} == {"assign", "handle", "verify", "answer"}
    assert bundled.dues(loose)["handle"] == date(2026, 10, 8)  # 3 working days
    hurt = bundled.plan(THING, region="000000", trouble="noisy", hurt=True)
    assert {"guard", "alarm"} <= {step.id for step in hurt.steps}
    gas = bundled.plan(THING, region="000000", cover="gas")
    assert bundled.dues(gas)["handle"] == date(2026, 9, 28)


def test_only_who_answers_learns_who_reported(bundled: Any) -> None:
    plan = bundled.plan(THING)
    seen = {field.id: set(field.steps) for field in plan.form}
    assert seen["phone"] == {"answer"}
    assert "handle" not in seen["reporter_name"]
    silent = bundled.plan(THING, wants_answer=False)
    assert "phone" not in {field.id for field in silent.form}
    assert "answer" not in {step.id for step in silent.steps}


def test_the_table_of_the_city(bundled: Any) -> None:
    """Department by item by level: the city takes what its covers report, and a county's part."""
    dispatch = table(bundled, CITY)
    assert dispatch.accept_hours == 1 < table(bundled).accept_hours
    found = {
        (place, where): competent_unit(dispatch, Report(kind="sewage", place=place, region=where))
        for place, where in product(("arterial", "street", "estate"), ("990101", "990102"))
    }
    rows = {key: (one.duty.id, one.duty.item, one.region) for key, one in found.items()}
    assert rows == {
        ("arterial", "990101"): ("arterial_drains", "cover_smart", "990100"),
        ("street", "990101"): ("drains", "cover_drainage", "990101"),
        ("estate", "990101"): ("estate", "cover_estate", "990101"),
        ("arterial", "990102"): ("county_without_office", "cover_drainage", "990100"),
        ("street", "990102"): ("county_without_office", "cover_drainage", "990100"),
        ("estate", "990102"): ("estate", "cover_estate", "990102"),
    }
    neighbour = Report(kind="rain", place="arterial", region="980201")
    assert competent_unit(dispatch, neighbour).duty.id == "drains", "no row speaks for others"
    plan = bundled.plan(THING)
    handle = next(step for step in plan.steps if step.id == "handle")
    assert (handle.item, handle.region) == ("cover_smart", "990100")
    assert bundled.dues(plan)["verify"] == date(2026, 9, 28)


@pytest.mark.parametrize(
    "change",
    [
        "change_dispatch: {accept_hours: 1, drop_duties: [heat]}",
        "change_items: [{id: cover_gas, promised: {days: 1}}]",
        "drop_steps: [sweep]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_dispatch: {accept_hours: 3}",
        "change_dispatch: {add_duties: [{id: gas, department: gas, item: cover_gas}]}",
        "drop_steps: [verify]",
        "change_items: [{id: cover_gas, promised: {days: 4}}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
