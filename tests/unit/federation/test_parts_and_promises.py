"""Parts of a whole are told of, their papers come along; promises cross where they are taken."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.canonical import canonical, digest_bytes
from oneservice.catalog import load_answers
from oneservice.departments import (
    Accepted,
    CorrectionRequested,
    Extended,
    Granted,
    GrantedPendingMaterial,
    HttpDepartments,
    Lapsed,
    OutcomeDocument,
    Resumed,
    Suspended,
)
from oneservice.errors import DepartmentContractError
from oneservice.federation import Offer

OFFICE = "region-980200"
WHOLE, ITEM = "c9.newborn.1", "c9.tax_clearance.1"
VACCINATION, REGISTRATION = "vaccination_card", "birth_registration"
HOME = "980201"
PAPER = OutcomeDocument(data=b"%PDF the household register", media_type="application/pdf")


async def ask(pair: Any, call: str, *args: Any, **more: Any) -> Any:
    async with HttpDepartments({OFFICE: pair.way}, clock=pair.clock) as departments:
        return await getattr(departments, call)(OFFICE, *args, **more)


async def say(pair: Any, step: str, department: str, *outcomes: Any) -> None:
    filed = pair.home.filed[step][0].id
    await pair.home.apps[department].record(filed, *outcomes)
    await pair.carry(minutes=2)


async def told(pair: Any) -> tuple[list[str], list[str]]:
    read = await ask(pair, "read", WHOLE, after=0)
    labels = [one.data["label"]["en"] for one in read.events if one.type == "progress"]
    return [one.type for one in read.events if one.type != "progress"], labels


async def test_what_concerns_a_part_is_news_and_what_concerns_the_whole_has_effect(
    pair: Any,
) -> None:
    pair.home.decide[VACCINATION] = pair.home.decide[REGISTRATION] = lambda _: Accepted()
    async with pair.open(Offer.whole("newborn")):
        await ask(pair, "submit", WHOLE, pair.newborn())
        await pair.carry(minutes=2)
        stop = Suspended(ground="expert_review", by_law="art. 45", expected_until=date(2026, 10, 9))
        await say(pair, VACCINATION, "health", stop)
        kinds, labels = await told(pair)
        assert kinds == ["received", "accepted"]  # the police work on: the whole's clock runs
        assert [one for one in labels if "expert_review, from 2026-09-28" in one]
        await say(pair, REGISTRATION, "public-security", stop)
        kinds, _ = await told(pair)
        assert kinds[-1] == "suspended"  # now nobody does
        await say(pair, REGISTRATION, "public-security", Resumed(result="done"))
        kinds, _ = await told(pair)
        assert kinds[-1] == "resumed"
        await say(pair, VACCINATION, "health", Resumed(result="done"))
        more = Extended(working_days=3, reason="many births", approved_by="the bureau's head")
        await say(pair, REGISTRATION, "public-security", more)
        kinds, labels = await told(pair)
        plan = await pair.home.engine.plan_of((await pair.home.engine.cases())[0].case_id)
        critical = {one.id for one in plan.steps if one.is_critical}
        is_critical = any(one.startswith(REGISTRATION) for one in critical)
        assert ("extended" in kinds) == is_critical
        assert [one for one in labels if "extended by 3 working days" in one]
        before = labels
        await pair.carry()
        assert (await told(pair))[1] == before  # each piece of news once
        for step, department in ((VACCINATION, "health"), (REGISTRATION, "public-security")):
            await say(pair, step, department, Granted(number=f"N-{step}", documents=(PAPER,)))
        kinds, _ = await told(pair)
        assert kinds[-1] == "granted"
        last = (await ask(pair, "read", WHOLE, after=0)).events[-1]
        assert [one["digest"] for one in last.data["outcome"]["documents"]] == [PAPER.digest] * 2
        assert await ask(pair, "document", PAPER.digest) == PAPER.data


async def test_what_a_third_region_decides_is_not_sent_on(pair: Any) -> None:
    """The consent that came is for this region: no request goes back that nobody could answer."""
    pair.home_more["peers"] = {"970300": "region-970300"}
    elsewhere = {"born_in": "970301", "has_birth_certificate": False, "born_at": "hospital"}
    async with pair.open(Offer.whole("newborn")):
        await ask(pair, "submit", WHOLE, pair.newborn(**elsewhere))
        await pair.carry(minutes=3)
        assert await told(pair) == (["received"], [])
        ((case,),) = [await pair.home.engine.cases()]
        waits = await pair.home.engine.waits(case.case_id)
        held = {wait.sub_case_id for wait in waits if "applicant.region-970300" in str(wait)}
        assert held == {"birth_certificate-1", "vaccination_card-1"}


async def test_a_part_that_waits_for_a_promised_paper_keeps_the_whole_pending(pair: Any) -> None:
    pair.home.decide[VACCINATION] = pair.home.decide[REGISTRATION] = lambda _: Accepted()
    async with pair.open(Offer.whole("newborn")):
        await ask(pair, "submit", WHOLE, pair.newborn())
        await pair.carry(minutes=2)
        pending = GrantedPendingMaterial(
            pending={"m_parents_id": date(2026, 10, 9)}, granted=Granted(number="HK-1")
        )
        await say(pair, REGISTRATION, "public-security", pending)
        assert (await told(pair))[0][-1] == "accepted"
        await say(pair, VACCINATION, "health", Granted(number="V-1"))
        read = await ask(pair, "read", WHOLE, after=0)
        assert read.state == "granted_pending_material"
        assert read.events[-1].data["pending"] == [
            {"material": "m_parents_id", "until": "2026-10-09"}
        ]
        content = b"both cards"
        await ask(pair, "put_document", content, "text/plain")
        row = {"digest": digest_bytes(content), "media_type": "text/plain", "bytes": len(content)}
        sent = canonical(
            {"fields": {}, "materials": [{"material": "m_parents_id", "documents": [row]}]}
        )
        await ask(pair, "supplement", WHOLE, f"{WHOLE}.s1", sent)
        await pair.carry()
        read = await ask(pair, "read", WHOLE, after=0)
        assert read.events[-1].type == "material_received"
        assert read.state == "granted"
        assert read.events[-1].data["outcome"]["certificate"]


async def test_a_part_that_nobody_mended_ends_the_whole_and_says_what_was_granted(
    pair: Any,
) -> None:
    """Nothing is granted while a correction is open, and nobody may say that an answer came."""
    pair.home.decide[VACCINATION] = pair.home.decide[REGISTRATION] = lambda _: Accepted()
    async with pair.open(Offer.whole("newborn")):
        await ask(pair, "submit", WHOLE, pair.newborn())
        await pair.carry(minutes=2)
        await say(pair, VACCINATION, "health", CorrectionRequested(materials=("m_application",)))
        await say(pair, REGISTRATION, "public-security", Granted(number="HK-1"))
        assert (await told(pair))[0] == ["received", "accepted", "correction_requested"]
        await say(pair, VACCINATION, "health", Lapsed(reason="nobody answered"))
        (home,) = await pair.home.engine.cases()
        assert (await pair.home.engine.case(home.case_id)).bundle is not None
        read = await ask(pair, "read", WHOLE, after=0)
        assert read.state == "lapsed"
        plan = await pair.home.engine.plan_of(home.case_id)
        titles = {one.id: one.title for one in plan.steps}
        reason = read.events[-1].data["reason"]
        granted = next(title for name, title in titles.items() if name.startswith(REGISTRATION))
        lapsed = next(title for name, title in titles.items() if name.startswith(VACCINATION))
        assert granted.zh in reason["zh"]
        assert granted.en in reason["en"]
        assert lapsed.en not in reason["en"]
        before = (await told(pair))[0]
        await pair.carry(minutes=2)
        assert (await told(pair))[0] == before


# --- promises -------------------------------------------------------------------------------------


def clearance(pair: Any, **more: Any) -> bytes:
    """Return an application for tax clearance that promises the final accounts."""
    given = load_answers(pair.example.with_name("deregistration.yaml"))
    definition = pair.home.engine.definition("deregistration", only="tax_clearance")
    asked = {one.id for one in definition.thing.situations}
    answers = {name: one for name, one in given.answers.items() if name in asked}
    plan = pair.home.engine.plan("deregistration", answers=answers, only="tax_clearance")
    names = {one.id for one in plan.form if one.value is None}
    fields = {name: one for name, one in given.fields.items() if name in names}
    return canonical(
        {
            "case_id": "c9",
            "step_id": "tax_clearance",
            "attempt": 1,
            "region": HOME,
            "applicant": {"kind": "organisation", "name": "L", "code": given.applicant.code},
            "fields": answers | fields | {"registered_in": HOME},
            "materials": [],
            "consents": [{"id": "k1", "scope": "deregistration"}],
        }
        | more
    )


@pytest.fixture
def taxed(pair: Any) -> Any:
    pair.home.things = ("newborn", "deregistration")
    return pair


async def test_an_offer_says_whether_promises_are_taken(taxed: Any) -> None:
    for takes in (True, False):
        offer = Offer.item("deregistration", "tax_clearance", takes_promises=takes)
        async with taxed.open(offer):
            told = (await ask(taxed, "capabilities")).steps[0]
            assert told.tolerates == (("m_final_accounts",) if takes else ())
        (taxed.home.folder / "counter.db").unlink()


@pytest.mark.parametrize("takes", [True, False])
async def test_a_promise_crosses_where_it_is_taken(taxed: Any, *, takes: bool) -> None:
    offer = Offer.item("deregistration", "tax_clearance", takes_promises=takes)
    word = b"I bring the final accounts."
    taxed.home.decide["tax_clearance"] = lambda _: Accepted()
    async with taxed.open(offer):
        await ask(taxed, "put_document", word, "text/plain")
        promise = {
            "material": "m_final_accounts",
            "until": "2026-09-29",
            "document": digest_bytes(word),
        }
        await ask(taxed, "submit", ITEM, clearance(taxed, promises=[promise]))
        await taxed.carry(minutes=2)
        (filed,) = taxed.home.filed["tax_clearance"]
        promised = [one.material for one in filed.body.promises]
        assert promised == (["m_final_accounts"] if takes else [])


async def test_a_promise_that_is_none_is_mended_by_the_paper_itself(taxed: Any) -> None:
    late = {"material": "m_final_accounts", "until": "2027-01-31"}
    async with taxed.open(Offer.item("deregistration", "tax_clearance")):
        read = await ask(taxed, "submit", ITEM, clearance(taxed, promises=[late]))
        assert [one.type for one in read.events] == ["received", "correction_requested"]
        (item,) = read.events[-1].data["items"]
        assert item["material"] == "m_final_accounts"


@pytest.mark.parametrize("takes", [True, False])
async def test_a_grant_on_the_applicants_word_only_where_it_is_offered(
    pair: Any, *, takes: bool
) -> None:
    pair.home.things = ("newborn", "transport_company")
    offer = Offer.item("transport_company", "road_permit", takes_commitments=takes)
    async with pair.open(offer):
        asked = {one.id for one in offer.definition(pair.home.engine).thing.situations}
        assert "track" in asked
        given = load_answers(pair.example.with_name("transport_company.yaml"))
        answers = {name: one for name, one in given.answers.items() if name in asked}
        body = {
            "case_id": "c9",
            "step_id": "road_permit",
            "attempt": 1,
            "applicant": {"kind": "organisation", "name": "T", "code": given.applicant.code},
            "fields": answers | {"track": "commitment"},
            "consents": [{"id": "k1", "scope": "transport_company"}],
        }
        if takes:
            read = await ask(pair, "submit", "c9.road_permit.1", canonical(body))
            assert read.events[0].type == "received"
            return
        with pytest.raises(DepartmentContractError) as caught:
            await ask(pair, "submit", "c9.road_permit.1", canonical(body))
        assert caught.value.problem == "invalid-submission"
        body["fields"] |= {"track": "ordinary"}
        read = await ask(pair, "submit", "c9.road_permit.1", canonical(body))
        assert read.events[0].type == "received"
