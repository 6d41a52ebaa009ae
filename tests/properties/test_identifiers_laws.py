"""Laws of the national codes: what is made passes, and what is mistyped does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.errors import IdentifierError
from oneservice.identifiers import (
    citizen_number_check_digit,
    credit_code_check_digit,
    format_certificate_id,
    mask_citizen_number,
    mask_name,
    mask_phone,
    organisation_code_check_digit,
    parse_certificate_id,
    parse_citizen_number,
    parse_credit_code,
    parse_implementation_code,
    parse_organisation_code,
    parse_region,
    parse_submission_id,
    region_chain,
    region_contains,
    region_prefix,
    submission_id,
)

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"


def texts(alphabet: str, least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=least if most is None else most)


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    body = draw(texts(LETTERS, 2)) + draw(texts(DIGITS, 6)) + draw(texts(LETTERS, 9))
    return body + credit_code_check_digit(body)


@st.composite
def citizen_numbers(draw: st.DrawFn) -> str:
    born_on = draw(st.dates()).strftime("%Y%m%d").rjust(8, "0")
    body = draw(texts(DIGITS, 6)) + born_on + draw(texts(DIGITS, 3))
    return body + citizen_number_check_digit(body)


@st.composite
def regions(draw: st.DrawFn) -> str:
    province = draw(st.integers(1, 99))
    rest = draw(st.sampled_from(["0000", "0100", "0101", "0001", "0203"]))
    tail = draw(st.sampled_from(["", "000", "001", "000000", "002000", "002003"]))
    return f"{province:02d}{rest}{tail}"


def others(code: str, alphabet: str) -> list[str]:
    """Every text that differs from ``code`` in exactly one character of ``alphabet``."""
    return [
        code[:place] + other + code[place + 1 :]
        for place, present in enumerate(code)
        for other in alphabet
        if other != present
    ]


@given(credit_codes())
def test_any_single_substitution_in_a_credit_code_is_caught(code: str) -> None:
    assert parse_credit_code(code) == code
    for mistyped in others(code, ALNUM):
        with pytest.raises(IdentifierError):
            parse_credit_code(mistyped)


@given(citizen_numbers())
def test_any_single_substitution_in_a_citizen_number_is_caught(number: str) -> None:
    assert parse_citizen_number(number) == number
    for mistyped in others(number, DIGITS + "X"):
        with pytest.raises(IdentifierError):
            parse_citizen_number(mistyped)


@given(texts(ALNUM, 8))
def test_organisation_codes_round_trip(body: str) -> None:
    code = body + organisation_code_check_digit(body)
    assert parse_organisation_code(code) == code
    assert parse_organisation_code(f"{body}-{code[8]}") == code


@given(credit_codes(), texts("123456789", 1), texts(ALNUM, 12), st.sampled_from(["", "01", "0A"]))
def test_implementation_codes_round_trip(code: str, level: str, item: str, handling: str) -> None:
    text = code + level + item + handling
    assert parse_implementation_code(text) == text


@given(credit_codes(), texts(DIGITS, 3), credit_codes(), texts(ALNUM, 1, 64), st.integers(1, 999))
def test_certificate_identifiers_round_trip_and_catch_a_substitution(
    authority: str, type_no: str, issuer: str, serial: str, version: int
) -> None:
    text = format_certificate_id(
        type_authority=authority, type_no=type_no, issuer=issuer, serial=serial, version=version
    )
    parts = parse_certificate_id(text)
    assert (parts.type_authority, parts.type_no, parts.issuer) == (authority, type_no, issuer)
    assert (parts.serial, parts.version) == (serial, version)
    for mistyped in others(text, DIGITS):
        with pytest.raises(IdentifierError):
            parse_certificate_id(mistyped)


@given(regions(), regions())
def test_containing_is_an_order_and_the_chain_lists_it(outer: str, inner: str) -> None:
    one, two = parse_region(outer), parse_region(inner)
    assert region_contains(one, one)
    if region_contains(one, two) and region_contains(two, one):
        assert region_prefix(one) == region_prefix(two)
    chain = region_chain(two)
    assert region_contains(one, two) == (region_chain(one)[-1] in chain)
    assert [parse_region(region) for region in chain] == list(chain)


NAME = texts("abcXYZ019_-", 1, 32)


@given(NAME, NAME, st.integers(1, 999_999))
def test_submission_ids_round_trip(case_id: str, sub_case_id: str, attempt: int) -> None:
    text = submission_id(case_id, sub_case_id, attempt)
    assert parse_submission_id(text) == (case_id, sub_case_id, attempt)


@given(st.text())
def test_whatever_the_text_parsing_raises_only_our_error(text: str) -> None:
    for parse in (
        parse_credit_code,
        parse_organisation_code,
        parse_citizen_number,
        parse_implementation_code,
        parse_certificate_id,
        parse_region,
        parse_submission_id,
    ):
        try:
            parse(text)
        except IdentifierError:
            continue


@given(st.text())
def test_masks_take_anything(text: str) -> None:
    for mask in (mask_citizen_number, mask_name, mask_phone):
        assert mask(text)


@given(citizen_numbers())
def test_a_masked_number_does_not_tell_the_birthday(number: str) -> None:
    assert mask_citizen_number(number)[10:14] == "****"
    assert len(mask_citizen_number(number)) == len(number)
