"""What a seal may be used for, by whom, when, how often, and who must agree.

A seal is a signing key with a policy. The policy is data with a digest: the trust list pins that
digest, so a verifier years later judges a use by the rules of its day and not by the office's word.

References:
    certificates page, section 2; Electronic Signature Law art. 13 (control of the signing data);
    State Council decree 716 art. 4 and 9 (electronic seals have the force of seals).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from oneservice.canonical import Digest, digest, write_instant
from oneservice.certificates.claims import LocalText, is_url
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.moments import is_zone
from oneservice.certificates.seal_reading import (
    check_role,
    members,
    read_clock,
    read_count,
    read_moment_of,
    read_text,
    read_texts,
)
from oneservice.errors import IdentifierError, MalformedCertificateError, VerificationError
from oneservice.identifiers import RegionCode, parse_region, region_contains

__all__ = ["Approver", "SealHours", "SealPolicy"]

POLICY_FORMAT: Final = "oneservice-seal-policy/1"
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who may agree to a use of the seal.

    Args:
        role: role id.
        key: Multikey with which this role signs its approvals; ``None``: the lock's operator
            vouches for them, and reports say so.
    """

    role: str
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse a role that is a person, and a key that could verify nothing."""
        check_role(self.role, where="approver")
        if self.key is not None:
            VerifyingKey.from_multibase(self.key)

    def as_json(self) -> dict[str, Any]:
        """Return the approver as it stands in a policy."""
        return {"role": self.role, "key": self.key}

    @classmethod
    def of(cls, entry: object) -> Approver:
        """Return the approver that an entry of a policy states."""
        found = members(entry, "role", where="approver", optional=("key",))
        key = None if found.get("key") is None else read_text(found, "key", where="approver")
        return cls(role=read_text(found, "role", where="approver"), key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealHours:
    """When a seal may be used: from ``opens`` until ``closes`` (not included) of each day."""

    opens: time
    closes: time
    working_days_only: bool = True

    def __post_init__(self) -> None:
        """Refuse hours over midnight: the day that a use counts for would be two days."""
        if self.opens >= self.closes:
            msg = "seal hours: they end before they begin; hours over midnight are two seals"
            raise MalformedCertificateError(msg)

    def as_json(self) -> dict[str, Any]:
        """Return the hours as they stand in a policy."""
        return {
            "opens": self.opens.isoformat("minutes"),
            "closes": self.closes.isoformat("minutes"),
            "working_days_only": self.working_days_only,
        }

    @classmethod
    def of(cls, entry: object) -> SealHours:
        """Return the hours that a policy states."""
        found = members(entry, "opens", "closes", where="hours", optional=("working_days_only",))
        return cls(
            opens=read_clock(found, "opens", where="hours"),
            closes=read_clock(found, "closes", where="hours"),
            working_days_only=_flag(found, "working_days_only", default=True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPolicy:
    """The rules of one seal.

    Args:
        seal_id: URL of the seal.
        name: what people call it, per language.
        key_id: verification method (URL) of its key, as certificates name it.
        types: certificate types that it may seal; nothing else.
        regions: regions, each with whatever lies in it.
        requesters: roles that may use it by their office; everybody else needs a mandate.
        approvers: who may agree.
        approvals_needed: how many different roles must agree to each use; 0: none.
        requester_may_approve: whether who asks may be one of them.
        approval_lasts_s: for how long an approval is good, in seconds.
        hours: when it may be used; ``None``: at any time.
        daily_count: how many uses a day of the office's zone has; ``None``: no limit.
        zone: offset from UTC of the office, such as ``+08:00``.
        valid_from: first instant at which the policy holds.
        valid_until: first instant at which it no longer does; ``None``: until replaced.

    Raises:
        MalformedCertificateError: a rule that nobody could keep or that says nothing.
    """

    seal_id: str
    name: LocalText
    key_id: str
    types: tuple[str, ...]
    regions: tuple[str, ...]
    valid_from: datetime
    requesters: tuple[str, ...] = ()
    approvers: tuple[Approver, ...] = ()
    approvals_needed: int = 0
    requester_may_approve: bool = False
    approval_lasts_s: int = _DAY_S
    hours: SealHours | None = None
    daily_count: int | None = None
    zone: str = "+08:00"
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody could keep."""
        roles = {one.role for one in self.approvers}
        slips = (
            (not (is_url(self.seal_id) and is_url(self.key_id)), "seal_id and key_id are URLs"),
            (not self.types or not self.regions, "it names no type or no region, so no use at all"),
            (len(roles) != len(self.approvers), "it names an approver twice"),
            (self.approvals_needed > len(roles), "it asks for more approvals than approvers"),
            (
                self.approvals_needed < 0 or self.approval_lasts_s < 1,
                "approvals cannot be negative",
            ),
            (self.daily_count is not None and self.daily_count < 1, "daily_count is from 1"),
            (not is_zone(self.zone), "zone is an offset such as +08:00"),
        )
        for is_slip, what in slips:
            if is_slip:
                raise _malformed(what)
        for role in self.requesters:
            check_role(role, where="seal policy: requester")
        for region in self.regions:
            _region(region)

    @property
    def digest(self) -> Digest:
        """What trust lists and receipts pin."""
        return digest(self.as_json())

    def covers_region(self, region: str) -> bool:
        """Say whether the seal may be used for ``region``."""
        return any(region_contains(RegionCode(one), RegionCode(region)) for one in self.regions)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the policy holds at ``moment``."""
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)

    def local(self, moment: datetime) -> datetime:
        """Return ``moment`` as the office's clock on the wall shows it."""
        sign = -1 if self.zone[0] == "-" else 1
        hours, minutes = int(self.zone[1:3]), int(self.zone[4:])
        offset = sign * timedelta(hours=hours, minutes=minutes)
        return moment.astimezone(UTC).astimezone(timezone(offset))

    def day(self, moment: datetime) -> date:
        """Return the day of the office for which a use at ``moment`` counts."""
        return self.local(moment).date()

    def as_json(self) -> dict[str, Any]:
        """Return the policy as JSON; its digest is that of this."""
        return {
            "format": POLICY_FORMAT,
            "seal_id": self.seal_id,
            "name": dict(self.name),
            "key_id": self.key_id,
            "types": list(self.types),
            "regions": list(self.regions),
            "requesters": list(self.requesters),
            "approvers": [one.as_json() for one in self.approvers],
            "approvals_needed": self.approvals_needed,
            "requester_may_approve": self.requester_may_approve,
            "approval_lasts_s": self.approval_lasts_s,
            "hours": None if self.hours is None else self.hours.as_json(),
            "daily_count": self.daily_count,
            "zone": self.zone,
            "valid_from": write_instant(self.valid_from),
            "valid_until": None if self.valid_until is None else write_instant(self.valid_until),
        }

    @classmethod
    def of(cls, entry: object) -> SealPolicy:
        """Return the policy that JSON states; what may be left out has the defaults above.

        Raises:
            MalformedCertificateError: it is none; the message names the member.
        """
        where = "seal policy"
        found = members(entry, *_DUE, where=where, optional=_OPTIONAL)
        if found["format"] != POLICY_FORMAT:
            raise _malformed(f"format is not {POLICY_FORMAT}")
        name, approvers = found["name"], found.get("approvers", [])
        if not isinstance(name, Mapping) or not name or not isinstance(approvers, list):
            raise _malformed("name is an object of languages, approvers a list")
        try:
            return cls(
                seal_id=read_text(found, "seal_id", where=where),
                name={language: read_text(name, language, where="name") for language in name},
                key_id=read_text(found, "key_id", where=where),
                types=read_texts(found, "types", where=where),
                regions=read_texts(found, "regions", where=where),
                valid_from=read_moment_of(found, "valid_from", where=where),
                **_defaults(found),
                approvers=tuple(Approver.of(one) for one in approvers),
            )
        except VerificationError as error:
            if isinstance(error, MalformedCertificateError):
                raise
            raise _malformed(str(error)) from error


