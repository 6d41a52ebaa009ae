"""Certificate identifiers (GB/T 36904): the vectors, the versions, the refusals."""

from __future__ import annotations

import dataclasses

import pytest

from oneservice.errors import IdentifierError
from oneservice.identifiers import (
    certificate_id_check_digit,
    format_certificate_id,
    parse_certificate_id,
)

STEM = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A"
FIRST = f"{STEM}.JY29901010000018.001.3"
SECOND = f"{STEM}.JY29901010000018.002.1"
OTHER = f"{STEM}.20260928000001.001.V"


@pytest.mark.parametrize(
    ("text", "serial", "version"),
    [(FIRST, "JY29901010000018", 1), (SECOND, "JY29901010000018", 2), (OTHER, "20260928000001", 1)],
)
def test_vectors_both_ways(text: str, serial: str, version: int) -> None:
    parts = parse_certificate_id(text)
    assert parts.type_authority == "11990000MB9900013U"
    assert parts.type_no == "001"
    assert parts.issuer == "11990101MB9900021A"
    assert (parts.serial, parts.version) == (serial, version)
    assert format_certificate_id(**dataclasses.asdict(parts)) == text


def test_a_changed_content_keeps_the_serial() -> None:
    first = parse_certificate_id(FIRST)
    second = dataclasses.replace(first, version=first.version + 1)
    assert format_certificate_id(**dataclasses.asdict(second)) == SECOND


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "certificate_id"),
        (FIRST[:-1] + "4", "certificate_id"),
        (FIRST.lower(), "certificate_id"),
        (FIRST + "\n", "certificate_id"),
        (FIRST.removeprefix("1.2.156.3005.2."), "certificate_id"),
        (FIRST.replace("3005", "3006"), "certificate_id"),
        (FIRST.replace(".001.3", ".000.3"), "certificate_id"),
        (FIRST.replace("JY2", ""), "certificate_id"),
        (FIRST.replace("JY29901010000018", "J" * 65), "certificate_id"),
        (FIRST.replace("JY2", "JＹ2"), "certificate_id"),
    ],
)
def test_what_is_no_certificate_identifier_is_refused(text: str, kind: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_certificate_id(text)
    assert caught.value.kind == kind
    assert "copy it from the certificate" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"version": 0}, "certificate_id"),
        ({"version": 1000}, "certificate_id"),
        ({"version": -1}, "certificate_id"),
        ({"serial": ""}, "certificate_id"),
        ({"serial": "JY.1"}, "certificate_id"),
        ({"serial": "jy1"}, "certificate_id"),
        ({"type_no": "1"}, "certificate_id"),
        ({"issuer": "11990101MB9900021B"}, "credit_code"),
        ({"type_authority": "11990000MB9900013V"}, "credit_code"),
    ],
)
def test_only_right_parts_are_put_together(change: dict, kind: str) -> None:
    parts = dataclasses.asdict(parse_certificate_id(FIRST)) | change
    with pytest.raises(IdentifierError) as caught:
        format_certificate_id(**parts)
    assert caught.value.kind == kind


def test_the_check_character_covers_capital_letters_and_digits_only() -> None:
    with pytest.raises(IdentifierError):
        certificate_id_check_digit("11990000MB9900013U001.")


def test_the_worked_example_of_the_iso_standard() -> None:
    """ISO/IEC 7064 MOD 37,36 as the Global Release Identifier uses it: A12425GABC1234002M."""
    assert certificate_id_check_digit("A12425GABC1234002") == "M"
