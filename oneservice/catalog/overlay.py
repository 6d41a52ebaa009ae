"""National base -> province -> city -> county: what a region may change, and nothing else.

A region may add steps, shorten promises, drop materials and change thresholds. It may not promise
beyond the statutory limit, drop a statutory step, or ask for more material without a legal basis
(domain section 6). Every part of the result remembers the file that it came from.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from oneservice.catalog.bounds import commitment_problem, fee_problem, in_words, is_within
from oneservice.catalog.duty_changes import changed_dispatch
from oneservice.catalog.models import (
    FieldSpec,
    Item,
    MaterialClass,
    MaterialSpec,
    OneThing,
    Situation,
    Step,
)
from oneservice.catalog.overlay_limits import replaced_limits
from oneservice.catalog.overlay_place import OverlayPlace, require_known
from oneservice.catalog.rules import parse_rule, truth
from oneservice.errors import CatalogError, OverlayError

if TYPE_CHECKING:
    from oneservice.catalog.documents import (
        Consumption,
        ItemChange,
        MaterialChange,
        Overlay,
        SituationChange,
        StepChange,
    )
    from oneservice.catalog.effective import Origin
    from oneservice.catalog.places import SourcedDocument

__all__ = ["Draft", "is_within"]

_Named = TypeVar("_Named", Situation, Step, FieldSpec, MaterialSpec)
_REPLACED = (
    "lead_department",
    "before",
    "joint_inspection",
    "parties",
    "batches",
    "season",
    "rating",
)
"""What an overlay states as a whole, for the one-thing itself."""


class Draft:
    """A definition while layers are laid over it; one call of :meth:`lay` for each overlay."""

    def __init__(
        self, thing: OneThing, items: Mapping[str, Item], origins: Mapping[str, Origin]
    ) -> None:
        self._thing = thing
        self.items: ChainMap[str, Item] = ChainMap(
            {}, cast("dict[str, Item]", items)
        )  # only the first map is written to
        self.origins = dict(origins)
        self._situations = {each.id: each for each in thing.situations}
        self._steps = {each.id: each for each in thing.steps}
        self._fields = {each.id: each for each in thing.fields}
        self._materials = {each.id: each for each in thing.materials}
        self._contradictions = list(thing.contradictions)

    def thing(self) -> OneThing:
        """Return the merged one-thing."""
        return self._thing.model_copy(
            update={
                "situations": tuple(self._situations.values()),
                "contradictions": tuple(self._contradictions),
                "steps": tuple(self._steps.values()),
                "fields": tuple(self._fields.values()),
                "materials": tuple(self._materials.values()),
            }
        )

    def lay(self, overlay: Overlay, document: SourcedDocument, index: int) -> None:
        """Lay one overlay over what there is.

        Raises:
            OverlayError: it does what an overlay may not do.
            UnknownReferenceError: it changes or drops what is not there.
        """
        at = OverlayPlace(document, index)
        self._questions(overlay, at)
        for number, change in enumerate(overlay.change_items):
            self._change_item(change, at, number)
        self._drop_steps(overlay, at)
        self._add(self._steps, overlay.add_steps, "steps", at)
        for number, step_change in enumerate(overlay.change_steps):
            self._change_step(step_change, at, number)
        self._drop(self._fields, overlay.drop_fields, "fields", at)
        self._add(self._fields, overlay.add_fields, "fields", at)
        self._drop(self._materials, overlay.drop_materials, "materials", at)
        self._add_materials(overlay, at)
        for number, material_change in enumerate(overlay.change_materials):
            self._change_material(material_change, at, number)
        added = {step.id for step in overlay.add_steps}
        for number, consumption in enumerate(overlay.consumes):
            self._consume(consumption, added, at, number)
        self._replace(overlay, at)

    # --- questions --------------------------------------------------------------------------

    def _questions(self, overlay: Overlay, at: OverlayPlace) -> None:
        self._add(self._situations, overlay.add_situations, "situations", at)
        for number, change in enumerate(overlay.change_situations):
            place = ("change_situations", number)
            require_known(change.id, self._situations, "question", at, *place, "id")
            update = _given(change)
            self._situations[change.id] = self._situations[change.id].model_copy(update=update)
            for name in update:
                self.origins[f"situations.{change.id}.{name}"] = at.origin(*place, name)
        for number, contradiction in enumerate(overlay.add_contradictions):
            key = f"contradictions.{len(self._contradictions)}"
            self.origins[key] = at.origin("add_contradictions", number)
            self._contradictions.append(contradiction)

    # --- items and steps --------------------------------------------------------------------

    def _change_item(self, change: ItemChange, at: OverlayPlace, number: int) -> None:
        require_known(change.id, self.items, "item", at, "change_items", number, "id")
        item = self.items[change.id]
        if change.promised is not None:
            bound = item.statutory or item.promised
            if not is_within(change.promised, bound):
                what = "the statutory limit" if item.statutory else "the promise it replaces"
                msg = (
                    f"'{item.id}' would be promised in {in_words(change.promised)}, beyond {what} "
                    f"of {in_words(bound)}; an overlay may only stay within it"
                )
                raise OverlayError(msg, source=at.source("change_items", number, "promised"))
        problem = fee_problem(item, change) or commitment_problem(item, change)
        if problem is not None:
            raise OverlayError(problem[1], source=at.source("change_items", number, problem[0]))
        update = _given(change)
        self.items[item.id] = item.model_copy(update=update)
        for name in update:
            self.origins[f"items.{item.id}.{name}"] = at.origin("change_items", number, name)

    def _drop_steps(self, overlay: Overlay, at: OverlayPlace) -> None:
        for number, name in enumerate(overlay.drop_steps):
            require_known(name, self._steps, "step", at, "drop_steps", number)
            if self._steps[name].is_statutory:
                msg = f"'{name}' is a statutory step; change its threshold, it cannot be dropped"
                raise OverlayError(msg, source=at.source("drop_steps", number))
            del self._steps[name]
        gone = set(overlay.drop_steps)
        if not gone:
            return
        for step in self._steps.values():
            update = {
                "requires": _without(step.requires, gone),
                "attaches": _without(step.attaches, gone),
            }
            self._steps[step.id] = step.model_copy(update=update)
        _release(self._fields, gone)
        _release(self._materials, gone)
        visits = _without(self._thing.joint_inspection, gone)
        self._thing = self._thing.model_copy(update={"joint_inspection": visits})

    def _change_step(self, change: StepChange, at: OverlayPlace, number: int) -> None:
        require_known(change.id, self._steps, "step", at, "change_steps", number, "id")
        step = self._steps[change.id]
        update: dict[str, Any] = {}
        if change.when is not None:
            if not change.legal_basis:
                msg = f"another condition for '{step.id}' rests on no rule; add 'legal_basis'"
                raise OverlayError(msg, source=at.source("change_steps", number, "when"))
            if step.is_statutory and _is_never(change.when):
                msg = f"'{step.id}' is a statutory step; a rule that never holds would drop it"
                raise OverlayError(msg, source=at.source("change_steps", number, "when"))
            update["when"] = change.when
        for name in ("region", "spared_by"):
            value = getattr(change, name)
            if value is not None:
                update[name] = value
        if change.limits is not None:
            item = self.items.get(step.item)
            update["limits"] = replaced_limits(step, item, change.limits, at, number)
        for name in update:
            key = f"steps.{step.id}.{name}"
            self.origins[key] = at.origin("change_steps", number, name)
        update["requires"] = (*step.requires, *change.requires_also)
        base = len(step.requires)
        for index in range(len(change.requires_also)):
            origin = at.origin("change_steps", number, "requires_also", index)
            self.origins[f"steps.{step.id}.requires.{base + index}"] = origin
        self._steps[step.id] = step.model_copy(update=update)

    # --- fields and materials ---------------------------------------------------------------

    def _add_materials(self, overlay: Overlay, at: OverlayPlace) -> None:
        for number, material in enumerate(overlay.add_materials):
            if not material.legal_basis:
                msg = f"'{material.id}' would be asked for without a legal basis; add 'legal_basis'"
                raise OverlayError(msg, source=at.source("add_materials", number))
        self._add(self._materials, overlay.add_materials, "materials", at)

    def _change_material(self, change: MaterialChange, at: OverlayPlace, number: int) -> None:
        place = ("change_materials", number)
        require_known(change.id, self._materials, "material", at, *place, "id")
        spec = self._materials[change.id]
        if change.importance is MaterialClass.MAIN and spec.importance is not MaterialClass.MAIN:
            msg = f"'{spec.id}' may follow later by the base; an overlay cannot ask for it at once"
            raise OverlayError(msg, source=at.source(*place, "importance"))
        update = _given(change, "accepts_also")
        update["accepts"] = tuple(dict.fromkeys((*spec.accepts, *change.accepts_also)))
        self._materials[spec.id] = spec.model_copy(update=update)
        for name in update:
            self.origins[f"materials.{spec.id}.{name}"] = at.origin(*place, name)

    def _consume(self, given: Consumption, added: set[str], at: OverlayPlace, number: int) -> None:
        require_known(given.step, self._steps, "step", at, "consumes", number, "step")
        if given.materials and given.step not in added and not given.legal_basis:
            msg = f"'{given.step}' would ask for more without a legal basis; add 'legal_basis'"
            raise OverlayError(msg, source=at.source("consumes", number, "materials"))
        for section, names in (("fields", given.fields), ("materials", given.materials)):
            specs: dict[str, Any] = self._fields if section == "fields" else self._materials
            for index, name in enumerate(names):
                require_known(name, specs, section[:-1], at, "consumes", number, section, index)
                spec = specs[name]
                if given.step not in spec.steps:
                    specs[name] = spec.model_copy(update={"steps": (*spec.steps, given.step)})

    def _replace(self, overlay: Overlay, at: OverlayPlace) -> None:
        for name in _REPLACED:
            value = getattr(overlay, name)
            if value is not None:
                self._thing = self._thing.model_copy(update={name: value})
                self.origins[name] = at.origin(name)
        if overlay.change_dispatch is not None:
            change = overlay.change_dispatch
            dispatch, origins = changed_dispatch(self._thing, change, at, self.origins)
            self._thing = self._thing.model_copy(update={"dispatch": dispatch})
            self.origins.update(origins)

    # --- what they share --------------------------------------------------------------------

    def _add(
        self, known: dict[str, _Named], new: Iterable[_Named], section: str, at: OverlayPlace
    ) -> None:
        for number, each in enumerate(new):
            place = (f"add_{section}", number)
            if each.id in known:
                msg = f"'{each.id}' exists already; change it, or add it under another id"
                raise OverlayError(msg, source=at.source(*place, "id"))
            known[each.id] = each
            self.origins[f"{section}.{each.id}"] = at.origin(*place)

    def _drop(
        self, known: dict[str, Any], names: Iterable[str], section: str, at: OverlayPlace
    ) -> None:
        for number, name in enumerate(names):
            require_known(name, known, section[:-1], at, f"drop_{section}", number)
            del known[name]


def _given(change: SituationChange | ItemChange | MaterialChange, *others: str) -> dict[str, Any]:
    """Return what a change states, without its id and ``others``."""
    left = {"id", *others}
    values = {name: getattr(change, name) for name in type(change).model_fields if name not in left}
    return {name: value for name, value in values.items() if value is not None}


def _is_never(rule: str) -> bool:
    """Say whether a rule is false whatever is answered; lint tells of one that cannot be read."""
    try:
        return truth(parse_rule(rule), {}) is False
    except CatalogError:
        return False


def _without(names: tuple[str, ...], gone: set[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in gone)


def _release(specs: dict[str, Any], gone: set[str]) -> None:
    """Take dropped steps off the consumers; what nobody consumes any more goes."""
    for name, spec in list(specs.items()):
        steps = _without(spec.steps, gone)
        if not steps:
            del specs[name]
        elif steps != spec.steps:
            specs[name] = spec.model_copy(update={"steps": steps})
