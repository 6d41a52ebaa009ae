"""Collect once: a value that is already known, where it came from, and for what it may be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from oneservice.canonical import JsonValue
from oneservice.values.kinds import ValueKind, Words

__all__ = ["Consent", "RememberedValue", "Usability", "describe_usability", "usable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person agreed to: ``purposes`` by name, the things that may use their values.

    ``until`` is the last day it holds, ``None``: until it is withdrawn; ``withdrawn_on`` is the
    first day on which it holds no more.

    References:
        Personal Information Protection Law art. 14 (for a stated purpose, anew when that changes)
        and art. 15 (may be withdrawn).
    """

    id: str
    purposes: tuple[str, ...]
    until: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedValue:
    """One value of one subject, in normal form, with its provenance.

    ``source`` is the register as catalogs name it. ``fetched_at`` is the aware instant at which
    it was fetched, or at which the applicant changed it (``applicant_changed``). ``valid_until``
    is the last day on which it may be used; ``None``: as long as nothing newer is known.

    Raises:
        ValueError: ``fetched_at`` is naive; which of two is newer nobody could tell.
    """

    field_id: str
    kind: ValueKind
    value: JsonValue = field(repr=False)
    source: str
    fetched_at: datetime
    is_personal: bool = True
    consent: Consent | None = None
    valid_until: date | None = None
    applicant_changed: bool = False

    def __post_init__(self) -> None:
        """Refuse a naive instant."""
        if self.fetched_at.utcoffset() is None:
            msg = "a naive datetime is no instant; give fetched_at a zone"
            raise ValueError(msg)

    @property
    def consent_id(self) -> str | None:
        """The consent that covers the value, for the record of the case."""
        return self.consent.id if self.consent is not None else None


class Usability(StrEnum):
    """Whether a remembered value may be used, and if not, why."""

    USABLE = "usable"
    EXPIRED = "expired"
    NO_CONSENT = "no_consent"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_EXPIRED = "consent_expired"
    OTHER_PURPOSE = "other_purpose"


_WORDS: Final = {
    Usability.USABLE: Words(zh="可以使用", en="may be used"),
    Usability.EXPIRED: Words(
        zh="数据已过有效期，需要重新获取", en="is no longer valid; it must be fetched again"
    ),
    Usability.NO_CONSENT: Words(
        zh="属于个人信息，尚未取得本人同意", en="is personal, and the person was not asked"
    ),
    Usability.CONSENT_WITHDRAWN: Words(
        zh="本人已撤回同意", en="the person has withdrawn the consent"
    ),
    Usability.CONSENT_EXPIRED: Words(
        zh="同意已过期，需要再次征得同意", en="the consent has run out; ask again"
    ),
    Usability.OTHER_PURPOSE: Words(
        zh="同意的用途不包括本事项", en="the consent is for another purpose; ask for this one"
    ),
}


def usable(remembered: RememberedValue, *, on: date, purpose: str) -> Usability:
    """Return whether ``remembered`` may be used for ``purpose`` on the day ``on``.

    Args:
        remembered: the value with its provenance.
        on: the day of use in the office's zone.
        purpose: what it is for: the id of the one-thing.
    """
    if remembered.valid_until is not None and on > remembered.valid_until:
        return Usability.EXPIRED
    if not remembered.is_personal:
        return Usability.USABLE
    consent = remembered.consent
    if consent is None:
        return Usability.NO_CONSENT
    if consent.withdrawn_on is not None and on >= consent.withdrawn_on:
        return Usability.CONSENT_WITHDRAWN
    if consent.until is not None and on > consent.until:
        return Usability.CONSENT_EXPIRED
    return Usability.USABLE if purpose in consent.purposes else Usability.OTHER_PURPOSE


def describe_usability(found: Usability) -> Words:
    """Return what to tell a person about ``found``."""
    return _WORDS[found]
