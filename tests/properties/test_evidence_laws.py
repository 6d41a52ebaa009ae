"""Laws of evidence: whatever is done to a file, it proves no more, and every "no" is a true one.

What lies beside a certificate is signed by others, so a change there may only make it *unproven*:
under a policy that asks for it the answer is then "no" or "cannot tell", and under one that does
not, the check never says more than it did before.
"""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical
from oneservice.certificates import (
    CheckResult,
    DocumentKind,
    EnclosedProof,
    Enclosures,
    Evidence,
    Policy,
    PublishedStatus,
    Report,
    StatusList,
    TrustStore,
    Verdict,
    Witnessed,
    document_kind,
    examine,
)
from oneservice.errors import VerificationError

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "evidence"
FILES = ("permit.evidence.json", "permit.sd-jwt.evidence.json")
AT = datetime(2027, 3, 1, tzinfo=UTC)
TRUST = TrustStore.parse((GOLDEN / "trust-list.json").read_bytes())
DATA = {name: (GOLDEN / name).read_bytes() for name in FILES}
SHOWN: dict[str, Any] = {name: Evidence.parse(DATA[name]) for name in FILES}
STRICT = Policy.archive().also(Witnessed(at_least=2), name="strict")

TRUE_REASONS = {"forged", "malformed", "log_proof"}
ELSEWHERE = {
    "unknown_issuer",
    "unknown_cryptosuite",
    "indeterminate",
    "log_key_unknown",
    "not_entitled",
}
"""Where damage hits the name of a key, a log, a witness or a list, these answers are true, too."""


def told(data: bytes, policy: Policy = STRICT) -> Report:
    return examine(data, trust=TRUST, at=AT, policy=policy)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def same(changed: bytes, original: bytes) -> bool:
    """Say whether two files are one document, by a parser that is not ours."""
    try:
        return bool(json.loads(changed) == json.loads(original))
    except ValueError:
        return False


def outside_the_list(name: str) -> int:
    """Return where the enclosed trust list begins: of no consequence to a relier with his own."""
    return DATA[name].index(b'"trust_list"')


def proof_of_the_list(name: str) -> range:
    """Return where the proof lies that a log holds the *list*.

    Who signed that is asked only where the list's key was stolen: with a name in it damaged, it is
    nobody's proof, and changes nothing.
    """
    proof = SHOWN[name].enclosures.status_lists[0].log_proof
    data = DATA[name]
    words = json.dumps(proof.text, ensure_ascii=False).encode()
    start = data.index(words)
    return range(start, start + len(words))


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_in_twenty_nine_is_found(name: str) -> None:
    data = DATA[name]
    assert told(data).verdict is Verdict.VALID
    reasons: dict[str | None, int] = {}
    for bit in range(0, 8 * len(data), 29):
        report = told(flipped(data, bit))
        if bit // 8 in proof_of_the_list(name) and report.verdict is Verdict.VALID:
            continue
        assert report.verdict is not Verdict.VALID, bit
        assert report.reason in TRUE_REASONS | ELSEWHERE, (bit, report.reason)
        reasons[report.reason] = reasons.get(report.reason, 0) + 1
    assert reasons["forged"] > 50
    assert reasons["forged"] + reasons["log_proof"] > 100
    assert reasons["malformed"] > 50


@given(st.sampled_from(FILES), st.data())
def test_no_byte_can_be_dropped_added_or_moved(name: str, data: st.DataObject) -> None:
    original = DATA[name]
    at = data.draw(st.integers(0, len(original) - 1))
    other = data.draw(st.integers(0, len(original) - 1))
    swapped = bytearray(original)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    byte = bytes([data.draw(st.integers(0, 255))])
    is_beside = {at, other} & set(proof_of_the_list(name))
    for changed in (
        original[:at] + original[at + 1 :],
        original[:at],
        original[:at] + byte + original[at:],
        bytes(swapped),
    ):
        is_valid = told(changed).verdict is Verdict.VALID
        assert is_valid is same(changed, original) or (is_valid and is_beside)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, item in inner:
        found.append((*path, name))
        if isinstance(item, (dict, list)):
            found += paths(item, (*path, name))
    return found


