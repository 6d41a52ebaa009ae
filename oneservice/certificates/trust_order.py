"""What no edition of a trust list may be, whoever signed it: ambiguous, or out of its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from oneservice.certificates.edition_head import PastEdition
from oneservice.certificates.trust_entries import KeyUse, TrustedIssuer
from oneservice.errors import TrustListError

__all__ = ["Numbered", "refuse_disorder", "refuse_twins"]


class Numbered(Protocol):
    """What has the number, the dates and the past of an edition."""

    @property
    def version(self) -> int:
        """Its number."""
        ...

    @property
    def past(self) -> tuple[PastEdition, ...]:
        """The editions before it."""
        ...

    @property
    def issued_at(self) -> datetime:
        """From when it is the list."""
        ...

    @property
    def next_update_at(self) -> datetime | None:
        """By when the next one is promised."""
        ...

    @property
    def expires_at(self) -> datetime:
        """After which nothing is certain."""
        ...


def refuse_disorder(edition: Numbered) -> None:
    """Refuse an edition whose dates or predecessors cannot be.

    Raises:
        TrustListError: a number ran ahead of the history, or a date before another.
    """
    versions = [one.version for one in edition.past]
    first = edition.version - len(versions)
    if versions and versions != [first + index for index in range(len(versions))]:
        msg = "the earlier editions that it names are not all from some number up to its own"
        raise TrustListError(msg)
    update = edition.next_update_at or edition.expires_at
    if not edition.issued_at < update <= edition.expires_at:
        msg = "it must be issued before its next update, and that not after it expires"
        raise TrustListError(msg)


def refuse_twins(issuers: Sequence[TrustedIssuer]) -> None:
    """Refuse two entries of one name, and a key that vouches for two: chance would choose.

    Event keys are those of a server, and several departments may share one.

    Raises:
        TrustListError: as said.
    """
    vouching = [key for issuer in issuers for key in issuer.keys if key.use is KeyUse.CERTIFICATE]
    _refuse("issuer", (issuer.id for issuer in issuers))
    _refuse("certificate key", (key.id for key in vouching))
    _refuse("certificate key", (key.multibase for key in vouching))
    for issuer in issuers:
        _refuse("key", (key.id for key in issuer.keys))


def _refuse(what: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            msg = f"the {what} {name[:160]} stands in it twice; no reader could tell which counts"
            raise TrustListError(msg)
