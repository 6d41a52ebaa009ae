"""Values as people see them: written out in their language, and masked where they are personal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from oneservice.canonical import JsonValue
from oneservice.identifiers import mask_citizen_number, mask_name, mask_phone
from oneservice.values.kinds import Language, Option, ValueKind
from oneservice.values.phones import group_phone

__all__ = ["display"]

_HIDDEN: Final = "*" * 4
_MAX_DIGITS: Final = 40
"""Above what a reading lets pass; a larger exponent would fill a page."""


def display(
    kind: ValueKind,
    value: JsonValue,
    *,
    mask: bool = True,
    language: Language = "zh",
    choices: Sequence[Option] = (),
    unit: str = "",
) -> str:
    """Return ``value`` in words for people. Never raises; what is no such value is hidden.

    Masked are digits 11 to 14 of a citizen number (domain page, invariant 10), the middle of a
    telephone number, a person's name but for its first character, and every digit of an address:
    the street is known, the door is not. Text is shown as it is; hide a personal one yourself.

    Args:
        kind: of the value.
        value: in normal form, as a reading has it; ``None`` gives an empty text.
        mask: hide what is personal; show it all only to the person it belongs to.
        language: of dates, units and words.
        choices: the options of a choice, for their titles.
        unit: of a decimal, written behind it.
    """
    if value is None:
        return ""
    if kind is ValueKind.BOOL and isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][value]
    if kind is ValueKind.INT and isinstance(value, int) and not isinstance(value, bool):
        return format(int(value), ",") + unit
    if kind is ValueKind.LIST and isinstance(value, (list, tuple)):
        return ("、" if language == "zh" else ", ").join(str(one) for one in value)
    if not isinstance(value, str):
        return _HIDDEN
    text = str.__str__(value)
    if mask and kind in _MASKS:
        return _MASKS[kind](text)
    return _written(kind, text, language, choices, unit)


def _written(
    kind: ValueKind, text: str, language: Language, choices: Sequence[Option], unit: str
) -> str:
    match kind:
        case ValueKind.PHONE:
            return group_phone(text)
        case ValueKind.DATE:
            return _day(text, language)
        case ValueKind.DECIMAL:
            return _grouped(text, unit)
        case ValueKind.AREA:
            return _grouped(text, "平方米" if language == "zh" else " m²")
        case ValueKind.MONEY:
            return _grouped(text, "元" if language == "zh" else " yuan")
        case ValueKind.CHOICE:
            return {one.value: one.title.say(language) for one in choices}.get(text, text)
        case ValueKind.BOOL | ValueKind.INT | ValueKind.LIST:
            return _HIDDEN
        case _:
            return text


def _mask_address(text: str) -> str:
    return "".join("*" if one.isdigit() else one for one in text)


_MASKS: Final[Mapping[ValueKind, Callable[[str], str]]] = {
    ValueKind.CITIZEN_NUMBER: mask_citizen_number,
    ValueKind.PHONE: lambda text: mask_phone(group_phone(text)),
    ValueKind.PERSON_NAME: mask_name,
    ValueKind.ADDRESS: _mask_address,
}


def _day(text: str, language: Language) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _HIDDEN
    return f"{day.year:04d}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()


def _grouped(text: str, unit: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _HIDDEN
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        return _HIDDEN
    return format(number, ",f") + unit
