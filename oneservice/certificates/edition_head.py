"""The head of every signed edition: whose, which number, for how long, and what came before.

A trust list and a directory of regions are the same kind of document: numbered, dated, expiring,
signed by a threshold of people whom a root names, and bound to all editions before. What they say
below the head is their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from oneservice.canonical import Digest, canonical
from oneservice.certificates.trust_coding import (
    Members,
    each,
    instant,
    maybe_instant,
    read_entry,
    region,
    text,
    whole,
    write_entry,
)
from oneservice.certificates.trust_editions import SignedEdition
from oneservice.certificates.trust_roots import TrustRoot
from oneservice.errors import OneServiceError, TrustListError

__all__ = ["Headed", "PastEdition", "read_head", "relied_on", "require_understood", "write_head"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEdition:
    """An earlier edition of the same list or directory: its number, and the digest of its words."""

    version: int
    digest: Digest


class Headed(Protocol):
    """What has a head: a :class:`TrustStore`, a :class:`RegionDirectory`."""

    @property
    def past(self) -> tuple[PastEdition, ...]:
        """All earlier editions."""
        ...


_PAST: Final[Members] = {"version": whole, "digest": text}
_HEAD: Final[Members] = {
    "territory": region,
    "version": whole,
    "issued_at": instant,
    "next_update_at": maybe_instant,
    "expires_at": instant,
}


def read_head(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of the head that ``content`` states, as arguments.

    Raises:
        TrustListError: one is unusable; its place is named.
    """
    past = each(content, "past", lambda one: read_entry(PastEdition, _PAST, one))
    return {**read_entry(dict, _HEAD, content), "past": past}


def write_head(edition: Headed, root: TrustRoot, *, form: str) -> dict[str, Any]:
    """Return the head as the signers of ``root`` sign it; ``form`` names the kind of document."""
    return {
        "format": form,
        **write_entry(edition, _HEAD),
        "root": {"version": root.version, "digest": root.digest},
        "past": [write_entry(one, _PAST) for one in edition.past],
    }


def require_understood(edition: SignedEdition, body: Mapping[str, Any]) -> None:
    """Return if ``body``, written anew from what was read, is what the signers signed.

    Raises:
        TrustListError: they signed more than that, or spelt it otherwise.
    """
    if canonical(body) != edition.payload:
        msg = "it has members that nobody here understands, or another spelling"
        raise TrustListError(msg)


@contextmanager
def relied_on(what: str) -> Iterator[None]:
    """Raise one error for everything that may be wrong with the bytes of ``what``."""
    try:
        yield
    except (OneServiceError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = str(error) if isinstance(error, OneServiceError) else type(error).__name__
        msg = f"the {what} cannot be relied on: {why}; get it from its publisher again"
        raise TrustListError(msg) from error
