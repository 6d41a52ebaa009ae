"""Regions by prefix; ids of submissions; masks."""

from __future__ import annotations

import pytest

from oneservice.errors import IdentifierError
from oneservice.identifiers import (
    NATIONAL,
    mask_citizen_number,
    mask_name,
    mask_phone,
    parse_region,
    parse_submission_id,
    region_chain,
    region_contains,
    region_prefix,
    submission_id,
)


@pytest.mark.parametrize(
    ("code", "prefix", "chain"),
    [
        ("000000", "", ("000000",)),
        ("990000", "99", ("000000", "990000")),
        ("990100", "9901", ("000000", "990000", "990100")),
        ("990101", "990101", ("000000", "990000", "990100", "990101")),
        ("990101000", "990101", ("000000", "990000", "990100", "990101")),
        ("990101000000", "990101", ("000000", "990000", "990100", "990101")),
        (
            "990101002003",
            "990101002003",
            ("000000", "990000", "990100", "990101", "990101002", "990101002003"),
        ),
        # a town straight under a city without counties, as in Dongguan
        ("441900003", "441900003", ("000000", "440000", "441900", "441900003")),
        # a county straight under a province
        ("990001", "990001", ("000000", "990000", "990001")),
    ],
)
def test_prefix_and_chain(code: str, prefix: str, chain: tuple[str, ...]) -> None:
    region = parse_region(code)
    assert region_prefix(region) == prefix
    assert region_chain(region) == chain
    assert all(region_contains(outer, region) for outer in chain)
    assert not any(region_contains(region, outer) for outer in chain[:-1])


@pytest.mark.parametrize(
    ("outer", "inner", "lies_in"),
    [
        ("000000", "990101", True),
        ("990000", "980201", False),
        ("990100", "990201", False),
        ("990101", "990100", False),
        ("990101", "990101000", True),
        ("990101000000", "990101", True),
        ("441900", "441900003001", True),
        ("990101002", "990101003", False),
    ],
)
def test_what_lies_in_what(outer: str, inner: str, lies_in: bool) -> None:  # noqa: FBT001 - table
    assert region_contains(parse_region(outer), parse_region(inner)) is lies_in


@pytest.mark.parametrize(
    "text",
    ["", "99", "9901", "99010", "9901010", "990101 ", "99O101", "９９０101", "000100", "000000001"],
)
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_region(text)
    assert caught.value.kind == "region"


def test_the_country_has_its_name() -> None:
    assert parse_region("000000") == NATIONAL


def test_submission_ids_follow_from_their_parts() -> None:
    assert submission_id("c42", "food_permit", 1) == "c42.food_permit.1"
    assert parse_submission_id("c42.health_cert-2.13") == ("c42", "health_cert-2", 13)


@pytest.mark.parametrize(
    ("case_id", "sub_case_id", "attempt"),
    [
        ("", "s", 1),
        ("c.1", "s", 1),
        ("c", "s.t", 1),
        ("c", "s", 0),
        ("c", "s", -1),
        ("c" * 33, "s", 1),
    ],
)
def test_parts_that_would_not_come_back_are_refused(
    case_id: str, sub_case_id: str, attempt: int
) -> None:
    with pytest.raises(IdentifierError) as caught:
        submission_id(case_id, sub_case_id, attempt)
    assert caught.value.kind == "submission_id"


@pytest.mark.parametrize(
    "text", ["", "c", "c.s", "c.s.01", "c.s.1\n", "c.s.１", "c.s.t.1", "张.s.1", "c.s." + "9" * 99]
)
def test_what_is_no_submission_id_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError):
        parse_submission_id(text)


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (mask_citizen_number, "990101199001010019", "9901011990****0019"),
        (mask_citizen_number, "11010519491231002X", "1101051949****002X"),
        (mask_citizen_number, "99010119900101001", "****"),
        (mask_citizen_number, "", "****"),
        (mask_phone, "13812345678", "138****5678"),
        (mask_phone, "+86 138-1234-5678", "+86 138-****-5678"),
        (mask_phone, "62345678", "******78"),
        (mask_phone, "110", "****"),
        (mask_phone, "", "****"),
        (mask_name, "王小明", "王**"),
        (mask_name, "李雷", "李*"),
        (mask_name, "王", "*"),
        (mask_name, "", "*"),
        (mask_name, " ", "*"),
        (mask_name, "阿依古丽·买买提", "阿***·***"),
        (mask_name, "Mary Ann", "M*** ***"),
    ],
)
def test_masks(mask, text: str, shown: str) -> None:
    assert mask(text) == shown
