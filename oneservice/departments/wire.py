"""Words and numbers of the adapter protocol: headers, limits, ids, digests, instants.

Source of every value: adapter protocol, the section that each group names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias

from oneservice.canonical import Digest
from oneservice.errors import ProtocolProblemError

__all__ = [
    "ACCEPTED_DOCUMENT_BYTES",
    "ANSWER_DEADLINE_S",
    "BASE_PATH",
    "CALL_DEADLINE_S",
    "CONTENT_DIGEST_HEADER",
    "DOCUMENT_DEADLINE_S",
    "JSON_TYPE",
    "MAX_ARRAY_ITEMS",
    "MAX_CHANGES_BYTES",
    "MAX_CHANGES_VALUES",
    "MAX_DEPTH",
    "MAX_EVENTS",
    "MAX_EVENT_VALUES",
    "MAX_HEADER_BYTES",
    "MAX_JSON_BYTES",
    "MAX_STRING_BYTES",
    "MAX_URL_BYTES",
    "MAX_VALUES",
    "MAX_WAIT_S",
    "PAGE_EVENTS",
    "PROBLEM_TYPE",
    "SUPPORTED_VERSIONS",
    "VERSION",
    "VERSION_HEADER",
    "PeopleText",
    "content_digest",
    "content_digest_of",
    "digest_from_path",
    "digest_in_path",
    "instant_text",
    "is_digest",
    "is_id",
    "matches_content_digest",
    "parse_day",
    "parse_instant",
]

# Section 1 and 15: what every message says.
VERSION: Final = "1.0"
SUPPORTED_VERSIONS: Final = ("1.0",)
VERSION_HEADER: Final = "OneService-Version"
CONTENT_DIGEST_HEADER: Final = "Content-Digest"
JSON_TYPE: Final = "application/json"
PROBLEM_TYPE: Final = "application/problem+json"
BASE_PATH: Final = "/oneservice/v1"

# Section 14: limits. A department accepts at least these, an engine reads at most these.
MAX_JSON_BYTES: Final = 1_048_576
MAX_CHANGES_BYTES: Final = 4 * 1_048_576
MAX_HEADER_BYTES: Final = 16 * 1024
MAX_URL_BYTES: Final = 2 * 1024
ACCEPTED_DOCUMENT_BYTES: Final = 20 * 1_048_576
MAX_STRING_BYTES: Final = 64 * 1024
MAX_ARRAY_ITEMS: Final = 1_000
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 20_000
MAX_CHANGES_VALUES: Final = 4 * MAX_VALUES
MAX_EVENT_VALUES: Final = MAX_VALUES // 2  # so that a status document holds at least one event
MAX_EVENTS: Final = 10_000
PAGE_EVENTS: Final = 200
MAX_WAIT_S: Final = 25
ANSWER_DEADLINE_S: Final = 10
CALL_DEADLINE_S: Final = 20
DOCUMENT_DEADLINE_S: Final = 60

PeopleText: TypeAlias = Mapping[str, str]
"""Text for people: ``{"zh": ..., "en": ...}``; one language suffices (section 1)."""

_ID = re.compile(r"[A-Za-z0-9._-]{1,96}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z")
_LONGEST_INSTANT: Final = 24
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CONTENT_DIGEST = re.compile(r"([a-z0-9*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):")


def is_id(text: object) -> bool:
    """Say whether ``text`` is an id: ``[A-Za-z0-9._-]{1,96}`` (section 1)."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def is_digest(text: object) -> bool:
    """Say whether ``text`` is a digest as JSON writes it: ``sha256:`` and 64 hex digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def digest_in_path(digest: Digest) -> str:
    """Return ``digest`` as paths write it: ``sha256-...``."""
    return digest.replace(":", "-", 1)


def digest_from_path(segment: str) -> Digest:
    """Return the digest that a path segment names.

    Raises:
        ProtocolProblemError: ``malformed``.
    """
    text = segment.replace("-", ":", 1)
    if not is_digest(text):
        msg = "a document is named sha256- and 64 lower-case hexadecimal digits"
        raise ProtocolProblemError(msg, problem="malformed")
    return Digest(text)


def content_digest(data: bytes) -> str:
    """Return the value of ``Content-Digest`` for ``data`` (RFC 9530 section 2)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode('ascii')}:"


def content_digest_of(digest: Digest) -> str:
    """Return the value of ``Content-Digest`` for the bytes that ``digest`` names."""
    told = bytes.fromhex(digest.removeprefix("sha256:"))
    return f"sha-256=:{base64.b64encode(told).decode('ascii')}:"


def matches_content_digest(header: str, data: bytes) -> bool:
    """Say whether a ``Content-Digest`` header fits ``data``.

    Other algorithms beside ``sha-256`` are ignored (RFC 9530 section 2 lets a receiver choose);
    a header without ``sha-256``, with two of them, or one that cannot be read, does not fit.
    """
    items = [_CONTENT_DIGEST.fullmatch(item.strip(" \t")) for item in header.split(",")]
    claims = [match[2] for match in items if match is not None and match[1] == "sha-256"]
    if None in items or len(claims) != 1:
        return False
    try:
        claimed = base64.b64decode(claims[0], validate=True)
    except binascii.Error:
        return False
    return claimed == hashlib.sha256(data).digest()


def parse_instant(text: Any) -> datetime:
    """Return the instant that ``text`` states: RFC 3339 in UTC, ``Z``, seconds or milliseconds.

    Raises:
        ProtocolProblemError: ``malformed``.
    """
    found = _instant(text) if isinstance(text, str) and len(text) <= _LONGEST_INSTANT else None
    if found is not None:
        return found
    msg = "an instant is written like 2026-11-21T01:00:00Z"
    raise ProtocolProblemError(msg, problem="malformed")


@lru_cache(maxsize=64)
def _instant(text: str) -> datetime | None:
    """Return the instant; some are remembered: each of an event is read three times on its way."""
    if _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
        except ValueError:
            pass  # the thirty-first of February, second 61
    return None


def instant_text(instant: datetime) -> str:
    """Return ``instant`` as the wire writes it; whole seconds without a fraction."""
    moment = instant.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond >= 1000 else "seconds"  # noqa: PLR2004 - micro
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def parse_day(text: Any) -> date:
    """Return the calendar day that ``text`` states, ``YYYY-MM-DD``.

    Raises:
        ProtocolProblemError: ``malformed``.
    """
    if isinstance(text, str) and _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    msg = "a day is written like 2026-11-21"
    raise ProtocolProblemError(msg, problem="malformed")
