"""Suggestions: found where one slip explains the text, honest about chance, applied by nobody."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from oneservice.identifiers import (
    RegionCode,
    citizen_number_check_digit,
    credit_code_check_digit,
)
from oneservice.values import (
    Change,
    Slip,
    ValueKind,
    confirm,
    describe_change,
    read_value,
)
from oneservice.values.slips import confidence

K = ValueKind

SLIPS = [
    (K.CREDIT_CODE, "92990101MA99O00523", "92990101MA99000523", Slip.LOOKALIKE),
    (K.CREDIT_CODE, "92990101ma99o00523", "92990101MA99000523", Slip.LOOKALIKE),
    (K.CREDIT_CODE, "9299O1O1MA99OOO523", "92990101MA99000523", Slip.THROUGHOUT),
    (K.CREDIT_CODE, "9299010IMA99000523", "92990101MA99000523", Slip.LOOKALIKE),
    (K.CREDIT_CODE, "92990101MA99000S23", "92990101MA99000523", Slip.LOOKALIKE),
    (K.CREDIT_CODE, "92990101M\u041099000523", "92990101MA99000523", Slip.LOOKALIKE),  # Cyrillic
    (K.CREDIT_CODE, "92990101MA990000523", "92990101MA99000523", Slip.DOUBLED),
    (K.CREDIT_CODE, "91350100M000010Y43", "91350100M000100Y43", Slip.SWAPPED),
    (K.CITIZEN_NUMBER, "99010119900101O019", "990101199001010019", Slip.LOOKALIKE),
    (K.CITIZEN_NUMBER, "99O1O1199OO1O1OO19", "990101199001010019", Slip.THROUGHOUT),
    (K.CITIZEN_NUMBER, "11010519491231002×", "11010519491231002X", Slip.LOOKALIKE),
    (K.CITIZEN_NUMBER, "11010519491231002*", "11010519491231002X", Slip.LOOKALIKE),
    (K.CITIZEN_NUMBER, "990101199001001019", "990101199001010019", Slip.SWAPPED),
    (K.ORGANISATION_CODE, "MA99O005-2", "MA9900052", Slip.MISREAD),
    (K.REGION, "99O101", "990101", Slip.LOOKALIKE),
    (K.PHONE, "013800000000", "13800000000", Slip.EXTRA_ZERO),
    (K.PHONE, "1380000000O", "13800000000", Slip.LOOKALIKE),
    (K.PHONE, "l38-0000-0000", "13800000000", Slip.LOOKALIKE),
    (K.DATE, "28/09/2026", "2026-09-28", Slip.ORDER),
    (K.DATE, "09/28/2026", "2026-09-28", Slip.ORDER),
    (K.DATE, "5.5.2026", "2026-05-05", Slip.ORDER),
    (K.DATE, "2O26-O9-28", "2026-09-28", Slip.THROUGHOUT),
    (K.DATE, "2026年9月2l日", "2026-09-21", Slip.LOOKALIKE),
    (K.DECIMAL, "82,5", "82.5", Slip.DECIMAL_COMMA),
    (K.DECIMAL, "8O.5", "80.5", Slip.LOOKALIKE),
    (K.INT, "1O", 10, Slip.LOOKALIKE),
    (K.MONEY, "12,5", "12.50", Slip.DECIMAL_COMMA),
]

BEYOND_REPAIR = [
    (K.CREDIT_CODE, "92990101MA99000520"),  # one wrong digit: any place may be it
    (K.CREDIT_CODE, "9299OIO1MA99000523"),  # two habits at once
    (K.CREDIT_CODE, "92990101MA9900052"),  # one is missing: 31 ways
    (K.CITIZEN_NUMBER, "110105491231002"),  # 15 digits: the century would be a guess
    (K.REGION, "B90101"),
    (K.REGION, "98O201"),  # repaired it would lie elsewhere
    (K.DATE, "03/04/2026"),
    (K.DATE, "31/04/2026"),
    (K.INT, "O"),
    (K.INT, "B"),
    (K.DECIMAL, "1,2,3"),
    (K.INT, "82,5"),
    (K.AREA, "lO.O,l"),
]


@pytest.mark.parametrize(("kind", "raw", "value", "slip"), SLIPS)
def test_one_slip_is_suggested_and_waits_for_a_yes(
    kind: ValueKind, raw: str, value: object, slip: Slip
) -> None:
    reading = read_value(kind, raw)
    assert reading.value is None
    assert reading.problem is not None
    assert reading.suggestion is not None
    assert (reading.suggestion.value, reading.suggestion.slip) == (value, slip)
    assert reading.suggestion.why.zh
    assert reading.suggestion.why.en
    confirmed = confirm(reading)
    assert (confirmed.value, confirmed.problem, confirmed.suggestion) == (value, None, None)
    assert confirmed.changes[-1] is Change.CONFIRMED


@pytest.mark.parametrize(("kind", "raw"), BEYOND_REPAIR)
def test_nothing_is_suggested_where_several_things_may_be_meant(kind: ValueKind, raw: str) -> None:
    reading = read_value(kind, raw, region=RegionCode("990100"))
    assert reading.problem is not None
    assert reading.suggestion is None
    assert confirm(reading) == reading


def test_confidence_is_ordered_as_the_evidence_is() -> None:
    def of(slip: Slip, tried: int = 1, modulus: int = 1) -> Decimal:
        return confidence(slip, tried=tried, modulus=modulus)

    assert of(Slip.SWAPPED, 12, 31) > of(Slip.SWAPPED, 12, 11) > of(Slip.SWAPPED, 12)
    assert of(Slip.DOUBLED, 1, 31) > of(Slip.DOUBLED, 4, 31) > of(Slip.DOUBLED, 9, 31)
    assert of(Slip.LOOKALIKE, 1, 31) > of(Slip.DOUBLED, 1, 31) > of(Slip.SWAPPED, 1, 31)
    for slip in Slip:
        for tried in (1, 5, 40):
            for modulus in (1, 11, 31):
                share = of(slip, tried, modulus)
                assert Decimal(0) < share <= Decimal("0.99") or slip in {Slip.SWAPPED, Slip.MISREAD}
                assert share == share.quantize(Decimal("0.01"))


def test_a_swap_is_offered_for_comparison_and_a_lookalike_as_what_is_meant() -> None:
    swapped = read_value(K.CREDIT_CODE, "91350100M000010Y43").suggestion
    lookalike = read_value(K.CREDIT_CODE, "92990101MA99O00523").suggestion
    assert swapped is not None
    assert lookalike is not None
    assert lookalike.is_likely
    assert not swapped.is_likely


@pytest.mark.parametrize("change", Change)
def test_every_change_can_be_told(change: Change) -> None:
    assert describe_change(change).zh
    assert describe_change(change).en


def _credit_code(chance: random.Random) -> str:
    letters = "0123456789" * 3 + "ABCDEFGHJKLMNPQRTUWXY"
    region = "".join(chance.choices("0123456789", k=6))
    body = "92" + region + "MA" + "".join(chance.choices(letters, k=7))
    return body + credit_code_check_digit(body)


def _citizen_number(chance: random.Random) -> str:
    birth = f"{chance.randint(1940, 2010)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    body = f"{chance.randint(0, 999999):06d}{birth}{chance.randint(0, 999):03d}"
    return body + citizen_number_check_digit(body)


def _mistype(code: str, chance: random.Random) -> str:
    """Return ``code`` with one error, in Verhoeff's proportions of the two most common ones."""
    place = chance.randrange(17)
    if chance.random() < 79.0 / (79.0 + 10.2):
        other = chance.choice([one for one in "0123456789" if one != code[place]])
        return code[:place] + other + code[place + 1 :]
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


@pytest.mark.parametrize(
    ("kind", "make"), [(K.CREDIT_CODE, _credit_code), (K.CITIZEN_NUMBER, _citizen_number)]
)
def test_confidence_does_not_promise_more_than_comes_true(
    kind: ValueKind, make: Callable[[random.Random], str]
) -> None:
    """Of many suggestions at least the promised share must be right; a guess is no bargain."""
    chance = random.Random(20260928)
    promised, right = Decimal(0), 0
    for _ in range(4000):
        code = make(chance)
        typed = _mistype(code, chance)
        suggestion = read_value(kind, typed).suggestion
        if suggestion is not None:
            promised += suggestion.confidence
            right += suggestion.value == code
    assert promised > 0
    assert right >= promised * Decimal("0.9")
