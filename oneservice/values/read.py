"""One value of any kind, read from whatever a person or a register wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from oneservice.identifiers import RegionCode
from oneservice.values.choices import read_choice, read_list, read_yes_or_no
from oneservice.values.codes import (
    read_citizen_number,
    read_credit_code,
    read_organisation_code,
    read_region,
)
from oneservice.values.days import read_day
from oneservice.values.expected import Expected
from oneservice.values.kinds import Option, ValueKind
from oneservice.values.numbers import read_area, read_decimal, read_money, read_whole
from oneservice.values.phones import read_phone
from oneservice.values.readings import Reading
from oneservice.values.wordings import (
    read_address,
    read_firm_name,
    read_person_name,
    read_text,
)

__all__ = ["read_value"]

_Reader: TypeAlias = Callable[[object, Expected], Reading]

_READERS: Final[Mapping[ValueKind, _Reader]] = {
    ValueKind.TEXT: read_text,
    ValueKind.BOOL: read_yes_or_no,
    ValueKind.INT: read_whole,
    ValueKind.DECIMAL: read_decimal,
    ValueKind.AREA: read_area,
    ValueKind.MONEY: read_money,
    ValueKind.DATE: read_day,
    ValueKind.CHOICE: read_choice,
    ValueKind.LIST: read_list,
    ValueKind.PHONE: read_phone,
    ValueKind.CREDIT_CODE: read_credit_code,
    ValueKind.ORGANISATION_CODE: read_organisation_code,
    ValueKind.CITIZEN_NUMBER: read_citizen_number,
    ValueKind.REGION: read_region,
    ValueKind.ADDRESS: read_address,
    ValueKind.PERSON_NAME: read_person_name,
    ValueKind.FIRM_NAME: read_firm_name,
}


def read_value(
    kind: ValueKind,
    raw: object,
    *,
    region: RegionCode | None = None,
    choices: Sequence[Option] = (),
    unit: str = "",
) -> Reading:
    """Return what ``raw`` says as a value of ``kind``. Never raises, whatever ``raw`` is.

    Args:
        kind: what is asked for.
        raw: what was typed or fetched: text, or a JSON value; a ``date`` or ``Decimal`` too.
        region: a region code must lie in it; other kinds do not look at it.
        choices: the options of a choice.
        unit: of a decimal, as the catalog writes it (``m²``); a number in another unit is refused.

    Returns:
        A canonical JSON value (decimals and dates as text), or the problem and perhaps a
        suggestion. Reading a value that was read gives it back unchanged.
    """
    return _READERS[kind](raw, Expected(region=region, options=tuple(choices), unit=unit))
