"""What each member of an item is, read off a row: one small reader per member."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from oneservice.catalog import Limit, SpecialProcedure
from oneservice.errors import ExchangeError
from oneservice.exchange.item_services import channels_of, fees_of
from oneservice.exchange.keeping import Note
from oneservice.exchange.records import ItemRecord
from oneservice.exchange.wording import limit_of, read_laws, same_in_both, split_names

__all__ = ["AT_ONCE", "CERTIFICATE", "READERS", "item_id_of", "refuse_missing"]

AT_ONCE: Final = "1"
"""Code of 即办件 in the list of kinds of case."""
CERTIFICATE: Final = "10"
"""Code of 证照 in the list of kinds of result."""
_NAME_LENGTH: Final = 48
_PROCEDURES: Final[Mapping[str, str]] = {
    "听证": "hearing",
    "招标": "tender",
    "拍卖": "auction",
    "检验": "testing",
    "检测": "testing",
    "检疫": "quarantine",
    "鉴定": "appraisal",
    "专家评审": "expert_review",
    "公示": "publication",
    "监测": "monitoring",
    "现场核查": "on_site_check",
    "现场检查": "on_site_check",
    "现场勘验": "on_site_check",
}
"""Kinds of procedures by a word in their Chinese name (licensing law art. 45)."""


def _title(record: ItemRecord, notes: list[Note]) -> Any:
    if record.task_name is None:
        return None
    notes.append(Note(field="task_name", text="there is no English title; write one"))
    return same_in_both(record.task_name)


def _promised(record: ItemRecord, notes: list[Note]) -> Limit | None:
    limit = limit_of(record.promise_day, record.promise_type)
    _note_hours(record.promise_type, "promise_type", notes)
    return Limit(days=0) if limit is None and record.project_type == AT_ONCE else limit


def _statutory(record: ItemRecord, notes: list[Note]) -> Limit | None:
    _note_hours(record.anticipate_type, "anticipate_type", notes)
    limit = limit_of(record.anticipate_day, record.anticipate_type)
    if limit is None and record.anticipate_day is not None:
        notes.append(Note(field="anticipate_day", text="no limit in days; write it by hand"))
    return limit


def _note_hours(unit: str | None, name: str, notes: list[Note]) -> None:
    if unit in ("WH", "NH"):
        notes.append(Note(field=name, text="hours were rounded up to whole days"))


def _procedures(record: ItemRecord, _: list[Note]) -> tuple[SpecialProcedure, ...]:
    return tuple(
        SpecialProcedure(
            kind=next((kind for word, kind in _PROCEDURES.items() if word in name), "other"),
            title=same_in_both(name),
        )
        for name in split_names(record.special_procedure)
    )


def _result(record: ItemRecord, _: list[Note]) -> dict[str, Any] | None:
    if record.result_name is None:
        return None
    return {
        "title": same_in_both(record.result_name),
        "is_certificate": record.result_type == CERTIFICATE,
    }


READERS: Final[Mapping[str, Callable[[ItemRecord, list[Note]], Any]]] = {
    "title": _title,
    "catalog_code": lambda record, _: record.catalog_code,
    "is_on_the_spot": lambda record, _: record.project_type == AT_ONCE,
    "statutory": _statutory,
    "promised": _promised,
    "legal_basis": lambda record, _: read_laws(record.by_law),
    "special_procedures": _procedures,
    "result": _result,
    "channels": lambda record, _: channels_of(record),
    "fees": fees_of,
}
"""By member of our item; notes say what could not be read."""


def refuse_missing(record: ItemRecord, members: Mapping[str, Any], row: int | None) -> None:
    """Refuse a row without a name or without a limit in days.

    Raises:
        ExchangeError: with row and field.
    """
    if members["title"] is None:
        msg = "is missing; an item has a name"
        raise ExchangeError(msg, row=row, field="task_name")
    if members["promised"] is None:
        what = "has a unit or size that is none of ours" if record.promise_day else "is missing"
        msg = f"{what}; an item that is not decided on the spot has a promised limit in days"
        raise ExchangeError(msg, row=row, field="promise_day")


def item_id_of(record: ItemRecord, row: int | None) -> str:
    """Return a name for the item, made of its code.

    Raises:
        ExchangeError: no code of any kind.
    """
    for code in (record.catalog_code, record.local_catalog_code, record.task_handle_item):
        letters = "".join(one for one in (code or "").lower() if one.isascii() and one.isalnum())
        if letters:
            return f"item_{letters}"[:_NAME_LENGTH]
    msg = "is missing, and there is nothing else to name the item by; give item_id"
    raise ExchangeError(msg, row=row, field="catalog_code")
