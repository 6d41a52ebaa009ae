"""What an edition of a trust list says, as JSON and back; both formats share the entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from oneservice.canonical import Digest
from oneservice.certificates.recognition import RecognitionRule
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
from oneservice.certificates.trust_editions import EDITION_FORMAT
from oneservice.certificates.trust_entries import TrustedIssuer
from oneservice.certificates.trust_peers import TrustPeer
from oneservice.certificates.trust_roots import TrustRoot
from oneservice.certificates.trust_services import (
    ListedAuthority,
    ListedLog,
    ListedSeal,
    ListedWitness,
)

__all__ = ["KINDS", "Content", "PastEdition", "content_of", "write_body"]

KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "issuers": TrustedIssuer.of,
    "logs": ListedLog.of,
    "witnesses": ListedWitness.of,
    "timestamp_authorities": ListedAuthority.of,
    "seals": ListedSeal.of,
    "recognition": RecognitionRule.of,
    "peers": TrustPeer.of,
}
"""The lists of entries that an edition of format 2 has, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEdition:
    """An earlier edition of the same list: its number, and the digest of what it said."""

    version: int
    digest: Digest


_PAST: Final[Members] = {"version": whole, "digest": text}
_HEAD: Final[Members] = {
    "territory": region,
    "version": whole,
    "issued_at": instant,
    "next_update_at": maybe_instant,
    "expires_at": instant,
}


class Content(Protocol):
    """What has the members of an edition: a :class:`TrustStore`."""

    @property
    def past(self) -> tuple[PastEdition, ...]:
        """All earlier editions."""
        ...


def content_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of format 2 that ``document`` states, as arguments of a store.

    Raises:
        TrustListError: an entry is unusable; its place is named.
    """
    return {
        **read_entry(dict, _HEAD, document),
        "past": each(document, "past", lambda one: read_entry(PastEdition, _PAST, one)),
        **{name: each(document, name, read) for name, read in KINDS.items()},
    }


def write_body(content: Content, root: TrustRoot) -> dict[str, Any]:
    """Return what the signers of ``root`` sign."""
    return {
        "format": EDITION_FORMAT,
        **write_entry(content, _HEAD),
        "root": {"version": root.version, "digest": root.digest},
        "past": [write_entry(one, _PAST) for one in content.past],
        **{name: [one.as_json() for one in getattr(content, name)] for name in KINDS},
    }
