"""What a department says about the end of its major version: kept for people, never acted upon."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from oneservice.departments.client_answers import http_date

__all__ = ["Deprecation", "deprecation_in"]

_LINK: Final = re.compile(r'<([^<>\s]{1,2048})>\s*;[^,]*\brel="?successor-version"?')
_DATE: Final = re.compile(r"@(\d{1,11})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """A major version that will end.

    Attributes:
        deprecated_at: since when (RFC 9745).
        sunset_at: after which it may be gone (RFC 8594), where it is said.
        successor: the address of the next major, to be configured by a person; never called.
    """

    deprecated_at: datetime
    sunset_at: datetime | None = None
    successor: str | None = None


def deprecation_in(headers: Mapping[str, str]) -> Deprecation | None:
    """Return what ``headers`` (names in lower case) say, or ``None``; nonsense says nothing."""
    match = _DATE.fullmatch(headers.get("deprecation", "").strip())
    if match is None:
        return None
    link = _LINK.search(headers.get("link", ""))
    return Deprecation(
        deprecated_at=datetime.fromtimestamp(int(match[1]), UTC),
        sunset_at=http_date(headers.get("sunset", "")),
        successor=link[1] if link else None,
    )
