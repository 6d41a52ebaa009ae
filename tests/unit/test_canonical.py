"""Canonical JSON: the official vectors, what has no canonical form, and the strict way back."""

from __future__ import annotations

import enum
import json
import struct
from collections import OrderedDict
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from oneservice.canonical import (
    MAX_BYTES,
    MAX_DEPTH,
    canonical,
    digest,
    digest_bytes,
    parse,
    parse_object,
    sealed_digest,
)
from oneservice.errors import MalformedJsonError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("arrays", "french", "structures", "unicode", "values", "weird")
SAFE = 2**53 - 1
EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Colour(str, enum.Enum):  # noqa: UP042 - the older mix-in, whose str() is not its value
    RED = "red"


class Level(enum.IntEnum):
    CITY = 3


class Huge(int):
    pass


# --- the official vectors ---------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_vector(vectors: Path, name: str) -> None:
    given = (vectors / "jcs" / "input" / f"{name}.json").read_bytes()
    expected = (vectors / "jcs" / "output" / f"{name}.json").read_bytes()
    in_hex = (vectors / "jcs" / "outhex" / f"{name}.txt").read_text("ascii")
    written = canonical(parse(given, fractions=True))
    assert written == expected
    assert written == bytes.fromhex(in_hex)
    assert canonical(parse(written, fractions=True)) == written


def test_vector_numbers(vectors: Path) -> None:
    numbers = json.loads((vectors / "jcs" / "numbers.json").read_text("ascii"))
    assert len(numbers) == 7
    for number in numbers:
        value = struct.unpack(">d", bytes.fromhex(number["ieee754_hex"]))[0]
        assert canonical(value) == number["text"].encode("ascii")


@pytest.mark.parametrize(
    ("bits", "text"),
    [  # RFC 8785 appendix B
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_of_the_standard(bits: str, text: str) -> None:
    value = struct.unpack(">d", bytes.fromhex(bits))[0]
    assert canonical(value) == text.encode("ascii")
    assert canonical([value, "\U0001f602"]) == f'[{text},"\U0001f602"]'.encode()


# --- writing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-0, "0"),
        (SAFE, "9007199254740991"),
        (-SAFE, "-9007199254740991"),
        ("", '""'),
        (
            '\x00\x08\t\n\x0b\x0c\r\x1f\x7f"\\/',
            '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\\"\\\\/"',
        ),
        ("\u2028\u2029é€😂", '"\u2028\u2029é€😂"'),
        ([], "[]"),
        ({}, "{}"),
        ((1, [2.5, ()]), "[1,[2.5,[]]]"),
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"10": 1, "1": 2, "": 3, "A": 4}, '{"":3,"1":2,"10":1,"A":4}'),
        (
            {"\ufb33": 1, "\U0001f602": 2, "\ue000": 3, "€": 4},
            '{"€":4,"😂":2,"\ue000":3,"\ufb33":1}',
        ),
        (MappingProxyType({"b": 1.5, "a": None}), '{"a":null,"b":1.5}'),
        (OrderedDict(b=1, a=2), '{"a":2,"b":1}'),
        ([Colour.RED, Level.CITY, 0.5], '["red",3,0.5]'),
        (Level.CITY, "3"),
    ],
)
def test_written_form(value: Any, text: str) -> None:
    assert canonical(value) == text.encode("utf-8")


def test_the_fast_and_the_slow_writer_agree() -> None:
    plain = {"a": [1, "x\u2028", {"é": None}], "b": {"\ud7ff": True}}
    assert canonical({"v": plain, "w": 0.5}) == b'{"v":' + canonical(plain) + b',"w":0.5}'


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        SAFE + 1,
        -SAFE - 1,
        [0.5, SAFE + 1],
        [0.5, Huge(SAFE + 1)],
        Huge(SAFE + 1),
        10**5000,
        float("nan"),
        float("inf"),
        [-float("inf")],
        "\ud800",
        "a\udfff",
        {"\ud800": 1},
        [0.5, "\ud800"],
        {"\ud800": 0.5},
        {"\ud800\ue000": 0.5},
        {1: 2},
        {None: 2},
        {Colour.RED: 2},
        {"\ue000": 1, 2: 3},
        {"a": 0.5, 2: 3},
        {b"a": 1},
        b"bytes",
        {1, 2},
        Decimal("1.5"),
        1j,
        object(),
        [0.5, object()],
        _nested(100_000),
        [0.5, _nested(100_000)],
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(MalformedJsonError):
        canonical(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(MalformedJsonError, match="nested too deeply"):
        canonical(ring)


# --- digests ----------------------------------------------------------------------------------


def test_digests() -> None:
    assert digest_bytes(b"") == EMPTY
    assert digest({"b": 1, "a": 2}) == digest_bytes(b'{"a":2,"b":1}')


def test_a_sealed_digest_commits_to_salt_and_data() -> None:
    sealed = sealed_digest("5a17", {"name": "x"})
    assert sealed == digest_bytes(b'5a17\n{"name":"x"}')
    assert sealed != sealed_digest("5a18", {"name": "x"})
    assert sealed != sealed_digest("5a17", {"name": "y"})
    assert sealed != digest({"name": "x"})


def test_a_salt_that_is_no_ascii_is_refused_in_our_own_words() -> None:
    with pytest.raises(MalformedJsonError):
        sealed_digest("盐", {})


# --- reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"\xef\xbb\xbf{}",
        b"{",
        b"{}{}",
        b"[1,]",
        b"{'a':1}",
        b"// no\n{}",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"01",
        b"+1",
        b"1e400",
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\ud800":1}',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\xaf"',
        b'"a\nb"',
        b'"\\x41"',
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b"9" * 5_000,
    ],
    ids=lambda data: repr(data[:12]),
)
@pytest.mark.parametrize("fractions", [False, True])
def test_what_is_no_i_json(data: bytes, fractions: bool) -> None:  # noqa: FBT001 - a table
    with pytest.raises(MalformedJsonError):
        parse(data, fractions=fractions)


