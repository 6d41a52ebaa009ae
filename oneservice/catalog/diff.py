"""What two regions, or two days, make different of one one-thing: in plain words.

The field asks for the same item by the same rules everywhere (无差别受理、同标准办理, domain
section 6(f)); this says where that is not so. Every member of a definition is compared, except who
exactly the office is: that each region has its own office is no difference of standard, that
another kind of office decides is one. A step that only one side has is one difference, not one for
each list that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from oneservice.catalog.models import FieldSpec, MaterialSpec, Situation
from oneservice.catalog.terms import Text
from oneservice.catalog.wording import LABELS, Words
from oneservice.errors import UnknownReferenceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from oneservice.catalog.effective import EffectiveThing
    from oneservice.catalog.models import Step

__all__ = ["Difference", "DifferenceKind", "diff", "diff_item"]


class DifferenceKind(StrEnum):
    """What differs."""

    THING = "thing"
    QUESTION = "question"
    STEP = "step"
    LIMIT = "limit"
    FEE = "fee"
    FIELD = "field"
    MATERIAL = "material"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference: of the part ``id``, called ``title``, the member ``member``.

    ``member`` None: the whole part is on one side only; the other side is None then. Of lists only
    what the other side does not have is given, and None where that is nothing.
    """

    kind: DifferenceKind
    id: str
    title: Text
    member: str | None
    first: Text | None
    second: Text | None

    def sentence(self, first: str, second: str) -> Text:
        """Return it as a sentence; ``first`` and ``second`` name the two sides."""
        if self.member is None:
            side = first if self.second is None else second
            return Text(zh=f"{self.title.zh}：仅{side}有", en=f"{self.title.en}: only in {side}")
        label = LABELS[self.member]
        zh, en = f"{self.title.zh}，{label[0]}：", f"{self.title.en}, {label[1]}: "
        if self.first is not None and self.second is not None:
            return Text(
                zh=f"{zh}{first}为“{self.first.zh}”，{second}为“{self.second.zh}”",
                en=f'{en}"{self.first.en}" in {first}, "{self.second.en}" in {second}',
            )
        side, more = (first, self.first) if self.first else (second, self.second)
        more = more or self.title
        return Text(zh=f"{zh}{side}另有“{more.zh}”", en=f'{en}{side} also has "{more.en}"')


_KINDS = {
    "promised": DifferenceKind.LIMIT,
    "statutory": DifferenceKind.LIMIT,
    "limits": DifferenceKind.LIMIT,
    "fees": DifferenceKind.FEE,
}
"""Members of steps and items that have a heading of their own."""
_APART = frozenset({"id", "situations", "steps", "fields", "materials", "before", "also"})
"""Of a one-thing what is compared part by part, or not: ``before`` and ``also`` are no rules."""
_NAMING_STEPS = frozenset({"steps", "requires", "attaches", "joint_inspection"})


def diff(first: EffectiveThing, second: EffectiveThing) -> tuple[Difference, ...]:
    """Return how the second definition differs from the first; empty where no rule does.

    Members of the one-thing come first, then questions, steps (with their items), fields and
    materials in the order of the first definition, additions of the second one last.
    """
    steps = [{step.id for step in side.thing.steps} for side in (first, second)]
    asked = {each.id: each for side in (second, first) for each in side.thing.situations}
    words = Words(_titles(second) | _titles(first), asked)
    compared = _Compared(words, steps[0] ^ steps[1])
    one, other = first.thing, second.thing
    questions, more_questions = _by_id(one.situations), _by_id(other.situations)
    return (
        *compared.members(DifferenceKind.THING, one.id, one.title, one, other),
        *compared.parts(DifferenceKind.QUESTION, questions, more_questions),
        *compared.steps(first, second),
        *compared.parts(DifferenceKind.FIELD, _by_id(one.fields), _by_id(other.fields)),
        *compared.parts(DifferenceKind.MATERIAL, _by_id(one.materials), _by_id(other.materials)),
    )


def diff_item(first: EffectiveThing, second: EffectiveThing, item: str) -> tuple[Difference, ...]:
    """Return how one item differs (同一事项、同标准办理): its steps, what they ask for and need.

    Raises:
        UnknownReferenceError: neither definition places ``item``.
    """
    steps = {step.id for side in (first, second) for step in side.thing.steps if step.item == item}
    if not steps:
        known = sorted({step.item for side in (first, second) for step in side.thing.steps})
        msg = f"'{item[:60]}' is placed on neither side; these are: {', '.join(known)}"
        raise UnknownReferenceError(msg)
    specs_of: list[FieldSpec | MaterialSpec] = []
    for side in (first, second):
        specs_of += [*side.thing.fields, *side.thing.materials]
    inputs = {spec.id for spec in specs_of if steps & set(spec.steps)}
    specs = (DifferenceKind.FIELD, DifferenceKind.MATERIAL)
    whole = (DifferenceKind.THING, DifferenceKind.QUESTION, *specs)
    return tuple(
        one
        for one in diff(first, second)
        if one.id in (inputs if one.kind in specs else steps if one.kind not in whole else ())
    )


