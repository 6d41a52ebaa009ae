"""Steps that regions route to one another: what others' plans can know, and what they call so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.effective import rule_texts
from oneservice.catalog.form import FieldSpec
from oneservice.catalog.shared_parts import is_same_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.catalog.form import MaterialSpec
    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.local import LocalDefinition

__all__ = ["check_meanings", "check_routed"]


def check_routed(notes: Notes) -> None:
    """Note rules about routed steps that hang on questions which no other region asks.

    Another region's plan goes by this region's law as far as its own answers settle it; the rest
    is left open there, and the applicant learns it only from this region's case.
    """
    effective = notes.effective
    _, local = effective.definition_in(effective.region)
    if local is None:
        return
    asked_here = {
        one.id
        for one in notes.thing.situations
        if one.default is None and _is_own(notes, f"situations.{one.id}")
    }
    if not asked_here:
        return
    items = {step.item: step.id for step in local.steps.values()}
    for path, text in rule_texts(notes.thing, effective.items):
        open_names = sorted(asked_here.intersection(effective.rules[text].names))
        for step in _routed_steps(notes, path, items, {*local.steps}) if open_names else ():
            name = open_names[0]
            words = (
                f"other regions route '{step}' here and do not ask '{name}', so their plans leave "
                "open what this rule decides"
            )
            remedy = f"give '{name}' a default, or let the rule read what every region asks"
            notes.add(path, "routed_unasked", words, remedy)
            break


def check_meanings(notes: Notes) -> None:
    """Note fields and materials of this region whose id means something else in another one.

    Plans ask for both, each under an id of its own; people who read ids take one for the other.
    """
    effective = notes.effective
    _, local = effective.definition_in(effective.region)
    if local is None:
        return
    laws = {one.region: one for one in effective.by_region.values() if one not in (None, local)}
    others = [laws[region] for region in sorted(laws)]
    for section, specs in (("fields", local.fields), ("materials", local.materials)):
        for spec in specs:
            path = f"{section}.{spec.id}"
            if _is_own(notes, path) or _is_own(notes, f"{path}.title"):
                _note_meaning(notes, path, spec, others)


def _note_meaning(
    notes: Notes, path: str, spec: FieldSpec | MaterialSpec, others: list[LocalDefinition]
) -> None:
    for law in others:
        theirs = law.fields if isinstance(spec, FieldSpec) else law.materials
        other = next((one for one in theirs if one.id == spec.id), None)
        if other is not None and not is_same_part(spec, other):
            title = f"{other.title.en} / {other.title.zh}"
            text = f"in {law.region} the id '{spec.id}' means something else ({title})"
            remedy = "give one of them another id, or both one title where they mean the same"
            notes.add(path, "routed_other_meaning", text, remedy)
            return


def _is_own(notes: Notes, path: str) -> bool:
    """Say whether a part comes from another region's file than the one-thing itself."""
    origins = notes.effective.origins
    return path in origins and origins[path][0].region != origins[""][0].region


def _routed_steps(
    notes: Notes, path: str, items: dict[str, str], routed: set[str]
) -> Iterator[str]:
    """Yield the routed steps about which the rule at ``path`` decides, once they are on."""
    section, name, *rest = path.split(".")
    if section == "items" and name in items:
        yield items[name]
    elif section == "steps" and name in routed and rest[0] == "limits":
        yield name
    elif section in ("fields", "materials"):
        specs = notes.thing.fields if section == "fields" else notes.thing.materials
        for spec in specs:
            if spec.id == name:
                yield from (step for step in spec.steps if step in routed)
