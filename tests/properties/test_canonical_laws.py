"""Laws of canonical JSON, with an independent implementation (rfc8785) as the oracle."""

from __future__ import annotations

import json
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical, digest, parse, sealed_digest
from oneservice.errors import MalformedJsonError

SAFE = 2**53 - 1
# Names around the border where code points and UTF-16 units sort differently.
BORDER = st.text(
    st.sampled_from("aé€\ud7ff\ue000\ufb33\uffff\U00010000\U0001f602\U0010ffff"), max_size=4
)
TEXT = st.text() | BORDER
SCALARS = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXT
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def documents(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
        max_leaves=20,
    )


PLAIN = documents(SCALARS)
ANY = documents(SCALARS | FLOATS)


@given(ANY)
def test_the_bytes_are_those_of_the_oracle(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(BORDER, SCALARS | FLOATS, max_size=8))
def test_names_sort_as_the_oracle_sorts_them(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(FLOATS)
def test_numbers_are_written_as_the_oracle_writes_them(value: float) -> None:
    assert canonical(value) == rfc8785.dumps(value)
    assert float(canonical(value)) == value


@given(PLAIN)
def test_parse_undoes_canonical(value: Any) -> None:
    assert parse(canonical(value)) == value


@given(ANY)
def test_canonical_is_a_fixed_point_however_it_was_spelt(value: Any) -> None:
    written = canonical(value)
    spelt = json.dumps(value, indent=1, ensure_ascii=True).encode("ascii")
    # A float without fraction beyond 2^53 is written as an integer that readers would tell apart.
    try:
        again = parse(spelt, fractions=True)
    except MalformedJsonError:
        return
    assert canonical(again) == written


@given(PLAIN, PLAIN)
def test_equal_digests_mean_equal_values(one: Any, two: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
    assert (digest(one) == digest(two)) == same
    assert (sealed_digest("00", one) == sealed_digest("00", two)) == same


@given(st.binary(max_size=60) | ANY.map(lambda value: json.dumps(value).encode()), st.data())
def test_whatever_the_bytes_parsing_raises_only_our_error(data: bytes, draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, max(len(data) - 1, 0)))
    flipped = (
        data[:place] + bytes([data[place] ^ draw.draw(st.integers(1, 255))]) + data[place + 1 :]
        if data
        else data
    )
    for text in (data, flipped):
        for fractions in (False, True):
            try:
                canonical(parse(text, fractions=fractions))
            except MalformedJsonError:
                continue


@given(st.dictionaries(TEXT, SCALARS, min_size=1, max_size=4))
def test_a_repeated_member_is_always_found(value: dict[str, Any]) -> None:
    text = canonical(value).decode()
    name = next(iter(value))
    doubled = text[:-1] + "," + json.dumps(name) + ":null}"
    try:
        parse(doubled.encode())
    except MalformedJsonError as error:
        assert "stands twice" in str(error)  # noqa: PT017 - the laws have no fixtures
    else:
        raise AssertionError(doubled)
