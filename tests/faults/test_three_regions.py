"""Three regions and two auditors as processes of their own: what happens when things go wrong.

Own databases, keys, clocks, logs; loopback between them, over wires that can be cut.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import Bundle, examine_bundle
from oneservice.cli.demo_regions_audit import PAPERS
from oneservice.cli.demo_regions_wires import Country
from oneservice.cli.demo_regions_world import AUDITORS, BIRTH, HOME, NORTH, rotate, trust_of
from oneservice.errors import EnvironmentalError

pytest.importorskip("uvicorn", reason="regions serve each other with the extra 'server'")

CENTRE = "https://certificates.{}.example/issuer"
OLD, NEW = "urn:oneservice:health:990101:1", "urn:oneservice:health:980201:1"
MOVE = {
    "id": "m1",
    "certificate": OLD,
    "giving": CENTRE.format(NORTH),
    "receiving": CENTRE.format(HOME),
}


async def concluded(land: Country, *, hours: int = 384) -> dict[str, Any]:
    """Let days pass until the newborn's case has ended; returns the case where it was opened."""
    for _ in range(0, hours, 12):  # a week of holidays may lie between
        await land.carry(hours=12, step=6)
        cases = (await land.say(BIRTH, "carry"))["cases"]
        if all(one["status"] == "concluded" for one in cases.values()):
            break
    ((case_id, case),) = cases.items()
    return {"id": case_id, **case}


async def moved(land: Country) -> None:
    """Carry a move to its end."""
    await land.say(NORTH, "begin", move=MOVE)
    await land.say(HOME, "promise", move=MOVE, successor=NEW)
    for _ in range(2):
        await land.say(NORTH, "fetch", move=MOVE, **{"from": HOME})
        await land.later(timedelta(hours=13))
    assert (await land.say(NORTH, "fetch", move=MOVE, **{"from": HOME}))["state"] == "released"
    assert (await land.say(HOME, "fetch", move=MOVE, **{"from": NORTH}))["state"] == "arrived"
    assert (await land.say(NORTH, "fetch", move=MOVE, **{"from": HOME}))["state"] == "arrived"


async def keep(land: Country, name: str, told: dict[str, Any]) -> None:
    """Put what travelled where the auditor finds it."""
    folder = land.base / PAPERS
    folder.mkdir(exist_ok=True)
    if "letter" in told:
        (folder / f"{name}.letter").write_text(told["letter"], encoding="utf-8")
    for number, one in enumerate(told.get("lists", ())):
        (folder / f"status-{name}-{number}").write_text(one, encoding="utf-8")


def audited(land: Country, region: str) -> dict[str, dict[str, Any]]:
    """Ask another process, which has the files and nothing else."""
    line = [sys.executable, "-m", "oneservice.cli.demo_regions_audit"]
    done = subprocess.run(
        [*line, str(land.base), land.now.isoformat(), region],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {one["certificate"]: one for one in json.loads(done.stdout)}


@pytest.fixture(autouse=True)
def _found_by_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(one for one in sys.path if one))


async def test_a_child_born_here_is_registered_there_whatever_breaks(tmp_path: Path) -> None:
    """Partition for days, kill -9 on both sides: it heals by itself, nothing lost or doubled."""
    async with Country(tmp_path) as land:
        steps = (await land.say(BIRTH, "apply"))["steps"]
        assert steps["birth_registration-1"] == ["region-980200", HOME]
        land.part(HOME)
        await land.carry(hours=72, step=12)
        waiting = (await land.say(BIRTH, "carry"))["cases"]
        ((case_id, case),) = waiting.items()
        assert case["status"] == "in_progress"
        assert (await land.say(HOME, "carry"))["cases"] == {}
        land.mend(HOME)
        await land.carry(hours=4, step=1)  # it arrives by itself
        assert len((await land.say(HOME, "carry"))["cases"]) == 1

        await land.kill(HOME)
        await land.carry(hours=2)
        await land.kill(BIRTH)
        await land.start(HOME)
        await land.start(BIRTH)
        assert (await land.say(BIRTH, "apply"))["case"] == case_id  # the same key, the same case

        ended = await concluded(land)
        assert ended["id"] == case_id
        assert ended["status"] == "concluded"
        (theirs,) = (await land.say(HOME, "carry"))["cases"].values()
        number = theirs["steps"]["birth_registration"][1]
        assert ended["steps"]["birth_registration-1"] == ["granted", number]
        told = await land.say(BIRTH, "bundle", case=case_id)
        bundle = Bundle.parse(told["bundle"].encode("utf-8"))
        assert {one.claims.issuer_region for one in bundle.certificates} == {BIRTH, HOME}
        report = examine_bundle(bundle, trust=trust_of(tmp_path), at=land.now)
        parts = {one.name: one for one in report.checks}
        assert str(parts["components"].result) == "pass", parts["department_signatures"].evidence
        assert len(parts["components"].evidence["decided_elsewhere"]) == 1
        due = {"proof", "key_listed", "key_valid", "issuer_entitled", "dates"}
        for component in report.components:
            checks = {one.name: str(one.result) for one in component.report.checks}
            assert {name: checks[name] for name in due} == dict.fromkeys(due, "pass")


