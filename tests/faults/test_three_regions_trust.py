"""What three regions believe of each other: directory, lists, logs, and every way to be deceived.

One world for all of it, in the order of the file; what a test leaves behind the next one finds.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from oneservice.certificates import (
    Cryptosuite,
    DirectoryDraft,
    ListedRegion,
    RegionDirectory,
    SigningKey,
    TrustPeer,
)
from oneservice.cli.demo_regions.backups import copy_register, put_back
from oneservice.cli.demo_regions.country import Country, prepare
from oneservice.cli.demo_regions.desk import Desk
from oneservice.cli.demo_regions.directory import published
from oneservice.cli.demo_regions.keys import (
    AUDITORS,
    BIRTH,
    HOME,
    JOINING,
    NORTH,
    site_url,
    territory_of,
)
from oneservice.cli.demo_regions.kinds import HEALTH
from oneservice.cli.demo_regions.lists import LIST_NAME, bureau_keys, meet, rotate
from oneservice.cli.demo_regions.people import traveller

pytest.importorskip("uvicorn", reason="regions serve each other with the extra 'server'")
pytestmark = pytest.mark.asyncio(loop_scope="module")

OLD, NEW = "urn:oneservice:health:990101:1", "urn:oneservice:health:980201:1"
MOVE = {
    "id": "m1",
    "certificate": OLD,
    "giving": f"{site_url(NORTH)}/issuer",
    "receiving": f"{site_url(HOME)}/issuer",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def land(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(one for one in sys.path if one))
        async with Country(tmp_path_factory.mktemp("trust")) as found:
            yield found


def refusals(report: dict[str, Any]) -> dict[str, str]:
    """Return what a member refused at its last look, and why."""
    return {one["what"]: one["code"] for one in report["refused"]}


async def shown_in(land: Country, region: str, letters: Path) -> list[str]:
    """Return what papers are worth in a region, by their codes."""
    file = as_shown(letters, land.base / "shown.jsonl")
    told = await land.say(region, "recognise", shown=str(file), kinds=[HEALTH])
    codes: list[str] = told["codes"]
    return codes


def as_shown(letters: Path, file: Path) -> Path:
    """Write letters as somebody shows them."""
    person = traveller(0)
    lines = [
        json.dumps(
            {"letter": json.loads(one), "holder": {"name": person.name, "code": person.code}}
        )
        for one in letters.read_text(encoding="utf-8").splitlines()
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


async def issued_by(land: Country, region: str) -> Path:
    """Have a region issue a paper for somebody; returns where it is."""
    person, out = traveller(0), land.base / f"issued-{region}"
    paper = {
        "certificate": f"urn:oneservice:health:{region}:p0",
        "kind": HEALTH,
        "name": person.name,
        "code": person.code,
        "until": "2027-09-27",
    }
    await land.say(region, "issue_many", papers=[paper], out=str(out))
    await land.later(timedelta(minutes=1))
    await land.say(region, "publish")
    await land.later(timedelta(minutes=1))
    return out


async def test_regions_know_each_other_from_directory_and_lists_alone(land: Country) -> None:
    for report in (await land.acquaint()).values():
        assert report["directory"] == 1
        assert sorted(report["lists"]) == ["970300", "980200", "990100"]
        assert report["refused"] == report["unreachable"] == []


async def test_a_certificate_moves_and_an_auditor_can_tell_offline(land: Country) -> None:
    """Killed in the middle, a seal rotated in the middle: one that counts, both logs show it."""
    desk = Desk(land)
    desk.keep("old", await land.say(NORTH, "issue", certificate=OLD))
    await land.later(timedelta(minutes=1))
    desk.keep("north", await land.say(NORTH, "publish"))
    before = (await desk.judged(HOME))["letters"][OLD]
    assert before["verdict"] == "valid", before  # a rule of the region lets it count there

    assert (await land.say(NORTH, "begin", move=MOVE))["state"] == "held"
    await land.say(HOME, "promise", move=MOVE, successor=NEW)
    await land.kill(NORTH)
    await land.later(timedelta(minutes=1))
    older = (land.base / NORTH / LIST_NAME).read_bytes()
    (land.base / "older-list.json").write_bytes(older)
    rotate(land.base, NORTH, at=land.now)
    await land.start(NORTH)
    await land.later(timedelta(minutes=1))
    for _ in range(2):
        await land.say(NORTH, "fetch", move=MOVE, **{"from": HOME})
        await land.later(timedelta(hours=13))
    assert (await land.say(NORTH, "fetch", move=MOVE, **{"from": HOME}))["state"] == "released"
    desk.keep("word", await land.say(NORTH, "word", move=MOVE))
    assert (await land.say(HOME, "fetch", move=MOVE, **{"from": NORTH}))["state"] == "arrived"
    assert (await land.say(NORTH, "fetch", move=MOVE, **{"from": HOME}))["state"] == "arrived"
    states = [
        (await land.say(one, "state", certificate=name))["state"]
        for one, name in ((NORTH, OLD), (HOME, NEW))
    ]
    assert states == ["06", "01"]

    desk.keep("new", await land.say(HOME, "taken", move=MOVE))
    desk.keep("north-later", await land.say(NORTH, "publish"))
    desk.keep("home", await land.say(HOME, "publish"))
    await land.later(timedelta(minutes=1))
    after = (await desk.judged(HOME))["letters"]
    assert (after[OLD]["verdict"], after[OLD]["reason"]) == ("invalid", "revoked")
    assert after[NEW]["from"] == OLD
    released = next(one for name, one in after.items() if "release" in name)
    for one in (after[NEW], released):  # one in the log of each region, each cosigned by three
        assert one["checks"]["logged"] == one["checks"]["witnessed"] == "pass"
    assert (await desk.judged(NORTH))["letters"][NEW]["verdict"] == "valid"


async def test_an_older_list_is_refused_and_reported(land: Country) -> None:
    """The rotated key must not come back: everybody remembers that there was a later edition."""
    path = land.base / NORTH / LIST_NAME
    current = path.read_bytes()
    assert {one["lists"]["990100"] for one in (await land.acquaint()).values()} == {2}
    path.write_bytes((land.base / "older-list.json").read_bytes())
    reports = await land.acquaint()
    url = f"{site_url(NORTH)}/trust-list"
    for name in (BIRTH, HOME, *AUDITORS):
        assert refusals(reports[name]) == {url: "trust_history"}
        assert reports[name]["lists"]["990100"] == 2
    assert refusals(reports[NORTH]) == {LIST_NAME: "trust_history"}  # not even its own
    path.write_bytes(current)
    assert all(not one["refused"] for one in (await land.acquaint()).values())


async def test_a_region_joins_by_data_and_counts_where_it_was_met(land: Country) -> None:
    edition = published(land.base).read_bytes()
    (land.base / "older-directory.json").write_bytes(edition)
    await land.join(JOINING)
    meet(land.base, HOME, JOINING, at=land.now)
    reports = await land.acquaint()
    assert {one["directory"] for one in reports.values()} == {2}
    assert "960100" in reports[HOME]["lists"]
    assert "960100" not in reports[BIRTH]["lists"]  # introduced, but its own list names nobody
    papers = await issued_by(land, JOINING)
    assert await shown_in(land, HOME, papers) == ["recognised"]
    assert await shown_in(land, BIRTH, papers) == ["unknown_issuer"]
    asked = await land.say(JOINING, "shop_ask")  # it asks, over the wire, under its own key
    assert asked[HEALTH]["from"] == "region-990100"


async def test_an_older_directory_and_a_strangers_are_refused(
    land: Country, tmp_path: Path
) -> None:
    path = published(land.base)
    current = path.read_bytes()
    directories = {f"{site_url(one)}/directory" for one in AUDITORS}
    prepare(tmp_path)  # another country, with keys of its own
    for data, code in (
        ((land.base / "older-directory.json").read_bytes(), "trust_history"),
        (published(tmp_path).read_bytes(), "trust_list"),
    ):
        path.write_bytes(data)
        for report in (await land.acquaint()).values():
            assert refusals(report) == dict.fromkeys(directories, code)
            assert report["directory"] == 2
    path.write_bytes(current)


async def test_a_region_leaves_and_is_heard_no_more(land: Country) -> None:
    """What it issued in its time stays good; what it asks for is refused, and it is not asked."""
    before = len((await land.say(NORTH, "access_log", person=_somebody()))["entries"])
    await land.leave(JOINING)
    told = await land.ask(JOINING, "shop_ask")
    assert "error" in told
    assert len((await land.say(NORTH, "access_log", person=_somebody()))["entries"]) == before
    assert await shown_in(land, HOME, land.base / f"issued-{JOINING}") == ["recognised"]


def _somebody() -> dict[str, str]:
    person = traveller(0)
    return {"name": person.name, "code": person.code}


async def test_a_directory_that_names_other_signers_is_not_followed(land: Country) -> None:
    """It introduces, it does not decide: the own list says who signs NORTH's, and people are told.

    Two of the directory's signers were deceived, so the edition itself is in order.
    """
    now = RegionDirectory.parse(published(land.base).read_bytes())
    await land.later(timedelta(minutes=1))
    thief = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022).public_multibase
    regions = tuple(
        replace(one, trust_lists=(*one.trust_lists, other_signers(one, thief, land)))
        if one.region == territory_of(NORTH)
        else one
        for one in now.regions
    )
    draft = replace(DirectoryDraft.from_directory(now), regions=regions)
    edition = draft.edition(
        after=now, issued_at=land.now, expires_at=land.now + timedelta(days=300)
    )
    for region in (BIRTH, HOME):
        edition = edition.by(bureau_keys(land.base, region)["data-bureau"], at=land.now)
    published(land.base).write_bytes(RegionDirectory.of(edition).dump())
    await land.later(timedelta(minutes=1))
    reports = await land.acquaint()
    for region in (BIRTH, HOME):
        assert refusals(reports[region]) == {"990100": "other_signers"}
        assert reports[region]["lists"]["990100"] == 2
    for name in AUDITORS:  # they have no list of their own; what they saw before holds
        assert reports[name]["lists"]["990100"] == 2


def other_signers(region: ListedRegion, key: str, land: Country) -> TrustPeer:
    """Return a region's list as somebody else would like to sign it."""
    return replace(region.trust_lists[-1], threshold=1, keys=(key,), valid_from=land.now)


