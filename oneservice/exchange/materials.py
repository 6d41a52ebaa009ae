"""Materials (材料) and rows of an item's list of materials, both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from oneservice.canonical import JsonObject
from oneservice.catalog import MaterialClass, MaterialSource, MaterialSpec
from oneservice.errors import ExchangeError
from oneservice.exchange.keeping import LUGGAGE, Kept, Note, keep, pack, put_back, unpack
from oneservice.exchange.records import ItemRecord, MaterialRecord, cells_of
from oneservice.exchange.wording import read_laws, same_in_both, write_laws

__all__ = ["MATERIAL_MEMBERS", "ImportedMaterial", "export_material", "import_material"]

MATERIAL_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("material_name",),
    "importance": ("is_need",),
    "source": ("source_type",),
    "legal_basis": ("by_law",),
}
"""Members of our material, and the fields that say the same."""

_NEEDED: Final = "1"
_SOMETIMES: Final = "2"
_LATER: Final = "3"
_FROM_APPLICANT: Final = "10"
_FROM_GOVERNMENT: Final = "20"
_SOURCES: Final[Mapping[MaterialSource, str]] = {
    MaterialSource.APPLICANT: _FROM_APPLICANT,
    MaterialSource.GENERATED: _FROM_APPLICANT,
    MaterialSource.LOOKUP: _FROM_GOVERNMENT,
    MaterialSource.STEP: _FROM_GOVERNMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMaterial:
    """A material made of a row; ``kept`` gives the row back."""

    material: MaterialSpec
    kept: Kept
    notes: tuple[Note, ...] = ()


def export_material(
    material: MaterialSpec,
    *,
    item: ItemRecord | None = None,
    kept: Kept | None = None,
    with_luggage: bool = False,
) -> MaterialRecord:
    """Return ``material`` as a row of the list of ``item``.

    A main material that only some answers need (``when``) is 非必要 there: the exchange cannot say
    when it is needed. With luggage the rule travels along.
    """
    kept = kept or Kept()
    always = _NEEDED if material.when is None else _SOMETIMES
    has_luggage = with_luggage or kept.has_luggage
    fresh = MaterialRecord(
        task_code=item.task_code if item else None,
        task_name=item.task_name if item else None,
        material_name=material.title.zh,
        is_need=_LATER if material.importance is MaterialClass.MINOR else always,
        source_type=_SOURCES[material.source],
        by_law=write_laws(material.legal_basis),
        extra={LUGGAGE: _luggage(material)} if has_luggage else {},
    )
    return put_back(fresh, kept, MATERIAL_MEMBERS.values())


def import_material(
    record: MaterialRecord,
    *,
    material_id: str,
    steps: Sequence[str],
    row: int | None = None,
) -> ImportedMaterial:
    """Return the material that ``record`` tells of, for the ``steps`` that need it.

    The exchange names neither our ids nor our steps; with luggage these are taken from there, and
    the arguments count only without.

    Raises:
        ExchangeError: no name, or a value that no catalog may hold.
    """
    own = _unpacked(unpack(record))
    notes: list[Note] = []
    members = _members(record, material_id, steps, notes)
    if members["title"] is None:
        msg = "is missing; a material has a name"
        raise ExchangeError(msg, row=row, field="material_name")
    if own is not None:
        members = _merged(record, own, members, notes)
    try:
        material = MaterialSpec.model_validate(members)
    except ValidationError as error:
        where = sorted({".".join(map(str, one["loc"])) for one in error.errors()})
        msg = f"does not make a material that a catalog may hold: {', '.join(where[:5])}"
        raise ExchangeError(msg, row=row) from None
    fresh = export_material(material, with_luggage=LUGGAGE in record.extra)
    kept = keep(record, fresh, MATERIAL_MEMBERS.values())
    return ImportedMaterial(material=material, kept=kept, notes=tuple(notes))


def _members(
    record: MaterialRecord, material_id: str, steps: Sequence[str], notes: list[Note]
) -> dict[str, Any]:
    if record.is_need == _SOMETIMES:
        text = "needed in some situations only; write the rule under 'when'"
        notes.append(Note(field="is_need", text=text))
    is_minor = record.is_need == _LATER
    from_government = record.source_type == _FROM_GOVERNMENT
    return {
        "id": material_id,
        "title": same_in_both(record.material_name) if record.material_name else None,
        "steps": tuple(steps),
        "importance": MaterialClass.MINOR if is_minor else MaterialClass.MAIN,
        "source": MaterialSource.LOOKUP if from_government else MaterialSource.APPLICANT,
        "legal_basis": read_laws(record.by_law),
    }


def _merged(
    record: MaterialRecord, own: MaterialSpec, read: Mapping[str, Any], notes: list[Note]
) -> dict[str, Any]:
    then, now = cells_of(export_material(own)), cells_of(record)
    changed = {
        member
        for member, names in MATERIAL_MEMBERS.items()
        if any(then[name] != now[name] for name in names)
    }
    fields = {name for member in changed for name in MATERIAL_MEMBERS[member]}
    notes[:] = [one for one in notes if one.field in fields]
    kept = {name: getattr(own, name) for name in MaterialSpec.model_fields}
    return kept | {name: read[name] for name in changed}


def _luggage(material: MaterialSpec) -> str:
    packed: JsonObject = {"material": material.model_dump(mode="json", exclude_defaults=True)}
    return pack(packed)


def _unpacked(packed: JsonObject | None) -> MaterialSpec | None:
    if packed is None:
        return None
    try:
        return MaterialSpec.model_validate(packed.get("material"))
    except ValidationError:
        return None
