"""A record is split and joined again byte by byte; what is left without its data proves itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import Digest, canonical, digest, parse_object, sealed_digest
from oneservice.case import CaseConcluded, write_record
from oneservice.case.journal_redaction import RecordParts, join_record, split_record
from oneservice.certificates import verify_chain

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "journals"
NAMES = ("every-kind.jsonl", "tea-kiosk.jsonl")


def lines(name: str) -> list[bytes]:
    return (GOLDEN / name).read_bytes().splitlines()


def parts_of(line: bytes) -> RecordParts:
    parts = split_record(line)
    assert parts is not None
    return parts


@pytest.mark.parametrize("name", NAMES)
def test_every_golden_record_is_split_and_joined_again(name: str) -> None:
    for line in lines(name):
        parts = parts_of(line)
        record = parse_object(line)
        assert join_record(parts) == line
        envelope = parse_object(parts.envelope)
        assert canonical(envelope) == parts.envelope
        assert envelope["data_digest"] == sealed_digest(record["salt"], record["data"])
        assert parts.private == record["salt"].encode() + canonical(record["data"])
        assert set(envelope) == set(record) - {"salt", "data"} | {"data_digest"}


@pytest.mark.parametrize("name", NAMES)
@given(choice=st.data())
def test_full_and_redacted_records_mixed_prove_the_same_head(
    name: str, choice: st.DataObject
) -> None:
    whole = lines(name)
    redacted = choice.draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
    mixed = [
        parse_object(parts_of(line).envelope if is_redacted else line)
        for line, is_redacted in zip(whole, redacted, strict=True)
    ]
    assert verify_chain(mixed) == verify_chain([parse_object(line) for line in whole])


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
nasty = st.sampled_from(
    ['","digest":"sha256:', ',"data":', '","salt":"' + "0" * 32, ',"seq":1,"v":1}', '"', "\n", "新"]
)
data = st.dictionaries(texts | nasty, texts | nasty | st.integers(0, 9), max_size=4)


@given(data)
def test_data_that_looks_like_the_rest_of_a_record_confuses_nobody(value: dict[str, Any]) -> None:
    record: dict[str, Any] = {"v": 1, "case_id": "c1", "seq": 7, "at": "2026-09-28T01:00:00.123Z"}
    record |= {"prev": digest({}), "kind": "case_opened", "salt": "0" * 32, "data": value}
    record["digest"] = Digest("sha256:" + "1" * 64)
    line = canonical(record)
    parts = parts_of(line)
    assert join_record(parts) == line
    assert parts.private[32:] == canonical(value)


@pytest.mark.parametrize("rubbish", [b"", b"{}", b"1", b'{"at":"x"}', b"\xff" * 300])
def test_what_is_no_record_is_not_split(rubbish: bytes) -> None:
    assert split_record(rubbish) is None


def test_a_record_of_another_version_or_an_envelope_is_not_split() -> None:
    line = lines(NAMES[0])[0]
    assert split_record(line.replace(b'"v":1}', b'"v":2}')) is None
    assert split_record(parts_of(line).envelope) is None


def test_who_writes_a_record_has_its_parts_at_hand() -> None:
    event = CaseConcluded(at=datetime(2026, 9, 28, 1, tzinfo=UTC), outcome="concluded")
    for prev in (None, digest({})):
        record = write_record(event, case_id="c1", seq=3, prev=prev, secret="5" * 64)
        assert record.parts == split_record(record.line)
