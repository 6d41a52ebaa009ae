"""Three regions as processes, and papers that travel: a train, a village clerk, a cook's shop.

One world for all of it, in the order of the file. Where the machine allows it each region has a
network namespace of its own; on loopback otherwise.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from oneservice.cli.demo_regions.audit import TRAIN
from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.desk import Desk
from oneservice.cli.demo_regions.keys import HOME, NORTH, territory_of
from oneservice.cli.demo_regions.kinds import HEALTH, INCOME, RESIDENCE
from oneservice.cli.demo_regions.namespaces import Namespaces, why_no_namespaces
from oneservice.cli.demo_regions.people import COOK
from oneservice.cli.demo_regions.roads import Loopback
from oneservice.cli.demo_regions.train import PEOPLE, dealt, ride
from oneservice.cli.demo_regions.village import DAILY_COUNT

pytest.importorskip("uvicorn", reason="regions serve each other with the extra 'server'")
pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = {"name": COOK.name, "code": COOK.code}
HEALTH_ID = "urn:oneservice:health:990101:1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def land(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    roads = Namespaces() if why_no_namespaces() is None else Loopback()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(one for one in sys.path if one))
        async with Country(tmp_path_factory.mktemp("papers"), roads=roads) as found:
            yield found


@pytest.fixture(scope="module")
def desk(land: Country) -> Desk:
    return Desk(land)


async def sealed(land: Country, number: int, **more: Any) -> dict[str, Any]:
    """Ask the village clerk to seal a paper for the cook."""
    name = f"urn:oneservice:residence:990101:{number}"
    return await land.say(NORTH, "village_seal", certificate=name, person=PERSON, **more)


async def test_a_village_clerk_seals_within_her_mandate_and_no_longer(
    land: Country, desk: Desk
) -> None:
    """Types, hours, the count of the day, the revocation: each refusal stands in the log."""
    assert (await sealed(land, 0))["refused"] == "mandate_unknown"
    await land.say(NORTH, "village_grant")
    first = await sealed(land, 1)
    desk.keep("residence", first)
    assert (await sealed(land, 1))["letter"] != ""  # the same request is the same use
    assert (await sealed(land, 2, kind=INCOME))["refused"] == "mandate_scope"
    for number in range(2, DAILY_COUNT + 1):
        assert "letter" in await sealed(land, number)
    assert (await sealed(land, 9))["refused"] == "daily_count_used"
    await land.later(timedelta(hours=12))  # nine in the evening
    assert (await sealed(land, 10))["refused"] == "outside_hours"
    await land.later(timedelta(hours=12))  # the next morning
    assert "letter" in await sealed(land, 11)
    await land.say(NORTH, "village_revoke")
    assert (await sealed(land, 12))["refused"] == "mandate_revoked"

    desk.keep("village", await land.say(NORTH, "village_files"))
    found = await desk.judged(HOME)  # the region where the paper is used, by an auditor offline
    paper = found["letters"]["urn:oneservice:residence:990101:1"]
    assert paper["verdict"] == "valid", paper
    due = ("seal", "logged", "witnessed", "recognised")
    assert {name: paper["checks"][name] for name in due} == dict.fromkeys(due, "pass")
    book = found["book"]
    assert book["findings"] == []
    assert book["sealed"] == DAILY_COUNT + 1
    assert book["refused"] == {
        "mandate_unknown": 1,
        "mandate_scope": 1,
        "daily_count_used": 1,
        "outside_hours": 1,
        "mandate_revoked": 1,
    }
    # Uses and refusals alike: proven by the log, under three witnesses.
    assert book["logged"] == {"seal-use": DAILY_COUNT + 1, "seal-refusal": 5}


async def test_a_train_of_587_is_judged_in_one_call_as_it_was_dealt(
    land: Country, desk: Desk
) -> None:
    file = desk.folder / TRAIN
    await ride(land, file)
    told = await land.say(HOME, "recognise", shown=str(file), kinds=[HEALTH])
    assert sum(told["counts"].values()) == PEOPLE
    assert told["counts"] == dealt()
    desk.keep("train", await land.say(HOME, "lists"))
    assert (await desk.judged(HOME))["train"] == dealt()


async def test_a_cook_opens_a_shop_elsewhere_with_what_exists_already(land: Country) -> None:
    """Consent and preview, a rule that counts, a step that is spared, a window at home."""
    await land.say(NORTH, "issue", certificate=HEALTH_ID)
    await land.later(timedelta(minutes=1))
    await land.say(NORTH, "publish")
    asked = await land.say(HOME, "shop_ask")
    for kind in (HEALTH, RESIDENCE):
        assert asked[kind]["from"] == f"region-{territory_of(NORTH)}"  # as the directory says
        assert asked[kind]["state"] == "needs_subject"
    early = await land.ask(HOME, "shop_open")
    assert "needs_subject" in early["error"]  # nothing is told before she looked
    assert (await land.say(NORTH, "access_log", person=PERSON))["entries"] == []

    caller = f"region-{territory_of(HOME)}"
    await land.say(NORTH, "shop_allow", asked=asked)
    told = await land.say(HOME, "shop_open")
    assert told["worth"] == {HEALTH: "recognised", RESIDENCE: "recognised"}
    assert told["spared"] == ["health_cert-1"]
    assert "health_cert-2" in told["steps"]  # her colleague holds nothing
    assert told["crossing"] == "collect"
    await land.say(HOME, "shop_window", window=NORTH)

    for _ in range(60):
        await land.carry(hours=12, step=12)
        shop = await land.say(HOME, "shop")
        if shop["status"] == "concluded":
            break
    assert shop["status"] == "concluded"
    assert shop["steps"]["food_permit"][0] == "granted"
    assert "health_cert-1" not in shop["steps"]
    (handed,) = shop["handed_in"]
    received, accepted = (
        datetime.fromisoformat(handed[one]) for one in ("received_at", "accepted_at")
    )
    assert received < accepted
    entries = (await land.say(NORTH, "access_log", person=PERSON))["entries"]
    assert [(one["by"], one["kind"], one["purpose"]) for one in entries] == [
        (caller, "given", "restaurant")
    ] * 2
    assert {name for one in entries for name in one["names"]} == {HEALTH, RESIDENCE}
    assert all(one["consent"] for one in entries)


async def test_what_was_revoked_meanwhile_spares_nothing_any_more(land: Country) -> None:
    await land.say(NORTH, "strike", certificates=[HEALTH_ID], operation="revoke")
    await land.later(timedelta(minutes=1))
    await land.say(NORTH, "publish")
    await land.later(timedelta(minutes=1))
    told = await land.say(HOME, "shop_plan")
    assert told["worth"][HEALTH] == "revoked"
    assert told["spared"] == []
    assert "health_cert-1" in told["steps"]
