"""Words for facts that no template names: the titles that catalogs give to the form's fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oneservice.catalog import EffectiveThing, FieldSpec
from oneservice.faces.template import FactRow

__all__ = ["catalog_labels"]


def catalog_labels(things: Iterable[EffectiveThing]) -> tuple[FactRow, ...]:
    """Return a row for every field of ``things``; of two with one id the first counts."""
    rows: dict[str, FactRow] = {}
    for one in things:
        for row in _of(one):
            rows.setdefault(row.member, row)
    return tuple(rows.values())


def _of(effective: EffectiveThing) -> Iterator[FactRow]:
    thing = effective.thing
    asked = {one.id: one.choices for one in thing.situations}
    for spec in thing.fields:
        choices = spec.choices or asked.get(spec.answer or "", ())
        yield FactRow(
            member=spec.id,
            label={"zh": spec.title.zh, "en": spec.title.en},
            words={one.value: {"zh": one.title.zh, "en": one.title.en} for one in choices},
            unit=_unit(spec),
        )


def _unit(spec: FieldSpec) -> dict[str, str]:
    return {"zh": spec.unit and f" {spec.unit}", "en": spec.unit}
