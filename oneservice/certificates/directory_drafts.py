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
from oneservice.certificates.edition_drafts import (
    filled,
    following,
    publishers_of,
    read_publishers,
    refuse_unknown,
    write_publishers,
)
from oneservice.certificates.trust_coding import each
from oneservice.certificates.trust_editions import SignedEdition
from oneservice.certificates.trust_roots import ListSigner
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
            **read_publishers(document),
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
        signed = publishers_of(directory.territory, directory.roots[-1])
        return cls(**signed, regions=directory.regions)

    def as_json(self) -> dict[str, Any]:
        """Return the draft for people: what is empty or unset is left out."""
        said: dict[str, Any] = filled(self._whole())
        return said

    def _whole(self) -> dict[str, Any]:
        return {
            **write_publishers(self, form=DIRECTORY_DRAFT_FORMAT),
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
        head, roots = following(
            self,
            after,
            typ=DIRECTORY_TYPE,
            issued_at=issued_at,
            expires_at=expires_at,
            next_update_at=next_update_at,
        )
        made = RegionDirectory(**head, regions=self.regions)
        if after is not None:
            require_successor(after, made)
        return made.edition(roots)
