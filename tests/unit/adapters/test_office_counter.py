"""What an applicant meets at the counter of each office."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import Certificate, PublishedStatus, TrustStore, verify
from oneservice.departments import SqliteRegister
from oneservice.errors import JournalFullError
from oneservice.identifiers import parse_certificate_id, parse_credit_code
from oneservice.workdays import Suspension, due_working_day, national_calendar
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


def day_of(event: dict[str, Any]) -> date:
    return datetime.fromisoformat(event["at"]).astimezone(ZONE).date()


@pytest.mark.parametrize(("department", "step_id"), STEPS)
async def test_complete_papers_end_in_a_grant(
    open_counter: Any, department: str, step_id: str
) -> None:
    async with open_counter(department) as counter:
        filed = await counter.file(step_id)
        status = await counter.status(step_id, days=60)
        procedure = profile_of(department).procedure(step_id)
        assert status["state"] == "granted"
        assert (filed["state"] == "granted") is procedure.is_on_the_spot
        has_stop = procedure.course(await counter.office.app.submission(counter.ids[step_id]))
        stops = ["suspended", "resumed"] if has_stop.special else []
        assert types_of(status) == ["received", "accepted", *stops, "granted"]


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize(("department", "step_id"), STEPS)
async def test_the_promise_is_kept_by_the_legal_clock(
    open_counter: Any, department: str, step_id: str, seed: int
) -> None:
    async with open_counter(department, seed=seed) as counter:
        await counter.file(step_id)
        events = (await counter.status(step_id, days=60))["events"]
        by_type = {event["type"]: event for event in events}
        stops = ()
        if "suspended" in by_type:
            assert (
                day_of(by_type["resumed"]).isoformat()
                == (by_type["suspended"]["data"]["expected_until"])
            )
            stops = (
                Suspension(
                    start=day_of(by_type["suspended"]),
                    end=day_of(by_type["resumed"]),
                    kind=by_type["suspended"]["data"]["kind"],
                    by_law=by_type["suspended"]["data"]["by_law"],
                    notice_no=by_type["suspended"]["data"]["notice_no"],
                ),
            )
        accepted = by_type["accepted"]
        due = due_working_day(
            national_calendar(),
            day_of(accepted),
            accepted["data"]["promised_working_days"],
            stops,
        )
        assert day_of(by_type["granted"]) <= due
        instants = [datetime.fromisoformat(event["at"]) for event in events]
        assert instants == sorted(instants)


@pytest.mark.parametrize(
    ("department", "step_id"),
    [
        (department, step_id)
        for department, step_id in STEPS
        if (paper := profile_of(department).procedure(step_id).paper) and paper.is_certificate
    ],
)
async def test_a_certificate_verifies_with_what_the_card_says(
    open_counter: Any, department: str, step_id: str
) -> None:
    async with open_counter(department) as counter:
        await counter.file(step_id, fields={"staff_id_no": "980201200002290031"})
        status = await counter.status(step_id, days=60)
        outcome = status["events"][-1]["data"]["outcome"]
        since = datetime(2026, 1, 1, tzinfo=UTC)
        trust = TrustStore(
            territory="990101",
            version=1,
            issued_at=since,
            expires_at=since + timedelta(days=3650),
            issuers=(counter.office.card.trusted_issuer(since=since),),
        )
        lists = await counter.http.get("http://office.test/status/1")
        assert lists.headers["content-type"] == "application/statuslist+jwt"
        verified = verify(
            Certificate.of(outcome["certificate"]),
            trust=trust,
            at=counter.clock.now(),
            status=PublishedStatus.of([lists.content], trust=trust),
        )
        claims = verified.claims
        assert claims.type == outcome["result_type"]
        assert claims.number == outcome["number"]
        assert claims.is_sandbox
        assert claims.evidence is not None
        assert claims.evidence.submission_id == counter.ids[step_id]
        assert claims.evidence.request_digest == status["events"][0]["data"]["request_digest"]
        assert parse_certificate_id(claims.id).issuer == counter.office.card.code
        assert "980201200002290031" not in str(outcome)


async def test_the_first_food_permit_has_the_number_of_the_standard(open_counter: Any) -> None:
    async with open_counter("market-regulation") as counter:
        await counter.file("food_permit")
        outcome = (await counter.status("food_permit", days=60))["events"][-1]["data"]["outcome"]
        assert outcome["number"] == "JY29901010000018"
        assert outcome["certificate"]["id"].endswith("11990101MB9900021A.JY29901010000018.001.3")
        granted_on = date.fromisoformat(outcome["valid_from"])
        assert date.fromisoformat(outcome["valid_until"]) == granted_on.replace(
            year=granted_on.year + 5
        ) - timedelta(days=1)


async def test_a_registered_business_has_a_code_that_other_permits_name(open_counter: Any) -> None:
    person = {"kind": "person", "name": "张三", "code": "990101199001010019"}
    async with open_counter("market-regulation") as counter:
        await counter.file("registration", applicant=person)
        licence = (await counter.status("registration", days=5))["events"][-1]["data"]["outcome"]
        assert parse_credit_code(licence["number"]).startswith("92990101")
        subject = licence["certificate"]["credentialSubject"]
        assert (subject["holderName"], subject["holderCode"]) == ("示例面馆", licence["number"])


async def test_everything_missing_is_asked_for_at_once(open_counter: Any) -> None:
    async with open_counter("market-regulation") as counter:
        await counter.file(
            "food_permit",
            without={"m_layout", "m_premises", "m_health", "m_food_manager"},
            fields={"legal_rep_id_no": "990101199001010018", "credit_code": "92990101MA99000524"},
        )
        status = await counter.status("food_permit", days=1)
        assert types_of(status) == ["received", "correction_requested"]
        asked = status["events"][-1]["data"]
        assert asked["is_complete_list"] is True
        assert [one.get("material") or one["pointer"] for one in asked["items"]] == [
            "m_premises",
            "m_layout",
            "/fields/credit_code",
            "/fields/legal_rep_id_no",
        ]
        assert "990101199001010018" not in str(status)
        after = await counter.supplement(
            "food_permit",
            ["m_layout", "m_premises"],
            {"legal_rep_id_no": "990101199001010019", "credit_code": "92990101MA99000523"},
        )
        assert after["state"] == "received"
        assert (await counter.status("food_permit", days=60))["state"] == "granted"


async def test_half_an_answer_is_asked_for_again(open_counter: Any) -> None:
    async with open_counter("city-management") as counter:
        await counter.file("signboard", without={"m_sign_drawing", "m_premises"})
        await counter.status("signboard", days=1)
        await counter.supplement("signboard", ["m_premises"])
        status = await counter.status("signboard", days=1)
        items = status["events"][-1]["data"]["items"]
        assert [one["material"] for one in items] == ["m_sign_drawing"]


async def test_on_the_spot_a_correction_is_asked_for_and_taken_at_once(open_counter: Any) -> None:
    async with open_counter("market-regulation") as counter:
        filed = await counter.file("licence_check", without={"m_licence"})
        assert filed["state"] == "correction_requested"
        assert (await counter.supplement("licence_check", ["m_licence"]))["state"] == "granted"


@pytest.mark.parametrize("step_id", ["food_permit", "licence_check"])
async def test_an_unanswered_correction_lapses(open_counter: Any, step_id: str) -> None:
    async with open_counter("market-regulation") as counter:
        await counter.file(step_id, without={"m_licence"})
        assert (await counter.status(step_id, days=14))["state"] == "correction_requested"
        assert (await counter.status(step_id, days=3))["state"] == "lapsed"


@pytest.mark.parametrize(
    ("department", "step", "field"),
    [
        ("market-regulation", "food_permit", "name"),
        ("city-management", "signboard", "name"),
        ("health", "health_cert", "staff_name"),
    ],
)
async def test_a_name_that_no_paper_can_bear_is_asked_for_again(
    open_counter: Any, department: str, step: str, field: str
) -> None:
    async with open_counter(department) as counter:
        await counter.file(step, fields={field: "Li\u202e\nNoodles"})
        found = await counter.status(step, days=1)
        assert found["state"] == "correction_requested"
        (item,) = found["events"][-1]["data"]["items"]
        assert item["pointer"] == f"/fields/{field}"
        await counter.supplement(step, fields={field: "Li's Noodles"})
        assert (await counter.status(step, days=40))["state"] == "granted"


async def test_an_applicants_own_wrong_code_is_mended_by_the_field(open_counter: Any) -> None:
    person = {"kind": "person", "name": "张三", "code": "990101199001010018"}
    async with open_counter("market-regulation") as counter:
        await counter.file("registration", applicant=person)
        asked = (await counter.status("registration", days=1))["events"][-1]["data"]["items"]
        assert [one["pointer"] for one in asked] == ["/fields/applicant_id_no"]
        await counter.supplement("registration", (), {"applicant_id_no": "990101199001010019"})
        assert (await counter.status("registration", days=10))["state"] == "granted"


@pytest.mark.parametrize("region", ["980201", "990102", "nowhere"])
async def test_another_regions_premises_are_not_accepted(open_counter: Any, region: str) -> None:
    async with open_counter("city-management") as counter:
        await counter.file("signboard", region=region)
        status = await counter.status("signboard", days=1)
        assert status["state"] == "not_accepted"
        data = status["events"][-1]["data"]
        assert data["reasons"][0]["code"] == "not_competent"
        assert [one["kind"] for one in data["remedies"]] == ["review", "lawsuit"]


async def test_a_town_of_the_region_is_this_offices_matter(open_counter: Any) -> None:
    async with open_counter("city-management") as counter:
        await counter.file("signboard", region="990101001")
        assert (await counter.status("signboard", days=30))["state"] == "granted"


@pytest.mark.parametrize(("department", "step_id"), STEPS)
@pytest.mark.parametrize(
    ("word", "state"),
    [("refused", "refused"), ("not_accepted", "not_accepted"), ("silence", "received")],
)
async def test_a_story_ends_as_it_is_told(
    open_counter: Any, department: str, step_id: str, word: str, state: str
) -> None:
    async with open_counter(department, stories={step_id: word}) as counter:
        await counter.file(step_id)
        status = await counter.status(step_id, days=90)
        assert status["state"] == state
        if word != "silence":
            data = status["events"][-1]["data"]
            assert data["reasons"][0]["by_law"]
            assert len(data["remedies"]) == 2


async def test_a_withdrawn_application_stays_withdrawn(open_counter: Any) -> None:
    async with open_counter("drainage") as counter:
        await counter.file("drainage")
        await counter.status("drainage", days=1)
        assert (await counter.withdraw("drainage")).status_code == 201
        status = await counter.status("drainage", days=60)
        assert types_of(status)[-2:] == ["withdrawal_requested", "withdrawn"]
        assert counter.office.files.due(counter.clock.now()) == ()


async def test_a_file_without_a_receipt_waits_for_the_repeat(
    open_counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The crash between the office's own register and the SDK's: the same bytes mend it."""
    async with open_counter("city-management") as counter:

        async def full(register: SqliteRegister, entry: object) -> None:
            del register, entry
            msg = "the disk is full"
            raise JournalFullError(msg)

        with monkeypatch.context() as fault:
            fault.setattr(SqliteRegister, "commit", full)
            with pytest.raises(AssertionError, match="unavailable"):
                await counter.file("signboard")
        counter.clock.advance(timedelta(days=3))
        assert (await counter.http.get("/changes")).json()["changes"] == []
        await counter.file("signboard")
        status = await counter.status("signboard", days=30)
        assert types_of(status) == ["received", "accepted", "granted"]
        assert counter.office.files.count() == 1
        number = status["events"][-1]["data"]["outcome"]["number"]
        assert number == "ZP990101000001"


