"""What an edition of a trust list says, as JSON and back; both formats share the entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from oneservice.certificates.edition_head import Headed, read_head, write_head
from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust_coding import each
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

__all__ = ["KINDS", "content_of", "write_body"]

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


def content_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of format 2 that ``document`` states, as arguments of a store.

    Raises:
        TrustListError: an entry is unusable; its place is named.
    """
    return {
        **read_head(document),
        **{name: each(document, name, read) for name, read in KINDS.items()},
    }


def write_body(store: Headed, root: TrustRoot) -> dict[str, Any]:
    """Return what the signers of ``root`` sign."""
    return {
        **write_head(store, root, form=EDITION_FORMAT),
        **{name: [one.as_json() for one in getattr(store, name)] for name in KINDS},
    }
