"""What is known about subjects already, so that nobody need tell it twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from oneservice.values import RememberedValue

__all__ = ["ValueStore"]


class ValueStore(Protocol):
    """What is known about subjects already (collect once). ``subject`` is an opaque id, no number.

    Values are stored in normal form with their provenance. The store filters by subject and field
    only; whether a value may be used is decided by ``values.usable``, so every store agrees.
    """

    async def remembered(self, subject: str, fields: Collection[str]) -> Sequence[RememberedValue]:
        """Return all that is known of ``fields``, in any order; never another field's value."""
        ...

    async def remember(self, subject: str, values: Sequence[RememberedValue]) -> None:
        """Keep ``values``, all or none.

        The same (field, source, applicant_changed) is replaced unless what is stored was fetched
        later; repeating the call is harmless.
        """
        ...

    async def forget(self, subject: str, *, consent_id: str | None = None) -> int:
        """Erase the subject's values, or those under one consent; return how many.

        References:
            Personal Information Protection Law art. 15, 47.
        """
        ...
