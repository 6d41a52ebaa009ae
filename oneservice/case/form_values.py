"""One value of the form: from what a person typed to what JSON holds, decimals and dates as text.

How values are read is told in :mod:`oneservice.values`; the form takes what was read and applies no
suggestion, because a guess that passes a check digit files somebody else's number. Every problem is
a :class:`ValueError` that names the rule and never the value, because the value may be a person's.
"""

from __future__ import annotations

from typing import Any

from oneservice.plan import FormField
from oneservice.values import Option, ValueKind, Words
from oneservice.values import read_value as read_any

__all__ = ["read_as", "read_field"]


def read_field(field: FormField, value: Any) -> Any:
    """Return ``value`` as ``field`` keeps it; :class:`ValueError` says what is wrong with it."""
    # A plan may name a narrower reader than the type does: an area, a person's name.
    kind = ValueKind(str(getattr(field, "value_kind", None) or field.type))
    titles = getattr(field, "choice_titles", None) or {}
    options = tuple(_option(choice, titles.get(choice)) for choice in field.choices)
    return read_as(kind, value, choices=options, unit=field.unit)


def read_as(
    kind: ValueKind, value: Any, *, choices: tuple[Option, ...] = (), unit: str = ""
) -> Any:
    """Return the normal form of ``value``; :class:`ValueError` says what is wrong with it."""
    reading = read_any(kind, value, choices=choices, unit=unit)
    if reading.problem is not None:
        msg = f"{reading.problem.text.en} ({reading.problem.code})"
        raise ValueError(msg)
    return reading.value


def _option(value: str, title: Any) -> Option:
    words = Words(zh=title.zh, en=title.en) if title is not None else Words(zh=value, en=value)
    return Option(value=value, title=words)
