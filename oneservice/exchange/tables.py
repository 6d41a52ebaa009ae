"""Rows as CSV and JSON text, both ways, as pure functions.

CSV as in RFC 4180, with the fields' names in the first line. JSON is a list of objects; numbers
and flags may be texts there, as many platforms write them. A byte order mark is dropped; whoever
reads a file in GB 18030 decodes it first. A cell is written as it stands, even where it begins
with ``=``: these files are for machines, import them into a spreadsheet as text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from oneservice.canonical import parse
from oneservice.errors import ExchangeError, MalformedJsonError
from oneservice.exchange.columns import Cell, read_cell, write_cell
from oneservice.exchange.records import Record, cells_of, columns_of

__all__ = [
    "MAX_ROWS",
    "MAX_TEXT",
    "read_csv",
    "read_json",
    "rows_as_json",
    "write_csv",
    "write_json",
]

MAX_TEXT: Final = 64 * 2**20
"""Characters of one file: the whole catalogue of a province in one piece."""
MAX_ROWS: Final = 200_000
_MARK: Final = "\ufeff"
_R = TypeVar("_R", bound=Record)


def read_csv(kind: type[_R], text: str) -> tuple[_R, ...]:
    """Return the rows of ``text``; unknown columns are kept in ``extra``.

    Raises:
        ExchangeError: no first line with names, a name twice, a row of another length, a cell that
            does not fit its column. Row and field are named, values never.
    """
    _refuse_large(len(text))
    lines = csv.reader(io.StringIO(text.removeprefix(_MARK), newline=""), strict=True)
    rows = _csv_rows(lines)
    names = next(rows, None)
    if names is None:
        msg = "is empty; the first line holds the fields' names"
        raise ExchangeError(msg)
    names = [name.strip() for name in names]
    if "" in names or len(set(names)) != len(names):
        msg = "a field's name is missing or stands twice in the first line"
        raise ExchangeError(msg)
    return tuple(_csv_record(kind, names, row, place) for place, row in enumerate(rows, 1) if row)


def read_json(kind: type[_R], text: str) -> tuple[_R, ...]:
    """Return the rows of ``text``, a list of objects; unknown members are kept in ``extra``.

    Raises:
        ExchangeError: not a list of objects, or a cell that does not fit its column.
    """
    _refuse_large(len(text))
    try:
        data = parse(text.removeprefix(_MARK).encode("utf-8"), max_bytes=4 * MAX_TEXT)
    except (MalformedJsonError, UnicodeEncodeError) as error:
        msg = "is no JSON that can be read in one way only (RFC 7493)"
        raise ExchangeError(msg) from error
    if not isinstance(data, (list, tuple)):
        msg = "must be a list of objects, one per row"
        raise ExchangeError(msg)
    _refuse_many(len(data))
    return tuple(_record(kind, row, place) for place, row in enumerate(data, 1))


def write_csv(kind: type[_R], rows: Sequence[_R]) -> str:
    """Return ``rows`` as CSV: every column of ``kind``, then the extra ones by name.

    Raises:
        ExchangeError: an extra member is no text; JSON can hold it.
    """
    extra = sorted({name for row in rows for name in row.extra})
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*(one.name for one in columns_of(kind)), *extra])
    for place, row in enumerate(rows, 1):
        cells = [write_cell(cell) for cell in cells_of(row).values()]
        writer.writerow(cells + [_extra_cell(row.extra.get(name), name, place) for name in extra])
    return target.getvalue()


def write_json(rows: Iterable[Record]) -> str:
    """Return ``rows`` as JSON, one object per line in a list; ``null`` where a cell is empty."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in rows_as_json(rows))
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def rows_as_json(rows: Iterable[Record]) -> list[dict[str, Any]]:
    """Return ``rows`` as JSON objects: numbers as numbers, all else as the text of its cell."""
    return [
        {name: _json_cell(cell) for name, cell in cells_of(row).items()}
        | dict(sorted(row.extra.items()))
        for row in rows
    ]


def _json_cell(cell: Cell) -> str | int | None:
    if cell is None or (isinstance(cell, int) and not isinstance(cell, bool)):
        return cell
    return write_cell(cell)


def _csv_rows(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    place = 0
    try:
        for place, row in enumerate(lines):
            _refuse_many(place)
            yield row
    except csv.Error as error:
        msg = "quotes or line ends are not as in RFC 4180"
        raise ExchangeError(msg, row=place + 1) from error


def _csv_record(kind: type[_R], names: list[str], row: list[str], place: int) -> _R:
    if len(row) != len(names):
        msg = f"has {len(row)} cells, the first line names {len(names)}"
        raise ExchangeError(msg, row=place)
    known = {one.name for one in columns_of(kind)}
    pairs = zip(names, row, strict=True)
    return _record(kind, {name: cell for name, cell in pairs if cell or name in known}, place)


def _record(kind: type[_R], row: Any, place: int) -> _R:
    if not isinstance(row, Mapping):
        msg = "must be an object of fields and values"
        raise ExchangeError(msg, row=place)
    cells: dict[str, Any] = {}
    for one in columns_of(kind):
        try:
            cells[one.name] = read_cell(one, row.get(one.name))
        except ValueError as error:
            raise ExchangeError(str(error), row=place, field=one.name) from None
    extra = {name: value for name, value in row.items() if name not in cells}
    if "extra" in extra:
        msg = "is a name that this library needs for itself; rename the column"
        raise ExchangeError(msg, row=place, field="extra")
    return kind(**cells, extra=extra)


def _extra_cell(value: Any, name: str, place: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        msg = "is no text, and CSV holds only texts; write JSON"
        raise ExchangeError(msg, row=place, field=name[:60])
    return value


def _refuse_large(length: int) -> None:
    if length > MAX_TEXT:
        msg = f"has more than {MAX_TEXT} characters; split it"
        raise ExchangeError(msg)


def _refuse_many(count: int) -> None:
    if count > MAX_ROWS:
        msg = f"has more than {MAX_ROWS} rows; split it"
        raise ExchangeError(msg)