async def test_an_older_register_under_a_new_date_is_found_out(land: Country) -> None:
    """Each edition by itself is in order; those that others kept, and the logs, say otherwise."""
    folder, backup = land.base / NORTH, land.base / "backup-register"
    desk, paper = Desk(land), "urn:oneservice:health:990101:forgotten"
    await land.say(NORTH, "issue", certificate=paper)
    await land.later(timedelta(minutes=1))
    copy_register(folder, backup)
    await land.say(NORTH, "strike", certificates=[paper], operation="revoke")
    desk.keep("revoked", await land.say(NORTH, "publish"))
    assert (await land.say(BIRTH, "look_at_lists"))["contradictions"] == []

    await land.kill(NORTH)
    put_back(folder, backup)
    await land.start(NORTH)
    assert (await land.say(NORTH, "state", certificate=paper))["state"] == "01"  # it forgot
    await land.later(timedelta(minutes=1))
    told = await land.say(NORTH, "publish")
    assert (
        len(told["proofs"]) == len(told["lists"]) == 3
    )  # its log held the others, and holds these
    (found,) = (await land.say(BIRTH, "look_at_lists"))["contradictions"]
    assert (found["issuer"], found["entries"]) == (f"{site_url(NORTH)}/issuer", 1)
    read = await land.say(HOME, "contradictions", **{"from": BIRTH})
    assert (read["contradictions"], read["logged"]) == ([found], 2)  # by the two lists alone

    before = (await desk.judged())["lists"]
    assert before["contradictions"] == []
    desk.keep("forgotten", told)
    after = (await desk.judged())["lists"]
    assert {one["issuer"] for one in after["contradictions"]} == {found["issuer"]}
    assert after["logged"] == before["logged"] + 3


