"""What else a trust list names beside issuers: logs, witnesses, clocks and seals.

All of it is dated, as keys are: what was logged in 2026 by a log that closed in 2030 stays logged.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest
from oneservice.certificates.trust_coding import (
    DAYS,
    Members,
    is_within,
    maybe_instant,
    maybe_text,
    read_entry,
    text,
    write_entry,
)
from oneservice.errors import TrustListError
from oneservice.identifiers import parse_region

__all__ = ["ListedAuthority", "ListedLog", "ListedSeal", "ListedWitness"]

_DIGEST: Final = "sha256:"
_DIGEST_SYMBOLS: Final = 71
_VKEY_PARTS: Final = 3
"""Name, key hash, key: a verifier key of C2SP signed-note. The transparency room reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLog:
    """A transparency log whose proofs count.

    Args:
        origin: the name that its checkpoints begin with.
        vkey: its key as a C2SP verifier key (``name+hash+key``).
        valid_from: first instant of its checkpoints that counts.
        valid_until: first instant that no longer does; ``None``: it is open.
        compromised_at: since when somebody else may have signed checkpoints.

    Raises:
        TrustListError: the verifier key has not the shape of one, or is that of another name.
    """

    origin: str
    vkey: str
    valid_from: datetime
    valid_until: datetime | None = None
    compromised_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a key that can verify nothing."""
        _refuse_vkey(self.vkey, self.origin)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the log counted at ``moment``; compromise is another question."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return write_entry(self, _LOG)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> ListedLog:
        """Return the log that an entry of a list states."""
        return read_entry(cls, _LOG, entry)


_LOG: Final[Members] = {
    "origin": text,
    "vkey": text,
    **DAYS,
    "compromised_at": maybe_instant,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWitness:
    """A witness whose cosignatures count: another region, an audit office, a university.

    Args:
        name: as it stands in its cosignatures.
        vkey: its key as a C2SP verifier key.
        region: for whom it watches, or ``None`` where it belongs to no region.
        role: what it is, such as ``audit-office``; a policy may ask for roles.
        valid_from: as for a log.
        valid_until: as for a log.
        compromised_at: as for a log.

    Raises:
        TrustListError: the verifier key has not the shape of one, or is that of another name.
    """

    name: str
    vkey: str
    role: str
    valid_from: datetime
    region: str | None = None
    valid_until: datetime | None = None
    compromised_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a key that can verify nothing."""
        _refuse_vkey(self.vkey, self.name)
        if self.region is not None:
            parse_region(self.region)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the witness counted at ``moment``; compromise is another question."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return write_entry(self, _WITNESS)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> ListedWitness:
        """Return the witness that an entry of a list states."""
        return read_entry(cls, _WITNESS, entry)


_WITNESS: Final[Members] = {
    "name": text,
    "vkey": text,
    "role": text,
    "region": maybe_text,
    **DAYS,
    "compromised_at": maybe_instant,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAuthority:
    """A timestamp authority (RFC 3161) whose word about time counts.

    Args:
        name: of the authority.
        certificate: its X.509 certificate, DER in base64 (RFC 4648 section 4, padded).
        valid_from: first instant of its timestamps that counts.
        valid_until: first instant that no longer does.
        compromised_at: since when somebody else may have stamped.

    Raises:
        TrustListError: the certificate is no base64.
    """

    name: str
    certificate: str
    valid_from: datetime
    valid_until: datetime | None = None
    compromised_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what is no base64; what the certificate says is read where it is used."""
        try:
            base64.b64decode(self.certificate, validate=True)
        except (binascii.Error, ValueError):
            msg = f"timestamp authority {self.name[:80]}: its certificate is no base64 of DER"
            raise TrustListError(msg) from None

    @property
    def der(self) -> bytes:
        """The certificate."""
        return base64.b64decode(self.certificate)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the authority counted at ``moment``; compromise is another question."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return write_entry(self, _AUTHORITY)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> ListedAuthority:
        """Return the authority that an entry of a list states."""
        return read_entry(cls, _AUTHORITY, entry)


_AUTHORITY: Final[Members] = {
    "name": text,
    "certificate": text,
    **DAYS,
    "compromised_at": maybe_instant,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSeal:
    """A seal: a listed key bound to the policy under which alone it may sign.

    Args:
        id: of the seal, a URL or URN.
        key_id: verification method of the key that seals, as an issuer of the list has it.
        policy_digest: digest of the policy's canonical form.
        valid_from: first instant at which the seal may be used so.
        valid_until: first instant at which it may no longer.

    Raises:
        TrustListError: the digest is none.
    """

    id: str
    key_id: str
    policy_digest: Digest
    valid_from: datetime
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a digest that no policy can have."""
        digits = self.policy_digest.removeprefix(_DIGEST)
        is_hex = not digits.strip("0123456789abcdef")
        if len(self.policy_digest) != _DIGEST_SYMBOLS or len(digits) != 64 or not is_hex:  # noqa: PLR2004 - SHA-256
            msg = f"seal {self.id[:120]}: its policy_digest is no 'sha256:' and 64 digits"
            raise TrustListError(msg)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the seal stood under this policy at ``moment``."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return write_entry(self, _SEAL)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> ListedSeal:
        """Return the seal that an entry of a list states."""
        return read_entry(cls, _SEAL, entry)


_SEAL: Final[Members] = {"id": text, "key_id": text, "policy_digest": text, **DAYS}


def _refuse_vkey(vkey: str, name: str) -> None:
    parts = vkey.split("+", _VKEY_PARTS - 1)
    if len(parts) != _VKEY_PARTS or parts[0] != name or not parts[2]:
        msg = f"{name[:120]}: its vkey is no verifier key of that name (name+hash+key)"
        raise TrustListError(msg)
