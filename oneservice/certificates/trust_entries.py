"""The entries of a trust list: issuers, their dated keys and their dated entitlements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final

from oneservice.certificates.claims import LocalText, is_url
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.multibase import Curve
from oneservice.certificates.trust_coding import (
    DAYS,
    Members,
    each,
    is_within,
    local_text,
    maybe_instant,
    maybe_text,
    read_entry,
    region,
    text,
    word,
    write_entry,
)
from oneservice.errors import TrustListError, VerificationError
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["Entitlement", "EventAlgorithm", "KeyUse", "ListedKey", "TrustedIssuer"]


class KeyUse(StrEnum):
    """What a listed key may sign: certificates, or the events of submissions."""

    CERTIFICATE = "certificate"
    EVENT = "event"


class EventAlgorithm(StrEnum):
    """Algorithms of event keys (adapter protocol, section 3)."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256-sha256"


_EVENT_CURVES = {EventAlgorithm.ED25519: Curve.ED25519, EventAlgorithm.ECDSA_P256: Curve.P256}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """A key of an issuer with its days.

    Args:
        id: verification method (URL) of a certificate key; key id on the wire of an event key.
        use: what it may sign.
        suite: ``Cryptosuite`` of a certificate key, :class:`EventAlgorithm` of an event key.
        multibase: the public key as a Multikey.
        valid_from: first instant at which it may sign.
        valid_until: first instant at which it may no longer; ``None``: still in use.
        compromised_at: since when somebody else may have had it; ``None``: no such report.

    Raises:
        TrustListError: the key is malformed, or is not of that suite.
    """

    id: str
    use: KeyUse
    suite: str
    multibase: str
    valid_from: datetime
    valid_until: datetime | None = None
    compromised_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a key that could never verify anything."""
        try:
            key = VerifyingKey.from_multibase(self.multibase)
        except VerificationError as error:
            msg = f"key {self.id[:120]}: {error}"
            raise TrustListError(msg) from None
        if self.use is KeyUse.CERTIFICATE:
            fits = self.suite == key.suite and is_url(self.id)
        else:
            fits = any(
                self.suite == algorithm and key.curve is curve
                for algorithm, curve in _EVENT_CURVES.items()
            )
        if not fits:
            msg = f"key {self.id[:120]}: suite {self.suite[:40]!r} does not fit the key and its use"
            raise TrustListError(msg)

    @classmethod
    def for_certificates(
        cls,
        issuer_id: str,
        multibase: str,
        *,
        valid_from: datetime,
        valid_until: datetime | None = None,
        compromised_at: datetime | None = None,
    ) -> ListedKey:
        """Return the entry of a certificate key under its customary URL."""
        return cls(
            id=f"{issuer_id}#{multibase}",
            use=KeyUse.CERTIFICATE,
            suite=VerifyingKey.from_multibase(multibase).suite,
            multibase=multibase,
            valid_from=valid_from,
            valid_until=valid_until,
            compromised_at=compromised_at,
        )

    def key(self) -> VerifyingKey:
        """Return the public key, loaded."""
        return VerifyingKey.from_multibase(self.multibase)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the issuer used the key at ``moment``; compromise is another question."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        entry = write_entry(self, _KEY)
        return {**entry, "public_key_multibase": self.multibase}

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> ListedKey:
        """Return the key that an entry of a list states."""
        multibase = text(entry, "public_key_multibase")
        return read_entry(partial(cls, multibase=multibase), _KEY, entry)


_KEY: Final[Members] = {
    "id": text,
    "use": word(KeyUse),
    "suite": text,
    **DAYS,
    "compromised_at": maybe_instant,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """The right to issue certificates of ``type`` in ``region`` and whatever lies in it."""

    type: str
    region: str
    valid_from: datetime
    valid_until: datetime | None = None

    def covers(self, type_: str, region: str, moment: datetime) -> bool:
        """Say whether a certificate of ``type_`` for ``region`` could be issued at ``moment``."""
        return (
            self.type == type_
            and region_contains(RegionCode(self.region), RegionCode(region))
            and self.is_within(moment)
        )

    def is_within(self, moment: datetime) -> bool:
        """Say whether the right exists at ``moment``."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return write_entry(self, _ENTITLEMENT)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Entitlement:
        """Return the entitlement that an entry of a list states."""
        return read_entry(cls, _ENTITLEMENT, entry)


_ENTITLEMENT: Final[Members] = {"type": text, "region": region, **DAYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """An office that a list names. ``department`` is its id in catalogs and on the wire."""

    id: str
    name: LocalText
    region: str
    department: str | None = None
    keys: tuple[ListedKey, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return {
            **write_entry(self, _ISSUER),
            "keys": [key.as_json() for key in self.keys],
            "entitlements": [one.as_json() for one in self.entitlements],
        }

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> TrustedIssuer:
        """Return the issuer that an entry of a list states."""
        keys = each(entry, "keys", ListedKey.of)
        entitlements = each(entry, "entitlements", Entitlement.of)
        return read_entry(partial(cls, keys=keys, entitlements=entitlements), _ISSUER, entry)


_ISSUER: Final[Members] = {
    "id": text,
    "name": local_text,
    "region": region,
    "department": maybe_text,
}
