"""A complaint of pydantic in the words of an author: what is due there, and how it is written.

Values are repeated only where a name of the catalog is due: in an answers file the others may be a
person's own.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from oneservice.catalog.load.slips import FULL_WIDTH_COLON

__all__ = ["in_words"]

_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,47}$": "small letters, digits and '_', at most 48",
    r"^[a-z][a-z0-9-]{0,63}$": "small letters, digits and '-', at most 64",
    r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$": "6, 9 or 12 digits in quotes",
    r"^https://\S+$": "an address that begins with https://",
    r"^[A-Z]{3}$": "three capital letters, such as CNY",
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$": "month and day, such as 06-01",
}
_DUE = {
    "bool_type": ("neither true nor false", "write true or false"),
    "int_type": ("a whole number is due", "write it without quotes or unit, such as 20"),
    "int_from_float": ("a whole number is due", "write it without a point, such as 20"),
    "decimal_type": ("a number is due", "write it without unit, such as 12.50"),
    "decimal_parsing": ("a number is due", "write it without unit, such as 12.50"),
    "dict_type": ("keys with values are due", "write 'key: value' on lines of their own"),
    "string_type": ("a text is due", "write one text here"),
    "string_too_short": ("an empty text", "write a text, or leave the key out"),
    "timezone_aware": ("an instant without a zone", "write it as 2026-01-31T09:00:00+08:00"),
}
_BOUNDS = {
    "less_than_equal": ("le", "write at most {}"),
    "greater_than_equal": ("ge", "write at least {}"),
    "less_than": ("lt", "write less than {}"),
    "greater_than": ("gt", "write more than {}"),
    "decimal_max_places": ("decimal_places", "write at most {} places after the point"),
    "too_short": ("min_length", "at least {} must stand here"),
    "too_long": ("max_length", "at most {} may stand here"),
    "string_too_long": ("max_length", "write at most {} characters"),
}
"""Kind of complaint: what pydantic calls the bound, and what to do."""
_WRITTEN = {"Limit": "{days: 20}", "Text": "{zh: ..., en: ...}"}
_SHOWN = 60


def in_words(detail: Any, name: str, model: type[BaseModel] | None) -> tuple[str, str]:
    """Return what is wrong at ``name``, and what to do.

    Args:
        detail: one of ``ValidationError.errors()``.
        name: how an author calls the place.
        model: what is due there, if that has keys of its own.
    """
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "string_type" and not isinstance(given, (list, dict, type(None))):
        return f"{name}: {str(given).lower()[:40]} is no text here", "put it in quotes"
    if kind == "string_pattern_mismatch":
        return f"{name}: {_shown(given)} is not written as it must be", _pattern(given, context)
    if kind in {"enum", "literal_error"}:
        return f"{name}: {_shown(given)} is not known here", f"use {context['expected']}"
    if kind == "value_error":
        return f"{name}: {context['error']}", "correct it"
    if kind in {"model_type", "model_attributes_type"}:
        return _keys_due(given, name, model)
    if kind == "tuple_type":
        return f"{name}: a list is due", "write [one, two], or each entry after '- '"
    if kind.startswith("date_"):
        return f"{name}: this is no day of the calendar", "write it as 2026-01-31"
    if kind in _BOUNDS:
        bound, remedy = _BOUNDS[kind]
        return f"{name}: {_beyond(given)}", remedy.format(context[bound])
    due, remedy = _DUE.get(kind, (_lower(detail["msg"]), "correct it"))
    return f"{name}: {due}", remedy


def _shown(given: Any) -> str:
    return repr(str(given)[:_SHOWN])


def _beyond(given: Any) -> str:
    if isinstance(given, (list, tuple)):
        return f"{len(given)} entries" if len(given) != 1 else "1 entry"
    if isinstance(given, str):
        return f"a text of {len(given)} characters"
    return "the number is out of range"


def _pattern(given: Any, context: dict[str, Any]) -> str:
    if "，" in str(given):
        return "'，' is a full-width comma: write ',' and a space between two entries"
    return f"use {_PATTERNS.get(context['pattern'], context['pattern'])}"


def _keys_due(given: Any, name: str, model: type[BaseModel] | None) -> tuple[str, str]:
    if isinstance(given, str) and re.match(r"[A-Za-z_][A-Za-z0-9_-]* *：", given):
        return f"{name}: {FULL_WIDTH_COLON[0]}", FULL_WIDTH_COLON[1]
    if model is None:
        return f"{name}: keys with values are due", "write 'key: value' on lines of their own"
    written = _WRITTEN.get(model.__name__)
    if written is None:
        required = [key for key, field in model.model_fields.items() if field.is_required()]
        written = "{" + ", ".join(f"{key}: ..." for key in required) + "}"
    return f"{name}: keys with values are due", f"write {written}"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
