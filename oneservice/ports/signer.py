"""Who seals what an engine hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

__all__ = ["SealHolder", "Signer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealHolder:
    """Who stands behind a seal: the issuer as certificates and trust lists name it."""

    id: str
    name: Mapping[str, str]
    region: str
    is_sandbox: bool = False


class Signer(Protocol):
    """The engine's own seal: signs the bundle certificate of a case. Keys never leave it."""

    @property
    def issuer(self) -> SealHolder:
        """Who seals."""
        ...

    async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
        """Return ``document`` with a Data Integrity proof.

        The same input should give the same bytes: after a crash the same certificate comes out.
        """
        ...
