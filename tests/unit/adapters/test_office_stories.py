"""What offices do where a demonstration wants a turn: late, prompt, asking again, on a promise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from oneservice.departments import MaterialItem, SupplementBody, compose_supplement
from oneservice_adapters import DEPARTMENTS
from oneservice_adapters.hours import ZONE
from oneservice_adapters.offices import profile_of

RESTAURANT = frozenset(
    {
        *("licence_check", "registration", "food_permit", "food_record", "signboard"),
        *("fire_check", "fire_followup", "health_cert", "drainage", "eia_record", "tobacco"),
    }
)
"""Steps of all kinds; that the others run, too, is another file's matter."""
STEPS = [
    (department, one.step_id)
    for department in DEPARTMENTS
    for one in profile_of(department).procedures
    if one.step_id in RESTAURANT
]


def types_of(status: dict[str, Any]) -> list[str]:
    return [event["type"] for event in status["events"]]


def at_of(status: dict[str, Any], kind: str) -> str:
    """Return day and time of the newest event of a kind, in the offices' zone."""
    found = [one["at"] for one in status["events"] if one["type"] == kind]
    return datetime.fromisoformat(found[-1]).astimezone(ZONE).strftime("%m-%d %H:%M")


@pytest.mark.parametrize("word", ["late", "prompt", "tolerance"])
@pytest.mark.parametrize(("department", "step_id"), STEPS)
async def test_complete_papers_are_granted_in_every_story(
    open_counter: Any, department: str, step_id: str, word: str
) -> None:
    async with open_counter(department, stories={step_id: word}) as counter:
        await counter.file(step_id)
        status = await counter.status(step_id, days=60)
        assert status["state"] == "granted"
        assert types_of(status).count("granted") == 1


async def test_a_late_office_speaks_on_the_twelfth_working_day(open_counter: Any) -> None:
    async with open_counter("market-regulation", stories={"food_permit": "late"}) as counter:
        await counter.file("food_permit")
        assert types_of(await counter.status("food_permit", days=21)) == ["received"]
        status = await counter.status("food_permit", days=2)
        assert types_of(status) == ["received", "accepted", "granted"]
        assert status["events"][1]["data"]["how"] == "deemed"
        assert (at_of(status, "accepted"), at_of(status, "granted")) == (
            "10-20 10:00",
            "10-20 15:30",
        )


async def test_a_prompt_office_can_be_crossed_to_the_minute(open_counter: Any) -> None:
    async with open_counter("city-management", stories={"signboard": "prompt"}) as counter:
        await counter.file("signboard")
        counter.clock.set(datetime(2026, 9, 30, 9, 59, tzinfo=ZONE))
        assert (await counter.status("signboard"))["state"] == "accepted"
        counter.clock.set(datetime(2026, 9, 30, 10, tzinfo=ZONE))
        answer = await counter.withdraw("signboard")  # nobody has read the decision yet
        assert (answer.status_code, answer.json()["type"][-8:]) == (409, "not-open")
        status = await counter.status("signboard")
        assert types_of(status) == ["received", "accepted", "granted"]


async def test_a_prompt_office_lets_go_what_it_has_not_decided(open_counter: Any) -> None:
    async with open_counter("city-management", stories={"signboard": "prompt"}) as counter:
        await counter.file("signboard")
        counter.clock.set(datetime(2026, 9, 30, 9, 59, tzinfo=ZONE))
        assert (await counter.withdraw("signboard")).status_code == 201
        assert (await counter.status("signboard", days=30))["state"] == "withdrawn"


async def test_an_office_asks_once_more_after_acceptance(open_counter: Any) -> None:
    async with open_counter("market-regulation", stories={"food_permit": "corrected"}) as counter:
        await counter.file("food_permit")
        status = await counter.status("food_permit", days=12)
        assert types_of(status) == [
            *("received", "accepted", "suspended", "resumed", "correction_requested"),
        ]
        (item,) = status["events"][-1]["data"]["items"]
        assert (item["material"], item["problem"]) == ("m_layout", "differs")
        counter.clock.set(datetime(2026, 10, 12, 9, 30, tzinfo=ZONE))
        await counter.supplement("food_permit", ["m_layout"])
        status = await counter.status("food_permit", days=10)
        assert types_of(status)[-2:] == ["correction_received", "granted"]
        assert at_of(status, "granted") == "10-14 10:00"


async def test_what_is_not_answered_after_acceptance_lapses(open_counter: Any) -> None:
    async with open_counter("market-regulation", stories={"food_permit": "corrected"}) as counter:
        await counter.file("food_permit")
        status = await counter.status("food_permit", days=60)
        assert status["state"] == "lapsed"


async def _promised(counter: Any) -> dict[str, Any]:
    """File without the gas paper; return the status when all else is looked at."""
    await counter.file("fire_check", without=["m_gas"])
    counter.clock.set(datetime(2026, 10, 9, 17, tzinfo=ZONE))
    status: dict[str, Any] = await counter.status("fire_check")
    return status


async def test_a_minor_paper_follows_on_a_promise(open_counter: Any) -> None:
    async with open_counter("fire-rescue", stories={"fire_check": "tolerance"}) as counter:
        status = await _promised(counter)
        accepted = next(one for one in status["events"] if one["type"] == "accepted")
        assert accepted["data"]["how"] == "tolerance"
        assert accepted["data"]["tolerated"] == ["m_gas"]
        assert status["state"] == "granted_pending_material"
        pending = status["events"][-1]["data"]
        assert pending["pending"] == [{"material": "m_gas", "until": "2026-10-10"}]
        assert "certificate" not in pending["outcome"], "nobody may rely on it yet"

        body = SupplementBody(materials=(MaterialItem(material="m_gas", source="generated"),))
        answer = await counter.http.put(
            f"/submissions/{counter.ids['fire_check']}/supplements/s1",
            content=compose_supplement(body),
        )
        assert answer.status_code == 201, answer.text
        status = await counter.status("fire_check", days=30)
        assert types_of(status)[-2:] == ["granted_pending_material", "material_received"]
        outcome = status["events"][-1]["data"]["outcome"]
        assert outcome["number"] == pending["outcome"]["number"]
        assert outcome["certificate"]["credentialSubject"]["number"] == outcome["number"]


async def test_a_promise_that_is_not_kept_lapses(open_counter: Any) -> None:
    async with open_counter("fire-rescue", stories={"fire_check": "tolerance"}) as counter:
        await _promised(counter)
        counter.clock.set(datetime(2026, 10, 10, 23, 59, tzinfo=ZONE))
        assert (await counter.status("fire_check"))["state"] == "granted_pending_material"
        counter.clock.advance(timedelta(minutes=1))
        status = await counter.status("fire_check")
        assert status["state"] == "lapsed"
        assert status["events"][-1]["data"]["materials"] == ["m_gas"]


async def test_a_sign_that_hangs_too_low_is_told_with_what_is_missing(open_counter: Any) -> None:
    async with open_counter("city-management") as counter:
        low = {"sign_bottom_height": "2.1"}
        await counter.file("signboard", without=["m_sign_drawing"], fields=low)
        status = await counter.status("signboard", days=1)
        items = status["events"][-1]["data"]["items"]
        assert [(one.get("material"), one.get("pointer")) for one in items] == [
            ("m_sign_drawing", None),
            (None, "/fields/sign_bottom_height"),
        ]
        await counter.supplement(
            "signboard", ["m_sign_drawing"], fields={"sign_bottom_height": "2.8"}
        )
        assert (await counter.status("signboard", days=30))["state"] == "granted"