async def test_what_a_log_could_not_take_is_logged_with_the_next_edition(land: Country) -> None:
    """A list goes out also while no witness can be reached; nothing stays unlogged."""
    await land.part(NORTH)
    await land.later(timedelta(minutes=1))
    assert (await land.say(NORTH, "publish"))["proofs"] == []
    await land.mend(NORTH)
    await land.later(timedelta(minutes=1))
    assert len((await land.say(NORTH, "publish"))["proofs"]) == 3
    editions = land.base / NORTH / "editions"
    numbers = {int(one.name.partition("-")[0]) for one in editions.glob("*.json")}
    assert numbers == set(range(1, max(numbers) + 1))


async def test_a_region_restored_from_an_old_backup_is_found_out(land: Country) -> None:
    """All of it is old. One witness keeps silent, then forgets and cosigns anything.

    The region is stopped at its next word, the alarm has evidence, and nobody can hide it.
    """
    folder, backup = land.base / NORTH, land.base / "backup"
    assert (await land.say(BIRTH, "look"))["alarms"] == []
    await land.kill(NORTH)
    shutil.copytree(folder, backup)
    await land.start(NORTH)
    await land.kill(AUDITORS[1])  # a witness that says nothing any more
    for number in range(2, 4):
        await land.say(NORTH, "issue", certificate=f"urn:n:{number}")
    assert (await land.say(BIRTH, "look"))["alarms"] == []

    await land.kill(NORTH)
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)
    shutil.rmtree(land.base / AUDITORS[1] / "witness")
    await land.start(AUDITORS[1])
    await land.start(NORTH)
    assert (await land.say(NORTH, "state", certificate="urn:n:3"))["state"] is None  # it forgot
    found = (await land.say(BIRTH, "look"))["alarms"]
    assert [one["concern"] for one in found] == ["rollback"]
    assert found[0]["has_evidence"]
    # The others read the alarm, under the key that the watcher's list names.
    assert (await land.say(HOME, "alarms", **{"from": BIRTH}))["alarms"] == found
    told = await land.ask(NORTH, "issue", certificate="urn:n:9")
    assert "error" in told  # its witnesses know a larger tree than it does
