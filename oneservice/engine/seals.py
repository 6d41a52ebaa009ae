"""A seal whose key is in this process; keys in devices come behind the same port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oneservice.certificates import SigningKey, add_proof
from oneservice.ports import SealHolder

__all__ = ["KeySigner"]


class KeySigner:
    """A :class:`oneservice.ports.Signer` over a :class:`SigningKey`.

    Args:
        issuer: who seals, as the trust list names it.
        key: the seal's key; deterministic, so that the same input gives the same bytes.
    """

    def __init__(self, issuer: SealHolder, key: SigningKey) -> None:
        self._issuer = issuer
        self._key = key

    @property
    def issuer(self) -> SealHolder:
        """Who seals."""
        return self._issuer

    async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
        """Return ``document`` with a proof under ``{issuer}#{public key}``."""
        method = f"{self._issuer.id}#{self._key.public_multibase}"
        return add_proof(document, key=self._key, verification_method=method, created=created)
