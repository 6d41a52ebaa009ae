"""Which held certificate makes a step unnecessary (持证免办), as the author of a catalog states it.

A material that somebody holds already need not be brought; a *step* whose whole result somebody
holds already need not be taken. That is a rule of law and no convenience, so it names its clause.
Whether a paper of another region counts at all is not said here: the region's own rules of
recognition say it (domain section 6 (d)).
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from oneservice.catalog.terms import CatalogModel, Identifier, LegalBasis, Limit

__all__ = ["HeldLevel", "SparedBy"]


class HeldLevel(StrEnum):
    """How firmly a paper stands that somebody already has."""

    COLLECTED = "collected"
    """A register has its data; nobody's seal vouches for it."""
    SEALED = "sealed"
    """Its issuer sealed it, and the seal was checked."""

    def reaches(self, least: HeldLevel) -> bool:
        """Say whether this level is at least ``least``."""
        return self is HeldLevel.SEALED or least is HeldLevel.COLLECTED


class SparedBy(CatalogModel):
    """The certificate that spares a step: of one of these types, firm enough, valid long enough.

    Of a step that repeats each instance is spared by itself, by the certificate of the person (or
    thing) in that entry of the form; any other step by the applicant's own. What its result would
    have stood for, the certificate stands for.
    """

    certificates: tuple[Identifier, ...] = Field(min_length=1, max_length=20)
    """Types of result; any one of them will do."""
    at_least: HeldLevel = HeldLevel.SEALED
    valid_for: Limit | None = None
    """What must be left of its validity when the case ends; ``None``: it may end with the case."""
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1, max_length=10)
