"""The directory of regions: which there are, where they are reached, and what they offer.

Theory of operation: regions are peers, and nobody is the centre. So a directory *introduces* and
does not decide. It is signed by several regions together, with the roots, thresholds and numbers
of a trust list, and tells where each region takes applications and by which keys it speaks on the
wire. Whose certificates count is still a matter of each region's own trust list: its ``peers``
name the signers of other lists, and where directory and own list disagree about those, the own
list wins and the disagreement is told (:mod:`directory_agreement`).

References:
    certificates page, section 2; The Update Framework 1.0.30, sections 4.3 and 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, canonical, digest_bytes, parse_object, write_instant
from oneservice.certificates.directory_entries import (
    EndpointKind,
    ListedRegion,
    OfferKind,
    RegionKey,
)
from oneservice.certificates.edition_head import (
    PastEdition,
    read_head,
    relied_on,
    require_understood,
    write_head,
)
from oneservice.certificates.trust_anchoring import require_signed
from oneservice.certificates.trust_coding import each
from oneservice.certificates.trust_editions import MAX_LIST_BYTES, SignedEdition
from oneservice.certificates.trust_jws import decode
from oneservice.certificates.trust_order import refuse_disorder
from oneservice.certificates.trust_roots import SignedRoot, TrustAnchor, TrustRoot
from oneservice.errors import TrustListError
from oneservice.identifiers import RegionCode, region_contains, region_prefix

__all__ = ["DIRECTORY_TYPE", "RegionDirectory"]

DIRECTORY_FORMAT: Final = "oneservice-region-directory/1"
DIRECTORY_TYPE: Final = "oneservice-region-directory+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionDirectory:
    """A directory at hand.

    Args:
        territory: what it covers, ``000000`` where regions of several provinces take part.
        version: rises with every edition.
        issued_at: instant of this edition.
        expires_at: after it nothing in it may be acted on.
        regions: every region that ever took part.
        next_update_at: by when the next edition is promised.
        past: every earlier edition by number and digest.
        roots: the chain of signers.
        document: as read or made; ``None``: put together in memory, not signed.
        is_pinned: its signatures were checked against signers chosen before.

    Raises:
        TrustListError: a region, a key id or a key stands in it twice, or lies outside of it.
    """

    territory: str
    version: int
    issued_at: datetime
    expires_at: datetime
    regions: tuple[ListedRegion, ...]
    next_update_at: datetime | None = None
    past: tuple[PastEdition, ...] = ()
    roots: tuple[TrustRoot, ...] = ()
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    is_pinned: bool = False
    _regions: Mapping[str, ListedRegion] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the regions; two entries of one name would leave the choice to chance."""
        keys = [key for one in self.regions for key in one.keys]
        _refuse_twins("region", [region_prefix(RegionCode(one.region)) for one in self.regions])
        _refuse_twins("key id", [key.id for key in keys])
        _refuse_twins("key", [key.multibase for key in keys])
        for one in self.regions:
            if not region_contains(RegionCode(self.territory), RegionCode(one.region)):
                msg = f"region {one.region} does not lie in {self.territory}, which this covers"
                raise TrustListError(msg)
        object.__setattr__(self, "_regions", {one.region: one for one in self.regions})

    @classmethod
    def parse(cls, data: bytes, *, root: str | TrustAnchor | None = None) -> RegionDirectory:
        """Return the directory that ``data`` states, its signatures checked.

        Args:
            data: the file.
            root: what must lead to its signers, as for :meth:`TrustStore.parse`; without it the
                file itself is the anchor.

        Raises:
            TrustListError: malformed, changed, signed by too few or by others.
        """
        with relied_on("directory"):
            document = parse_object(data, max_bytes=MAX_LIST_BYTES)
            return cls.of(SignedEdition.of(document, typ=DIRECTORY_TYPE), root=root)

    @classmethod
    def of(
        cls, edition: SignedEdition, *, root: str | TrustAnchor | None = None
    ) -> RegionDirectory:
        """Return the directory that a completely signed edition is.

        Raises:
            TrustListError: signatures are missing, or it says what nobody here understands.
        """
        require_signed(edition, root)
        return cls._said_by(edition, document=edition.as_json(), is_pinned=root is not None)

    @classmethod
    def proposed(cls, edition: SignedEdition) -> RegionDirectory:
        """Return what an edition says, whoever signed it so far: to be looked at only.

        Raises:
            TrustListError: it says what nobody here understands.
        """
        return cls._said_by(edition, document=None, is_pinned=False)

    @classmethod
    def _said_by(
        cls, edition: SignedEdition, *, document: Mapping[str, Any] | None, is_pinned: bool
    ) -> RegionDirectory:
        content = edition.content
        if edition.typ != DIRECTORY_TYPE or content.get("format") != DIRECTORY_FORMAT:
            msg = f"the format is not {DIRECTORY_FORMAT}"
            raise TrustListError(msg)
        directory = cls(
            **read_head(content),
            regions=each(content, "regions", ListedRegion.of),
            roots=tuple(one.root for one in edition.roots),
            document=document,
            is_pinned=is_pinned,
        )
        require_understood(edition, directory._body(edition.root))
        refuse_disorder(directory)
        return directory

    def edition(self, roots: tuple[SignedRoot, ...]) -> SignedEdition:
        """Return this directory as an edition that nobody has signed yet.

        Raises:
            TrustListError: the roots are those of another territory, or the dates cannot be.
        """
        if roots[-1].root.territory != self.territory:
            msg = f"the roots are those of {roots[-1].root.territory}, not of {self.territory}"
            raise TrustListError(msg)
        refuse_disorder(self)
        payload = canonical(self._body(roots[-1].root))
        return SignedEdition(payload=payload, roots=roots, typ=DIRECTORY_TYPE)

    def _body(self, root: TrustRoot) -> dict[str, Any]:
        return {
            **write_head(self, root, form=DIRECTORY_FORMAT),
            "regions": [one.as_json() for one in self.regions],
        }

    def dump(self) -> bytes:
        """Return the file, canonical bytes.

        Raises:
            TrustListError: it was never signed.
        """
        return canonical(self._signed())

    @property
    def digest(self) -> Digest:
        """What names this edition, whoever signed it.

        Raises:
            TrustListError: it was never signed.
        """
        return digest_bytes(decode(self._signed()["payload"], "payload"))

    def _signed(self) -> Mapping[str, Any]:
        if self.document is None:
            msg = "the directory is not signed; an unsigned one does not leave this process"
            raise TrustListError(msg)
        return self.document

    def refuse_expired(self, moment: datetime) -> None:
        """Return if the directory may be acted on at ``moment``.

        Raises:
            TrustListError: it has expired, or was not issued by then. Somebody may hold back the
                edition in which a region left or a key was reported stolen.
        """
        if self.issued_at <= moment <= self.expires_at:
            return
        why = "was not issued yet" if moment < self.issued_at else "has expired"
        msg = (
            f"edition {self.version} of the directory of {self.territory} {why} at "
            f"{write_instant(moment)}; get the current one from its publisher"
        )
        raise TrustListError(msg)

    def region(self, code: str) -> ListedRegion | None:
        """Return the entry of exactly that region."""
        return self._regions.get(code)

    def region_for(self, code: str, *, at: datetime) -> ListedRegion | None:
        """Return the narrowest region in which ``code`` lies that takes part at ``at``."""
        covering = (
            one
            for one in self.regions
            if one.is_within(at) and region_contains(RegionCode(one.region), RegionCode(code))
        )
        return max(
            covering, key=lambda one: len(region_prefix(RegionCode(one.region))), default=None
        )

    def key(self, key_id: str) -> tuple[ListedRegion, RegionKey] | None:
        """Return the key of that id on the wire, and whose it is; judge its days by the message."""
        found = ((one, key) for one in self.regions for key in one.keys if key.id == key_id)
        return next(found, None)

    def offering(self, kind: OfferKind, name: str, *, at: datetime) -> tuple[ListedRegion, ...]:
        """Return the regions that can be asked for that, and reached, at the instant ``at``."""
        return tuple(
            one
            for one in self.regions
            if one.does_offer(kind, name, at=at) and one.url(EndpointKind.SERVICE) is not None
        )


def _refuse_twins(what: str, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            msg = f"the {what} {name[:160]} stands in it twice; no reader could tell which counts"
            raise TrustListError(msg)
