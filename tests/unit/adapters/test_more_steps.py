"""What an applicant meets at the offices beyond the restaurant: promises, notices, corrections."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.workdays import Suspension, due_working_day, national_calendar
from oneservice_adapters import DEPARTMENTS, materials_of, steps_of
from oneservice_adapters.hours import ZONE, is_working_day, notice_over
from oneservice_adapters.offices import profile_of

STEPS = [(department, step) for department in DEPARTMENTS for step in steps_of(department)]


def day_of(event: dict[str, Any]) -> date:
    return datetime.fromisoformat(event["at"]).astimezone(ZONE).date()


def types_of(status: dict[str, Any]) -> list[str]:
    return [event["type"] for event in status["events"]]


@pytest.mark.parametrize(("department", "step_id"), STEPS)
async def test_every_step_is_granted_within_its_promise(
    open_counter: Any, department: str, step_id: str
) -> None:
    """By the legal clock: the days on which it stands still come on top."""
    async with open_counter(department, seed=len(step_id)) as counter:
        await counter.file(step_id)
        status = await counter.status(step_id, days=70)
        assert status["state"] == "granted"
        by_type = {event["type"]: event for event in status["events"]}
        stops = ()
        if "suspended" in by_type:
            told = by_type["suspended"]["data"]
            stops = (
                Suspension(
                    start=day_of(by_type["suspended"]),
                    end=day_of(by_type["resumed"]),
                    kind=told["kind"],
                    by_law=told["by_law"],
                    notice_no=told["notice_no"],
                ),
            )
        accepted = by_type["accepted"]
        promised = accepted["data"]["promised_working_days"]
        due = due_working_day(national_calendar(), day_of(accepted), promised, stops)
        last = due.on if hasattr(due, "on") else due
        assert day_of(by_type["granted"]) <= last


NOTICES = [("creditor_notice", 45), ("simple_notice", 20), ("objection_query", 10)]


@pytest.mark.parametrize(("step_id", "natural_days"), NOTICES)
async def test_nobody_decides_before_a_notice_has_run_out(
    open_counter: Any, step_id: str, natural_days: int
) -> None:
    async with open_counter("market-regulation") as counter:
        await counter.file(step_id)
        status = await counter.status(step_id, days=natural_days - 1)
        assert status["state"] == "accepted"
        status = await counter.status(step_id, days=20)
        assert status["state"] == "granted"
        ran = day_of(status["events"][-1]) - day_of(status["events"][1])
        assert ran.days >= natural_days


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1)), st.integers(1, 60))  # noqa: DTZ001 - aware below
def test_a_notice_ends_on_a_working_day_and_never_early(start: datetime, days: int) -> None:
    began = start.replace(tzinfo=UTC)
    over = notice_over(began, days)
    ran = (over.date() - began.astimezone(ZONE).date()).days
    assert days <= ran <= days + 11  # the longest row of days off
    assert is_working_day(over.date())


async def test_a_crew_comes_at_night(open_counter: Any) -> None:
    night = datetime(2026, 10, 1, 23, tzinfo=ZONE)  # a national holiday, too
    async with open_counter("city-management", start=night) as counter:
        await counter.file("guard")
        status = await counter.status("guard", days=1)
        took = datetime.fromisoformat(status["events"][-1]["at"]) - night
        assert status["state"] == "granted"
        assert took.total_seconds() <= 3900


async def test_at_a_desk_nothing_happens_at_night(open_counter: Any) -> None:
    night = datetime(2026, 9, 28, 23, tzinfo=ZONE)
    async with open_counter("public-security", start=night) as counter:
        await counter.file("seal_cancel")
        status = await counter.status("seal_cancel", days=5)
        hours = {
            datetime.fromisoformat(one["at"]).astimezone(ZONE).time()
            for one in status["events"][1:]
        }
        assert min(hours) >= time(9)
        assert max(hours) <= time(17)


WRONG = [
    ("bank", "bank_closing", {"appointment_on": "2026-10-03"}, {"appointment_on": "2026-10-09"}),
    ("customs", "customs_cancel", {"customs_code": "98029600"}, {"customs_code": "9802960021"}),
    ("transport", "road_permit", {"vehicles": 3, "yard_area": 80}, {"yard_area": 90}),
    ("transport", "vehicle_permit", {"total_mass": 94000}, {"total_mass": 49000}),
    ("public-security", "birth_registration", {"child_name": "陆2"}, {"child_name": "陆小禾"}),
    ("credit", "publication_check", {"public_since": "2026-09-01"}, {"public_since": "2026-03-01"}),
]


@pytest.mark.parametrize(("department", "step_id", "wrong", "right"), WRONG)
async def test_what_is_wrong_in_the_form_can_be_mended(
    open_counter: Any, department: str, step_id: str, wrong: Any, right: Any
) -> None:
    async with open_counter(department) as counter:
        await counter.file(step_id, fields=wrong)
        status = await counter.status(step_id, days=1)
        assert status["state"] == "correction_requested"
        (item,) = status["events"][-1]["data"]["items"]
        (name,) = right
        assert item["pointer"] == f"/fields/{name}"
        assert set(item["text"]) == {"zh", "en"}
        await counter.supplement(step_id, fields=right)
        assert (await counter.status(step_id, days=40))["state"] == "granted"


COURSES = [
    ("tax", "tax_clearance", {"taxpayer_kind": "small_scale"}, False),
    ("tax", "tax_clearance", {"taxpayer_kind": "general"}, True),
    ("transport", "driver_qualification", {"qualification_no": "980200000000000031"}, False),
    ("transport", "driver_qualification", {}, True),
    ("power", "power_plan", {"power_kw": 100}, True),
    ("gas", "gas_connect", {}, True),
    ("water", "water_connect", {}, False),
]


@pytest.mark.parametrize(("department", "step_id", "fields", "is_stopped"), COURSES)
async def test_what_stops_the_clock_follows_from_the_form(
    open_counter: Any, department: str, step_id: str, fields: Any, *, is_stopped: bool
) -> None:
    async with open_counter(department) as counter:
        await counter.file(step_id, fields=fields)
        types = types_of(await counter.status(step_id, days=40))
        assert ("suspended" in types) is is_stopped


async def test_a_small_connection_is_promised_sooner(open_counter: Any) -> None:
    promised = []
    async with open_counter("power") as counter:
        for kw in (100, 400):
            await counter.file("power_plan", fields={"power_kw": kw}, attempt=1 + (kw > 160))
            status = await counter.status("power_plan", days=1)
            promised.append(status["events"][1]["data"]["promised_working_days"])
    assert promised == [3, 10]


async def test_heirs_and_pensioners_draw_with_papers_of_their_own(open_counter: Any) -> None:
    async with open_counter("housing-fund") as counter:
        await counter.file("fund_withdrawal", without=["m_cancellation"])
        assert (await counter.status("fund_withdrawal", days=30))["state"] == "granted"
        heir = {"applicant_name": "李四"}
        await counter.file("fund_withdrawal", without=["m_cancellation"], fields=heir, attempt=2)
        status = await counter.status("fund_withdrawal", days=1)
        (item,) = status["events"][-1]["data"]["items"]
        assert item["material"] == "m_cancellation"


RECHECKED = [
    (department, one.step_id)
    for department in DEPARTMENTS
    for one in profile_of(department).procedures
    if one.recheck
]


@pytest.mark.parametrize(("department", "step_id"), RECHECKED)
async def test_an_office_that_asks_again_grants_what_is_mended(
    open_counter: Any, department: str, step_id: str
) -> None:
    async with open_counter(department, stories={step_id: "corrected"}) as counter:
        await counter.file(step_id)
        status = await counter.status(step_id)
        while status["state"] in {"received", "accepted", "suspended"}:
            status = await counter.status(step_id, days=1)
        assert status["state"] == "correction_requested"
        assert "accepted" in types_of(status)
        (item,) = status["events"][-1]["data"]["items"]
        await counter.supplement(step_id, [item["material"]])
        assert (await counter.status(step_id, days=40))["state"] == "granted"


TOLERANT = [
    (department, one.step_id, one.tolerates)
    for department in DEPARTMENTS
    for one in profile_of(department).procedures
    if one.tolerates
]


@pytest.mark.parametrize(("department", "step_id", "minor"), TOLERANT)
async def test_a_minor_paper_may_follow_where_the_office_says_so(
    open_counter: Any, department: str, step_id: str, minor: tuple[str, ...]
) -> None:
    async with open_counter(department, stories={step_id: "tolerance"}) as counter:
        await counter.file(step_id, without=minor)
        status = await counter.status(step_id)
        accepted = types_of(await counter.status(step_id, days=2))
        assert status["state"] in {"received", "accepted"}
        assert "accepted" in accepted


def test_what_is_asked_of_an_unknown_office() -> None:
    from oneservice.errors import AdapterError  # noqa: PLC0415 - only here

    with pytest.raises(AdapterError, match="there is no department 'nowhere'"):
        steps_of("nowhere")
    with pytest.raises(AdapterError, match="there is no department"):
        materials_of("nowhere", "x")
