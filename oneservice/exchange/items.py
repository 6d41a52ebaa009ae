"""Items (事项) and implementation-list rows, both ways.

What the exchange knows and we do not (acceptance conditions, flow, telephone numbers) is kept
beside the item; what we know and the exchange does not (English titles, rules, policies) may travel
as luggage. :data:`MEMBERS` is the table of who holds what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from oneservice.canonical import JsonObject
from oneservice.catalog import Department, Item, ResultSpec
from oneservice.errors import ExchangeError
from oneservice.exchange.item_readings import (
    AT_ONCE,
    CERTIFICATE,
    READERS,
    item_id_of,
    refuse_missing,
)
from oneservice.exchange.item_services import write_channels, write_fees
from oneservice.exchange.keeping import LUGGAGE, Kept, Note, keep, pack, put_back, unpack
from oneservice.exchange.records import ItemRecord, cells_of
from oneservice.exchange.wording import (
    listed,
    same_in_both,
    unit_code,
    write_laws,
)
from oneservice.identifiers import NATIONAL

__all__ = ["MEMBERS", "ImportedItem", "export_item", "import_item", "use_level"]

MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("task_name",),
    "catalog_code": ("catalog_code",),
    "department": ("dept_name", "dept_code"),
    "is_on_the_spot": ("project_type",),
    "statutory": ("anticipate_day", "anticipate_type"),
    "promised": ("promise_day", "promise_type"),
    "legal_basis": ("by_law",),
    "special_procedures": ("special_procedure",),
    "result": ("result_name", "result_type"),
    "channels": ("is_online", "limit_scene_num", "is_service_terminals", "is_express"),
    "fees": ("is_fee", "fee_name", "fee_stand", "fee_basis", "is_desc"),
}
"""Members of our item, and the fields that say the same. Every other field is kept as it came."""

_WITHIN_A_LIMIT: Final = "2"
_IN_USE: Final = "1"
_OTHER_RESULT: Final = "99"
_CATALOG_CODE_LENGTH: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedItem:
    """An item made of a row; ``kept`` gives the row back, ``notes`` say what to look at."""

    item: Item
    department: Department
    kept: Kept
    notes: tuple[Note, ...] = ()


def export_item(
    item: Item,
    department: Department,
    *,
    region: str | None = None,
    effective_from: date | None = None,
    kept: Kept | None = None,
    with_luggage: bool = False,
) -> ItemRecord:
    """Return ``item`` as a row.

    Args:
        item: what is published.
        department: its office; the credit code stands there.
        region: gives the level, and with credit and catalogue code the implementation code.
        effective_from: first day of the definition.
        kept: what the row said when it came, where it came from outside.
        with_luggage: let everything that has no field travel in the extra column ``x_oneservice``.
    """
    kept = kept or Kept()
    level = use_level(region) if region is not None else None
    result = item.result
    statutory = item.statutory
    laws = write_laws(item.legal_basis)
    fresh = ItemRecord(
        catalog_code=item.catalog_code,
        task_code=_task_code(item, department, level),
        task_name=item.title.zh,
        task_state=_IN_USE if effective_from is not None else None,
        use_level=level,
        dept_name=department.name.zh,
        dept_code=department.code,
        project_type=AT_ONCE if item.is_on_the_spot else _WITHIN_A_LIMIT,
        by_law=laws,
        anticipate_day=statutory.days if statutory else None,
        anticipate_type=unit_code(statutory) if statutory else None,
        promise_day=item.promised.days,
        promise_type=unit_code(item.promised),
        special_procedure=listed(one.title.zh for one in item.special_procedures),
        result_name=result.title.zh if result else None,
        result_type=(CERTIFICATE if result.is_certificate else _OTHER_RESULT) if result else None,
        plan_effective_date=effective_from,
        extra={LUGGAGE: _luggage(item, department)} if with_luggage or kept.has_luggage else {},
        **write_channels(item.channels),
        **write_fees(item.fees),
    )
    return put_back(fresh, kept, MEMBERS.values())


def import_item(
    record: ItemRecord,
    *,
    item_id: str | None = None,
    departments: Sequence[Department] = (),
    row: int | None = None,
) -> ImportedItem:
    """Return the item that ``record`` tells of.

    Args:
        record: a row of an implementation list.
        item_id: our name for it; derived from the catalogue code where not given.
        departments: offices that are known already, found by credit code or Chinese name.
        row: where the record stood, for messages.

    Raises:
        ExchangeError: no name, no promised limit, no code to derive an id from, or a value that no
            catalog may hold.
    """
    notes: list[Note] = []
    packed = unpack(record)
    known = _unpacked(packed)
    department = _department(record, known[1] if known else None, departments, row)
    read = {name: reader(record, notes) for name, reader in READERS.items()}
    own = known[0] if known else None
    members: dict[str, Any] = {"id": item_id or (own.id if own else item_id_of(record, row))}
    if read["result"] is not None:
        read["result"] = ResultSpec(**read["result"], type=f"{members['id'][:40]}_result")
    members |= read | {"department": department.id}
    refuse_missing(record, members, row)
    if own is not None:
        members = _merged(record, own, known[1] if known else department, members, notes)
    try:
        item = Item.model_validate(members)
    except ValidationError as error:
        where = sorted({".".join(map(str, one["loc"])) for one in error.errors()})
        msg = f"does not make an item that a catalog may hold: {', '.join(where[:5])}"
        raise ExchangeError(msg, row=row) from None
    fresh = export_item(item, department, with_luggage=LUGGAGE in record.extra)
    return ImportedItem(
        item=item,
        department=department,
        kept=keep(record, fresh, MEMBERS.values()),
        notes=tuple(notes),
    )


def use_level(region: str) -> str:
    """Return the code of the level (行使层级) that a region's own offices are on: 1 to 6.

    References: GB/T 39046-2020, A.2; GB/T 2260 for the zero pairs.
    """
    if region == NATIONAL:
        return "1"
    if len(region) > len(NATIONAL):
        return {9: "5", 12: "6"}[len(region)]
    if region.endswith("0000"):
        return "2"
    return "3" if region.endswith("00") else "4"


def _task_code(item: Item, department: Department, level: str | None) -> str | None:
    """Return the implementation code, where its three parts are known (GB/T 39554.1)."""
    code = item.catalog_code
    if level is None or department.code is None or len(code or "") != _CATALOG_CODE_LENGTH:
        return None
    return f"{department.code}{level}{code}"


# --- the office, and the luggage -----------------------------------------------------------------


def _department(
    record: ItemRecord, packed: Department | None, known: Sequence[Department], row: int | None
) -> Department:
    candidates: list[Department] = [*([packed] if packed else ()), *known]
    for one in candidates:
        if (one.name.zh, one.code) == (record.dept_name, record.dept_code):
            return one
    for one in candidates:
        if record.dept_code is not None and one.code == record.dept_code:
            return one
    for one in candidates:
        if record.dept_code is None and one.name.zh == record.dept_name:
            return one
    if record.dept_name is None or record.dept_code is None:
        name = "dept_code" if record.dept_name else "dept_name"
        msg = "is missing, and no known department has the other one; give departments"
        raise ExchangeError(msg, row=row, field=name)
    letters = "".join(one for one in record.dept_code.lower() if one.isascii() and one.isalnum())
    return Department(
        id=f"office-{letters}"[:60], name=same_in_both(record.dept_name), code=record.dept_code
    )


def _luggage(item: Item, department: Department) -> str:
    packed: JsonObject = {
        "item": item.model_dump(mode="json", exclude_defaults=True),
        "department": department.model_dump(mode="json", exclude_defaults=True),
    }
    return pack(packed)


def _unpacked(packed: JsonObject | None) -> tuple[Item, Department] | None:
    if packed is None:
        return None
    try:
        item = Item.model_validate(packed.get("item"))
        return item, Department.model_validate(packed.get("department"))
    except ValidationError:
        return None  # of another release: the cells alone speak


def _merged(
    record: ItemRecord,
    own: Item,
    office: Department,
    read: Mapping[str, Any],
    notes: list[Note],
) -> dict[str, Any]:
    """Return the luggage's members, but those whose cells somebody changed on the way."""
    then, now = cells_of(export_item(own, office)), cells_of(record)
    changed = {
        member
        for member, names in MEMBERS.items()
        if any(then[name] != now[name] for name in names)
    }
    fields = {name for member in changed for name in MEMBERS[member]}
    notes[:] = [one for one in notes if one.field in fields]
    kept = {name: getattr(own, name) for name in Item.model_fields}
    return kept | {name: read[name] for name in changed} | {"id": read["id"]}