def reach(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(FILES), st.data(), json_values)
def test_no_member_can_be_dropped_added_or_changed(
    name: str, data: st.DataObject, value: Any
) -> None:
    original = json.loads(DATA[name])
    path = data.draw(st.sampled_from(paths(original)))
    parent, last = path[:-1], path[-1]
    dropped, replaced, added = (copy.deepcopy(original) for _ in range(3))
    del reach(dropped, parent)[last]
    reach(replaced, parent)[last] = value
    home = reach(added, parent)
    home.append({}) if isinstance(home, list) else home.update(more={})
    for changed in (dropped, replaced, added):
        report = told(json.dumps(changed).encode())
        is_beside = path[:3] == ("enclosures", "status_lists", 0) and path[3:] != ("list",)
        if changed == original or _only_fewer(changed, original):
            assert report.verdict is Verdict.VALID
        elif not (is_beside and report.verdict is Verdict.VALID):
            assert report.verdict is not Verdict.VALID, (path, report.message)
            assert report.reason in TRUE_REASONS | ELSEWHERE


def _only_fewer(changed: Any, original: Any) -> bool:
    """Say whether the file only lost its list: a relier with his own does not need it."""
    return "trust_list" not in changed and changed == {
        name: value for name, value in original.items() if name != "trust_list"
    }


@given(st.sampled_from(FILES), st.data())
def test_without_being_asked_a_damaged_enclosure_never_says_more(
    name: str, data: st.DataObject
) -> None:
    """Under the standard policy the certificate decides; but nothing false is waved through."""
    original, at = DATA[name], DATA[name].index(b'"enclosures"')
    end = outside_the_list(name)
    bit = data.draw(st.integers(8 * at, 8 * end - 1))
    before = {one.name: one.result for one in told(original).checks}
    report = told(flipped(original, bit), Policy.standard())
    for check in report.checks:
        if check.result is CheckResult.PASS:
            assert before[check.name] is CheckResult.PASS
        if check.result is CheckResult.FAIL:
            assert report.verdict is Verdict.INVALID


@given(st.data())
def test_parts_of_one_file_do_not_fit_another(data: st.DataObject) -> None:
    first, second = (json.loads(DATA[name]) for name in FILES)
    part = data.draw(st.sampled_from(["log_proofs", "certificate"]))
    if part == "certificate":
        first[part] = second[part]
    else:
        first["enclosures"][part] = second["enclosures"][part]
    assert told(canonical(first)).reason == "log_proof"  # each of them holds by itself


LIST = SHOWN[FILES[0]].enclosures.status_lists[0].data


@given(st.integers(0, 8 * len(LIST) - 1))
def test_no_bit_of_a_status_list_can_be_flipped(bit: int) -> None:
    """A damaged list tells nothing; it never turns a good certificate into a revoked one."""
    certificate = SHOWN[FILES[0]].certificate
    try:
        lists = (StatusList.parse(flipped(LIST, bit)),)
    except VerificationError:
        return
    status = PublishedStatus(lists=lists, trust=TRUST)
    report = examine(certificate, trust=TRUST, at=AT, status=status)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "indeterminate")


@given(st.integers(0, 100_000))
def test_no_bit_of_a_log_proof_can_be_flipped(bit: int) -> None:
    evidence = SHOWN[FILES[0]]
    proof = evidence.enclosures.log_proofs[0]
    data = proof.text.encode()
    try:
        text = flipped(data, bit % (8 * len(data))).decode()
    except UnicodeDecodeError:
        return
    enclosed = Enclosures(
        log_proofs=(EnclosedProof(text=text, salt=proof.salt),),
        status_lists=evidence.enclosures.status_lists,
    )
    report = examine(evidence.certificate, trust=TRUST, at=AT, policy=STRICT, enclosures=enclosed)
    assert report.reason in TRUE_REASONS | {"indeterminate", "log_key_unknown"}


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_bytes_the_answer_is_a_report(data: bytes) -> None:
    assert told(data).verdict is not Verdict.VALID
    with pytest.raises(VerificationError):
        Evidence.parse(data)
    assert document_kind(data) in DocumentKind


@given(json_values)
def test_whatever_is_enclosed_only_a_verification_error_leaves(value: Any) -> None:
    try:
        found = Enclosures.of(value)
    except VerificationError:
        return
    assert Enclosures.of(found.as_json()) == found
