"""National codes: the published vectors, what is refused, and what is never said."""

from __future__ import annotations

from datetime import date

import pytest

from oneservice.errors import IdentifierError
from oneservice.identifiers import (
    citizen_birth_date,
    citizen_number_check_digit,
    credit_code_check_digit,
    organisation_code_check_digit,
    organisation_code_of,
    parse_citizen_number,
    parse_credit_code,
    parse_implementation_code,
    parse_organisation_code,
)

CREDIT_CODES = (
    "91350100M000100Y43",
    "11990000MB9900013U",
    "11990101MB9900021A",
    "11990101MB990003X2",
    "11990101MB99000482",
    "92990101MA99000523",
    "11980201MB9800020M",
)
CITIZENS = (
    ("11010519491231002X", date(1949, 12, 31)),
    ("440524188001010014", date(1880, 1, 1)),  # region retired long ago
    ("990101199001010019", date(1990, 1, 1)),
    ("990101198512310027", date(1985, 12, 31)),
    ("980201200002290031", date(2000, 2, 29)),
)


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_known_credit_codes_pass_and_can_be_made(code: str) -> None:
    assert parse_credit_code(code) == code
    assert credit_code_check_digit(code[:17]) == code[17]


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_the_organisation_code_inside_a_credit_code_passes(code: str) -> None:
    inner = organisation_code_of(parse_credit_code(code))
    assert parse_organisation_code(inner) == inner
    assert parse_organisation_code(f"{inner[:8]}-{inner[8]}") == inner
    assert organisation_code_check_digit(inner[:8]) == inner[8]


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_every_swap_of_neighbours_in_a_credit_code_is_caught(code: str) -> None:
    for place in range(17):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(IdentifierError):
                parse_credit_code(swapped)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100M000100Y44",
        "91350100m000100y43",
        " 91350100M000100Y43",
        "91350100M000100Y43\n",
        "9135010OM000100Y43",
        "91350100I000100Y43",
        "9135A100M000100Y43",
        "９1350100M000100Y43",
        "91350100M000100Y4３",
        "9" * 10_000,
    ],
)
def test_what_is_no_credit_code_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_credit_code(text)
    assert caught.value.kind == "credit_code"


@pytest.mark.parametrize("text", ["", "D2143569", "D2143569-", "D2143569--X", "D2143569-x", "D21"])
def test_what_is_no_organisation_code_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_organisation_code(text)
    assert caught.value.kind == "organisation_code"


def test_the_organisation_code_of_the_standard() -> None:
    assert parse_organisation_code("D2143569-X") == "D2143569X"


@pytest.mark.parametrize(("number", "born_on"), CITIZENS)
def test_known_citizen_numbers_pass(number: str, born_on: date) -> None:
    assert citizen_birth_date(parse_citizen_number(number)) == born_on
    assert citizen_number_check_digit(number[:17]) == number[17]


@pytest.mark.parametrize("birth", ["19900229", "19901301", "19900431", "00000101", "19900100"])
def test_a_birth_date_that_never_was_is_refused(birth: str) -> None:
    body = f"990101{birth}001"
    with pytest.raises(IdentifierError, match="no date"):
        parse_citizen_number(body + citizen_number_check_digit(body))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "990101900101001",  # 15 digits
        "990101199001010018",
        "9901011990010100190",
        "11010519491231002x",
        "1101051949123100²X",
        "٩90101199001010019",
        "990101199001010019 ",
    ],
)
def test_what_is_no_citizen_number_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_citizen_number(text)
    assert caught.value.kind == "citizen_number"


@pytest.mark.parametrize(
    "code", ["11990101MB9900021A4990131001000", "11990101MB9900021A499013100100001"]
)
def test_known_implementation_codes_pass(code: str) -> None:
    assert parse_implementation_code(code) == code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("", "implementation_code"),
        ("11990101MB9900021A", "implementation_code"),
        ("11990101MB9900021A499013100100", "implementation_code"),
        ("11990101MB9900021A49901310010000", "implementation_code"),
        ("11990101MB9900021A0990131001000", "implementation_code"),
        ("11990101MB9900021A4990131001000\n", "implementation_code"),
        ("11990101MB9900021B4990131001000", "credit_code"),
    ],
)
def test_what_is_no_implementation_code_is_refused(code: str, kind: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_implementation_code(code)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        (parse_citizen_number, "990101199001010018"),
        (parse_citizen_number, "99010119900101001"),
        (parse_citizen_number, "990101199002300016"),
        (parse_credit_code, "92990101MA99000524"),
        (parse_organisation_code, "MA9900053"),
        (parse_implementation_code, "92990101MA99000524X"),
    ],
)
def test_a_refusal_never_repeats_the_value_and_says_what_to_do(parse, value: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(value)
    said = str(caught.value)
    assert not any(value[start : start + 4] in said for start in range(len(value) - 3))
    assert "copy it" in said or "use the one" in said
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
