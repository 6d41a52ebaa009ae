"""The register of a region's counter on a disk that fails: the real one, but for its thread.

Schema, statements and transactions are those of production, over a database in memory that
outlives the process. A crash comes before a write or after it; SQLite itself sees to it that there
is nothing in between, so a torn write is a lost one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from oneservice.departments.register import Entry, StoredDocument
from oneservice.departments.sqlite_file import connected, translated
from oneservice.departments.sqlite_register import SqliteRegister
from oneservice.errors import JournalFullError
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.faults import AT_DISK, FaultKind, FaultPlan

__all__ = ["DiskRegister", "RegisterDisk"]

_T = TypeVar("_T")


class RegisterDisk:
    """A database that outlives the processes that use it."""

    def __init__(self) -> None:
        self.connection = connected(":memory:", None)

    def copy(self) -> bytes:
        """Return all of it as it stands, for a backup."""
        return self.connection.serialize()

    def restore(self, backup: bytes) -> None:
        """Go back to ``backup``."""
        self.connection.close()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.deserialize(backup)

    def history(self, caller: str, submission_id: str) -> list[bytes]:
        """Return all events of an application, oldest first: for those who check."""
        sql = "SELECT event FROM events WHERE caller = ? AND submission_id = ? ORDER BY seq"
        return [row[0] for row in self.connection.execute(sql, (caller, submission_id))]

    def applications(self) -> list[tuple[str, str, str, bytes]]:
        """Return caller, id, step and body of each application, oldest first."""
        sql = "SELECT caller, submission_id, step_id, body FROM submissions ORDER BY row"
        return list(self.connection.execute(sql))


class DiskRegister(SqliteRegister):
    """A register for one life of a region.

    Args:
        disk: where it is kept.
        plan: decides at each write what goes wrong.
        now: the present, for the plan.
        died: is told that the process died amid a write.
    """

    def __init__(
        self,
        disk: RegisterDisk,
        *,
        plan: FaultPlan,
        now: Callable[[], datetime],
        died: Callable[[], None],
    ) -> None:
        super().__init__(":memory:")
        self._disk = disk
        self._plan = plan
        self._now = now
        self._died = died
        self._is_dead = False

    def kill(self) -> None:
        """Let nothing more be written or read: the process is dead."""
        self._is_dead = True

    async def open(self) -> None:
        """Do nothing: the disk is there."""

    async def close(self) -> None:
        """Do nothing: the disk stays with the world."""

    async def commit(self, entry: Entry) -> None:
        """See :meth:`Register.commit`."""
        fault = self._before()
        await super().commit(entry)
        self._after(fault)

    async def put_document(self, caller: str, document: StoredDocument, *, at: str) -> bool:
        """See :meth:`Register.put_document`."""
        fault = self._before()
        found = await super().put_document(caller, document, at=at)
        self._after(fault)
        return found

    async def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        if self._is_dead:
            raise SimulatedCrash
        with translated(self.path):
            return work(self._disk.connection)

    def _before(self) -> FaultKind | None:
        if self._is_dead:
            raise SimulatedCrash
        fault, crossing = self._plan.at("register", AT_DISK, self._now())
        early = fault is FaultKind.CRASH and self._plan.chance.happens(f"{crossing}/before", 500)
        if early or fault in {FaultKind.TORN_WRITE, FaultKind.LOST_WRITE}:
            self._die()
        if fault is FaultKind.FULL_DISK:
            msg = "the disk is full; make room, nothing was half-written"
            raise JournalFullError(msg)
        return fault

    def _after(self, fault: FaultKind | None) -> None:
        if fault is FaultKind.CRASH:
            self._die()  # durable, and nobody was told

    def _die(self) -> None:
        self._is_dead = True
        self._died()
        raise SimulatedCrash
