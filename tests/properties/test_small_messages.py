"""A message that is too small to break a limit is not walked for it, and breaks none."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oneservice.canonical import canonical, parse
from oneservice.departments.oversize import is_small, refuse_oversize
from oneservice.departments.wire import MAX_ARRAY_ITEMS, MAX_DEPTH, MAX_STRING_BYTES
from oneservice.errors import ProtocolProblemError

_ITEMS = st.sampled_from((0, "", "x", [], {}, "食", '"', ",", {"a": [1, 2]}))
_COUNTS = st.integers(0, 3) | st.integers(MAX_ARRAY_ITEMS - 2, MAX_ARRAY_ITEMS + 2)


@given(item=_ITEMS, count=_COUNTS, name=st.text(max_size=3), members=_COUNTS)
@example(item=0, count=MAX_ARRAY_ITEMS + 1, name="", members=0)
def test_no_list_of_a_small_message_is_too_long(
    item: object, count: int, name: str, members: int
) -> None:
    _holds({name: [item] * count, "z": {f"{name}{n}": item for n in range(members)}})


@pytest.mark.parametrize("symbol", ["x", "食", "\U00020000", "\n", '"'])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_no_text_of_a_small_message_is_too_long(symbol: str, more: int) -> None:
    text = symbol * (MAX_STRING_BYTES // len(symbol.encode()) + more)
    _holds({"text": text})
    _holds({text: 1})


def _holds(document: object) -> None:
    data = canonical(document)
    if is_small(data):
        refuse_oversize(parse(data, max_depth=MAX_DEPTH), max_depth=MAX_DEPTH)
    try:
        refuse_oversize(document, max_depth=MAX_DEPTH)
    except ProtocolProblemError:
        assert not is_small(data)


@pytest.mark.parametrize("count", [MAX_ARRAY_ITEMS, MAX_ARRAY_ITEMS + 1])
def test_the_longest_list_of_the_fewest_bytes_is_at_the_limit(count: int) -> None:
    data = canonical([0] * count)
    assert is_small(data) is (count == MAX_ARRAY_ITEMS)