_Part: TypeAlias = Situation | FieldSpec | MaterialSpec


def _by_id(parts: Iterable[_Part]) -> dict[str, _Part]:
    return {part.id: part for part in parts}


class _Compared:
    """Two definitions side by side; ``lone`` are the steps that only one of them has."""

    def __init__(self, words: Words, lone: set[str]) -> None:
        self._words = words
        self._lone = lone

    def parts(
        self, kind: DifferenceKind, first: Mapping[str, _Part], second: Mapping[str, _Part]
    ) -> Iterator[Difference]:
        for name, one in first.items():
            if name in second:
                yield from self.members(kind, name, _title(one), one, second[name])
            else:
                yield _only(kind, name, _title(one), is_first=True)
        for name, other in second.items():
            if name not in first:
                yield _only(kind, name, _title(other), is_first=False)

    def steps(self, first: EffectiveThing, second: EffectiveThing) -> Iterator[Difference]:
        others = {step.id: step for step in second.thing.steps}
        for step in first.thing.steps:
            title = _step_title(first, step)
            other = others.get(step.id)
            if other is None:
                yield _only(DifferenceKind.STEP, step.id, title, is_first=True)
                continue
            yield from self.members(DifferenceKind.STEP, step.id, title, step, other)
            items = first.items.get(step.item), second.items.get(other.item)
            if items[0] is not None and items[1] is not None:
                yield from self.members(DifferenceKind.STEP, step.id, title, *items)
        known = {step.id for step in first.thing.steps}
        for step in second.thing.steps:
            if step.id not in known:
                title = _step_title(second, step)
                yield _only(DifferenceKind.STEP, step.id, title, is_first=False)

    def members(
        self, kind: DifferenceKind, name: str, title: Text, one: Any, other: Any
    ) -> Iterator[Difference]:
        apart = _APART if kind is DifferenceKind.THING else frozenset({"id", "also"})
        for member in type(one).model_fields:
            sides = getattr(one, member), getattr(other, member)
            if member in apart or sides[0] == sides[1]:
                continue
            shown = self._sides(member, *sides)
            if shown is not None:
                at = _KINDS.get(member, kind) if kind is DifferenceKind.STEP else kind
                yield Difference(
                    kind=at, id=name, title=title, member=member, first=shown[0], second=shown[1]
                )

    def _sides(
        self, member: str, before: Any, after: Any
    ) -> tuple[Text | None, Text | None] | None:
        """Return what to tell of each side, or None where lone steps alone make the difference."""
        if not isinstance(before, tuple) or not isinstance(after, tuple):
            return self._words.member(member, before), self._words.member(member, after)
        if member in _NAMING_STEPS:
            before, after = (
                tuple(each for each in side if each not in self._lone) for side in (before, after)
            )
            if before == after:
                return None
        only = [each for each in before if each not in after]
        more = [each for each in after if each not in before]
        if not only and not more:  # another order, which is an order of preference
            only, more = list(before), list(after)
        first = self._words.of(tuple(only)) if only else None
        return first, self._words.of(tuple(more)) if more else None


def _only(kind: DifferenceKind, name: str, title: Text, *, is_first: bool) -> Difference:
    return Difference(
        kind=kind,
        id=name,
        title=title,
        member=None,
        first=title if is_first else None,
        second=None if is_first else title,
    )


def _title(part: _Part) -> Text:
    return part.question if isinstance(part, Situation) else part.title


def _step_title(effective: EffectiveThing, step: Step) -> Text:
    found = effective.items.get(step.item)
    return found.title if found else Text(zh=step.id, en=step.id)


def _titles(effective: EffectiveThing) -> dict[str, Text]:
    """Return what ids are called; a step goes by the title of its item."""
    thing = effective.thing
    found = {item.id: item.title for item in effective.items.values()}
    found |= {name: office.name for name, office in effective.departments.items()}
    found |= {each.id: each.question for each in thing.situations}
    found |= {field.id: field.title for field in thing.fields}
    found |= {material.id: material.title for material in thing.materials}
    return found | {step.id: _step_title(effective, step) for step in thing.steps}
