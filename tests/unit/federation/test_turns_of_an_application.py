"""Every turn that an application takes at home is told abroad, once and in order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.case import Actor, CaseStatus, SubCaseStatus
from oneservice.departments import (
    Accepted,
    CorrectionItem,
    CorrectionRequested,
    Extended,
    Granted,
    NotAccepted,
    OutcomeDocument,
    Reason,
    Received,
    Refused,
    ResultRevoked,
    Resumed,
    Suspended,
    WithdrawalRefused,
)
from oneservice.federation import Offer

STEP = "birth_registration-1"
POLICE = "public-security"
PAPER = OutcomeDocument(data=b"%PDF the household register", media_type="application/pdf")


async def told(pair: Any) -> list[str]:
    """Return the kinds of all events of the one application that was filed abroad."""
    states = {"received", "accepted", "correction_requested", "suspended", "granted", "refused"}
    states |= {"not_accepted", "withdrawn", "lapsed", "granted_pending_material"}
    (one,) = await pair.office.submissions(states=frozenset(states))
    return [event.type for event in one.history]


async def sub_case(pair: Any, case: Any) -> Any:
    return (await pair.birth.engine.case(case.id)).sub_cases[STEP]


async def at_home(pair: Any) -> str:
    """Return the id under which the police of the home region knows the application."""
    return pair.home.filed["birth_registration"][0].id


async def say(pair: Any, *outcomes: Any) -> None:
    await pair.home.apps[POLICE].record(await at_home(pair), *outcomes)
    await pair.carry()


async def test_a_correction_is_asked_for_abroad_and_answered_at_home(pair: Any) -> None:
    asks = CorrectionRequested(
        items=(
            CorrectionItem(material="m_parents_id", note={"en": "Copies of both cards."}),
            CorrectionItem(field="home_address", problem="wrong", by_law="Regulation art. 7"),
        ),
    )
    pair.home.decide["birth_registration"] = lambda _: asks
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        (correction,) = (await pair.birth.engine.case(case.id)).corrections
        assert correction.materials == ("m_parents_id",)
        assert correction.fields == ("/fields/home_address",)
        assert correction.items[0]["text"] == {"en": "Copies of both cards."}
        await pair.birth.engine.supplement(
            case.id,
            correction,
            fields={"home_address": "样城市一区海港路19号"},
            materials={"m_parents_id": b"two cards"},
        )
        await pair.carry()
        (home,) = await pair.home.engine.cases()
        (answered,) = (await pair.home.apps[POLICE].submission(await at_home(pair))).supplements
        assert answered.body.fields == {"home_address": "样城市一区海港路19号"}
        (document,) = answered.materials["m_parents_id"].documents
        assert document.digest == digest_bytes(b"two cards")
        await say(pair, Accepted(), Granted(number="HK-1", documents=(PAPER,)))
        sub = await sub_case(pair, case)
        assert sub.status is SubCaseStatus.GRANTED
        assert sub.outcome["documents"][0]["digest"] == PAPER.digest
        assert await pair.birth.engine.result_document(case.id, PAPER.digest) == PAPER.data
        assert await told(pair) == [
            "received",
            "correction_requested",
            "correction_received",
            "accepted",
            "granted",
        ]
        assert (await pair.home.engine.case(home.case_id)).status is CaseStatus.CONCLUDED


async def test_the_clock_of_the_deciding_office_stops_abroad_too(pair: Any) -> None:
    pair.home.decide["birth_registration"] = lambda _: Accepted()
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.ACCEPTED
        await say(
            pair,
            Suspended(
                ground="expert_review",
                by_law="Administrative Licensing Law art. 45",
                expected_until=date(2026, 10, 9),
                notice_no="TZ-7",
            ),
        )
        sub = await sub_case(pair, case)
        assert sub.status is SubCaseStatus.SUSPENDED
        assert (sub.pauses[0].kind, sub.pauses[0].notice_no) == ("expert_review", "TZ-7")
        await say(pair, Resumed(result="done"))
        await say(
            pair,
            Extended(working_days=5, reason="many births", approved_by="the bureau's head"),
        )
        await say(pair, Granted(number="HK-2"))
        assert await told(pair) == [
            "received",
            "accepted",
            "suspended",
            "resumed",
            "extended",
            "granted",
        ]
        assert (await sub_case(pair, case)).course.extension.days == 5


async def test_a_pause_that_nobody_saw_is_told_belatedly(pair: Any) -> None:
    pair.home.decide["birth_registration"] = lambda _: Accepted()
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        await pair.home.apps[POLICE].record(
            await at_home(pair),
            Suspended(ground="hearing", by_law="art. 45", expected_until=date(2026, 9, 29)),
            Resumed(result="heard"),
            Granted(number="HK-3"),
        )
        await pair.carry()
        kinds = await told(pair)
        assert kinds == ["received", "accepted", "suspended", "resumed", "granted"]
        sub = await sub_case(pair, case)
        assert [one.kind for one in sub.pauses] == ["hearing"]


@pytest.mark.parametrize(
    ("says", "status", "kinds"),
    [
        (
            (Accepted(), Refused(reasons=(Reason(text={"en": "No home here."}, code="home"),))),
            "refused",
            ["received", "accepted", "refused"],
        ),
        (
            NotAccepted(reasons=(Reason(text={"en": "Not our county."}, code="county"),)),
            "not_accepted",
            ["received", "not_accepted"],
        ),
    ],
)
async def test_a_no_comes_with_its_reasons_and_remedies(
    pair: Any, says: Any, status: str, kinds: list[str]
) -> None:
    pair.home.decide["birth_registration"] = lambda _: says
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        sub = await sub_case(pair, case)
        assert sub.status == status
        assert sub.reasons[0]["code"] in ("home", "county")
        assert {one["kind"] for one in sub.remedies} == {"review", "lawsuit"}
        assert await told(pair) == kinds


async def test_a_withdrawal_goes_all_the_way_and_back(pair: Any) -> None:
    pair.home.decide["birth_registration"] = lambda _: Received()
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        await pair.birth.engine.withdraw(case.id, sub_case_ids=(STEP,))
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.WITHDRAWN
        (home,) = await pair.home.engine.cases()
        assert (await pair.home.engine.case(home.case_id)).status is CaseStatus.WITHDRAWN
        assert await told(pair) == ["received", "withdrawal_requested", "withdrawn"]


async def test_an_office_may_hold_on(pair: Any) -> None:
    pair.home.decide["birth_registration"] = lambda _: Accepted()
    async with pair.open():
        app = pair.home.apps[POLICE]
        app.withdrawal(
            lambda _submission, _wish: WithdrawalRefused(reasons=({"en": "It is in print."},))
        )
        case = await pair.apply()
        await pair.carry()
        await pair.birth.engine.withdraw(case.id, sub_case_ids=(STEP,))
        await pair.carry()
        sub = await sub_case(pair, case)
        assert (sub.status, sub.withdrawal) == (SubCaseStatus.ACCEPTED, "refused")
        assert sub.reasons[0]["text"] == {"en": "It is in print."}
        await say(pair, Granted(number="HK-4"))
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED


async def test_a_result_that_is_revoked_at_home_is_revoked_abroad(pair: Any) -> None:
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        assert (await sub_case(pair, case)).is_granted
        await say(
            pair,
            ResultRevoked(
                reason={"en": "The father's papers were forged."},
                by_law="Administrative Licensing Law art. 69",
                effective_at=pair.clock.now(),
            ),
        )
        for _ in range(2):  # an office with nothing to decide is asked for news once a day
            pair.clock.advance(timedelta(days=1))
            await pair.carry(minutes=1)
        assert (await sub_case(pair, case)).is_revoked
        assert (await told(pair))[-1] == "result_revoked"
        (one,) = await pair.office.submissions(states=frozenset({"granted"}))
        assert one.history[-1].data["by_law"] == "Administrative Licensing Law art. 69"


async def test_the_person_applies_as_they_are(pair: Any) -> None:
    async with pair.open():
        await pair.apply()
        await pair.carry()
        (theirs,) = pair.home.filed["birth_registration"]
        assert dict(theirs.applicant) == {
            "kind": "person",
            "name": "何静",
            "code": "97030119940312004X",
        }
        assert theirs.body.accepting_region == "980201"
        offer = Offer.item("newborn", "birth_registration")
        declared = {one.id for one in offer.definition(pair.home.engine).thing.fields}
        assert set(theirs.fields) <= declared
        assert "birth_weight" not in theirs.fields  # the certificate's own affair


async def test_what_a_window_there_took_after_acceptance_ends_the_waiting_here(pair: Any) -> None:
    pair.home.decide["birth_registration"] = lambda _: Accepted()
    async with pair.open():
        case = await pair.apply()
        await pair.carry()
        await say(pair, CorrectionRequested(materials=("m_parents_id",), note="Both cards."))
        assert (await sub_case(pair, case)).correction is not None
        (home,) = await pair.home.engine.cases()
        (open_one,) = (await pair.home.engine.case(home.case_id)).corrections
        await pair.home.engine.supplement(
            home.case_id,
            open_one,
            materials={"m_parents_id": b"two cards"},
            by=Actor.clerk("w-1"),
        )
        await pair.carry()
        assert (await told(pair))[-1] == "correction_requested"  # its own answer may be on its way
        await pair.carry(minutes=12)
        assert (await told(pair))[-1] == "correction_received"
        assert (await sub_case(pair, case)).correction is None
        await say(pair, Granted(number="HK-5"))
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        assert await told(pair) == [
            "received",
            "accepted",
            "correction_requested",
            "correction_received",
            "granted",
        ]
