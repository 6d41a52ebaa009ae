"""The present and chance: whatever comes in from the world that nobody decides."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

__all__ = ["Clock", "Ids", "OwnIds"]


class Clock(Protocol):
    """The only source of the present."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    async def wait_until(self, instant: datetime) -> None:
        """Return when ``instant`` has come; at once if it has passed."""
        ...


class Ids(Protocol):
    """The only source of chance."""

    def case_id(self) -> str:
        """Return a new case id: ``[A-Za-z0-9_-]{1,32}``, nothing personal in it."""
        ...

    def secret(self) -> str:
        """Return 32 fresh random bytes in hexadecimal: the root of a case's salts and keys."""
        ...

    def code(self) -> str:
        """Return eight characters of ``oneservice.case.CODE_ALPHABET``: a one-time code."""
        ...


@runtime_checkable
class OwnIds(Ids, Protocol):
    """Ids that are known again, so that engines with one caller id tell theirs apart.

    With others a department's news of a case that is not here is taken for another engine's.
    """

    def made(self, case_id: str) -> bool:
        """Say whether this engine gave ``case_id``, though it has forgotten the case itself."""
        ...
