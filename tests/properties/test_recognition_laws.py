"""Laws of recognition: nothing changed counts, no paper stops another, order plays no part."""

from __future__ import annotations

import functools

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.recognising import Train, make_train
from oneservice.certificates import Cryptosuite, HeldPaper, recognise_many, recognise_paper

MOST = 10_000


@functools.cache
def train() -> Train:
    return make_train(Cryptosuite.EDDSA_JCS_2022, people=40)


@functools.cache
def good() -> bytes:
    paper = train().shown[0].paper
    assert isinstance(paper, bytes)
    return paper


def told(paper: HeldPaper) -> tuple[str, str, str]:
    return paper.code, paper.type, paper.reference


@settings(max_examples=120)
@given(st.integers(0, MOST), st.integers(1, 255))
def test_no_changed_byte_counts(place: int, flip: int) -> None:
    data = bytearray(good())
    data[place % len(data)] ^= flip
    found = recognise_paper(bytes(data), wanted=train().wanted)
    assert not found.counts
    assert found.instead is not None


@settings(max_examples=80)
@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: f"{{{text}~".encode()))
def test_whatever_the_bytes_there_is_an_answer(data: bytes) -> None:
    found = recognise_paper(data, wanted=train().wanted)
    assert not found.counts
    assert found.words["zh"]
    assert found.as_json()["verdict"] in {"invalid", "indeterminate"}


@settings(max_examples=30)
@given(st.permutations(range(40)), st.binary(max_size=20))
def test_each_paper_is_answered_by_itself(order: list[int], noise: bytes) -> None:
    shown, wanted = train().shown, train().wanted
    alone = recognise_many(shown, wanted=wanted)
    mixed = recognise_many([noise, *(shown[place] for place in order)], wanted=wanted)
    assert [told(one) for one in mixed[1:]] == [told(alone[place]) for place in order]
