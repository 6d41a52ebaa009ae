"""Each story of the demonstration as a stranger runs it: real processes, to its end, in figures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.certificates import PublishedStatus, TrustStore, examine, examine_bundle
from oneservice.clocks import FileClock
from oneservice.tlog import editions_below
from oneservice.transparency import LogProof, NoteKey, entry_of_list

ALL_SEVEN = {
    "licence_check",
    "food_permit",
    "signboard",
    "health_cert-1",
    "health_cert-2",
    "health_cert-3",
    "drainage",
}
HOTPOT = {"licence_check", "food_permit", "fire_check", "health_cert-1", "health_cert-2"}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a story must come to: its facts in this order, what stands, and what is missing.

    A fact is a day of the offices, a step, and a kind; the day is ``*`` where it follows from the
    hours that an office draws by the id of the application.
    """

    facts: tuple[tuple[str, str, str], ...]
    stands: set[str]
    missing: dict[str, str] = field(default_factory=dict)


STORIES = {
    "correction": Expected(
        facts=(
            ("2026-09-28", "signboard", "correction_requested"),
            ("2026-09-30", "signboard", "messages_prepared"),
            ("2026-09-30", "signboard", "accepted"),
            ("2026-10-09", "food_permit", "correction_requested"),
            ("2026-10-12", "food_permit", "correction_received"),
            ("2026-10-14", "food_permit", "granted"),
        ),
        stands=ALL_SEVEN,
    ),
    "tolerance": Expected(
        facts=(
            ("2026-09-28", "fire_check", "accepted"),
            ("2026-10-09", "fire_check", "granted_pending_material"),
            ("2026-10-10", "fire_check", "messages_prepared"),
            ("2026-10-10", "fire_check", "material_received"),
        ),
        stands=HOTPOT,
    ),
    "commitment": Expected(
        facts=(
            ("*", "fire_check", "granted"),
            ("*", "fire_followup", "accepted"),
            ("*", "", "bundle_issued"),
            ("*", "fire_followup", "granted"),
            ("*", "", "case_concluded"),
        ),
        stands=HOTPOT | {"fire_followup"},
    ),
    "refusal": Expected(
        facts=(
            ("*", "registration", "refused"),
            ("*", "food_permit", "sub_case_dropped"),
            ("*", "signboard", "sub_case_dropped"),
            ("*", "drainage", "sub_case_dropped"),
            ("*", "", "bundle_issued"),
        ),
        stands={"health_cert-1", "health_cert-2"},
        missing={
            "registration": "refused",
            "food_permit": "not_applicable",
            "signboard": "not_applicable",
            "drainage": "not_applicable",
        },
    ),
    "withdrawal": Expected(
        facts=(
            ("2026-09-29", "drainage", "withdrawal_asked"),
            ("2026-09-29", "drainage", "withdrawn"),
            ("2026-09-30", "signboard", "withdrawal_asked"),
            ("2026-09-30", "signboard", "granted"),
        ),
        stands=ALL_SEVEN - {"drainage"},
        missing={"drainage": "withdrawn"},
    ),
    "overdue": Expected(
        facts=(
            ("2026-10-11", "food_permit", "deemed_accepted"),
            ("2026-10-13", "food_permit", "deadline_near"),
            ("2026-10-15", "food_permit", "deadline_passed"),
            ("2026-10-15", "food_permit", "escalated"),
            ("2026-10-17", "food_permit", "deadline_passed"),
            ("2026-10-17", "food_permit", "escalated"),
            ("2026-10-20", "food_permit", "escalated"),
            ("2026-10-20", "food_permit", "accepted"),
            ("2026-10-20", "food_permit", "granted"),
        ),
        stands=ALL_SEVEN,
    ),
}
"""The days are those of the calendar of 2026: a week off from 1 October, work on Saturday 10."""


