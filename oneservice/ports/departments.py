"""The way to the departments, and the plain data that comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent

__all__ = [
    "Change",
    "ChangesPage",
    "Checks",
    "Departments",
    "Opinion",
    "Papers",
    "StatusPage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """A department's answer about one submission; every event in it was proven first.

    ``events`` are those after the sequence number that was asked for; ``head_seq`` is larger than
    the last of them where there are more. ``clock_due_on`` is the last day by the department's own
    clock, where it shows one: an opinion for display, and not proven.
    """

    submission_id: str
    state: str
    head_seq: int
    head_digest: Digest | None
    events: tuple[DepartmentEvent, ...]
    clock_due_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """News about one submission in a feed; in a snapshot ``events`` is empty."""

    submission_id: str
    head_seq: int
    head_digest: Digest | None
    events: tuple[DepartmentEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """One page of a department's feed; read on from ``cursor`` at once while ``has_more``."""

    changes: tuple[Change, ...]
    cursor: str
    has_more: bool


class Departments(Protocol):
    """The way to the departments. ``department`` is the catalog's department id.

    Every method raises :class:`DepartmentUnavailableError` (certainly no effect, retry later),
    :class:`DepartmentUnknownOutcomeError` (effect unknown: read, then repeat the same bytes) or
    :class:`DepartmentContractError` (do not retry; ``problem`` is the protocol's code).
    """

    @property
    def names(self) -> Collection[str]:
        """Return the ids of the departments that can be reached."""
        ...

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body`` under ``submission_id``; repeating it with the same bytes is harmless."""
        ...

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the events after ``after``; ``None``: never heard of it (404)."""
        ...

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Hand in what was asked for (补正)."""
        ...

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Ask to withdraw (撤回); the department may refuse."""
        ...

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed; ``None`` starts from a snapshot of all heads.

        A cursor that the department no longer knows is a :class:`DepartmentContractError` with
        ``problem == "cursor-expired"``: start over.
        """
        ...

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Make sure that the department has these bytes (by digest); harmless to repeat."""
        ...


@runtime_checkable
class Papers(Protocol):
    """A way to departments that also fetches what they hand out.

    :class:`Departments` that lack it serve all cases but those whose results are papers that a
    later step needs.
    """

    async def document(self, department: str, digest: Digest) -> bytes:
        """Return a paper of an outcome, hashed; raises as :class:`Departments` does."""
        ...


class Opinion(Protocol):
    """One thing that a department would find wanting; texts by language, never a value."""

    @property
    def pointer(self) -> str:
        """JSON pointer into the submission."""
        ...

    @property
    def problem(self) -> str:
        """A short code: ``missing``, ``expired``, ``invalid``, …."""
        ...

    @property
    def text(self) -> Mapping[str, str]:
        """For people, by language."""
        ...

    @property
    def blocks(self) -> bool:
        """Whether the application would not be accepted because of it."""
        ...


@runtime_checkable
class Checks(Protocol):
    """A way to departments that also asks what they think before anything is filed (section 7)."""

    async def check(self, department: str, body: bytes) -> Sequence[Opinion]:
        """Return what would be wanting in the application ``body``; nothing is recorded.

        Raises as :class:`Departments` does; ``feature-not-offered`` where it is not served.
        """
        ...
