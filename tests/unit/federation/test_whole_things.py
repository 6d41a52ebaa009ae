"""A whole one-thing for another region: several offices, one application, one request to mend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oneservice.canonical import canonical, digest_bytes
from oneservice.case import CaseStatus
from oneservice.departments import (
    Accepted,
    CorrectionRequested,
    Granted,
    HttpDepartments,
    Reason,
    Received,
    Refused,
)
from oneservice.federation import Offer

OFFICE, ID = "region-980200", "c9.newborn.1"
VACCINATION, REGISTRATION = "vaccination_card", "birth_registration"


async def look(pair: Any) -> Any:
    async with HttpDepartments({OFFICE: pair.way}, clock=pair.clock) as departments:
        return await departments.read(OFFICE, ID, after=0)


async def file(pair: Any) -> Any:
    async with HttpDepartments({OFFICE: pair.way}, clock=pair.clock) as departments:
        return await departments.submit(OFFICE, ID, pair.newborn())


async def test_two_offices_ask_once_and_the_bundle_comes_back(pair: Any) -> None:
    pair.home.decide[VACCINATION] = lambda _: CorrectionRequested(materials=("m_application",))
    pair.home.decide[REGISTRATION] = lambda _: Received()
    async with pair.open(Offer.whole("newborn")):
        read = await file(pair)
        assert [one.type for one in read.events] == ["received"]
        await pair.carry(minutes=2)
        assert (await look(pair)).state == "received"  # the police have not looked yet
        (theirs,) = pair.home.filed[REGISTRATION]
        await pair.home.apps["public-security"].record(
            theirs.id, CorrectionRequested(materials=("m_parents_id",), note="Both cards.")
        )
        await pair.carry(minutes=2)
        read = await look(pair)
        assert [one.type for one in read.events] == ["received", "correction_requested"]
        asked = {one["material"] for one in read.events[-1].data["items"]}
        assert asked == {"m_application", "m_parents_id"}
        await mend(pair, read.events[-1].data["correction_id"], sorted(asked))
        for name, department in ((VACCINATION, "health"), (REGISTRATION, "public-security")):
            await pair.home.apps[department].record(
                pair.home.filed[name][0].id, Accepted(), Granted(number=f"N-{name}")
            )
        await pair.carry(minutes=3)
        read = await look(pair)
        kinds = [one.type for one in read.events if one.type != "progress"]
        assert kinds == [
            "received",
            "correction_requested",
            "correction_received",
            "accepted",
            "granted",
        ]
        outcome = read.events[-1].data["outcome"]
        assert outcome["conditions"] == []
        (home,) = await pair.home.engine.cases()
        sealed = await pair.home.engine.bundle_certificate(home.case_id)
        assert outcome["certificate"] == sealed.document


async def mend(pair: Any, correction_id: str, materials: list[str]) -> None:
    rows = []
    async with HttpDepartments({OFFICE: pair.way}, clock=pair.clock) as departments:
        for name in materials:
            content = f"mended {name}".encode()
            await departments.put_document(OFFICE, content, "text/plain")
            document = {
                "digest": digest_bytes(content),
                "media_type": "text/plain",
                "bytes": len(content),
            }
            rows.append({"material": name, "documents": [document]})
        sent = canonical({"correction_id": correction_id, "fields": {}, "materials": rows})
        await departments.supplement(OFFICE, ID, f"{ID}.s1", sent)
        await departments.supplement(OFFICE, ID, f"{ID}.s1", sent)
    await pair.carry(minutes=2)
    brought = {
        name
        for one in pair.home.apps.values()
        for sub in await one.submissions()
        for supplement in sub.supplements
        for name in supplement.materials
    }
    assert brought == set(materials)


async def test_who_stays_silent_does_not_hold_up_what_others_ask_for(pair: Any) -> None:
    pair.home.decide[VACCINATION] = lambda _: CorrectionRequested(materials=("m_application",))
    pair.home.decide[REGISTRATION] = lambda _: Received()
    async with pair.open(Offer.whole("newborn")):
        await file(pair)
        await pair.carry(minutes=2)
        pair.clock.advance(timedelta(hours=24))
        await pair.carry(minutes=2)
        read = await look(pair)
        assert [one.type for one in read.events] == ["received", "correction_requested"]


async def test_what_one_office_refused_stands_in_the_conditions(pair: Any) -> None:
    no = Refused(reasons=(Reason(text={"en": "Registered elsewhere."}, code="elsewhere"),))
    pair.home.decide[REGISTRATION] = lambda _: (Accepted(), no)
    async with pair.open(Offer.whole("newborn")):
        await file(pair)
        await pair.carry()
        read = await look(pair)
        assert read.state == "granted"
        (condition,) = read.events[-1].data["outcome"]["conditions"]
        assert condition["en"].endswith("(refused)")
        labels = [one.data["label"]["en"] for one in read.events if one.type == "progress"]
        assert len(labels) == len(set(labels)) == 2
        (home,) = await pair.home.engine.cases()
        assert (await pair.home.engine.case(home.case_id)).status is CaseStatus.CONCLUDED
