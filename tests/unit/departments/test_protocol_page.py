"""The protocol text and the code say the same: examples through the codec, tables row by row."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from oneservice.canonical import canonical, parse_object
from oneservice.case import ENDED, REQUIRED_DATA, EventType, fold
from oneservice.certificates import Certificate
from oneservice.departments import (
    PROBLEMS,
    EvidenceState,
    Recorded,
    VerifyingKey,
    capabilities_json,
    compose_evidence_request,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    evidence_json,
    findings_json,
    parse_callback,
    parse_capabilities,
    parse_changes,
    parse_evidence,
    parse_evidence_request,
    parse_findings,
    parse_problem,
    parse_status,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
    verify_event,
)
from oneservice.departments.callback_messages import MAX_CALLBACK_BYTES, MAX_HINTS, callback_json
from oneservice.departments.reading import changes_json, status_json
from oneservice.departments.wire import (
    ACCEPTED_DOCUMENT_BYTES,
    MAX_ARRAY_ITEMS,
    MAX_CHANGES_BYTES,
    MAX_DEPTH,
    MAX_EVENTS,
    MAX_HEADER_BYTES,
    MAX_JSON_BYTES,
    MAX_STRING_BYTES,
    MAX_URL_BYTES,
    MAX_WAIT_S,
    PAGE_EVENTS,
)
from oneservice.errors import MalformedCertificateError, ProtocolProblemError

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: ([a-z-]+) -->\n```\w+\n(.*?)\n```", PAGE, re.DOTALL))
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "certificates" / "certificate-eddsa.json"
PUBLIC = base64.b64decode("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")

Pair = tuple[Callable[[bytes], Any], Callable[[Any], bytes]]
CODEC: dict[str, Pair] = {
    "capabilities": (parse_capabilities, capabilities_json),
    "submission": (parse_submission, compose_submission),
    "status": (parse_status, status_json),
    "changes": (parse_changes, changes_json),
    "supplement": (parse_supplement, compose_supplement),
    "withdrawal": (parse_withdrawal, compose_withdrawal),
    "findings": (parse_findings, findings_json),
    "evidence-request": (parse_evidence_request, compose_evidence_request),
    "evidence": (parse_evidence, evidence_json),
    "callback": (parse_callback, callback_json),
}
OTHERS = {"problem", "outcome", "certificate", "signature-base"}


def without(value: Any, *names: str) -> Any:
    """Return a document without absent members, and without ``names``."""
    if isinstance(value, dict):
        kept = {name: without(item, *names) for name, item in value.items() if name not in names}
        return {name: item for name, item in kept.items() if item not in (None, [], {})}
    return [without(item, *names) for item in value] if isinstance(value, list) else value


def rows(section: str) -> list[list[str]]:
    """Return the cells of the first table of a section, without its head."""
    text = PAGE.split(f"\n## {section}")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    tables = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return tables[2:]


def test_every_example_is_known() -> None:
    assert EXAMPLES.keys() == CODEC.keys() | OTHERS
    assert len(re.findall("<!-- example", PAGE)) == len(EXAMPLES)


@pytest.mark.parametrize("name", sorted(CODEC))
def test_examples_are_read_and_written_by_the_codec(name: str) -> None:
    parse, write = CODEC[name]
    data = EXAMPLES[name].encode()
    written = parse_object(write(parse(data)))
    # A department's opinion is for display: the codec of the engine does not carry it (yet).
    expected = without(parse_object(data), *(("clock", "progress") if name == "status" else ()))
    assert without(written, *(("clock", "progress") if name == "status" else ())) == expected


def test_the_problem_and_the_outcome() -> None:
    problem = parse_problem(EXAMPLES["problem"].encode())
    assert problem.kind is PROBLEMS["invalid-submission"]
    assert problem.title == PROBLEMS["invalid-submission"].title
    assert problem.members["errors"][0]["pointer"] == "/fields/area"
    outcome = json.loads(EXAMPLES["outcome"])
    assert canonical(outcome)
    assert outcome["decision"] == "granted"


def test_the_certificate_is_the_golden_one() -> None:
    shown = EXAMPLES["certificate"].encode()
    assert canonical(json.loads(shown)) == canonical(json.loads(GOLDEN.read_bytes()))
    assert Certificate.parse(shown).claims.type == "fire_check"


def test_the_members_of_a_certificate_are_required_as_the_table_says() -> None:
    table = {row[0].strip("`"): row[1] for row in rows("9.")}
    shown = json.loads(EXAMPLES["certificate"])
    subject = shown["credentialSubject"]
    assert shown.keys() - {"credentialSubject"} <= table.keys()
    assert {f"credentialSubject.{name}" for name in subject} <= table.keys()
    for name, is_required in table.items():
        whole = json.loads(EXAMPLES["certificate"])
        *outer, member = name.split(".")
        (whole[outer[0]] if outer else whole).pop(member, None)
        if is_required == "no":
            assert Certificate.of(whole).claims
            continue
        with pytest.raises(MalformedCertificateError):
            _ = Certificate.of(whole).claims


def test_what_capabilities_may_leave_out() -> None:
    least: dict[str, Any] = {
        "department": {"id": "d"},
        "steps": [{"step_id": "s"}],
        "keys": [{"keyid": "k", "alg": "ed25519", "public_key": base64.b64encode(PUBLIC).decode()}],
        "limits": {},
    }
    found = parse_capabilities(canonical(least))
    assert (found.zone, found.steps[0].withdraw) == ("Asia/Shanghai", "until_decision")
    assert found.keys[0].use == ("event",)
    assert not found.steps[0].is_on_the_spot
    limits = found.limits
    assert (limits.in_flight, limits.per_minute, limits.retention_days) == (16, 600, 400)
    for name in least:
        with pytest.raises(ProtocolProblemError):
            parse_capabilities(canonical({one: least[one] for one in least if one != name}))


def test_the_page_names_the_documents_for_machines() -> None:
    beside = Path(__file__).resolve().parents[3] / "docs"
    for name in ("openapi.json", "flows.arazzo.json"):
        assert f"({name})" in PAGE
        assert (beside / name).is_file()


def test_p84_the_vectors_of_the_page_verify() -> None:
    key = VerifyingKey(keyid="dept-2026a", alg="ed25519", public_key=PUBLIC)
    page = parse_status(EXAMPLES["status"].encode())
    verify_event(page.events[0], {key.keyid: key})
    assert fold(page.submission_id, page.events).state == page.state
    value = re.search(r"Its signature is `([^`]+)`", PAGE)
    assert value is not None
    public = ed25519.Ed25519PublicKey.from_public_bytes(PUBLIC)
    public.verify(base64.b64decode(value[1]), EXAMPLES["signature-base"].encode())


def test_the_table_of_events_names_every_type_and_its_data() -> None:
    told = {re.match(r"`(\w+)`", row[0])[1]: row for row in rows("6.")}  # type: ignore[index]
    assert told.keys() == set(EventType)
    for kind, names in REQUIRED_DATA.items():
        for name in names:
            assert f"`{name}" in told[kind][3], (kind, name)
    ending = set(re.findall(r"\*\*`(\w+)`\*\*", "".join(row[2] for row in told.values())))
    assert ending == set(ENDED)


def test_the_table_of_problems_is_the_codes() -> None:
    table = rows("12.")
    codes = [row for row in table if re.fullmatch(r"`[a-z-]+`", row[0])]
    assert [row[0].strip("`") for row in codes] == list(PROBLEMS)
    for row in codes:
        kind = PROBLEMS[row[0].strip("`")]
        assert row[1] == ", ".join(map(str, kind.statuses))
        assert row[2] == ("unknown" if kind.recorded is Recorded.UNKNOWN else "no")
        assert not kind.needs_retry_after or kind.status in {409, 429, 503}


def test_the_states_of_evidence() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("10.")}
    assert told == {state.value: "yes" if state.is_final else "no" for state in EvidenceState}


def test_the_limits_are_those_of_the_code() -> None:
    kib, mib = 1024, 1024 * 1024
    assert mib == MAX_JSON_BYTES
    assert 4 * mib == MAX_CHANGES_BYTES
    assert 20 * mib == ACCEPTED_DOCUMENT_BYTES
    assert (16 * kib, 2 * kib) == (MAX_HEADER_BYTES, MAX_URL_BYTES)
    assert (64 * kib, 1000, 32) == (MAX_STRING_BYTES, MAX_ARRAY_ITEMS, MAX_DEPTH)
    assert (MAX_EVENTS, PAGE_EVENTS, MAX_WAIT_S) == (10_000, 200, 25)
    assert (256 * kib, 500) == (MAX_CALLBACK_BYTES, MAX_HINTS)
    text = " ".join(" ".join(row) for row in rows("14."))
    for words in ("1 MiB status, 4 MiB page", "16 KiB; 2 KiB", "20 MiB", "64 KiB; 1,000; 32"):
        assert words in text
    assert "10,000; 200" in text
    assert "256 KiB, 500 entries" in text


def test_all_statements_are_there() -> None:
    numbers = [row[0] for row in rows("16.")]
    assert numbers == [f"P-{number:02}" for number in range(1, 87)]
