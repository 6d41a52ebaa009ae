"""Laws of registers: never two papers of one right, and bits that say what was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.certificates import (
    Act,
    CertificateRecord,
    CertificateState,
    LifeState,
    Operation,
    StatusArray,
    StatusList,
    operate,
)
from oneservice.certificates.status_bits import (
    MAX_LIST_BYTES,
    bit_at,
    compress,
    decompress,
    derive_bitstring,
    value_at,
)
from oneservice.errors import OneServiceError, VerificationError

START = datetime(2026, 1, 1, tzinfo=UTC)
COUNTS = (LifeState.VALID, LifeState.HELD)
STEP = st.tuples(st.sampled_from(Operation), st.integers(0, 5), st.integers(0, 5))


@given(st.lists(STEP, min_size=1, max_size=25))
@settings(max_examples=120)
def test_of_one_right_never_two_papers_count(steps: list[tuple[Operation, int, int]]) -> None:
    """One right, wandering through versions and regions; records are found by their names."""
    (first,) = operate(None, Act(operation=Operation.NEW, at=START, id="urn:r:0"))
    records = {first.id: first}
    for number, (operation, who, other) in enumerate(steps, start=1):
        names = list(records)
        record: CertificateRecord | None = records[names[who % len(names)]]
        act = Act(
            operation=operation,
            at=START + timedelta(days=number),
            id=f"urn:r:{number}",
            counterpart=records[names[other % len(names)]],
        )
        if operation is Operation.NEW:
            continue  # another right
        if operation is Operation.TRANSFER_IN:
            record = None
        if operation is Operation.TRANSFER_OUT:
            act = Act(operation=operation, at=act.at)
        try:
            changed = operate(record, act)
        except OneServiceError:
            continue
        records |= {one.id: one for one in changed}
        assert sum(one.state in COUNTS for one in records.values()) <= 1


@given(
    st.dictionaries(st.integers(0, 131_071), st.sampled_from([1, 2, 3]), max_size=40),
)
def test_the_bitstrings_say_what_the_token_list_says(entries: dict[int, int]) -> None:
    values = bytearray(131_072 // 4)
    for index, value in entries.items():
        values[index >> 2] |= value << (2 * (index & 3))
    for wanted in (1, 2, 3):
        bits = derive_bitstring(values, wanted)
        assert len(bits) == 131_072 // 8
        assert bits.count(0) >= len(bits) - len(entries)
        for index, value in entries.items():
            assert value_at(values, 2, index) == value
            assert bit_at(bits, index) == (value == wanted)
        assert sum(byte.bit_count() for byte in bits) == sum(v == wanted for v in entries.values())


@given(st.binary(max_size=400), st.booleans())
def test_packing_is_a_round_trip_and_repeats_itself(values: bytes, gzip: bool) -> None:  # noqa: FBT001
    packed = compress(values, gzip=gzip)
    assert compress(values, gzip=gzip) == packed
    assert decompress(packed, gzip=gzip) == values
    for broken in (packed[:-1], packed + b"\0", packed + packed, packed[1:], b""):
        with pytest.raises(VerificationError):
            decompress(broken, gzip=gzip)


def test_a_bomb_does_not_go_off() -> None:
    for gzip in (True, False):
        bomb = compress(bytes(MAX_LIST_BYTES + 1), gzip=gzip)
        assert len(bomb) < 64 * 1024
        with pytest.raises(VerificationError, match="unpacks to more"):
            decompress(bomb, gzip=gzip)


@given(st.lists(st.tuples(st.integers(0, 131_071), st.sampled_from(CertificateState)), max_size=50))
def test_the_array_is_a_dictionary(puts: list[tuple[int, CertificateState]]) -> None:
    array, model = StatusArray(131_072), dict[int, CertificateState]()
    for index, state in puts:
        array.put(index, state)
        model[index] = state
    assert array.free == 131_072 - len(model)
    for index in {*model, 0, 131_071}:
        assert array.state(index) == model.get(index, CertificateState.GOOD)
        assert array.is_taken(index) == (index in model)
    assert array.state(131_072) is None
    drawn = array.draw(iter([*model, 77_777, 77_778]))
    assert drawn not in model


@given(st.binary(max_size=300))
def test_whatever_the_bytes_a_list_is_read_or_refused(data: bytes) -> None:
    for text in (data, b"{" + data, b"eyJ" + data + b".e30.AA"):
        with pytest.raises(VerificationError):
            StatusList.parse(text)
