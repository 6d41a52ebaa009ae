"""Days and moments as certificates write them.

A face states days in the issuer's zone, a W3C credential states moments: a certificate is good from
the first moment of its first day to the last second of its last, and the offset is written along,
so that a reader in another zone gets the same days back.

References:
    W3C VC Data Model 2.0, section 4.9 (validity period; ``dateTimeStamp``, so a zone is required).
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from oneservice.canonical import write_instant
from oneservice.errors import MalformedCertificateError

__all__ = [
    "after",
    "day_of",
    "first_moment",
    "is_zone",
    "last_moment",
    "read_moment",
    "read_numeric_date",
    "written",
    "zone_of",
]

_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_ZONE: Final = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d", re.ASCII)
_DAY_CHARACTERS: Final = 10
_LAST_SECOND: Final = 253_402_300_799
"""The last second that a datetime can hold: papers without end are dated 9999-12-31."""


def read_moment(text: object, *, where: str) -> datetime:
    """Return, in aware UTC, the moment that ``text`` states with its own offset.

    Args:
        text: what the document says.
        where: the member's name, for the message.

    Raises:
        MalformedCertificateError: no text, no zone, or no such day or time of day.
    """
    found = _moment(text) if isinstance(text, str) else None
    if found is not None:
        return found
    msg = f"{where} is no moment with a zone, such as 2026-10-14T00:00:00+08:00"
    raise MalformedCertificateError(msg)


@functools.lru_cache(maxsize=4096)
def _moment(text: str) -> datetime | None:
    # Remembered: each is read several times, and thousands of certificates share their days.
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    return None


@functools.lru_cache(maxsize=4096)
def written(moment: datetime) -> str:
    """Write an aware moment of which many reports tell: that of a list, or the one asked about."""
    return write_instant(moment)


def read_numeric_date(value: object, *, where: str) -> datetime:
    """Return, in aware UTC, the moment that a JWT's NumericDate states (RFC 7519, section 2).

    Raises:
        MalformedCertificateError: no number (``true`` is none), before 1970, or beyond year 9999.
    """
    if isinstance(value, (int, float)) and type(value) is not bool and 0 <= value <= _LAST_SECOND:
        return datetime.fromtimestamp(value, UTC)
    msg = f"{where} is no number of seconds since 1970"
    raise MalformedCertificateError(msg)


def after(moment: datetime, span: timedelta) -> datetime:
    """Return ``moment`` and ``span`` added, or the end of all time if that comes before."""
    last = datetime.max.replace(tzinfo=UTC)
    return moment + span if span <= last - moment else last


@functools.lru_cache(maxsize=256)
def is_zone(text: str) -> bool:
    """Say whether ``text`` is an offset from UTC such as ``+08:00``."""
    return _ZONE.fullmatch(text) is not None


def first_moment(day: date, zone: str) -> str:
    """Return the first second of ``day`` in ``zone``."""
    return f"{day.isoformat()}T00:00:00{zone}"


def last_moment(day: date, zone: str) -> str:
    """Return the last second of ``day`` in ``zone``: a last day is a good day to its end."""
    return f"{day.isoformat()}T23:59:59{zone}"


def day_of(moment: str) -> date:
    """Return the day that a moment, as written, states in its own zone."""
    return date.fromisoformat(moment[:_DAY_CHARACTERS])


def zone_of(moment: str) -> str:
    """Return the offset that a moment is written with."""
    return "+00:00" if moment.endswith("Z") else moment[-6:]
