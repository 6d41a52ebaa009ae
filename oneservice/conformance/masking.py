"""What a report may show of an exchange: its form, never a person and never a secret.

The kit makes its persons up, but a staging system may hold real ones: whatever stands under a
member that can be about a person is hidden, and so is whatever looks like a number of one.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from oneservice.canonical import parse
from oneservice.errors import MalformedJsonError

__all__ = ["HIDDEN", "masked_body", "masked_header", "masked_text"]

HIDDEN: Final = "•••"
LONGEST: Final = 4_000
_PERSONAL: Final = frozenset(
    {
        *("applicant", "agent", "subject", "fields", "certificate", "consent", "consents"),
        *("note", "text", "name", "reason", "label", "progress", "conditions", "where"),
    }
)
_SECRET: Final = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})
_NUMBERS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{17}[0-9Xx]|1[3-9]\d{9}|[0-9A-HJ-NP-RT-UW-Y]{18})(?![0-9A-Za-z])",
    re.ASCII,
)
"""Citizen numbers, mobile numbers, unified codes (a sole trader's names a person)."""


def masked_text(text: str) -> str:
    """Return ``text`` without what looks like a person's number."""
    return _NUMBERS.sub(HIDDEN, text)


def masked_header(name: str, value: str) -> str:
    """Return the value of a header field without secrets."""
    return HIDDEN if name.lower() in _SECRET else masked_text(value)


def masked_body(data: bytes) -> str:
    """Return a body for people: JSON with persons hidden, else how much there was."""
    if not data:
        return ""
    try:
        document = parse(data, max_bytes=1 << 24)
    except MalformedJsonError:
        start = masked_text(data[:120].decode("ascii", "replace"))
        return f"({len(data)} bytes that are no I-JSON) {start}"
    text = json.dumps(_masked(document, is_personal=False), ensure_ascii=False, indent=1)
    text = masked_text(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… ({len(text)} characters)"


def _masked(value: Any, *, is_personal: bool) -> Any:
    if isinstance(value, dict):
        return {
            name: _masked(one, is_personal=is_personal or name in _PERSONAL)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one, is_personal=is_personal) for one in value]
    is_told = not is_personal or value is None or isinstance(value, bool)
    return value if is_told else HIDDEN
