"""A directory before it is signed: what people write, and how an edition is made of it.

Adding a region is a paragraph of data. As with trust lists, number, past and chain of signers come
from the edition that is followed, and what that one said about the time before it is final.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from oneservice.certificates.directory import DIRECTORY_TYPE, RegionDirectory
from oneservice.certificates.directory_entries import ListedRegion
from oneservice.certificates.trust_body import PastEdition
from oneservice.certificates.trust_coding import each, region, text, whole
from oneservice.certificates.trust_drafts import filled, refuse_unknown
from oneservice.certificates.trust_editions import SignedEdition
from oneservice.certificates.trust_roots import ListSigner, SignedRoot, read_signers
from oneservice.certificates.trust_rotation import following_roots
from oneservice.certificates.trust_succession import require_successor
from oneservice.errors import TrustListError

__all__ = ["DIRECTORY_DRAFT_FORMAT", "DirectoryDraft"]

DIRECTORY_DRAFT_FORMAT: Final = "oneservice-region-directory-draft/1"
_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATER_DAY: Final = datetime(2000, 1, 2, tzinfo=UTC)
_EMPTY: Final[Mapping[str, Any]] = {
    name: [] for name in ("endpoints", "keys", "trust_lists", "offers", "recognises")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryDraft:
    """What the next edition is to say, and who signs it.

    Args:
        territory: what the directory covers.
        publisher: URL under which it is published.
        threshold: how many of ``signers`` must sign.
        signers: who may: regions and offices, by name and key.
        regions: that take part.
    """

    territory: str
    publisher: str
    threshold: int
    signers: tuple[ListSigner, ...]
    regions: tuple[ListedRegion, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> DirectoryDraft:
        """Return the draft that ``document`` states; lists that it lacks are empty.

        Raises:
            TrustListError: a member is misspelt or an entry unusable; the place is named.
        """
        if document.get("format") != DIRECTORY_DRAFT_FORMAT:
            raise TrustListError(f"{DIRECTORY_DRAFT_FORMAT} is due", place="format")
        draft = cls(
            territory=region(document, "territory"),
            publisher=text(document, "publisher"),
            threshold=whole(document, "threshold"),
            signers=read_signers(document, "signers"),
            regions=each(
                {"regions": [], **document},
                "regions",
                lambda one: ListedRegion.of({**_EMPTY, **one}),
            ),
        )
        refuse_unknown(document, draft._whole(), "")
        return draft

    @classmethod
    def from_directory(cls, directory: RegionDirectory) -> DirectoryDraft:
        """Return a draft that says what a signed directory says.

        Raises:
            TrustListError: it was never signed, so nobody knows who publishes it.
        """
        if not directory.roots:
            msg = "the directory was never signed, so nobody knows who publishes it"
            raise TrustListError(msg)
        root = directory.roots[-1]
        return cls(
            territory=directory.territory,
            publisher=root.publisher,
            threshold=root.threshold,
            signers=root.signers,
            regions=directory.regions,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the draft for people: what is empty or unset is left out."""
        said: dict[str, Any] = filled(self._whole())
        return said

    def _whole(self) -> dict[str, Any]:
        return {
            "format": DIRECTORY_DRAFT_FORMAT,
            "territory": self.territory,
            "publisher": self.publisher,
            "threshold": self.threshold,
            "signers": [
                {"name": one.name, "public_key_multibase": one.public_key_multibase}
                for one in self.signers
            ],
            "regions": [one.as_json() for one in self.regions],
        }

    def try_out(self) -> None:
        """Return if some edition can be made of the draft.

        Raises:
            TrustListError: two entries contradict one another, or its signers cannot sign.
        """
        self.edition(after=None, issued_at=_SOME_DAY, expires_at=_LATER_DAY)

    def edition(
        self,
        *,
        after: RegionDirectory | None,
        issued_at: datetime,
        expires_at: datetime,
        next_update_at: datetime | None = None,
    ) -> SignedEdition:
        """Return the next edition, not signed yet.

        Args:
            after: the edition that it follows; ``None``: it is the first.
            issued_at: from when it is the directory.
            expires_at: after which it may not be acted on.
            next_update_at: by when the one after it is promised.

        Raises:
            TrustHistoryError: it would rewrite what ``after`` said.
            TrustListError: it cannot be an edition at all.
        """
        before = None if after is None else PastEdition(version=after.version, digest=after.digest)
        roots = self._roots(after, issued_at)
        made = RegionDirectory(
            territory=self.territory,
            version=1 if after is None else after.version + 1,
            issued_at=issued_at,
            next_update_at=next_update_at,
            expires_at=expires_at,
            past=() if after is None or before is None else (*after.past, before),
            roots=tuple(one.root for one in roots),
            regions=self.regions,
        )
        if after is not None:
            require_successor(after, made)
        return made.edition(roots)

    def _roots(self, after: RegionDirectory | None, at: datetime) -> tuple[SignedRoot, ...]:
        signed: tuple[SignedRoot, ...] = ()
        if after is not None and after.document is not None:
            signed = SignedEdition.of(after.document, typ=DIRECTORY_TYPE).roots
        return following_roots(
            signed,
            territory=self.territory,
            publisher=self.publisher,
            threshold=self.threshold,
            signers=self.signers,
            at=at,
        )
