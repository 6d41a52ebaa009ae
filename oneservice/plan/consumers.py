"""Who uses a field or a material: the active steps among those that its definition names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from oneservice.catalog import EffectiveThing, FieldSpec, Text
from oneservice.plan.activation import ActiveStep
from oneservice.plan.terms import Reason, ReasonKind

__all__ = ["Consumers", "Use"]

_KEPT = 8192
"""How many uses are kept that hang on the definition and few answers: some hundred bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Use:
    """The active steps among those that a definition names, their sub-cases, and the reason.

    Compared by identity: :func:`_made_use` makes each only once.
    """

    steps: tuple[str, ...]
    ids: tuple[str, ...]
    reason: Reason


class Consumers:
    """Who uses what. Many fields name the same steps, so each answer is worked out once."""

    __slots__ = ("_active", "_thing", "_uses")

    def __init__(self, thing: EffectiveThing, active: tuple[ActiveStep, ...]) -> None:
        self._thing = thing
        self._active = {step.step.id: step for step in active}
        self._uses: dict[tuple[str, ...], Use | None] = {}

    def use(self, steps: tuple[str, ...]) -> Use | None:
        """Return the use by those of ``steps`` that are active; ``None``: by nobody."""
        if steps not in self._uses:
            self._uses[steps] = self._use(self.among(steps))
        return self._uses[steps]

    def among(self, steps: Iterable[str]) -> tuple[str, ...]:
        """Return those of ``steps`` that are active."""
        return tuple(step for step in steps if step in self._active)

    def ids(self, steps: Iterable[str]) -> tuple[str, ...]:
        """Return the sub-case ids of active ``steps``."""
        return tuple(name for step in steps for name in self._active[step].ids)

    def titles(self, steps: Iterable[str]) -> tuple[Text, ...]:
        """Return what people call the items of active ``steps``."""
        return tuple(self._active[step].item.title for step in steps)

    def entries(self, spec: FieldSpec, use: Use) -> tuple[int, ...]:
        """Return the entries of its group that a field is asked for; empty: all of them.

        Of an entry whose sub-cases are all spared nobody consumes anything.
        """
        steps = [self._active[name] for name in use.steps]
        for one in steps:
            repeat = one.step.for_each
            if not one.spared or repeat is None or repeat.group != spec.group:
                return ()  # whoever is not spared, or looks at the whole group, needs each entry
        used = {number for one in steps for number in one.numbers}
        all_spared = frozenset.intersection(*(one.spared_numbers for one in steps))
        return tuple(sorted(used)) if all_spared else ()

    def yielders(self) -> dict[str, tuple[str, ...]]:
        """Return for each material the active steps whose result stands for it."""
        found: dict[str, tuple[str, ...]] = {}
        for step in self._active.values():
            for material in step.item.result.yields if step.item.result else ():
                found[material] = (*found.get(material, ()), step.step.id)
        return found

    def _use(self, steps: tuple[str, ...]) -> Use | None:
        if not steps:
            return None
        items = tuple(self._active[step].item.id for step in steps)
        return _made_use(self._thing, steps, items, self.ids(steps))


@lru_cache(maxsize=_KEPT)
def _made_use(
    thing: EffectiveThing, steps: tuple[str, ...], items: tuple[str, ...], ids: tuple[str, ...]
) -> Use:
    titles = [thing.items[item].title for item in items]
    text = Text(
        zh="用于：" + "、".join(title.zh for title in titles),
        en="used by: " + "; ".join(title.en for title in titles),
    )
    return Use(steps=steps, ids=ids, reason=Reason(kind=ReasonKind.NEEDED_BY, text=text))
