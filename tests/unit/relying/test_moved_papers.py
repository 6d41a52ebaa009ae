"""A certificate that moved, among many on many cores, and at the endpoint: not "taken back"."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from oneservice.certificates import MoveWord, Policy, PublishedStatus, TrustStore, Verdict
from oneservice.clocks import VirtualClock
from oneservice.departments import running
from oneservice.relying import CallRecords, Paper, Reliance, VerifierApp, verify_many

PAPERS = {"content-type": "application/vnd.oneservice.papers+json"}


def _told_by_the_command() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "cli" / "test_cli_verify_moved.py"
    spec = importlib.util.spec_from_file_location("verify_moved_world", path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["verify_moved_world"] = found
    spec.loader.exec_module(found)
    return found


story = _told_by_the_command()
AT = story.SIGNED + story.timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return story.World(tmp_path)


@pytest.fixture
def reliance(world: Any) -> Reliance:
    """By the lists of both offices, which call the old certificate revoked."""
    world.given()
    trust = TrustStore.parse((world.folder / "trust.json").read_bytes())
    status = PublishedStatus.of([(world.folder / "status.jwt").read_bytes()], trust=trust)
    return Reliance(trust=trust, policy=Policy.standard(), status=status)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("beside", ["release", "successor"])
def test_among_many_what_moved_is_told_as_moved(
    world: Any, reliance: Reliance, jobs: int, beside: str
) -> None:
    word = world.new() if beside == "successor" else world.notice(MoveWord(beside))
    papers = [Paper(str(one)) for one in (world.old(), word)]
    (alone, _) = verify_many(papers, reliance=reliance, at=AT, jobs=jobs)
    assert alone.reason == "revoked"
    knowing = reliance.knowing([word.read_bytes(), b"no paper", b"{}"], at=AT)
    (told, other) = verify_many(papers, reliance=knowing, at=AT, jobs=jobs)
    assert (told.verdict, told.reason) == (Verdict.INVALID, "transferred")
    assert story.NEW in told.message
    assert other.verdict is Verdict.VALID


def test_what_is_not_believed_tells_nothing(world: Any, reliance: Reliance) -> None:
    forged = world.notice(MoveWord.RELEASE, by=story.RECEIVING).read_bytes()
    knowing = reliance.knowing([forged], at=AT)
    assert knowing.moves == {}
    assert knowing.examine(world.old().read_bytes(), at=AT).report.reason == "revoked"


async def test_the_endpoint_is_shown_the_newer_paper_beside(
    world: Any, reliance: Reliance, tmp_path: Path
) -> None:
    old, new = (json.loads(one.read_bytes()) for one in (world.old(), world.new()))
    records = CallRecords(tmp_path / "calls.db")
    app = VerifierApp(reliance, records=records, clock=VirtualClock(AT))
    async with running(app) as url, httpx.AsyncClient(timeout=120) as client:
        at = httpx.URL(url).copy_with(path="/verify")

        async def asked(body: Any) -> httpx.Response:
            return await client.post(at, json=body, headers=PAPERS)

        alone = (await asked({"paper": old})).json()
        assert (alone["verdict"], alone["reason"]) == ("invalid", "revoked")
        as_text = json.dumps(old, ensure_ascii=False)
        for paper in (old, as_text):
            told = (await asked({"paper": paper, "beside": [new]})).json()
            assert (told["verdict"], told["reason"]) == ("invalid", "transferred")
            assert story.NEW in told["message"]
        for wrong in ([], {}, {"paper": 1}, {"paper": old, "beside": new}, {"paper": old, "x": 1}):
            assert (await asked(wrong)).status_code == 400, wrong
        assert (await asked({"paper": old, "beside": [new] * 9})).status_code == 400
    recorded = [call for _, call in records.read()]
    assert [one.reason for one in recorded] == ["revoked", "transferred", "transferred"]
    assert recorded[0].asked == recorded[1].asked
    records.close()
