"""The bytes of each kind of record, with all its members and with the required ones alone.

The values are made up from the members' types, so the records tell no story; they pin how each kind
is written, and that it is read again. Run this file as a script to write ``kinds.jsonl`` anew, and
say in the changelog why it moved: a member that is added must not change records that lack it.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NewType

import pytest

from oneservice.canonical import Digest, parse_object
from oneservice.case import Actor, DepartmentEvent, Event, read_record, write_record
from oneservice.certificates import verify_chain

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 9, 28, 1, 0, 0, 250_000, tzinfo=UTC)
SHA = Digest("sha256:" + "6" * 64)
SECRET = "5" * 64
KINDS = typing.get_args(Event)
SAMPLES: Mapping[Any, Any] = {
    str: "some",
    int: 7,
    bool: True,
    Any: "any",
    datetime: AT,
    date: AT.date(),
    Digest: SHA,
    Actor: Actor.operator("op-7"),
}


def sample(hint: Any) -> Any:
    """Return a value of the type ``hint``, always the same one."""
    if hint in SAMPLES:
        return SAMPLES[hint]
    if isinstance(hint, NewType):
        return sample(hint.__supertype__)
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return parts[-1]
    if origin in (typing.Union, types.UnionType):
        return sample(parts[0])
    if origin is tuple:
        return (sample(parts[0]),)
    if origin is not None:
        return {"one": sample(parts[1])}
    if issubclass(hint, StrEnum):
        return next(iter(hint))
    return built(hint, is_whole=True)


def built(kind: type, *, is_whole: bool) -> Any:
    """Return a ``kind`` with all members, or with those alone that have no default."""
    if kind is DepartmentEvent:
        plain = {"submission_id": "c1.some.1", "seq": 7, "type": "progress", "prev": SHA}
        instants = {"at": "2026-09-28T01:00:00Z", "recorded_at": "2026-09-28T01:00:00.25Z"}
        rest = {"department": "some", "data": {"note": "新"}, "digest": SHA}
        return DepartmentEvent(**plain, **instants, **rest, extra={"later": 7} if is_whole else {})
    hints = typing.get_type_hints(kind)
    return kind(
        **{
            one.name: sample(hints[one.name])
            for one in dataclasses.fields(kind)
            if one.init and (is_whole or not has_default(one))
        }
    )


def has_default(member: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return member.default is not missing or member.default_factory is not missing


def every_kind() -> Iterator[Event]:
    for kind in KINDS:
        yield built(kind, is_whole=True)
        yield built(kind, is_whole=False)


def written() -> tuple[bytes, ...]:
    lines: list[bytes] = []
    prev: Digest | None = None
    for seq, event in enumerate(every_kind(), 1):
        record = write_record(event, case_id="c1", seq=seq, prev=prev, secret=SECRET)
        lines.append(record.line)
        prev = record.digest
    return tuple(lines)


def data_by_kind(lines: tuple[bytes, ...]) -> dict[str, list[Any]]:
    """Return what stands in the records: their place in the union of kinds moves, nothing else."""
    found: dict[str, list[Any]] = {}
    for line in lines:
        record = parse_object(line)
        found.setdefault(record["kind"], []).append((record["at"], record["data"]))
    return found


def test_the_data_of_each_kind_of_record_do_not_move() -> None:
    golden = tuple((HERE / "kinds.jsonl").read_bytes().splitlines())
    assert data_by_kind(golden) == data_by_kind(written())
    assert verify_chain([parse_object(line) for line in golden])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "bare"])
def test_each_kind_is_read_as_it_was_written(kind: type, *, is_whole: bool) -> None:
    event = built(kind, is_whole=is_whole)
    record = write_record(event, case_id="c1", seq=1, prev=None, secret=SECRET)
    again = read_record(record.line, case_id="c1", seq=1, prev=None)
    assert again.event == event
    assert type(again.event) is kind


def test_no_kind_ever_leaves_the_language_of_journals() -> None:
    golden = {
        parse_object(line)["kind"] for line in (HERE / "kinds.jsonl").read_bytes().splitlines()
    }
    known = {typing.get_args(typing.get_type_hints(kind)["kind"])[0] for kind in KINDS}
    assert golden == known


if __name__ == "__main__":
    (HERE / "kinds.jsonl").write_bytes(b"\n".join(written()) + b"\n")
