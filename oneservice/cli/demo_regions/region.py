"""A region while it is open: what orders act on, and what everybody sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oneservice.canonical import canonical
from oneservice.certificates import Publication
from oneservice.cli.demo_regions.acquaintance import Acquaintance
from oneservice.cli.demo_regions.archive import Archive
from oneservice.cli.demo_regions.editions import LoggedEditions, SeenEditions
from oneservice.cli.demo_regions.keys import Member
from oneservice.cli.demo_regions.sites import OfficeLists
from oneservice.cli.demo_regions.village import Village
from oneservice.clocks import VirtualClock
from oneservice.departments import FetchedLists
from oneservice.engine import Engine
from oneservice.federation import RegionOffice
from oneservice.runtimes import ArrivalDesk, DepartureDesk, StatusRegister
from oneservice.tlog import (
    EntryLog,
    LogFolder,
    LogKeeper,
    LogSite,
    NeighbourWatch,
    Witness,
    WitnessSite,
    editions_below,
    prove_lists,
)

__all__ = ["Region"]


@dataclass(slots=True, kw_only=True)
class Region:
    """A region while it is open; orders act on it, everybody sees what it shows."""

    own: Member
    known: Acquaintance
    clock: VirtualClock
    engine: Engine
    office: RegionOffice
    register: StatusRegister
    leaving: DepartureDesk
    arriving: ArrivalDesk
    keeper: LogKeeper
    entries: EntryLog
    watch: NeighbourWatch
    witness: Witness
    village: Village
    archive: Archive
    lists: FetchedLists
    offices: Mapping[str, Any]
    editions: LoggedEditions
    seen: SeenEditions

    @property
    def sites(self) -> Mapping[str, Any]:
        """Its log, its witness of other regions' logs, and its offices' registers."""
        return {
            "log": LogSite(LogFolder(self.own.folder / "log")),
            "witness": WitnessSite(self.witness),
            "offices": OfficeLists(self.offices),
        }

    async def prove_office_lists(self) -> None:
        """Log what the region's offices published since the last time.

        Raises:
            EnvironmentalError: the log or its witnesses are not to be had; the next call tries.
        """
        registers = sorted((self.own.folder / "offices").glob("*/status"))
        await prove_lists([one for each in registers for one in editions_below(each)], self.entries)

    def letter(self, move_id: str) -> bytes | None:
        """Return what it has to say about a move."""
        return self.leaving.letter(move_id) or self.arriving.letter(move_id)

    def alarms(self) -> tuple[bytes, ...]:
        """Return every alarm that was raised here."""
        return self.watch.alarms()

    def status(self) -> bytes | None:
        """Return the status list that speaks now."""
        edition = self.register.edition(at=self.clock.now())
        return None if edition is None else edition.documents[Publication.TOKEN]

    def status_proofs(self) -> bytes | None:
        """Return what proves that the log holds that edition."""
        edition = self.register.edition(at=self.clock.now())
        return None if edition is None else canonical(self.editions.proofs(edition))

    def contradictions(self) -> bytes:
        """Return what other regions' lists say against themselves, with the lists."""
        return canonical([told for _, told in self.seen.contradictions(self.known.trust)])
