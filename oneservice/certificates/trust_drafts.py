"""A trust list before it is signed: what people write, and how an edition is made of it.

A draft has no number and no dates of its own; it is the living source of the list, kept with other
sources. An edition gets its number, its past and its chain of roots from the edition that it
follows, and is refused where it would change that one's past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from oneservice.certificates.edition_drafts import (
    filled,
    following,
    publishers_of,
    read_publishers,
    refuse_unknown,
    write_publishers,
)
from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_body import KINDS
from oneservice.certificates.trust_coding import each
from oneservice.certificates.trust_editions import EDITION_TYPE, SignedEdition
from oneservice.certificates.trust_entries import TrustedIssuer
from oneservice.certificates.trust_peers import TrustPeer
from oneservice.certificates.trust_roots import ListSigner, SignedRoot
from oneservice.certificates.trust_services import (
    ListedAuthority,
    ListedLog,
    ListedSeal,
    ListedWitness,
)
from oneservice.certificates.trust_succession import require_successor
from oneservice.certificates.trust_territory import require_within
from oneservice.errors import TrustListError

__all__ = ["DRAFT_FORMAT", "TrustDraft"]

DRAFT_FORMAT: Final = "oneservice-trust-draft/1"
_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustDraft:
    """What the next edition is to say, and who signs it.

    Args:
        territory: for which the list speaks.
        publisher: URL of whoever publishes it.
        threshold: how many of ``signers`` must sign.
        signers: who may.
        issuers: as in :class:`TrustStore`, and so are the others.
    """

    territory: str
    publisher: str
    threshold: int
    signers: tuple[ListSigner, ...]
    issuers: tuple[TrustedIssuer, ...] = ()
    logs: tuple[ListedLog, ...] = ()
    witnesses: tuple[ListedWitness, ...] = ()
    timestamp_authorities: tuple[ListedAuthority, ...] = ()
    seals: tuple[ListedSeal, ...] = ()
    recognition: tuple[RecognitionRule, ...] = ()
    peers: tuple[TrustPeer, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> TrustDraft:
        """Return the draft that ``document`` states; lists that it lacks are empty.

        Raises:
            TrustListError: a member is misspelt or an entry unusable; the place is named.
        """
        if document.get("format") != DRAFT_FORMAT:
            raise TrustListError(f"{DRAFT_FORMAT} is due", place="format")
        entries: dict[str, Any] = {
            name: each(document, name, _reader(name)) for name in KINDS if name in document
        }
        draft = cls(**read_publishers(document), **entries)
        refuse_unknown(document, draft._whole(), "")
        return draft

    @classmethod
    def from_list(cls, store: TrustStore) -> TrustDraft:
        """Return a draft that says what a published list says.

        A list of format 1 becomes a draft with its one signer; add others before it is signed.

        Raises:
            TrustListError: the list was never signed, so nobody knows who publishes it.
        """
        contents: dict[str, Any] = {name: getattr(store, name) for name in KINDS}
        if store.roots:
            return cls(**publishers_of(store.territory, store.roots[-1]), **contents)
        if store.document is None:
            msg = "the list was never signed, so nobody knows who publishes it"
            raise TrustListError(msg)
        signer = store.document["signer"]
        only = ListSigner(name=signer["id"], public_key_multibase=signer["public_key_multibase"])
        return cls(
            territory=store.territory,
            publisher=signer["id"],
            threshold=1,
            signers=(only,),
            **contents,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the draft for people: what is empty or unset is left out."""
        said: dict[str, Any] = filled(self._whole())
        return said

    def _whole(self) -> dict[str, Any]:
        return {
            **write_publishers(self, form=DRAFT_FORMAT),
            **{name: [one.as_json() for one in getattr(self, name)] for name in KINDS},
        }

    def try_out(self) -> None:
        """Return if some edition can be made of the draft.

        Raises:
            TrustListError: two entries contradict one another, or its signers cannot sign.
        """
        self._store(_SOME_DAY, after=None, expires_at=_SOME_DAY, next_update_at=None)

    def edition(
        self,
        *,
        after: TrustStore | None,
        issued_at: datetime,
        expires_at: datetime,
        next_update_at: datetime | None = None,
    ) -> SignedEdition:
        """Return the next edition, not signed yet.

        Args:
            after: the edition that it follows; ``None``: it is the first.
            issued_at: from when it is the list.
            expires_at: after which nothing is certain any more.
            next_update_at: by when the one after it is promised.

        Raises:
            TrustHistoryError: it would rewrite what ``after`` said.
            TrustListError: it cannot be an edition at all, or speaks beyond its territory where
                ``after`` did not.
        """
        store, roots = self._store(
            issued_at, after=after, expires_at=expires_at, next_update_at=next_update_at
        )
        if after is not None:
            require_successor(after, store)
        require_within(store, before=after)
        return store.edition(roots)

    def _store(
        self,
        issued_at: datetime,
        *,
        after: TrustStore | None,
        expires_at: datetime,
        next_update_at: datetime | None,
    ) -> tuple[TrustStore, tuple[SignedRoot, ...]]:
        head, roots = following(
            self,
            after,
            typ=EDITION_TYPE,
            issued_at=issued_at,
            expires_at=expires_at,
            next_update_at=next_update_at,
        )
        return TrustStore(**head, **{name: getattr(self, name) for name in KINDS}), roots


def _reader(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what reads an entry; an office may still be without keys in a draft."""
    if name != "issuers":
        return KINDS[name]
    return lambda entry: TrustedIssuer.of({"keys": [], "entitlements": [], **entry})