@pytest.mark.parametrize("data", [b"1.0", b"[0.5]", b'{"a":1e2}', b"-0.0", b"0e1", b"1E5"])
def test_fractions_pass_only_on_request(data: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="write decimals as text"):
        parse(data)
    assert parse(data, fractions=True) == json.loads(data)


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740992",
        "-9007199254740992",
        "9223372036854775808",
        "18446744073709551616",
        "1" * 300,
    ],
)
@pytest.mark.parametrize("fractions", [False, True])
def test_integers_that_a_double_cannot_tell_apart(text: str, fractions: bool) -> None:  # noqa: FBT001
    with pytest.raises(MalformedJsonError):
        parse(f'{{"n": {text}}}'.encode(), fractions=fractions)


@pytest.mark.parametrize("text", ["100000000000000000000", "-123456789012345680000"])
@pytest.mark.parametrize("gap", ["", " "])
def test_a_large_integer_is_refused_also_where_a_double_is_written_so(text: str, gap: str) -> None:
    with pytest.raises(MalformedJsonError, match="write it as text"):
        parse(f'{{"n":{gap}{text}}}'.encode(), fractions=True)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"b":2,"a":3}',
        b'[{"x":{"a":1,"\\u0061":2}}]',
        b'{"a":{"b":1,"b":1},"c":0.5}',
    ],
)
def test_a_member_that_stands_twice(data: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="stands twice"):
        parse(data, fractions=True)


def test_the_message_names_the_member_that_stands_twice() -> None:
    with pytest.raises(MalformedJsonError, match="'b'"):
        parse(b'{"a":1,"b":2,"c":3,"b":4}')


def test_depth_is_limited() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == _nested(MAX_DEPTH)
    with pytest.raises(MalformedJsonError, match="deep"):
        parse(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))
    assert parse(b"7", max_depth=0) == 7
    with pytest.raises(MalformedJsonError, match="deep"):
        parse(b"{}", max_depth=0)


def test_size_is_limited_before_the_text_is_looked_at() -> None:
    text = b'"' + b"x" * (MAX_BYTES - 2) + b'"'
    assert len(parse(text)) == MAX_BYTES - 2
    with pytest.raises(MalformedJsonError, match="allowed"):
        parse(text + b" ")
    with pytest.raises(MalformedJsonError, match="3 are allowed"):
        parse(b"null", max_bytes=3)


@pytest.mark.parametrize("data", [b"[]", b"1", b'"{}"', b"null"])
def test_an_object_is_due(data: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="an object is due"):
        parse_object(data)


def test_white_space_and_order_do_not_change_the_value() -> None:
    assert parse_object(b' {"b": 1,\r\n\t"a": [ ] } ') == {"a": [], "b": 1}


def test_a_refusal_does_not_quote_values() -> None:
    for data in (
        b'{"name": "Zhang San"',
        b'{"name": "Zhang San", "age": 0.5}',
        b'{"n":"Zhang","n":1}',
    ):
        with pytest.raises(MalformedJsonError) as caught:
            parse(data)
        assert "Zhang" not in str(caught.value)


@pytest.mark.parametrize("leaf", [7, 0.5, Colour.RED])
@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {"a": one}])
def test_what_is_nested_too_deeply_is_refused_for_just_that(leaf: Any, wrap: Any) -> None:
    value = leaf
    for _ in range(250):
        value = wrap(value)
    assert canonical(value).count(b"[") + canonical(value).count(b"{") == 250
    with pytest.raises(MalformedJsonError, match="nested too deeply"):
        canonical(wrap(value))
