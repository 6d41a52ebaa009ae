"""Faults at every boundary: a plan that ends the world before or after the n-th write or call.

A crash is a ``BaseException``: no ``except Exception`` on the way may swallow it, just as none
survives ``kill -9``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from oneservice.canonical import Digest
from oneservice.ports import ChangesPage, Departments, StatusPage, Store, StoredCase, Write

__all__ = ["FaultPlan", "FaultyDepartments", "FaultyStore", "SimulatedCrash"]

_T = TypeVar("_T")


class SimulatedCrash(BaseException):
    """The process died here."""


@dataclass(slots=True)
class FaultPlan:
    """Where to crash. Every write and call crosses twice: once before it and once after it.

    ``crash_at`` counts crossings from 1; ``None`` only counts, in ``crossings``.
    """

    crash_at: int | None = None
    crossings: int = 0

    def cross(self) -> None:
        """Pass a boundary, or die at it: what is dead passes no later one either."""
        self.crossings += 1
        if self.crash_at is not None and self.crossings >= self.crash_at:
            msg = f"crash at crossing {self.crossings}"
            raise SimulatedCrash(msg)

    async def around(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do ``work`` between two crossings."""
        self.cross()
        result = await work()
        self.cross()
        return result


class FaultyStore:
    """A store whose commits cross the fault plan; reads are not boundaries."""

    def __init__(self, inner: Store, plan: FaultPlan) -> None:
        self._inner = inner
        self._plan = plan

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Commit, or die before or after it."""
        await self._plan.around(lambda: self._inner.commit(writes, cursors))

    async def stored(self, case_id: str) -> StoredCase | None:
        """Pass on."""
        return await self._inner.stored(case_id)

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Pass on."""
        return await self._inner.records(case_id)

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        """Pass on."""
        return await self._inner.blob(case_id, digest)

    async def cases(self) -> tuple[StoredCase, ...]:
        """Pass on."""
        return await self._inner.cases()

    async def open_cases(self, limit: int) -> tuple[str, ...]:
        """Pass on."""
        return await self._inner.open_cases(limit)

    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        """Pass on."""
        return await self._inner.due(until, limit)

    async def next_due(self) -> datetime | None:
        """Pass on."""
        return await self._inner.next_due()

    async def case_of_key(self, key: str) -> str | None:
        """Pass on."""
        return await self._inner.case_of_key(key)

    async def cursor(self, department: str) -> str | None:
        """Pass on."""
        return await self._inner.cursor(department)

    async def close(self) -> None:
        """Pass on."""
        await self._inner.close()


class FaultyDepartments:
    """Departments whose calls cross the fault plan."""

    def __init__(self, inner: Departments, plan: FaultPlan) -> None:
        self._inner = inner
        self._plan = plan

    @property
    def names(self) -> Collection[str]:
        """Pass on."""
        return self._inner.names

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File, or die before or after it."""
        return await self._plan.around(lambda: self._inner.submit(department, submission_id, body))

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Read, or die before or after it."""
        return await self._plan.around(
            lambda: self._inner.read(department, submission_id, after=after)
        )

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Hand in, or die before or after it."""
        return await self._plan.around(
            lambda: self._inner.supplement(department, submission_id, supplement_id, body)
        )

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Ask, or die before or after it."""
        return await self._plan.around(
            lambda: self._inner.withdraw(department, submission_id, withdrawal_id, body)
        )

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Read on, or die before or after it."""
        return await self._plan.around(lambda: self._inner.changes(department, cursor=cursor))

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Upload, or die before or after it."""
        await self._plan.around(lambda: self._inner.put_document(department, document, media_type))
