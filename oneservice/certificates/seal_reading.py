"""Reading what stands in policies, mandates, books and receipts of seals: strict, one spelling.

Offices and people are named by *role ids* (``village-clerk:990101-03``), never by name: books of
seals are read by auditors and published in part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from oneservice.canonical import Digest, read_instant
from oneservice.errors import MalformedCertificateError, MalformedJsonError

__all__ = [
    "check_role",
    "members",
    "read_clock",
    "read_count",
    "read_digest",
    "read_moment_of",
    "read_text",
    "read_texts",
]

_ROLE: Final = re.compile(r"[a-z0-9][a-z0-9._/-]*(:[a-z0-9][a-z0-9._/-]*)*", re.ASCII)
_ROLE_SIGNS: Final = 120
_NUMBER_OF_A_PERSON: Final = re.compile(r"\d{15}")
"""Citizen numbers have 15 or 18 digits, telephone numbers with country code 13."""
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_TEXT_SIGNS: Final = 400


def members(entry: object, *names: str, where: str, optional: tuple[str, ...] = ()) -> Any:
    """Return ``entry`` if it is an object with just these members.

    Raises:
        MalformedCertificateError: no object, a member is missing, or one is not known here.
    """
    if not isinstance(entry, Mapping):
        raise _malformed(where, "an object is due")
    missing = sorted(set(names) - set(entry))
    unknown = sorted(set(entry) - set(names) - set(optional))
    if missing:
        raise _malformed(where, f"{missing[0]} is missing")
    if unknown:
        raise _malformed(where, f"{str(unknown[0])[:40]!r} is not known here; is it a slip?")
    return entry


def read_text(entry: Mapping[str, Any], name: str, *, where: str) -> str:
    """Return a member that is some text of at most 400 signs."""
    value = entry.get(name)
    if not isinstance(value, str) or not value or len(value) > _TEXT_SIGNS:
        raise _malformed(where, f"{name} is no text")
    return value


def read_texts(entry: Mapping[str, Any], name: str, *, where: str) -> tuple[str, ...]:
    """Return a member that is a list of texts, none twice."""
    value = entry.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _malformed(where, f"{name} is no list of texts")
    if len(set(value)) != len(value):
        raise _malformed(where, f"{name} names something twice")
    return tuple(value)


def read_count(entry: Mapping[str, Any], name: str, *, where: str, least: int = 0) -> int:
    """Return a member that is a whole number from ``least``."""
    value = entry.get(name)
    if type(value) is not int or value < least:
        raise _malformed(where, f"{name} is no whole number from {least}")
    return value


def read_moment_of(entry: Mapping[str, Any], name: str, *, where: str) -> datetime:
    """Return a member that is an instant in UTC."""
    try:
        return read_instant(read_text(entry, name, where=where))
    except MalformedJsonError as error:
        raise _malformed(where, f"{name}: {error}") from None


def read_digest(entry: Mapping[str, Any], name: str, *, where: str) -> Digest:
    """Return a member that is a digest."""
    value = read_text(entry, name, where=where)
    if _DIGEST.fullmatch(value) is None:
        raise _malformed(where, f"{name} is no digest")
    return Digest(value)


def read_clock(entry: Mapping[str, Any], name: str, *, where: str) -> time:
    """Return a member that is a time of day such as ``08:30``."""
    value = read_text(entry, name, where=where)
    if _CLOCK.fullmatch(value) is None:
        raise _malformed(where, f"{name} is no time of day such as 08:30")
    return time.fromisoformat(value)


def check_role(role: str, *, where: str) -> str:
    """Return ``role`` if it is a role id, and at least no number of a person.

    Raises:
        MalformedCertificateError: it is not.
    """
    if len(role) > _ROLE_SIGNS or _ROLE.fullmatch(role) is None or _NUMBER_OF_A_PERSON.search(role):
        raise _malformed(where, "a role id such as village-clerk:990101-03 is due, no person")
    return role


def _malformed(where: str, what: str) -> MalformedCertificateError:
    return MalformedCertificateError(f"{where}: {what}")
