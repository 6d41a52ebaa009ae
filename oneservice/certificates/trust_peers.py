"""Other regions' lists, as a list names them: where they are, and who must have signed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.certificates.claims import is_url
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.trust_coding import (
    DAYS,
    Members,
    is_within,
    read_entry,
    region,
    text,
    texts,
    whole,
    write_entry,
)
from oneservice.errors import TrustListError, VerificationError
from oneservice.identifiers import parse_region

__all__ = ["TrustPeer", "refuse_signers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPeer:
    """Another region's trust list: where it is published, and who must have signed it.

    Args:
        territory: for which the other list speaks.
        url: where its current edition is found.
        threshold: how many of ``keys`` must have signed.
        keys: Multikeys of its signers, as they were when this entry was made; the other list's
            own chain of roots leads from them to the present ones.
        valid_from: since when it is taken for that region's list.
        valid_until: first instant at which it no longer is.

    Raises:
        TrustListError: a key is none, stands twice, or the threshold can never be met.
    """

    territory: str
    url: str
    threshold: int
    keys: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse an anchor that would hold nothing."""
        parse_region(self.territory)
        if not is_url(self.url):
            msg = f"peer {self.territory}: its url is none"
            raise TrustListError(msg)
        refuse_signers(f"peer {self.territory}", self.threshold, self.keys)

    def is_within(self, moment: datetime) -> bool:
        """Say whether the entry counts at ``moment``."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a list."""
        return write_entry(self, _PEER)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> TrustPeer:
        """Return the peer that an entry of a list states."""
        return read_entry(cls, _PEER, entry)


_PEER: Final[Members] = {
    "territory": region,
    "url": text,
    "threshold": whole,
    "keys": texts,
    **DAYS,
}


def refuse_signers(whose: str, threshold: int, keys: tuple[str, ...]) -> None:
    """Refuse signers of whom too few are needed, or more than there are.

    Raises:
        TrustListError: as said.
    """
    for key in keys:
        try:
            VerifyingKey.from_multibase(key)
        except VerificationError as error:
            msg = f"{whose}: the key {key[:60]!r} is none: {error}"
            raise TrustListError(msg) from None
    if len(set(keys)) != len(keys):
        msg = f"{whose}: a signer's key stands twice; one person would count as two"
        raise TrustListError(msg)
    if not 1 <= threshold <= len(keys):
        msg = f"{whose}: of {len(keys)} signers {threshold} are to sign, which cannot be"
        raise TrustListError(msg)
