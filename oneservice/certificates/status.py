"""Whether an issuer took a certificate back: the question that a status source answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from oneservice.certificates.certificate import Certificate

__all__ = ["CertificateState", "StatusFinding", "StatusSource"]


class CertificateState(StrEnum):
    """What a register says (domain section 8: valid, held, revoked or cancelled)."""

    GOOD = "good"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFinding:
    """A register's answer and what it rests on: which list, which version, which entry."""

    state: CertificateState
    evidence: Mapping[str, Any] = field(default_factory=dict)


class StatusSource(Protocol):
    """A register of revocations at hand; published lists will be such sources."""

    def status_of(self, certificate: Certificate, *, at: datetime) -> StatusFinding | None:
        """Return the state of ``certificate`` at ``at``; ``None``: this source cannot tell."""
        ...