_DUE: Final = ("format", "seal_id", "name", "key_id", "types", "regions", "valid_from")
_OPTIONAL: Final = (
    "requesters",
    "approvers",
    "approvals_needed",
    "requester_may_approve",
    "approval_lasts_s",
    "hours",
    "daily_count",
    "zone",
    "valid_until",
)


def _defaults(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return those optional members that are stated."""
    where = "seal policy"
    given: dict[str, Any] = {}
    if "requesters" in found:
        given["requesters"] = read_texts(found, "requesters", where=where)
    if "approvals_needed" in found:
        given["approvals_needed"] = read_count(found, "approvals_needed", where=where)
    if "requester_may_approve" in found:
        given["requester_may_approve"] = _flag(found, "requester_may_approve", default=False)
    if "approval_lasts_s" in found:
        given["approval_lasts_s"] = read_count(found, "approval_lasts_s", where=where, least=1)
    if found.get("hours") is not None:
        given["hours"] = SealHours.of(found["hours"])
    if found.get("daily_count") is not None:
        given["daily_count"] = read_count(found, "daily_count", where=where, least=1)
    if "zone" in found:
        given["zone"] = read_text(found, "zone", where=where)
    if found.get("valid_until") is not None:
        given["valid_until"] = read_moment_of(found, "valid_until", where=where)
    return given


def _flag(found: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = found.get(name, default)
    if not isinstance(value, bool):
        raise _malformed(f"{name} is true or false")
    return value


def _region(text: str) -> str:
    try:
        return parse_region(text)
    except IdentifierError:
        raise _malformed("a region has 6, 9 or 12 digits") from None


def _malformed(what: str) -> MalformedCertificateError:
    return MalformedCertificateError(f"seal policy: {what}")
