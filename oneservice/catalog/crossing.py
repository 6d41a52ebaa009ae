"""How somebody in another region hands an item in (跨省通办): three modes, as data.

Of an item's ways the first counts whose ``origins`` contain the region where the applicant is. What
is published for the deciding region decides, because its office does (domain section 6).
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from oneservice.catalog.terms import CatalogModel, LegalBasis, Limit, RegionCode, Text
from oneservice.identifiers import parse_region, region_contains

__all__ = ["AcceptedBy", "CrossRegion", "CrossRegionMode", "PaperRoute"]


class CrossRegionMode(StrEnum):
    """The three modes of domain section 6."""

    ONLINE = "online"
    """全程网办: nobody goes anywhere; the deciding region decides."""
    COLLECT = "collect"
    """异地代收代办: any window looks at form and identity, and passes the papers on."""
    JOINT = "joint"
    """多地联办: several regions each decide their part, one accepts and delivers."""


class PaperRoute(StrEnum):
    """How papers get from the receiving window to the deciding office."""

    NETWORK = "network"
    COURIER = "courier"


class AcceptedBy(StrEnum):
    """Which side of a joint handling accepts the application and hands the result out."""

    ORIGIN = "origin"
    DESTINATION = "destination"


class CrossRegion(CatalogModel):
    """One way across; without ``origins`` it is open to applicants everywhere.

    ``window``, ``papers`` and ``forwarded_within`` belong to ``collect``, ``accepted_by`` to
    ``joint``.
    """

    mode: CrossRegionMode
    origins: tuple[RegionCode, ...] = ()
    window: Text | None = None
    """Which windows take the papers, in words for the applicant."""
    papers: PaperRoute | None = None
    forwarded_within: Limit | None = None
    """The receiving window's own limit, from receiving (收件) to passing on."""
    accepted_by: AcceptedBy | None = None
    legal_basis: tuple[LegalBasis, ...] = Field(default=(), max_length=10)

    def lacks(self) -> tuple[str, ...]:
        """Return the members that its mode needs and that are not there."""
        return tuple(name for name in _NEEDED[self.mode] if getattr(self, name) is None)

    def exceeds(self) -> tuple[str, ...]:
        """Return the members that are there and belong to another mode."""
        own = _NEEDED[self.mode]
        others = {name for names in _NEEDED.values() for name in names} - set(own)
        return tuple(sorted(name for name in others if getattr(self, name) is not None))

    def is_open_from(self, region: str) -> bool:
        """Say whether an applicant in ``region`` may go this way.

        Raises:
            IdentifierError: ``region`` is no region code.
        """
        origin = parse_region(region)
        return not self.origins or any(
            region_contains(parse_region(one), origin) for one in self.origins
        )


_NEEDED: dict[CrossRegionMode, tuple[str, ...]] = {
    CrossRegionMode.ONLINE: (),
    CrossRegionMode.COLLECT: ("window", "papers", "forwarded_within"),
    CrossRegionMode.JOINT: ("accepted_by",),
}
