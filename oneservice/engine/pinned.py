"""The definition that a plan was made by, found again in the published ones.

A plan pins its definition by digest. The law may have moved since, but the files of that day still
say what it was; of a step that is handled alone, the definition is that of it alone.
"""

from __future__ import annotations

from oneservice.catalog import Catalog, EffectiveThing, StepKind, single_step
from oneservice.errors import CatalogError
from oneservice.plan import Plan

__all__ = ["alone_step", "pinned_definition"]


def pinned_definition(catalog: Catalog, plan: Plan) -> EffectiveThing | None:
    """Return the definition to which ``plan`` is pinned; ``None``: ``catalog`` does not have it."""
    try:
        whole = catalog.thing(plan.thing, region=plan.region, on=plan.on)
    except CatalogError:
        return None
    if whole.digest == plan.definition:
        return whole
    only = alone_step(plan, whole)
    return None if only is None else single_step(whole, only)


def alone_step(plan: Plan, whole: EffectiveThing) -> str | None:
    """Return the step that ``plan`` handles alone; ``None``: it is of the whole one-thing.

    Args:
        plan: pinned to its definition.
        whole: the definition of the whole one-thing on the day of ``plan``.
    """
    steps = {one.step_id for one in plan.steps if one.kind is not StepKind.BUNDLE}
    steps |= {one.step_id for one in plan.skipped if one.held is not None}
    if len(steps) != 1:
        return None
    (only,) = steps
    return only if plan.definition == single_step(whole, only).digest else None
