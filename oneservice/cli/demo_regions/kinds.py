"""The kinds of papers in the story, and what its regions publish about their things."""

from __future__ import annotations

from functools import cache
from typing import Final

from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog

__all__ = ["HEALTH", "INCOME", "LICENCE", "RESIDENCE", "definitions"]

HEALTH: Final = "health_certificate"
"""A cook's proof of health: it travels."""
RESIDENCE: Final = "residence_proof"
"""That somebody lives in a village; the village clerk seals it."""
INCOME: Final = "income_proof"
"""A kind that the village seal may be used for, and the clerk's mandate may not."""
LICENCE: Final = "driving_licence"
"""A kind that nobody on the train was asked for."""
_THINGS: Final = ("newborn", "restaurant")


@cache
def definitions() -> Catalog:
    """Return the things of the story and the departments behind them, of all regions."""
    names = ("departments", "departments-registers", *_THINGS)
    files = (f"{one}.yaml" for one in names)
    return load_catalog([path for one in files for path in bundled_catalog_dir().glob(f"*/{one}")])
