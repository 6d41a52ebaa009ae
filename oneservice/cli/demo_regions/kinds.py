"""The kinds of papers in the story."""

from __future__ import annotations

from typing import Final

__all__ = ["HEALTH", "INCOME", "LICENCE", "RESIDENCE"]

HEALTH: Final = "health_certificate"
"""A cook's proof of health: it travels."""
RESIDENCE: Final = "residence_proof"
"""That somebody lives in a village; the village clerk seals it."""
INCOME: Final = "income_proof"
"""A kind that the village seal may be used for, and the clerk's mandate may not."""
LICENCE: Final = "driving_licence"
"""A kind that nobody on the train was asked for."""
