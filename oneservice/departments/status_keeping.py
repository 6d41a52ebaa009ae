"""What a department's certificates need of others: a register of them, and whoever seals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from oneservice.certificates import (
    Act,
    CertificateRecord,
    ListIssuer,
    Publication,
    StatusEntry,
)

__all__ = ["PublishedEdition", "Seals", "StatusKeeper"]


class PublishedEdition(Protocol):
    """One publication of a register: all its lists, of one moment."""

    @property
    def number(self) -> int:
        """Counts from 1."""
        ...

    @property
    def issued_at(self) -> datetime:
        """Aware instant."""
        ...

    @property
    def expires_at(self) -> datetime:
        """After it nobody may rely on this edition."""
        ...

    @property
    def documents(self) -> Mapping[Publication, bytes]:
        """The signed lists."""
        ...


class Seals(Protocol):
    """Whoever puts a department's seal; any :class:`oneservice.ports.Signer` does."""

    async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
        """Return ``document`` with a proof; the same input gives the same bytes."""
        ...


class StatusKeeper(Protocol):
    """A register of certificates; :class:`oneservice.runtimes.StatusRegister` is one."""

    @property
    def uri(self) -> str:
        """URL of the register; certificates name it."""
        ...

    async def perform(self, identifier: str | None, act: Act, *, ground: str) -> CertificateRecord:
        """Do ``act``, durably."""
        ...

    def entry(self, identifier: str) -> StatusEntry:
        """Return the place of a certificate."""
        ...

    def record(self, identifier: str) -> CertificateRecord | None:
        """Return what is held about a certificate."""
        ...

    async def publish(
        self, issuer: ListIssuer, *, at: datetime, lifetime: timedelta, ttl_s: int
    ) -> PublishedEdition:
        """Sign the state of this moment."""
        ...

    def edition(self, *, at: datetime | None = None) -> PublishedEdition | None:
        """Return the newest edition, or the one that was the newest at ``at``."""
        ...

    async def close(self) -> None:
        """Give the register back."""
        ...
