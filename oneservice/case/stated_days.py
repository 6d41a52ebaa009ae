"""Days that a department names in its events: read if they can be, and never trusted to be one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

__all__ = ["stated_day"]

_FIRST_YEAR: Final = 1949
_LAST_YEAR: Final = 2999
_DATE: Final = len("2026-09-28")


def stated_day(text: Any) -> date | None:
    """Return the day that ``text`` names, date or instant; ``None`` where it names none."""
    if not isinstance(text, str):
        return None
    try:
        day = date.fromisoformat(text[:_DATE])
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
