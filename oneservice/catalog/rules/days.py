"""Texts that are days or regions. A day has one form, so days are in order as texts are."""

from __future__ import annotations

import re
from datetime import date

from oneservice.errors import IdentifierError
from oneservice.identifiers import parse_region

__all__ = ["is_day", "is_region", "looks_like_a_day"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def looks_like_a_day(text: str) -> bool:
    """Say whether ``text`` has the shape of a day (``2026-09-01``), whatever its calendar says."""
    return _DAY.fullmatch(text) is not None


def is_day(text: str) -> bool:
    """Say whether ``text`` is a day of the calendar, written ``2026-09-01`` (ISO 8601)."""
    if not looks_like_a_day(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_region(text: str) -> bool:
    """Say whether ``text`` is a region code (GB/T 2260)."""
    try:
        parse_region(text)
    except IdentifierError:
        return False
    return True
