"""What departments said in a journal: their signatures, whatever the engine's chain claims."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.canonical import canonical, digest, sealed_digest
from oneservice.certificates import (
    Check,
    CheckResult,
    Cryptosuite,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    combine,
    examine_journal,
)
from oneservice.certificates.testimony import check_testimony

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
ALGORITHMS = {
    Cryptosuite.EDDSA_JCS_2022: EventAlgorithm.ED25519,
    Cryptosuite.ECDSA_JCS_2019: EventAlgorithm.ECDSA_P256,
}
KEYS = {suite: SigningKey.generate(suite) for suite in ALGORITHMS}
KEY = KEYS[Cryptosuite.EDDSA_JCS_2022]


def listing(key: SigningKey = KEY, **days: Any) -> TrustStore:
    listed = ListedKey(
        id="fire-1",
        use=KeyUse.EVENT,
        suite=ALGORITHMS[key.suite],
        multibase=key.public_multibase,
        **{"valid_from": OPENED} | days,
    )
    issuer = TrustedIssuer(
        id="https://fire.example",
        name={"zh": "消防"},
        region="990101",
        department="fire-rescue",
        keys=(listed,),
    )
    return TrustStore(
        territory="990101", version=1, issued_at=OPENED, expires_at=LATER, issuers=(issuer,)
    )


def sign(event: dict[str, Any], key: SigningKey = KEY) -> None:
    body = {name: one for name, one in event.items() if name not in {"digest", "signatures"}}
    event["digest"] = digest(body)
    value = key.sign(b"oneservice-event-v1\n" + event["digest"].encode())
    entry = {"keyid": "fire-1", "alg": ALGORITHMS[key.suite]}
    event["signatures"] = [entry | {"value": base64.b64encode(value).decode()}]


def history(key: SigningKey = KEY) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for seq, kind in enumerate(("received", "accepted", "granted"), start=1):
        event = {
            "submission_id": "c1.fire_check.1",
            "seq": seq,
            "type": kind,
            "at": f"2026-10-0{seq}T01:00:00Z",
            "recorded_at": f"2026-10-0{seq}T01:00:00Z",
            "department": "fire-rescue",
            "data": {},
            "prev": events[-1]["digest"] if events else None,
        }
        sign(event, key)
        events.append(event)
    return events


def journal(*contents: dict[str, Any] | None) -> bytes:
    """Return a journal of one such record each, freshly linked; ``None``: a redacted one."""
    lines, prev = [], None
    for seq, data in enumerate(contents, start=1):
        envelope = {"v": 1, "case_id": "c1", "seq": seq, "at": "2026-10-09T01:00:00Z"}
        envelope |= {"prev": prev, "kind": "department_reported"}
        hidden = sealed_digest("0" * 32, data or {})
        prev = digest(envelope | {"data_digest": hidden})
        shown = {"data_digest": hidden} if data is None else {"salt": "0" * 32, "data": data}
        lines.append(canonical(envelope | shown | {"digest": prev}) + b"\n")
    return b"".join(lines)


def singly(events: list[dict[str, Any]]) -> bytes:
    return journal(*({"sub_case_id": "fire_check", "event": event} for event in events))


def check(data: bytes, trust: TrustStore | None) -> Check:
    report = examine_journal(data, trust=trust)
    (found,) = (one for one in report.checks if one.name == "department_signatures")
    return found


@pytest.mark.parametrize("suite", list(ALGORITHMS))
def test_events_count_singly_and_by_the_page(suite: Cryptosuite) -> None:
    events, trust = history(KEYS[suite]), listing(KEYS[suite])
    for data in (singly(events), journal({"events": events})):
        found = check(data, trust)
        assert found.result is CheckResult.PASS
        assert (found.evidence["events"], found.evidence["signed"]) == (3, 3)


def _change(events: list[dict[str, Any]]) -> None:
    events[2]["type"] = "refused"


def _sign_oneself(events: list[dict[str, Any]]) -> None:
    events[2]["type"] = "refused"
    sign(events[2], SigningKey.generate(Cryptosuite.EDDSA_JCS_2022))


def _no_base64(events: list[dict[str, Any]]) -> None:
    events[2]["signatures"][0]["value"] = "é"


@pytest.mark.parametrize(
    "forge",
    [
        _change,
        _sign_oneself,
        _no_base64,
        lambda events: events.pop(0),
        lambda events: events.pop(1),
        list.reverse,
        lambda events: events.append(events[-1]),
    ],
)
def test_a_well_linked_forgery_is_found(forge: Callable[[list[dict[str, Any]]], object]) -> None:
    events = history()
    forge(events)
    report = examine_journal(singly(events), trust=listing())
    assert report.reason == "forged"


@pytest.mark.parametrize(
    "trust",
    [
        None,
        listing(valid_from=LATER),
        listing(compromised_at=LATER),
        TrustStore(territory="990101", version=1, issued_at=OPENED, expires_at=LATER, issuers=()),
    ],
)
def test_without_a_key_beyond_doubt_nothing_is_said(trust: TrustStore | None) -> None:
    assert check(singly(history()), trust).result is CheckResult.NOT_CHECKED


def test_a_redacted_event_leaves_the_others_provable() -> None:
    first, _, third = history()
    found = check(journal({"event": first}, None, {"event": third}), listing())
    assert (found.result, found.evidence["redacted"]) == (CheckResult.PASS, 1)
    assert check(journal({"event": third}, None, {"event": first}), listing()).result is (
        CheckResult.FAIL
    )


@pytest.mark.parametrize(
    "data",
    [
        {"event": None},
        {"event": {}},
        {"event": {"seq": "x"}},
        {"events": [5]},
        {"event": {**history()[0], "signatures": 5}},
        {"event": {**history()[0], "submission_id": []}},
        {"event": {**history()[0], "seq": None}},
    ],
)
def test_whatever_stands_there_the_report_is_made(data: dict[str, Any]) -> None:
    assert check(journal(data), listing()).result is CheckResult.FAIL


def test_a_journal_without_departments_says_so() -> None:
    found = check(journal({"note": 1}), listing())
    assert "no word of a department" in found.evidence["why"]


def test_a_namesake_abroad_does_not_vouch_for_an_office_that_our_list_names() -> None:
    """Departments have local names; a neighbour's list may name one of its own alike."""
    ours, theirs = KEY, SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    abroad = replace(
        listing(theirs),
        territory="980201",
        issuers=(
            replace(listing(theirs).issuers[0], id="https://fire.980201.example", region="980201"),
        ),
    )
    opened = {"kind": "case_opened", "data": {"region": "990101", "steps": []}}
    for key, result in ((ours, "pass"), (theirs, "fail")):
        told = [
            {"kind": "department_reported", "data": {"sub_case_id": "fire_check", "event": event}}
            for event in history(key)
        ]
        found = check_testimony([opened, *told], combine([listing(), abroad]))
        assert str(found.check.result) == result
    nobody = check_testimony([opened, *told], combine([replace(listing(), issuers=()), abroad]))
    assert str(nobody.check.result) == "pass", "whom ours does not name, others may know"
