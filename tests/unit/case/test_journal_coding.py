"""Events reach JSON and come back by their type hints; old histories grow into new classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import Digest, canonical, parse_object
from oneservice.case.journal_coding import (
    UnlistedValueError,
    coder_of,
    members_reader,
    members_writer,
)


class Light(StrEnum):
    GREEN = "green"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str
    until: datetime | None = None
    shade: Literal["bright"] | None = None


class Worded(str):
    __slots__ = ()

    def as_json(self) -> str:
        return f"worded:{self}"

    @classmethod
    def from_json(cls, value: str) -> Worded:
        return cls(value.removeprefix("worded:"))


NOBODY = Worded("x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    at: datetime
    on: date
    light: Light
    way: Literal["a", "b"]
    digest: Digest | None
    inner: Inner
    inners: tuple[Inner, ...]
    days: Mapping[str, date]
    lists: tuple[tuple[str, ...], ...]
    anything: Mapping[str, Any]
    maybe: Inner | None = None
    lights: tuple[Light, ...] = ()
    number: int | str = 0
    by: Worded = NOBODY
    later: Mapping[str, int] = field(default_factory=dict)
    kind: Literal["outer"] = field(default="outer", init=False)


instants = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)).map(  # noqa: DTZ001
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000)
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
inner = st.builds(Inner, name=texts, until=st.none() | instants)
outer = st.builds(
    Outer,
    at=instants,
    on=st.dates(),
    light=st.sampled_from(Light),
    way=st.sampled_from(["a", "b"]),
    digest=st.none() | st.just(Digest("sha256:" + "0" * 64)),
    inner=inner,
    inners=st.lists(inner, max_size=2).map(tuple),
    days=st.dictionaries(texts, st.dates(), max_size=2),
    lists=st.lists(st.lists(texts, max_size=2).map(tuple), max_size=2).map(tuple),
    anything=st.dictionaries(texts, st.booleans(), max_size=2),
    maybe=st.none() | inner,
    lights=st.lists(st.sampled_from(Light), max_size=2).map(tuple),
    number=st.integers(0, 9) | texts,
    by=texts.map(Worded),
    later=st.dictionaries(texts, st.integers(0, 9), max_size=2),
)


@given(outer)
def test_what_is_written_is_read_again(value: Outer) -> None:
    written = members_writer(Outer)(value)
    assert written.pop("kind") == "outer"
    again = members_reader(Outer)(parse_object(canonical(written)))
    assert again == value
    assert type(again.light) is Light
    assert type(again.by) is Worded


@given(outer)
def test_what_an_older_history_lacks_is_the_default(value: Outer) -> None:
    written = members_writer(Outer)(value)
    for name in ("maybe", "lights", "number", "by", "later"):
        del written[name]
    written["inner"].pop("until")
    again = members_reader(Outer)(written | {"unknown": 1})
    assert (again.maybe, again.lights, again.number, again.later) == (None, (), 0, {})
    assert again.inner.until is None
    assert again.inners == value.inners


@pytest.mark.parametrize("name", ["at", "inner", "digest"])
@given(outer)
def test_what_has_no_default_must_be_there(name: str, value: Outer) -> None:
    written = members_writer(Outer)(value)
    del written[name]
    with pytest.raises(KeyError, match=name):
        members_reader(Outer)(written)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"way": "c"}, "way is none of a, b"),
        ({"way": None}, "way is none of a, b"),
        ({"light": "blue"}, "light is none of green, red"),
        ({"lights": ["red", "blue"]}, "lights is none of green, red"),
        ({"inner": {"name": "n", "shade": "dark"}}, "inner.shade is none of bright"),
        ({"inners": [{"name": "n", "shade": "dark"}]}, "inners.shade is none of bright"),
    ],
)
@given(outer)
def test_a_value_that_its_type_does_not_list_is_refused(
    change: dict[str, Any], told: str, value: Outer
) -> None:
    """Whoever folds asks for no others: what he would do with one nobody has thought of."""
    written = members_writer(Outer)(value) | change
    with pytest.raises(UnlistedValueError, match=f"^{re.escape(told)}$"):
        members_reader(Outer)(written)


@pytest.mark.parametrize(
    "hint",
    [float, Decimal, bytes, set[str], tuple[str, int], Mapping[int, str], Inner | Outer, list[str]],
)
def test_a_type_without_a_way_is_refused_when_the_program_starts(hint: Any) -> None:
    with pytest.raises(TypeError, match="has no way into the journal"):
        coder_of(hint)


def test_the_refusal_names_the_member() -> None:
    @dataclass(frozen=True, slots=True)
    class Bad:
        share: float

    with pytest.raises(TypeError, match=r"Bad\.share"):
        members_writer(Bad)
