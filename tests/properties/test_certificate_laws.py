"""Laws of certificates: nothing that was touched is ever valid, and the reason is the true one.

Member order and layout are not part of a document (RFC 8785), so to reorder members of an object
changes nothing and must change no answer; everything else that can be done to a file must show.
"""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical
from oneservice.certificates import (
    Bundle,
    CaseRecord,
    Certificate,
    Claims,
    Cryptosuite,
    Policy,
    SigningKey,
    TrustStore,
    Verdict,
    examine,
    examine_bundle,
    examine_journal,
    issue,
    verify,
)
from oneservice.errors import VerificationError

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "certificates"
FILES = ("certificate-ecdsa.json", "certificate-eddsa.json")
AT = datetime(2027, 3, 1, tzinfo=UTC)
TRUST = TrustStore.parse((GOLDEN / "trust-list.json").read_bytes())
DATA = {name: (GOLDEN / name).read_bytes() for name in (*FILES, "bundle.json", "journal.jsonl")}
KEYS = {suite: SigningKey.generate(suite) for suite in Cryptosuite}

TRUE_REASONS = {"forged", "malformed"}
"""What is wrong with a damaged file; where the damage hits the name of a key or of a suite, the
answers ``unknown_issuer`` and ``unknown_cryptosuite`` are true as well."""
NAMED_ELSEWHERE = {"unknown_issuer", "unknown_cryptosuite"}


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def answer(data: bytes) -> str | None:
    report = examine(data, trust=TRUST, at=AT)
    assert (report.verdict is Verdict.VALID) is (report.reason is None)
    return report.reason


@pytest.mark.parametrize("name", FILES)
def test_no_bit_of_a_certificate_can_be_flipped(name: str) -> None:
    """Every single bit of the file, not a sample."""
    data, elsewhere = DATA[name], 0
    for bit in range(8 * len(data)):
        reason = answer(flipped(data, bit))
        assert reason in TRUE_REASONS | NAMED_ELSEWHERE, (bit, reason)
        elsewhere += reason in NAMED_ELSEWHERE
    assert elsewhere < len(data) * 8 // 30


@given(st.data())
def test_no_bit_of_a_bundle_can_be_flipped(data: st.DataObject) -> None:
    bundle = DATA["bundle.json"]
    bit = data.draw(st.integers(0, 8 * len(bundle) - 1))
    report = examine_bundle(flipped(bundle, bit), trust=TRUST, at=AT)
    assert report.verdict is not Verdict.VALID
    assert report.reason in TRUE_REASONS | NAMED_ELSEWHERE


def test_no_bit_of_a_journal_can_be_flipped() -> None:
    journal = DATA["journal.jsonl"]
    for bit in range(8 * len(journal)):
        assert examine_journal(flipped(journal, bit)).verdict is Verdict.INVALID


@given(st.sampled_from(FILES), st.data())
def test_no_byte_can_be_dropped_added_or_moved(name: str, data: st.DataObject) -> None:
    original = DATA[name]
    at = data.draw(st.integers(0, len(original) - 1))
    other = data.draw(st.integers(0, len(original) - 1))
    swapped = bytearray(original)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    byte = bytes([data.draw(st.integers(0, 255))])
    for changed in (
        original[:at] + original[at + 1 :],
        original[:at],
        original[:at] + byte + original[at:],
        bytes(swapped),
    ):
        layout_only = _same(changed, original)
        assert (answer(changed) is None) is layout_only


