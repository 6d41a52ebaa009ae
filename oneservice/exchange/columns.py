"""One column of an exchange table: its kind, and how a cell is read and written.

Texts stay as they stand. Numbers, days and instants are read in every customary form and written
in one (GB/T 39046-2020, section 5: ``YYYYMMDD``, ``YYYYMMDDThhmmss``, in legal time). An empty
cell is ``None``; the exchange does not tell an empty text from a missing one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from oneservice.exchange.code_lists import CodeList
from oneservice.workdays import LEGAL_ZONE

__all__ = ["MAX_CELL", "Cell", "Column", "ColumnKind", "column", "read_cell", "write_cell"]

Cell: TypeAlias = str | int | bool | date | datetime | None
"""A cell of a record; ``bool`` for flags, aware UTC for instants."""

MAX_CELL: Final = 65_536
"""Characters of one cell: the longest free texts of the exchange are a few pages."""
_MAX_NUMBER: Final = 10**9
_MOMENT: Final = re.compile(
    r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[T ]?(\d{2}):?(\d{2}):?(\d{2})(?:\.0+)?)?", re.ASCII
)
_FLAGS: Final[Mapping[str, bool]] = {"1": True, "0": False, "是": True, "否": False}


class ColumnKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: the field's English name as the exchange spells it, and its Chinese title.

    ``is_personal``: the cells tell who somebody is.
    """

    name: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT
    codes: CodeList | None = None
    is_personal: bool = False


def column(
    title: str,
    kind: ColumnKind = ColumnKind.TEXT,
    *,
    codes: CodeList | None = None,
    is_personal: bool = False,
) -> Any:
    """Return a dataclass field, empty by default, that stands for a column of the exchange."""
    kind = ColumnKind.CODE if codes is not None else kind
    about = {"title": title, "kind": kind, "codes": codes, "is_personal": is_personal}
    return dataclasses.field(default=None, metadata=about)


def read_cell(column: Column, value: object) -> Cell:
    """Return what a cell of ``column`` holds.

    Raises:
        ValueError: the value does not fit the column; the text says what does, never the value.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) and column.kind is ColumnKind.FLAG:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        msg = "must be a text or a whole number"
        raise ValueError(msg)  # noqa: TRY004 - the caller adds row and field to any ValueError
    if len(value) > MAX_CELL:
        msg = f"is longer than {MAX_CELL} characters"
        raise ValueError(msg)
    match column.kind:
        case ColumnKind.TEXT:
            return value
        case ColumnKind.CODE:
            return column.codes.code(value.strip()) if column.codes else value
        case ColumnKind.NUMBER:
            return _number(value.strip())
        case ColumnKind.FLAG:
            return _flag(value.strip())
        case ColumnKind.DAY:
            return _day(value.strip())
        case ColumnKind.MOMENT:
            return _moment(value.strip())


def write_cell(value: Cell) -> str:
    """Return ``value`` as the text of a cell; ``read_cell`` gives it back."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case datetime():
            return value.astimezone(LEGAL_ZONE).strftime("%Y%m%dT%H%M%S").rjust(15, "0")
        case date():
            return value.isoformat().replace("-", "")
        case _:
            return str(value)


def _number(text: str) -> int:
    digits = text.lstrip("0")  # what stands before counts for nothing, whatever its length
    if not (text.isascii() and text.isdigit()) or int(digits[:12] or "0") > _MAX_NUMBER:
        msg = "must be a whole number such as 20"
        raise ValueError(msg)
    return int(digits or "0")


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        msg = "must be 1 (是) or 0 (否)"
        raise ValueError(msg)
    return _FLAGS[text]


def _day(text: str) -> date:
    match = _MOMENT.fullmatch(text)
    if match is None or (match[4] and {match[4], match[5], match[6]} != {"00"}):
        msg = "must be a day such as 20260928"
        raise ValueError(msg)
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        msg = "there is no such day in the calendar"
        raise ValueError(msg) from None


def _moment(text: str) -> datetime:
    match = _MOMENT.fullmatch(text)
    if match is None:
        msg = "must be an instant such as 20260928T093000, in legal time"
        raise ValueError(msg)
    parts = (int(part) for part in match.groups(default="0"))
    try:
        year, month, day, hour, minute, second = parts
        local = datetime(year, month, day, hour, minute, second, tzinfo=LEGAL_ZONE)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        msg = "there is no such day or time of day"
        raise ValueError(msg) from None
