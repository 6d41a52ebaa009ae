"""A phrase in two languages, with facts in their places: what every story of the demonstration has.

A book of phrases is a mapping from a name to English and Chinese. Facts have their places by order
(``{}``), or by number where the languages differ in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from oneservice.plan import Language

__all__ = ["Phrases", "spoken"]

Phrases: TypeAlias = Mapping[str, tuple[str, str]]
"""English and Chinese by the phrase's name."""


def spoken(phrases: Phrases, name: str, language: Language, *facts: object) -> str:
    """Return the phrase of ``name`` in ``language``, with ``facts`` in their places."""
    english, chinese = phrases[name]
    return (chinese if language == "zh" else english).format(*facts)