async def test_readers_and_withdrawals_at_the_same_moment(open_counter: Any) -> None:
    """Whoever comes first wins; nobody meets an error, and no history breaks the table."""
    async with open_counter("drainage") as counter:
        for days in range(1, 9):
            counter.case = f"r{days}"
            await counter.file("drainage", fields={"area": "200"})
            counter.clock.advance(timedelta(days=days))
            withdrawal, *statuses = await asyncio.gather(
                counter.withdraw("drainage"), *(counter.status("drainage") for _ in range(8))
            )
            assert withdrawal.status_code in {201, 409}
            heads = [status["head"]["seq"] for status in statuses]
            final = await counter.status("drainage", days=60)
            assert final["state"] in {"granted", "withdrawn"}
            assert max(heads) <= final["head"]["seq"] == len(final["events"])


async def test_too_late_to_withdraw(open_counter: Any) -> None:
    async with open_counter("drainage") as counter:
        await counter.file("drainage")
        counter.clock.advance(timedelta(days=60))
        answer = await counter.withdraw("drainage")
        assert (answer.status_code, answer.json()["type"][-8:]) == (409, "not-open")


@pytest.mark.parametrize(
    ("fields", "window", "expected"),
    [
        ({"track": "commitment"}, None, (1, False)),
        ({"track": "commitment"}, "2026-09-28T01:30:00Z", (1, True)),
        ({"track": "ordinary"}, None, (7, False)),
        ({}, None, (7, False)),
    ],
)
async def test_fire_safety_has_two_tracks(
    open_counter: Any, fields: dict[str, str], window: str | None, expected: tuple[int, bool]
) -> None:
    async with open_counter("fire-rescue") as counter:
        filed = await counter.file("fire_check", fields=fields, window_received_at=window)
        status = await counter.status("fire_check", days=30)
        promised = status["events"][1]["data"]["promised_working_days"]
        assert (promised, filed["state"] == "granted") == expected
        assert ("suspended" in types_of(status)) is (fields.get("track") != "commitment")


