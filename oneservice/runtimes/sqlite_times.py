"""Instants as the database holds them: whole milliseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["instant", "ms"]


def ms(at: datetime) -> int:
    """Return the number that stands for an aware instant."""
    return int(at.timestamp() * 1000)


def instant(milliseconds: int) -> datetime:
    """Return the instant that a number stands for."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
