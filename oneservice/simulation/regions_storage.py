"""What one region has on its disk, and its backups: all of it that outlives its processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oneservice.ports import Clock
from oneservice.simulation.disk import Disk
from oneservice.simulation.faults import FaultPlan
from oneservice.simulation.regions_register import DiskRegister, RegisterDisk
from oneservice.simulation.store import DiskStore
from oneservice.simulation.tables import Appended, Tables

__all__ = ["Backup", "Storage"]

_FOREIGN: Final = "federation/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What is on the disk of a region at one moment."""

    at: datetime
    tables: Tables
    register: bytes


class Storage:
    """The disk of one region, empty at first: the engine's journal and the counter's register.

    Args:
        plan: decides which writes fail.
        clock: the true time.
    """

    def __init__(self, plan: FaultPlan, clock: Clock) -> None:
        self._plan = plan
        self._clock = clock
        self._disk, self.tables = Disk(), Tables()
        self.register = RegisterDisk()

    def recover(self) -> Sequence[Appended]:
        """Return what a crash left on the disk that nobody has seen yet."""
        return self.tables.recover(self._disk)

    def opened(
        self, *, seen: Callable[[Sequence[Appended]], None], died: Callable[[], None]
    ) -> tuple[DiskStore, DiskRegister]:
        """Return store and register over this disk, for one life.

        Args:
            seen: is told what became durable.
            died: is called when the process dies amid a write.
        """
        now = self._clock.now
        store = DiskStore(self._disk, self.tables, plan=self._plan, now=now, seen=seen, died=died)
        return store, DiskRegister(self.register, plan=self._plan, now=now, died=died)

    def foreign(self) -> dict[str, str]:
        """Return the cases that other regions filed here, by ``CALLER/SUBMISSION``."""
        return {
            key.removeprefix(_FOREIGN): case_id
            for key, case_id in self.tables.keys.items()
            if key.startswith(_FOREIGN)
        }

    def backed_up(self) -> Backup:
        """Return what the disk holds now."""
        return Backup(
            at=self._clock.now(), tables=self.tables.copy(), register=self.register.copy()
        )

    def go_back(self, backup: Backup) -> set[str]:
        """Put an old backup on the disk; return the cases of which it has forgotten something."""
        newest = self.tables
        self._disk, self.tables = Disk(), backup.tables.copy()
        self.register.restore(backup.register)
        kept = self.tables.rows
        return {
            case_id
            for case_id, row in newest.rows.items()
            if case_id not in kept or kept[case_id].lines != row.lines
        }
