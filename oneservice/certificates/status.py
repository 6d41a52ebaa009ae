"""Whether an issuer took a certificate back: the question that a status source answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from oneservice.certificates.certificate import Certificate
from oneservice.certificates.lifecycle import LifeState
from oneservice.certificates.status_entry import StatusReference

__all__ = [
    "CertificateState",
    "PlaceSource",
    "StatusFinding",
    "StatusSource",
    "published_state",
]


class CertificateState(StrEnum):
    """What a register says to everybody (domain section 8: valid, held, revoked or cancelled)."""

    GOOD = "good"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


_PUBLISHED: Final = {
    LifeState.VALID: CertificateState.GOOD,
    LifeState.EXPIRED: CertificateState.GOOD,
    LifeState.HELD: CertificateState.SUSPENDED,
    LifeState.OTHER: CertificateState.SUSPENDED,
    LifeState.REVOKED: CertificateState.REVOKED,
    LifeState.CANCELLED: CertificateState.REVOKED,
    LifeState.TRANSFERRED: CertificateState.REVOKED,
    LifeState.WITHDRAWN: CertificateState.REVOKED,
}


def published_state(state: LifeState) -> CertificateState:
    """Return what lists say of a certificate in ``state``.

    An expired one says so by its own dates; a list that repeated it would make "expired" read
    "taken back". A state that nobody can name is no reason to rely on the paper: suspended. Whether
    it was given up, found defective or taken away as a sanction no list tells: that is the
    holder's affair (Token Status List, section 12.8), and the register's own answer.
    """
    return _PUBLISHED[state]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFinding:
    """A register's answer and what it rests on: which list, which version, which entry.

    ``reason`` is the state behind it, where the register itself was asked; lists do not tell.
    """

    state: CertificateState
    evidence: Mapping[str, Any] = field(default_factory=dict)
    reason: LifeState | None = None


class StatusSource(Protocol):
    """A register of revocations at hand: the issuer's own, or the lists that it published."""

    def status_of(self, certificate: Certificate, *, at: datetime) -> StatusFinding | None:
        """Return the state of ``certificate`` at ``at``; ``None``: this source cannot tell."""
        ...


@runtime_checkable
class PlaceSource(Protocol):
    """A source that can be asked by place: presentations may keep the identifier back."""

    def state_at(
        self, references: Sequence[StatusReference], *, issuer_id: str, at: datetime
    ) -> StatusFinding | str:
        """Return the state of the certificate that names ``references``, or why none is known."""
        ...