async def test_a_certificate_moves_and_an_auditor_can_tell_offline(tmp_path: Path) -> None:
    """Killed in the middle, a seal rotated in the middle: one that counts, both logs show it."""
    async with Country(tmp_path) as land:
        await keep(land, "old", await land.say(NORTH, "issue", certificate=OLD))
        await land.later(timedelta(minutes=1))
        await keep(land, "north", await land.say(NORTH, "publish"))
        before = audited(land, HOME)[OLD]
        assert before["verdict"] == "valid", before  # a rule of the region lets it count there

        assert (await land.say(NORTH, "begin", move=MOVE))["state"] == "held"
        await land.say(HOME, "promise", move=MOVE, successor=NEW)
        await land.kill(NORTH)
        rotate(tmp_path, NORTH, at=land.now)
        await land.start(NORTH)
        await land.later(timedelta(minutes=1))
        await moved(land)
        states = [
            (await land.say(one, "state", certificate=name))["state"]
            for one, name in ((NORTH, OLD), (HOME, NEW))
        ]
        assert states == ["06", "01"]

        await keep(land, "new", await land.say(HOME, "taken", move=MOVE))
        await keep(land, "north-later", await land.say(NORTH, "publish"))
        await keep(land, "home", await land.say(HOME, "publish"))
        await land.later(timedelta(minutes=1))
        after = audited(land, HOME)
        assert (after[OLD]["verdict"], after[OLD]["reason"]) == ("invalid", "revoked")
        assert after[NEW]["from"] == OLD
        assert after[NEW]["checks"]["logged"] == after[NEW]["checks"]["witnessed"] == "pass"
        assert audited(land, NORTH)[NEW]["verdict"] == "valid"


async def test_a_region_restored_from_an_old_backup_is_found_out(tmp_path: Path) -> None:
    """One witness keeps silent, then forgets and cosigns anything: it stops and hides nothing."""
    async with Country(tmp_path) as land:
        await land.say(NORTH, "issue", certificate=OLD)
        assert (await land.say(BIRTH, "look"))["alarms"] == []
        backup = tmp_path / "backup"
        shutil.copytree(tmp_path / NORTH / "log", backup)
        await land.kill(AUDITORS[1])  # a witness that says nothing any more
        for number in range(2, 4):
            await land.say(NORTH, "issue", certificate=f"urn:n:{number}")
        assert (await land.say(BIRTH, "look"))["alarms"] == []

        await land.kill(NORTH)
        shutil.rmtree(tmp_path / NORTH / "log")
        shutil.copytree(backup, tmp_path / NORTH / "log")
        shutil.rmtree(tmp_path / AUDITORS[1] / "witness")
        await land.start(AUDITORS[1])
        await land.start(NORTH)
        found = (await land.say(BIRTH, "look"))["alarms"]
        assert [one["concern"] for one in found] == ["rollback"]
        assert found[0]["has_evidence"]
        # The others read the alarm, under the watcher's key.
        assert (await land.say(HOME, "alarms", **{"from": BIRTH}))["alarms"] == found
        told = await land.ask(NORTH, "issue", certificate="urn:n:9")
        assert "error" in told  # its witnesses know a larger tree than it does


async def test_clocks_that_are_wrong_by_hours_and_a_region_that_leaves(tmp_path: Path) -> None:
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
        await moved(land)
        await land.kill(HOME)
        land.skew_hours[HOME] = 0.0
        await land.later(timedelta(hours=6))
        await land.start(HOME)
        ended = await concluded(land)
        assert ended["status"] == "concluded"

        # A region leaves while something is on its way to it: what was only held comes back.
        back = {
            "id": "m2",
            "certificate": NEW,
            "giving": CENTRE.format(HOME),
            "receiving": CENTRE.format(NORTH),
        }
        assert (await land.say(HOME, "begin", move=back))["state"] == "held"
        await land.kill(NORTH)
        with pytest.raises(EnvironmentalError):
            await land.say(HOME, "fetch", move=back, **{"from": NORTH})
        assert (await land.say(HOME, "give_up", move=back))["state"] == "returned"
        assert (await land.say(HOME, "state", certificate=NEW))["state"] == "01"
