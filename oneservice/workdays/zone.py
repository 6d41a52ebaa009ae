"""The zone in which the days of offices begin and end."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

__all__ = ["LEGAL_ZONE", "legal_day"]

LEGAL_ZONE: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The one legal time of all offices in these catalogs; it has had no summer time since 1991."""


def legal_day(instant: datetime) -> date:
    """Return the civil day of ``instant`` (aware) in the offices' zone."""
    return instant.astimezone(LEGAL_ZONE).date()
