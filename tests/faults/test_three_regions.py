"""Three regions and two auditors as processes of their own: partitions, kills, wrong clocks.

Own databases, keys, clocks, logs. Where the machine allows it each region has a network namespace
of its own, and a partition is a link that is down; on loopback it is a wire that is cut.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import Bundle, combine, examine_bundle
from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.keys import BIRTH, FOUNDERS, HOME, NORTH, site_url
from oneservice.cli.demo_regions.lists import own_list
from oneservice.cli.demo_regions.namespaces import Namespaces, why_no_namespaces
from oneservice.cli.demo_regions.roads import Loopback, Roads
from oneservice.errors import EnvironmentalError

pytest.importorskip("uvicorn", reason="regions serve each other with the extra 'server'")

OLD, NEW = "urn:oneservice:health:990101:1", "urn:oneservice:health:980201:1"
STEP = "birth_registration-1"


def move(name: str, certificate: str, giving: str, receiving: str) -> dict[str, str]:
    """Return a move from one region's centre to another's."""
    return {
        "id": name,
        "certificate": certificate,
        "giving": f"{site_url(giving)}/issuer",
        "receiving": f"{site_url(receiving)}/issuer",
    }


async def concluded(land: Country, *, hours: int = 480) -> dict[str, Any]:
    """Let days pass until the newborn's case has ended; returns the case where it was opened."""
    for _ in range(0, hours, 12):  # a week of holidays may lie between
        await land.carry(hours=12, step=6)
        cases = (await land.say(BIRTH, "carry"))["cases"]
        if all(one["status"] == "concluded" for one in cases.values()):
            break
    ((case_id, case),) = cases.items()
    return {"id": case_id, **case}


@pytest.fixture(autouse=True)
def _found_by_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(one for one in sys.path if one))


@pytest.fixture
def roads() -> Roads:
    """Namespaces where there can be any; the wires of loopback are cut in the story itself."""
    return Namespaces() if why_no_namespaces() is None else Loopback()


async def test_a_child_born_here_is_registered_there_whatever_breaks(
    tmp_path: Path, roads: Roads
) -> None:
    """Partition for days, kill -9 on both sides: it heals by itself, nothing lost or doubled."""
    async with Country(tmp_path, roads=roads) as land:
        steps = (await land.say(BIRTH, "apply"))["steps"]
        assert steps[STEP] == ["region-980200", HOME]
        await land.part(HOME)
        await land.carry(hours=72, step=24)
        ((case_id, case),) = (await land.say(BIRTH, "carry"))["cases"].items()
        assert case["status"] == "in_progress"
        assert (await land.say(HOME, "carry"))["cases"] == {}
        # Who is cut off knows it, and goes on by what it knew.
        cut_off = await land.say(HOME, "learn")
        assert len(cut_off["unreachable"]) == 4
        assert cut_off["refused"] == []
        assert cut_off["directory"] == 1
        await land.mend(HOME)
        await land.carry(hours=4, step=1)  # it arrives by itself
        assert len((await land.say(HOME, "carry"))["cases"]) == 1

        await land.kill(HOME)
        await land.carry(hours=2)
        await land.kill(BIRTH)
        await land.start(HOME)
        await land.start(BIRTH)
        assert (await land.say(BIRTH, "apply"))["case"] == case_id  # the same key, the same case

        ended = await concluded(land)
        assert (ended["id"], ended["status"]) == (case_id, "concluded")
        ((their_id, theirs),) = (await land.say(HOME, "carry"))["cases"].items()
        assert ended["steps"][STEP] == ["granted", theirs["steps"]["birth_registration"][1]]
        told = await land.say(BIRTH, "bundle", case=case_id)
        believed(told, land, issuers={BIRTH, HOME}, elsewhere=1)
        told = await land.say(HOME, "bundle", case=their_id)
        believed(told, land, issuers={HOME}, elsewhere=0)


def believed(told: dict[str, Any], land: Country, *, issuers: set[str], elsewhere: int) -> None:
    """The bundle of a case holds for whoever has the lists; each region's log has its own part."""
    bundle = Bundle.parse(told["bundle"].encode("utf-8"))
    assert {one.claims.issuer_region for one in bundle.certificates} == issuers
    trust = combine(own_list(land.base, one) for one in FOUNDERS)
    report = examine_bundle(bundle, trust=trust, at=land.now)
    assert report.verdict == "valid", report.message  # lists of the offices came along
    parts = {one.name: one for one in report.checks}
    assert str(parts["components"].result) == "pass", parts["department_signatures"].evidence
    assert len(parts["components"].evidence.get("decided_elsewhere", ())) == elsewhere
    assert str(parts["logged"].result) == str(parts["witnessed"].result) == "pass"
    due = {"proof", "key_listed", "key_valid", "issuer_entitled", "dates"}
    for component in report.components:
        checks = {one.name: str(one.result) for one in component.report.checks}
        assert {name: checks[name] for name in due} == dict.fromkeys(due, "pass")
        # A region's log speaks for what its own offices issued: their proofs came along.
        assert checks["logged"] == checks["witnessed"] == "pass"


async def test_clocks_that_are_wrong_by_hours_and_a_region_that_dies(tmp_path: Path) -> None:
    """Requests across wrong clocks are refused, not believed; the case waits until it is mended."""
    async with Country(tmp_path) as land:
        await land.kill(HOME)
        land.skew_hours[HOME] = 5.0
        await land.start(HOME)
        await land.say(BIRTH, "apply")
        await land.carry(hours=8)
        assert (await land.say(HOME, "carry"))["cases"] == {}
        # A move does not need one time: what begins there begins after what ended here.
        await land.say(NORTH, "issue", certificate=OLD)
        forth = move("m1", OLD, NORTH, HOME)
        await land.say(NORTH, "begin", move=forth)
        await land.say(HOME, "promise", move=forth, successor=NEW)
        assert (await land.say(NORTH, "fetch", move=forth, **{"from": HOME}))["state"] == "released"
        assert (await land.say(HOME, "fetch", move=forth, **{"from": NORTH}))["state"] == "arrived"
        await land.kill(HOME)
        land.skew_hours[HOME] = 0.0
        await land.later(timedelta(hours=6))
        await land.start(HOME)
        assert (await concluded(land))["status"] == "concluded"

        # A region is gone while something is on its way to it: what was only held comes back.
        back = move("m2", NEW, HOME, NORTH)
        assert (await land.say(HOME, "begin", move=back))["state"] == "held"
        await land.kill(NORTH)
        told = await land.say(HOME, "fetch", move=back, **{"from": NORTH})
        assert told == {"state": "held", "heard": False}
        assert (await land.say(HOME, "give_up", move=back))["state"] == "returned"
        assert (await land.say(HOME, "state", certificate=NEW))["state"] == "01"
        with pytest.raises(EnvironmentalError):
            await land.say(HOME, "alarms", **{"from": NORTH})
