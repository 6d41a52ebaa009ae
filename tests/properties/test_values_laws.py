"""Laws of values: stable, total, silent about the value, deaf to noise, and slow to correct."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical
from oneservice.identifiers import (
    citizen_number_check_digit,
    credit_code_check_digit,
    organisation_code_check_digit,
)
from oneservice.values import (
    Change,
    Consent,
    Option,
    PassedOver,
    Reading,
    RememberedValue,
    Slip,
    ValueKind,
    WantedField,
    Words,
    confirm,
    display,
    prefill,
    read_value,
    usable,
)

K = ValueKind
DIGITS = "0123456789"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
HAN = "人民中路开办餐饮店张王李赵阿里北京"
OPTIONS = (
    Option(value="company", title=Words(zh="公司", en="Company")),
    Option(value="sole_trader", title=Words(zh="个体工商户", en="Sole trader")),
)


def _digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


@st.composite
def _credit_codes(draw: st.DrawFn) -> str:
    body = draw(st.text(CREDIT, min_size=2, max_size=2)) + draw(_digits(6))
    body += draw(st.text(CREDIT, min_size=9, max_size=9))
    return body + credit_code_check_digit(body)


@st.composite
def _citizen_numbers(draw: st.DrawFn) -> str:
    born_on = draw(st.dates(min_value=date(1900, 1, 1))).strftime("%Y%m%d")
    body = draw(_digits(6)) + born_on + draw(_digits(3))
    return body + citizen_number_check_digit(body)


_CODES = {
    K.CREDIT_CODE: _credit_codes(),
    K.CITIZEN_NUMBER: _citizen_numbers(),
    K.ORGANISATION_CODE: st.text(DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8).map(
        lambda body: body + organisation_code_check_digit(body)
    ),
    K.REGION: st.integers(110000, 999999).map(str),
}
_NUMBERS = {
    K.INT: st.integers(-(2**53) + 1, 2**53 - 1),
    K.DECIMAL: st.decimals(-(10**9), 10**9, places=3).map(str),
    K.AREA: st.decimals(0, 10**6, places=1).map(str),
    K.MONEY: st.decimals(0, 10**9, places=2).map(str),
}
_PHONES = st.one_of(
    st.tuples(st.sampled_from("3456789"), _digits(9)).map(lambda pair: "1" + "".join(pair)),
    _digits(6).map(lambda rest: "0990-2" + rest),
    _digits(7).map(lambda rest: "010-6" + rest),
    _digits(8).map(lambda rest: "+852" + rest),
)
_WORDS = {
    K.TEXT: st.text("餐饮abc，。 \n", min_size=1).filter(str.strip),
    K.PERSON_NAME: st.text(HAN, min_size=2, max_size=6),
    K.FIRM_NAME: st.text(HAN + "()（）", min_size=2, max_size=20).filter(
        lambda text: any(map(str.isalpha, text))
    ),
    K.ADDRESS: st.tuples(st.text(HAN, min_size=2, max_size=6), st.integers(1, 99)).map(
        lambda pair: f"{pair[0]}{pair[1]}号3室"
    ),
    K.LIST: st.lists(st.sampled_from(["灭火器", "喷淋", "exit sign"]), min_size=1, max_size=5),
}
_OTHERS = {
    K.PHONE: _PHONES,
    K.DATE: st.dates().map(date.isoformat),
    K.CHOICE: st.sampled_from(["company", "sole_trader"]),
    K.BOOL: st.booleans(),
}
_GOOD: dict[ValueKind, st.SearchStrategy[Any]] = {**_CODES, **_NUMBERS, **_WORDS, **_OTHERS}
_GOOD_PAIRS = st.sampled_from(sorted(_GOOD)).flatmap(
    lambda kind: st.tuples(st.just(kind), _GOOD[kind])
)
_ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.binary(max_size=8),
    st.text(),
    st.text(DIGITS + "OlIxX.,-/ 年月日元㎡（）\u3000\u200b\ud800" + HAN),
    st.text("12号#＃－- ·•.（)\u2028\u200b\u200d\u0301ＡM是", max_size=12),
    st.lists(st.one_of(st.text(), st.integers())),
    st.dictionaries(st.text(), st.text(), max_size=2),
)
_KINDS = st.sampled_from(list(K))


def _read(kind: ValueKind, raw: object) -> Reading:
    return read_value(kind, raw, choices=OPTIONS)


def test_the_laws_cover_every_kind() -> None:
    assert set(_GOOD) == set(ValueKind)


@given(_KINDS, _ANYTHING)
def test_reading_is_total_and_gives_a_value_or_a_problem(kind: ValueKind, raw: object) -> None:
    reading = _read(kind, raw)
    assert (reading.value is None) != (reading.problem is None)
    assert reading.suggestion is None or reading.problem is not None
    assert list(reading.changes) == [change for change in Change if change in reading.changes]
    canonical(reading.value)
    display(kind, reading.value)
    if reading.value is not None:
        if not reading.changes and isinstance(raw, str) and isinstance(reading.value, str):
            assert reading.value == raw  # what was done is always told
        again = _read(kind, reading.value)
        assert (again.value, again.changes) == (reading.value, ())


@given(_GOOD_PAIRS)
def test_what_is_good_is_read_and_reading_it_again_changes_nothing(
    pair: tuple[ValueKind, Any],
) -> None:
    kind, raw = pair
    reading = _read(kind, raw)
    assert reading.problem is None
    again = _read(kind, reading.value)
    assert (again.value, again.problem, again.changes) == (reading.value, None, ())


@given(_GOOD_PAIRS, st.sampled_from(["zh", "en"]))
def test_what_is_shown_in_full_reads_as_the_same_value(
    pair: tuple[ValueKind, Any], language: Any
) -> None:
    kind, raw = pair
    value = _read(kind, raw).value
    shown = display(kind, value, mask=False, language=language, choices=OPTIONS)
    assert _read(kind, shown).value == value


def _widened(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


@given(
    pair=st.sampled_from([*_CODES, K.PHONE, K.DATE, K.DECIMAL, K.AREA, K.MONEY, K.CHOICE]).flatmap(
        lambda kind: st.tuples(st.just(kind), _GOOD[kind])
    ),
    noise=st.sampled_from(["", " ", "\u3000", "\ufeff", "\t", "\u200b \n"]),
    is_wide=st.booleans(),
)
def test_width_and_space_around_change_nothing(
    pair: tuple[ValueKind, str], noise: str, *, is_wide: bool
) -> None:
    kind, raw = pair
    noisy = noise + (_widened(raw) if is_wide else raw) + noise
    reading = _read(kind, noisy)
    assert reading.problem is None
    assert reading.value == _read(kind, raw).value


@given(
    pair=st.sampled_from(list(_CODES)).flatmap(lambda kind: st.tuples(st.just(kind), _CODES[kind])),
    places=st.lists(st.integers(0, 17), max_size=5),
    mark=st.sampled_from([" ", "\u3000", "\u200b", "-", "\u00a0"]),
    is_small=st.booleans(),
)
def test_grouping_and_case_change_no_code(
    pair: tuple[ValueKind, str], places: list[int], mark: str, *, is_small: bool
) -> None:
    kind, code = pair
    noisy = code.lower() if is_small else code
    for place in places:
        noisy = noisy[:place] + mark + noisy[place:]
    assert _read(kind, noisy).value == code


@given(_KINDS, st.sampled_from(["Zq7Wx9Kp", "990101199001010018", "１３８００００", "秘密文字"]))
def test_a_problem_never_repeats_the_value(kind: ValueKind, secret: str) -> None:
    for raw in (secret, f"{secret}\ue000", f"<{secret}>", [secret, "", secret]):
        reading = _read(kind, raw)
        if reading.problem is not None:
            assert secret not in reading.problem.text.zh + reading.problem.text.en
            assert reading.suggestion is None or secret not in reading.suggestion.why.en
        assert secret not in repr(reading)


def _by_one_character(typed: str, meant: str) -> bool:
    return len(typed) == len(meant) and sum(a != b for a, b in zip(typed, meant, strict=True)) == 1


def _by_one_habit(typed: str, meant: str) -> bool:
    pairs = {(a, b) for a, b in zip(typed, meant, strict=True) if a != b}
    return len(pairs) == 1


def _by_one_swap(typed: str, meant: str) -> bool:
    places = [place for place, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b]
    return len(places) == 2 and places[1] == places[0] + 1 and sorted(typed) == sorted(meant)


def _by_one_more(typed: str, meant: str) -> bool:
    return any(typed[:place] + typed[place + 1 :] == meant for place in range(len(typed)))


_DISTANCE: dict[Slip, Callable[[str, str], bool]] = {
    Slip.LOOKALIKE: _by_one_character,
    Slip.MISREAD: _by_one_character,
    Slip.THROUGHOUT: _by_one_habit,
    Slip.SWAPPED: _by_one_swap,
    Slip.DOUBLED: _by_one_more,
}


@st.composite
def _mistyped(draw: st.DrawFn) -> tuple[ValueKind, str]:
    kind = draw(st.sampled_from(list(_CODES)))
    code = draw(_CODES[kind])
    place = draw(st.integers(0, len(code) - 2))
    match draw(st.integers(0, 3)):
        case 0:
            return kind, code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        case 1:
            return kind, code[:place] + code[place] + code[place:]
        case 2:
            return kind, code.replace("0", "O").replace("1", draw(st.sampled_from("1I")))
        case _:
            other = draw(st.sampled_from(CREDIT + "OISVZ"))
            return kind, code[:place] + other + code[place + 1 :]


@given(_mistyped())
def test_a_suggestion_is_valid_is_one_slip_away_and_is_not_applied(
    mistyped: tuple[ValueKind, str],
) -> None:
    kind, typed = mistyped
    reading = _read(kind, typed)
    suggestion = reading.suggestion
    if suggestion is None:
        assert confirm(reading) == reading
        return
    assert reading.value is None
    assert _DISTANCE[suggestion.slip](typed, suggestion.value)
    again = _read(kind, suggestion.value)
    assert (again.value, again.problem, again.changes) == (suggestion.value, None, ())
    assert Decimal(0) < suggestion.confidence < Decimal(1)
    confirmed = confirm(reading)
    assert confirm(confirmed) == confirmed
    assert confirmed.value == suggestion.value


@given(_KINDS, _ANYTHING)
def test_whatever_is_suggested_is_a_good_value(kind: ValueKind, raw: object) -> None:
    reading = _read(kind, raw)
    if reading.suggestion is not None:
        meant = reading.suggestion.value
        assert (_read(kind, meant).value, _read(kind, meant).changes) == (meant, ())


@st.composite
def _remembered(draw: st.DrawFn) -> RememberedValue:
    consent = Consent(id="c-1", purposes=("restaurant",), until=draw(st.none() | st.dates()))
    return RememberedValue(
        field_id=draw(st.sampled_from(["area", "seats", "hidden"])),
        kind=K.INT,
        value=draw(st.sampled_from([1, 2, "3", "x", None])),
        source=draw(st.sampled_from(["first", "second", "stranger"])),
        fetched_at=datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 3))),
        is_personal=draw(st.booleans()),
        consent=draw(st.sampled_from([None, consent])),
        valid_until=draw(st.none() | st.just(date(2026, 1, 1))),
        applicant_changed=draw(st.booleans()),
    )


@given(st.lists(_remembered(), max_size=6), st.randoms(use_true_random=False))
def test_prefill_asks_for_what_is_shown_only_and_does_not_depend_on_order(
    known: list[RememberedValue], chance: Any
) -> None:
    wanted = [
        WantedField(id=name, kind=K.INT, sources=("first", "second")) for name in ("seats", "area")
    ]
    on, purpose = date(2026, 9, 28), "restaurant"
    filled = prefill(wanted, known, on=on, purpose=purpose)
    assert [one.field_id for one in filled] == ["seats", "area"]
    for one in filled:
        of_field = [value for value in known if value.field_id == one.field_id]
        assert len(one.passed_over) + (one.taken is not None) == len(of_field)
        if one.taken is None:
            assert one.value is None
            assert PassedOver.OUTRANKED not in {reason for _, reason in one.passed_over}
        else:
            assert one.taken in of_field
            assert usable(one.taken, on=on, purpose=purpose).value == "usable"
            assert one.value == _read(K.INT, one.taken.value).value
    shuffled = list(known)
    chance.shuffle(shuffled)
    again = prefill(wanted, shuffled, on=on, purpose=purpose)
    assert [(one.value, one.reason, one.passed_over) for one in again] == [
        (one.value, one.reason, one.passed_over) for one in filled
    ]
