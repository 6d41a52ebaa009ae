"""Who applies: fictional people and organisations whose numbers have right check digits."""

from __future__ import annotations

from datetime import date
from typing import Final

from hypothesis import strategies as st

from oneservice.case import Applicant
from oneservice.identifiers import (
    CitizenNumber,
    CreditCode,
    RegionCode,
    citizen_number_check_digit,
    credit_code_check_digit,
    organisation_code_check_digit,
    parse_citizen_number,
    parse_credit_code,
    parse_region,
)

__all__ = [
    "applicants",
    "citizen_numbers",
    "credit_codes",
    "fictional_regions",
    "organisations",
    "people",
]

_PROVINCES: Final = ("96", "97", "98", "99")
"""No province bears these numbers (GB/T 2260), so what is drawn is nobody's."""
_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Letters that an organisation code and a credit code share (no I, O, S, V, Z)."""
_REGISTERED_BY: Final = ("11", "12", "51", "52", "53", "91", "92", "93", "N1", "Y1")
"""Registering authority and kind of organisation: the first two characters of a credit code."""
_FAMILY: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨欧"
_GIVEN: Final = "一明月秋芳强伟静敏磊洋艳勇杰娟涛超霞平刚桂英"
_TRADES: Final = ("小吃店", "书摊", "茶馆", "Noodle Shop", "修理铺", "Bakery & Co.")
_FOREIGN: Final = ("Anna Example", "José Muster", "阿依古丽·示例", "Li Ming", "Łucja O'Hara")
_OLDEST: Final = date(1930, 1, 1)
_YOUNGEST: Final = date(2008, 12, 31)


@st.composite
def fictional_regions(draw: st.DrawFn) -> RegionCode:
    """Draw a county (6 digits) of a province that does not exist."""
    city, county = draw(st.integers(1, 99)), draw(st.integers(1, 99))
    return parse_region(f"{draw(st.sampled_from(_PROVINCES))}{city:02}{county:02}")


@st.composite
def credit_codes(draw: st.DrawFn) -> CreditCode:
    """Draw a unified social credit code; both its check characters are right (GB 32100-2015)."""
    registered_by = draw(st.sampled_from(_REGISTERED_BY))
    region = draw(fictional_regions())
    organisation = draw(st.text(_ORGANISATION_ALPHABET, min_size=8, max_size=8))
    body = registered_by + region + organisation + organisation_code_check_digit(organisation)
    return parse_credit_code(body + credit_code_check_digit(body))


@st.composite
def citizen_numbers(draw: st.DrawFn, *, born: st.SearchStrategy[date] | None = None) -> str:
    """Draw a citizen number of a fictional region (GB 11643-1999).

    Args:
        draw: given by hypothesis.
        born: dates of birth; by default of people who are grown up.
    """
    birth = draw(born or st.dates(_OLDEST, _YOUNGEST))
    body = f"{draw(fictional_regions())}{birth:%Y%m%d}{draw(st.integers(0, 999)):03}"
    number: CitizenNumber = parse_citizen_number(body + citizen_number_check_digit(body))
    return number


@st.composite
def organisations(draw: st.DrawFn) -> Applicant:
    """Draw an organisation that applies."""
    name = f"{draw(_chinese_names())}{draw(st.sampled_from(_TRADES))}"
    return Applicant(kind="organisation", name=name, code=draw(credit_codes()))


@st.composite
def people(draw: st.DrawFn) -> Applicant:
    """Draw a person who applies."""
    name = draw(_chinese_names() | st.sampled_from(_FOREIGN))
    return Applicant(kind="person", name=name, code=draw(citizen_numbers()))


def applicants() -> st.SearchStrategy[Applicant]:
    """Draw a person or an organisation; every engine takes them, none of them exists."""
    return organisations() | people()


@st.composite
def _chinese_names(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(_FAMILY)) + draw(st.text(_GIVEN, min_size=1, max_size=2))
