"""The definition behind a plan: the questions in their own words, and what would spare a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog import bundled_catalog_dir, load_catalog

if TYPE_CHECKING:
    from oneservice.catalog import EffectiveThing
    from oneservice.cli.situations import Situated
    from oneservice.plan import Plan

__all__ = ["definition_of"]


def definition_of(asked: Situated, plan: Plan) -> EffectiveThing:
    """Return what ``plan`` was made of: a plan has answers, and no questions."""
    catalog = load_catalog(asked.catalog_paths or bundled_catalog_dir())
    return catalog.thing(plan.thing, region=plan.region, on=plan.on)
