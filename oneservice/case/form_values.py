"""One value of the form: from what a person typed to what JSON holds, decimals and dates as text.

Every problem is a :class:`ValueError` whose text names the rule and never the value, because the
value may be a person's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from oneservice.catalog import FieldType
from oneservice.identifiers import parse_citizen_number, parse_credit_code, parse_region
from oneservice.plan import FormField

__all__ = ["checked_text", "read_value"]

_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)
_TEXT_LIMIT: Final = 4000
_LIST_LIMIT: Final = 1000
_LARGEST: Final = 10**12 - 1


def read_value(field: FormField, value: Any) -> Any:
    """Return ``value`` as ``field`` keeps it; :class:`ValueError` says what is wrong with it."""
    return _READERS[field.type](field, value)


def _text(field: FormField, value: Any) -> str:
    del field
    return checked_text(value)


def checked_text(value: Any) -> str:
    """Return ``value`` without spaces around it; :class:`ValueError` where it is no such text."""
    if not isinstance(value, str) or not value.strip():
        msg = "must be text"
        raise ValueError(msg)
    if len(value) > _TEXT_LIMIT:
        msg = f"is longer than {_TEXT_LIMIT} characters"
        raise ValueError(msg)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        msg = "holds half a character (a lone surrogate)"
        raise ValueError(msg)
    return value.strip()


def _bool(field: FormField, value: Any) -> bool:
    del field
    if not isinstance(value, bool):
        msg = "must be true or false"
        raise ValueError(msg)  # noqa: TRY004 - one kind for all problems of a form
    return value


def _int(field: FormField, value: Any) -> int:
    del field
    is_whole = type(value) is int or (isinstance(value, str) and _WHOLE.fullmatch(value.strip()))
    if not is_whole or not -_LARGEST <= (number := int(value)) <= _LARGEST:
        msg = "must be a whole number of at most 12 digits"
        raise ValueError(msg)
    return number


def _decimal(field: FormField, value: Any) -> str:
    del field
    is_number = type(value) is int or isinstance(value, (str, Decimal))
    text = format(value, "f") if isinstance(value, Decimal) else str(value).strip()
    if not is_number or _DECIMAL.fullmatch(text) is None:
        msg = 'must be a decimal number as text, for example "82.5"'
        raise ValueError(msg)
    return format(Decimal(text), "f")


def _date(field: FormField, value: Any) -> str:
    del field
    if type(value) is date:
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        msg = "must be a date of the form 2026-09-28"
        raise ValueError(msg) from None


def _choice(field: FormField, value: Any) -> str:
    if value not in field.choices:
        msg = f"must be one of {', '.join(field.choices)}"
        raise ValueError(msg)
    return str(value)


def _phone(field: FormField, value: Any) -> str:
    text = _text(field, value if isinstance(value, str) else str(value))
    if _PHONE.fullmatch(text) is None:
        msg = "must be a telephone number"
        raise ValueError(msg)
    return text


def _list(field: FormField, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or len(value) > _LIST_LIMIT:
        msg = f"must be a list of at most {_LIST_LIMIT} entries"
        raise ValueError(msg)
    return [_text(field, item) for item in value]


_READERS: Final[Mapping[FieldType, Callable[[FormField, Any], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.ADDRESS: _text,
    FieldType.BOOL: _bool,
    FieldType.INT: _int,
    FieldType.DECIMAL: _decimal,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.PHONE: _phone,
    FieldType.LIST: _list,
    FieldType.CREDIT_CODE: lambda _, value: str(parse_credit_code(str(value))),
    FieldType.CITIZEN_NUMBER: lambda _, value: str(parse_citizen_number(str(value))),
    FieldType.REGION: lambda _, value: str(parse_region(str(value))),
}