def demo(folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "oneservice", "demo", "--dir", str(folder), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # one that hangs shall not slow down all others
        raise
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def facts_of(outcome: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return day (of the offices), step and kind of everything that was told."""
    return [(one["day"], one["step"], one["what"]) for one in outcome["told"]]


def assert_in_order(expected: tuple[tuple[str, str, str], ...], facts: list[Any]) -> None:
    rest = iter(facts)
    for day, step, what in expected:
        found = next((one for one in rest if one[1:] == (step, what)), None)
        assert found is not None, f"{step} {what} is missing, or out of order, in {facts}"
        assert day in ("*", found[0]), f"{step} {what} on {found[0]}"


def assert_ended(outcome: dict[str, Any], expected: Expected) -> None:
    standing = outcome["standing"]
    assert outcome["status"] == "concluded"
    assert outcome["verified"] is True
    assert {one["step"] for one in standing["stands"]} == expected.stands
    assert {one["step"]: one["status"] for one in standing["missing"]} == expected.missing
    assert outcome["findings"] == []


@pytest.mark.parametrize("story", STORIES)
def test_a_story_comes_to_its_end(tmp_path: Path, story: str) -> None:
    outcome = finished(demo(tmp_path, "--story", story, "--speed", "0", "--json"))
    expected = STORIES[story]
    assert outcome["story"] == story
    assert_in_order(expected.facts, facts_of(outcome))
    assert_ended(outcome, expected)
    _assert_verifiable(tmp_path, outcome)
    if story == "refusal":
        refused = outcome["standing"]["missing"][0]
        assert refused["reasons"][0]["en"] == "The name that is applied for is registered already."
        on = next(one["day"] for one in outcome["told"] if one["what"] == "refused")
        until = {one["kind"]: one["until"] for one in outcome["standing"]["options"]}
        review = date.fromisoformat(on) + timedelta(days=60)
        assert until == {"review": review.isoformat(), "lawsuit": f"2027-03-{on[-2:]}"}
    if story == "correction":
        clocks = [one["clock"] for one in outcome["told"] if one["step"] == "food_permit"]
        assert any("stands, working days used 1 of 8" in one for one in clocks)
        assert any("promise ends 2026-10-21" in one for one in clocks), "five days were paused"


def test_a_permit_that_was_taken_back_has_five_answers(tmp_path: Path) -> None:
    """Before it counts, valid, under a changed key, taken back, run out: out of the same files."""
    outcome = finished(demo(tmp_path, "--story", "revocation", "--speed", "0", "--json"))
    assert outcome["verified"] is True
    facts = (
        ("*", "food_permit", "granted"),
        ("*", "", "bundle_issued"),
        ("*", "food_permit", "result_revoked"),
    )
    assert_in_order(facts, facts_of(outcome))
    assert [(one["name"], one["answer"]) for one in outcome["moments"]] == [
        ("before", "not_yet_valid"),
        ("valid", "valid"),
        ("rotated", "valid"),
        ("revoked", "revoked"),
        ("expired", "expired"),
    ]
    assert {one["step"] for one in outcome["standing"]["stands"]} == ALL_SEVEN - {"food_permit"}
    # Our own verifier in this process, for the moment that matters, with the public list alone.
    trust = TrustStore.parse((tmp_path / "trust-list-2.json").read_bytes())
    now = FileClock(tmp_path / "clock").now()
    lists = PublishedStatus.of(
        [(tmp_path / "status/market-regulation.jwt").read_bytes()], trust=trust
    )
    permit = (tmp_path / "certificates/food_permit.json").read_bytes()
    assert examine(permit, trust=trust, at=now, status=lists).reason == "revoked"
    _assert_every_edition_is_logged(tmp_path, trust)


def _assert_every_edition_is_logged(folder: Path, trust: TrustStore) -> None:
    """Whatever an office handed out stands in the log, once, with its proof beside it."""
    (key,) = [NoteKey.parse(one.vkey) for one in trust.logs]
    witnesses = [NoteKey.parse(one.vkey) for one in trust.witnesses]
    places = []
    for register in sorted(folder.glob("offices/*/status")):
        for path in editions_below(register):
            entry = entry_of_list(digest_bytes(path.read_bytes())).encode()
            proof = LogProof.parse(path.with_name(f"{path.name}.tlog-proof").read_bytes())
            found = proof.check(entry, log=key, witnesses=witnesses)
            assert len(found.cosigned) == 2, path
            places.append(found.index)
    assert len(places) >= 6
    assert len(set(places)) == len(places)
    lists = {one.name for one in (folder / "status").glob("*.jwt")}
    assert {one.name for one in (folder / "status").glob("*.tlog-proof")} == {
        f"{one}.tlog-proof" for one in lists
    }


def _assert_verifiable(folder: Path, outcome: dict[str, Any]) -> None:
    """Verify here, too: what the demonstration says of itself is no proof."""
    now = FileClock(folder / "clock").now()
    trust = TrustStore.parse((folder / "trust-list.json").read_bytes())
    bundle = examine_bundle((folder / "bundle.json").read_bytes(), trust=trust, at=now)
    assert bundle.verdict == "valid", bundle.message
    lists = [path.read_bytes() for path in (folder / "status").glob("*.jwt")]
    status = PublishedStatus.of(lists, trust=trust)
    for name in outcome["certificates"]:
        report = examine((folder / name).read_bytes(), trust=trust, at=now, status=status)
        assert report.verdict == "valid", name
