"""A journal that was damaged, edited or mixed up is refused, with the place and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import Digest, canonical, digest, parse_object, sealed_digest
from oneservice.case import CaseConcluded, fold_records, read_record, write_record
from oneservice.errors import JournalCorruptError

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "law" / "law.jsonl"
LINES = tuple(GOLDEN.read_bytes().splitlines())
FIRST: dict[str, Any] = dict(parse_object(LINES[0]))
CHAIN = "case c1, record 1: the chain is broken; restore the file from a backup"
NOT_WRITTEN = "case c1, record 1: the bytes are not those that were written; restore from a backup"
KINDS = "those that this release knows"
OUTCOMES = "concluded, rejected, withdrawn"
OTHER = Digest("sha256:" + "7" * 64)


def edited(**members: Any) -> bytes:
    return canonical(FIRST | members)


def without(name: str) -> bytes:
    return canonical({one: value for one, value in FIRST.items() if one != name})


def resealed(**members: Any) -> bytes:
    """An edit by somebody who knows how records are made."""
    record = FIRST | members
    envelope = {name: record[name] for name in ("v", "case_id", "seq", "at", "prev", "kind")}
    envelope["data_digest"] = sealed_digest(record["salt"], record["data"])
    return canonical(record | {"digest": digest(envelope)})


def not_a_record(error: str) -> str:
    return f"case c1, record 1: not a journal record ({error}); restore from a backup"


def unlisted(member: str, known: str) -> str:
    return (
        f"case c1, record 1: {member} is none of {known}; restore from a backup, or read it with "
        "the release that wrote it"
    )


def of(kind: str, **data: Any) -> bytes:
    return resealed(kind=kind, data=data)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", not_a_record("MalformedJsonError")),
        (b"{}"[:1], not_a_record("MalformedJsonError")),
        (LINES[0][:-9], not_a_record("MalformedJsonError")),
        (LINES[0].replace(b'":', b'" :', 1), NOT_WRITTEN),
        (LINES[0] + b" ", NOT_WRITTEN),
        (edited(v=2), "case c1, record 1: version 2 is not one that this release reads"),
        (
            edited(v="a-long-version"),
            "case c1, record 1: version a-long-v is not one that this release reads",
        ),
        (without("v"), "case c1, record 1: version None is not one that this release reads"),
        (edited(at="2026-09-28T01:00:01Z"), CHAIN),
        (edited(salt="0" * 32), CHAIN),
        (edited(data=FIRST["data"] | {"thing": "another"}), CHAIN),
        (edited(digest=OTHER), CHAIN),
        (edited(kind="case_closed"), CHAIN),
        (resealed(case_id="c2"), CHAIN),
        (resealed(seq=2), CHAIN),
        (resealed(prev=OTHER), CHAIN),
        *((without(name), not_a_record("KeyError")) for name in ("salt", "data", "digest", "at")),
        (resealed(kind="no-such-kind"), unlisted("the kind of event", KINDS)),
        (resealed(kind=7), unlisted("the kind of event", KINDS)),
        (of("case_concluded", outcome="won"), unlisted("outcome", OUTCOMES)),
        (of("case_concluded", outcome=None), unlisted("outcome", OUTCOMES)),
        (of("case_concluded", outcome=["rejected"]), not_a_record("TypeError")),
        (resealed(at="yesterday"), not_a_record("MalformedJsonError")),
        (resealed(data=None), not_a_record("TypeError")),
    ],
)
def test_a_record_that_is_not_the_one_is_refused(line: bytes, told: str) -> None:
    with pytest.raises(JournalCorruptError) as caught:
        read_record(line, case_id="c1", seq=1, prev=None)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((), "case c1 has no history"),
        (LINES[1:], "case c1, record 1: the chain is broken; restore the file from a backup"),
        (
            (LINES[0], *LINES[2:]),
            "case c1, record 2: the chain is broken; restore the file from a backup",
        ),
        (
            (LINES[0], LINES[0]),
            "case c1, record 2: the chain is broken; restore the file from a backup",
        ),
    ],
)
def test_a_history_with_a_gap_or_a_copy_is_refused(lines: tuple[bytes, ...], told: str) -> None:
    with pytest.raises(JournalCorruptError) as caught:
        fold_records("c1", lines)
    assert str(caught.value) == told


def test_a_history_that_begins_in_the_middle_does_not_follow() -> None:
    event = CaseConcluded(at=datetime(2026, 9, 28, tzinfo=UTC), outcome="granted")
    alone = write_record(event, case_id="c1", seq=1, prev=None, secret="5" * 64)
    with pytest.raises(JournalCorruptError):
        fold_records("c1", [alone.line])


def test_of_another_case_is_told_as_such() -> None:
    with pytest.raises(JournalCorruptError, match="case c9, record 1: the chain is broken"):
        read_record(LINES[0], case_id="c9", seq=1, prev=None)


def test_salts_differ_from_record_to_record_and_from_case_to_case() -> None:
    """Equal facts have unequal digests: nobody learns from the chain what was said twice."""
    event = CaseConcluded(at=datetime(2026, 9, 28, tzinfo=UTC), outcome="granted")

    def salt(case_id: str, seq: int, secret: str) -> str:
        record = write_record(event, case_id=case_id, seq=seq, prev=None, secret=secret)
        return str(parse_object(record.line)["salt"])

    salts = [salt("c1", 1, "5" * 64), salt("c1", 2, "5" * 64), salt("c2", 1, "5" * 64)]
    salts.append(salt("c1", 1, "6" * 64))
    assert len(set(salts)) == 4
    assert all(len(one) == 32 for one in salts)
    assert salt("c1", 1, "5" * 64) == salts[0]
