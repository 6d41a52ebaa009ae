"""Who else may vouch for a region's certificates: its logs, its witnesses, its clocks.

A list speaks for its own territory, and so do those whom it names. Else a weak or hostile region
could call its own key an audit office, and with it date what another region's thief signed. A
witness that watches several regions stands in the list of each of them, as its key and its role are
known there; the list of a country speaks for all of its regions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_services import ListedAuthority, ListedLog, ListedWitness
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["Gathered", "ThirdParties"]


class ThirdParties(Protocol):
    """Logs, witnesses and clocks that count; a :class:`TrustStore` has its own."""

    @property
    def territory(self) -> str:
        """Of the list that speaks for the certificates in question."""
        ...

    @property
    def logs(self) -> tuple[ListedLog, ...]:
        """Logs whose proofs count."""
        ...

    @property
    def witnesses(self) -> tuple[ListedWitness, ...]:
        """Whose cosignatures count."""
        ...

    @property
    def timestamp_authorities(self) -> tuple[ListedAuthority, ...]:
        """Whose word about time counts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Third parties of several lists: that of ``territory``, and those that it lies within."""

    territory: str
    logs: tuple[ListedLog, ...] = ()
    witnesses: tuple[ListedWitness, ...] = ()
    timestamp_authorities: tuple[ListedAuthority, ...] = ()

    @classmethod
    def over(cls, territory: str, lists: Iterable[TrustStore]) -> Gathered:
        """Return those whom the list of ``territory`` names, and lists that it lies within.

        One whom two lists name in the same words counts once.
        """
        speaking = [
            one
            for one in lists
            if region_contains(RegionCode(one.territory), RegionCode(territory))
        ]
        return cls(
            territory=territory,
            logs=tuple(dict.fromkeys(each for one in speaking for each in one.logs)),
            witnesses=tuple(dict.fromkeys(each for one in speaking for each in one.witnesses)),
            timestamp_authorities=tuple(
                dict.fromkeys(each for one in speaking for each in one.timestamp_authorities)
            ),
        )
