"""Mandates: the right to use somebody else's seal, for some matters, in some places, for a while.

A village clerk who seals for a resident holds no seal of the county; she holds a mandate. It ends
on its day, or at once when it is revoked.

References:
    certificates page, section 2; Administrative Licensing Law art. 24 (entrusting another organ,
    in its name and within the scope of what was entrusted); Administrative Penalty Law art. 20.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, digest, write_instant
from oneservice.certificates.claims import is_url
from oneservice.certificates.seal_reading import (
    check_role,
    members,
    read_moment_of,
    read_text,
    read_texts,
)
from oneservice.errors import IdentifierError, MalformedCertificateError
from oneservice.identifiers import RegionCode, parse_region, region_contains

__all__ = ["Mandate"]

_WHERE: Final = "mandate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A mandate as it stands in the book of a seal.

    Args:
        id: names it in requests and receipts.
        seal_id: URL of the seal that it opens.
        holder: role id of who may use the seal.
        granted_by: role id of who gave it.
        types: certificate types, all of them also in the seal's policy.
        regions: regions for which it holds, each with whatever lies in it.
        valid_from: first instant.
        valid_until: first instant at which it no longer holds; a mandate without end is none.
        revoked_at: since when it is revoked; ``None``: it is not.

    Raises:
        MalformedCertificateError: it names nobody or nothing, or ends before it begins.
    """

    id: str
    seal_id: str
    holder: str
    granted_by: str
    types: tuple[str, ...]
    regions: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a mandate that says nothing."""
        check_role(self.holder, where="mandate: holder")
        check_role(self.granted_by, where="mandate: granted_by")
        check_role(self.id, where="mandate: id")
        if not (self.types and self.regions and is_url(self.seal_id)):
            msg = "mandate: it names no type, no region, or no seal"
            raise MalformedCertificateError(msg)
        if self.valid_until <= self.valid_from:
            msg = "mandate: it ends before it begins"
            raise MalformedCertificateError(msg)
        try:
            for region in self.regions:
                parse_region(region)
        except IdentifierError:
            msg = "mandate: a region has 6, 9 or 12 digits"
            raise MalformedCertificateError(msg) from None

    @property
    def digest(self) -> Digest:
        """Digest of what was granted; a revocation does not change it."""
        return digest(self.as_json())

    def is_within(self, moment: datetime) -> bool:
        """Say whether ``moment`` lies in its days; revocation is another question."""
        return self.valid_from <= moment < self.valid_until

    def is_revoked(self, moment: datetime) -> bool:
        """Say whether it was revoked at or before ``moment``."""
        return self.revoked_at is not None and self.revoked_at <= moment

    def covers(self, type_: str, region: str) -> bool:
        """Say whether it is for certificates of ``type_`` in ``region``."""
        return type_ in self.types and any(
            region_contains(RegionCode(one), RegionCode(region)) for one in self.regions
        )

    def revoked(self, at: datetime) -> Mandate:
        """Return the mandate, revoked at ``at``; an earlier revocation stays."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return self
        return replace(self, revoked_at=at)

    def as_json(self) -> dict[str, Any]:
        """Return what was granted, as JSON; revocations are records of their own."""
        return {
            "id": self.id,
            "seal_id": self.seal_id,
            "holder": self.holder,
            "granted_by": self.granted_by,
            "types": list(self.types),
            "regions": list(self.regions),
            "valid_from": write_instant(self.valid_from),
            "valid_until": write_instant(self.valid_until),
        }

    @classmethod
    def of(cls, entry: object) -> Mandate:
        """Return the mandate that JSON states.

        Raises:
            MalformedCertificateError: it is none; the message names the member.
        """
        found = members(entry, *_DUE, where=_WHERE)
        return cls(
            id=read_text(found, "id", where=_WHERE),
            seal_id=read_text(found, "seal_id", where=_WHERE),
            holder=read_text(found, "holder", where=_WHERE),
            granted_by=read_text(found, "granted_by", where=_WHERE),
            types=read_texts(found, "types", where=_WHERE),
            regions=read_texts(found, "regions", where=_WHERE),
            valid_from=read_moment_of(found, "valid_from", where=_WHERE),
            valid_until=read_moment_of(found, "valid_until", where=_WHERE),
        )


_DUE: Final = (
    "id",
    "seal_id",
    "holder",
    "granted_by",
    "types",
    "regions",
    "valid_from",
    "valid_until",
)