async def test_a_commitment_without_its_letter_is_incomplete(open_counter: Any) -> None:
    async with open_counter("fire-rescue") as counter:
        fields = {"track": "commitment", "renovated_area": "40"}
        without = {"m_fire_promise", "m_fire_acceptance", "m_gas"}
        await counter.file("fire_check", fields=fields, without=without)
        items = (await counter.status("fire_check", days=1))["events"][-1]["data"]["items"]
        assert [one["material"] for one in items] == ["m_fire_promise", "m_fire_acceptance"]


@pytest.mark.parametrize(("area", "is_small"), [("150", True), ("150.01", False), ("?", False)])
async def test_small_places_drain_without_monitoring(
    open_counter: Any, area: str, *, is_small: bool
) -> None:
    async with open_counter("drainage") as counter:
        await counter.file("drainage", fields={"area": area})
        status = await counter.status("drainage", days=40)
        assert ("suspended" not in types_of(status)) is is_small


async def test_a_look_at_a_time_or_all_at_once_is_the_same_history(open_counter: Any) -> None:
    seen = []
    for name, steps in (("leaps", [60]), ("strolls", [1] * 60)):
        async with open_counter("tobacco", name=name) as counter:
            await counter.file("tobacco")
            for days in steps:
                status = await counter.status("tobacco", days=days)
            seen.append([(event["type"], event["at"]) for event in status["events"]])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 5


async def test_an_office_that_reopens_goes_on(open_counter: Any) -> None:
    async with open_counter("health") as counter:
        await counter.file("health_cert")
    start = datetime(2026, 11, 2, 10, tzinfo=ZONE)
    async with open_counter("health", start=start) as counter:
        counter.ids["health_cert"] = "c1.health_cert.1"
        assert (await counter.status("health_cert"))["state"] == "granted"
        assert counter.office.files.count() == 1