def _same(changed: bytes, original: bytes) -> bool:
    """Say whether two files are one document, by a parser that is not ours."""
    try:
        return bool(json.loads(changed) == json.loads(original))
    except ValueError:
        return False


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of every member and element of ``value``."""
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


@given(st.sampled_from(FILES), st.data())
def test_no_member_can_be_dropped_added_or_changed(name: str, data: st.DataObject) -> None:
    original = json.loads(DATA[name])
    path = data.draw(st.sampled_from(paths(original)))
    parent, last = path[:-1], path[-1]
    dropped, replaced, doubled, added = (copy.deepcopy(original) for _ in range(4))
    del reach(dropped, parent)[last]
    reach(replaced, parent)[last] = data.draw(st.none() | st.text(max_size=5) | st.integers(-9, 9))
    home = reach(doubled, parent)
    if isinstance(home, list):
        home.append(home[last])
    else:
        home["copy"] = home[last]
    home = reach(added, parent)
    home.append({}) if isinstance(home, list) else home.update(more={})
    for changed in (dropped, replaced, doubled, added):
        assert (answer(canonical(changed)) is None) is (changed == original)


@given(st.sampled_from(FILES), st.data())
def test_order_counts_in_lists_and_not_among_members(name: str, data: st.DataObject) -> None:
    original = json.loads(DATA[name])
    members = data.draw(st.permutations(list(original)))
    assert answer(json.dumps({one: original[one] for one in members}, indent=1).encode()) is None
    lists = [p for p in paths(original) if isinstance(reach(original, p), list)]
    path = data.draw(st.sampled_from([p for p in lists if len(reach(original, p)) > 1]))
    reach(original, path).reverse()
    assert answer(canonical(original)) in TRUE_REASONS


@given(st.sampled_from(FILES), st.data())
def test_a_part_of_one_certificate_does_not_fit_another(name: str, data: st.DataObject) -> None:
    first, second = (json.loads(DATA[one]) for one in FILES)
    target, source = (first, second) if name == FILES[0] else (second, first)
    member = data.draw(st.sampled_from(sorted(target.keys() & source.keys())))
    changed = target | {member: source[member]}
    expected = changed == target
    assert (answer(canonical(changed)) is None) is expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_bytes_only_a_verification_error_leaves(data: bytes) -> None:
    for parse in (Certificate.parse, TrustStore.parse, Bundle.parse):
        with pytest.raises(VerificationError):
            parse(data)
    assert examine(data, trust=TRUST, at=AT).reason == "malformed"
    assert examine_bundle(data, trust=TRUST, at=AT).reason == "malformed"
    assert examine_journal(data).reason in TRUE_REASONS


@given(st.sampled_from(sorted(DATA)), st.data(), json_values)
def test_whatever_stands_where_the_answer_is_a_report(
    name: str, data: st.DataObject, value: Any
) -> None:
    """Any JSON value at any place of any file: a report, never a crash, never "valid"."""
    first_line = DATA[name].splitlines()[0]
    document = json.loads(first_line)
    path = data.draw(st.sampled_from(paths(document)))
    before = reach(document, path)
    reach(document, path[:-1])[path[-1]] = value
    same = before == value and type(before) is type(value)
    changed = json.dumps(document).encode()
    if name in FILES:
        assert (answer(changed) is None) is same
        assert _refused_with(changed) == answer(changed)
    elif name == "bundle.json":
        assert (examine_bundle(changed, trust=TRUST, at=AT).reason is None) is same
    else:
        assert examine_journal(changed + b"\n").verdict is Verdict.INVALID
    with pytest.raises(VerificationError):
        TrustStore.parse(changed)


def _refused_with(data: bytes) -> str | None:
    """Return the code of the error that leaves ``verify``; any other error is a crash."""
    try:
        verify(Certificate.parse(data), trust=TRUST, at=AT)
    except VerificationError as error:
        return error.code
    return None


TURNING = "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters=TURNING),
    min_size=1,
    max_size=20,
)
results = st.dictionaries(
    words,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


@st.composite
def claims(draw: st.DrawFn) -> Claims:
    start, end = sorted(draw(st.tuples(*[st.dates(date(1990, 1, 1), date(2999, 1, 1))] * 2)))
    texts = st.dictionaries(st.sampled_from(["zh", "en", "fr"]), words, min_size=1)
    return Claims(
        id=draw(st.sampled_from(["urn:x:1", "1.2.156.3005.2.A.B.C.001.3"])),
        type=draw(words),
        title=draw(texts),
        issuer_id="https://certificates.example/office",
        issuer_name=draw(texts),
        issuer_region=draw(st.from_regex(r"\A(000000|[1-9][0-9]{5})\Z")),
        holder_name=draw(words),
        holder_code=draw(words | st.just("")),
        holder_id=draw(st.none() | st.just("https://holder.example/1")),
        number=draw(st.none() | words),
        valid_from=start,
        valid_until=draw(st.none() | st.just(end)),
        zone=draw(st.sampled_from(["+08:00", "-05:00", "+00:00", "+05:45"])),
        conditions=tuple(draw(st.lists(words, max_size=3))),
        result=draw(results),
        evidence=draw(st.none() | st.builds(CaseRecord, case_id=words)),
        is_sandbox=draw(st.booleans()),
    )


@given(claims(), st.sampled_from(Cryptosuite))
def test_what_is_claimed_is_what_is_read(stated: Claims, suite: Cryptosuite) -> None:
    key = KEYS[suite]
    method = f"{stated.issuer_id}#{key.public_multibase}"
    made = issue(stated, key=key, verification_method=method, created=AT)
    assert made.claims == stated
    assert Certificate.parse(made.dump()) == made
    assert issue(stated, key=key, verification_method=method, created=AT).dump() == made.dump()
    policy = Policy.dangerously_believe_any_issuer()
    reason = examine(made, trust=None, at=AT, policy=policy).reason
    assert reason in {None, "expired", "not_yet_valid"}
