"""What others than the issuer vouch for: logs, witnesses, clocks; and since when at the least.

Each of them proves that the certificate existed at some moment. The earliest counts, because
whatever existed then was signed before. A single witness could lie about it: where the policy asks
for several, the moment counts that so many of them confirm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oneservice.canonical import Digest, write_instant
from oneservice.certificates.requirements import ANY_WITNESS, Witnessed
from oneservice.errors import VerificationError

__all__ = ["NOBODY", "Attested", "Cosigning", "Fault", "Logging", "Stamp", "agreed_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """A listed log holds the certificate.

    Args:
        origin: name of the log.
        index: number of the entry, from 0.
        size: of the tree whose root the log signed.
    """

    origin: str
    index: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigning:
    """A listed witness saw a tree that holds the certificate.

    ``role`` is what the trust list says that it is.
    """

    name: str
    role: str
    at: datetime
    region: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the cosigning as evidence of a check."""
        stated = {"witness": self.name, "role": self.role, "at": write_instant(self.at)}
        return stated if self.region is None else stated | {"region": self.region}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A listed timestamp authority saw the certificate."""

    authority: str
    at: datetime
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that was enclosed and proves nothing: false, or nobody at hand can tell."""

    what: str
    error: VerificationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """Everything that listed third parties vouch for.

    Args:
        logs: one for each log that proves inclusion.
        cosignings: one for each witness, the earliest.
        stamps: in order of time.
        log_faults: enclosed log proofs that prove nothing.
        stamp_faults: enclosed timestamps that prove nothing.
        lists_seen: when the witnesses that are due had seen an enclosed status list, by its digest.
        due: which witnesses must agree before their time counts, and how many.
    """

    logs: tuple[Logging, ...] = ()
    cosignings: tuple[Cosigning, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    log_faults: tuple[Fault, ...] = ()
    stamp_faults: tuple[Fault, ...] = ()
    lists_seen: Mapping[Digest, datetime] = field(default_factory=dict)
    due: Witnessed = ANY_WITNESS

    @property
    def proven(self) -> tuple[datetime, str] | None:
        """The earliest moment at which others had seen the certificate, and who says so."""
        if not self.stamps and not self.cosignings:
            return None
        moments = [(stamp.at, f"timestamp of {stamp.authority}") for stamp in self.stamps]
        agreed = agreed_on(self.cosignings, self.due)
        return min([*moments, *([] if agreed is None else [agreed])], default=None)

    @property
    def proven_at(self) -> datetime | None:
        """The moment of :attr:`proven`."""
        found = self.proven
        return None if found is None else found[0]


def agreed_on(cosignings: Sequence[Cosigning], due: Witnessed) -> tuple[datetime, str] | None:
    """Return the first moment that as many witnesses as are ``due`` confirm, and who they are."""
    own = [one for one in cosignings if due.counts(one.name, one.role)]
    seen = sorted(own, key=lambda one: (one.at, one.name))[: due.at_least]
    if len(seen) < due.at_least:
        return None
    return seen[-1].at, f"cosignature of {', '.join(one.name for one in seen)}"


NOBODY: Final = Attested()
