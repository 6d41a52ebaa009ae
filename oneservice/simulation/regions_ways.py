"""All ways out of a region: to its own offices as in every world, to neighbours over real HTTP."""

from __future__ import annotations

from collections.abc import Collection

from oneservice.canonical import Digest
from oneservice.departments import HttpDepartments
from oneservice.ports import ChangesPage, StatusPage
from oneservice.simulation.network import Network

__all__ = ["Ways"]


class Ways:
    """A :class:`oneservice.ports.Departments` over both.

    Args:
        offices: the offices of the region.
        neighbours: the counters of other regions.
    """

    def __init__(self, offices: Network, neighbours: HttpDepartments) -> None:
        self._offices = offices
        self._neighbours = neighbours

    @property
    def names(self) -> Collection[str]:
        """Return the ids of all departments."""
        return (*self._offices.names, *self._neighbours.names)

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body``; see :class:`oneservice.ports.Departments` for this and all others."""
        return await self._way(department).submit(department, submission_id, body)

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the events after ``after``."""
        return await self._way(department).read(department, submission_id, after=after)

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Hand in what was asked for."""
        way = self._way(department)
        return await way.supplement(department, submission_id, supplement_id, body)

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Ask to withdraw."""
        return await self._way(department).withdraw(department, submission_id, withdrawal_id, body)

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed."""
        return await self._way(department).changes(department, cursor=cursor)

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Make sure that the department has these bytes."""
        await self._way(department).put_document(department, document, media_type)

    async def document(self, department: str, digest: Digest) -> bytes:
        """Return a paper that a neighbour hands out; offices of this world hand out none."""
        return await self._neighbours.document(department, digest)

    def _way(self, department: str) -> Network | HttpDepartments:
        return self._offices if department in self._offices.names else self._neighbours
