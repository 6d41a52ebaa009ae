"""What is posted to the driver: inputs that belong together, and who waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oneservice.canonical import Digest
from oneservice.case import Form, Input

__all__ = ["EraseOrder", "Mail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseOrder:
    """An operator's order to erase a case; ``is_forced``: also while it is open.

    ``by`` is an operator's id and ``why`` a reason for the record: no person's data in either.
    """

    case_id: str
    by: str
    why: str
    is_forced: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Mail:
    """Inputs, and what must be durable with them.

    ``cursor`` is where a department's feed goes on once the inputs are durable; news that do not
    fit a case are then skipped, because one case must not stop those of all the others. ``notes``
    are what else the store keeps by name, durable together with it.
    ``answered`` is the key of the command to which this is the answer. ``if_head`` is the head that
    whoever decided had before the eyes: where the case has moved on since, nothing happens.
    ``public`` names those of ``blobs`` that are published and of no person. ``erase`` orders an
    erasure, which has a turn of its own.
    """

    inputs: Sequence[tuple[str, Input]] = field(repr=False)
    blobs: Mapping[Digest, bytes] = field(default_factory=dict, repr=False)
    cursor: tuple[str, str | None] | None = None
    notes: Mapping[str, str | None] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    key: str | None = field(default=None, repr=False)
    form: Form | None = field(default=None, repr=False)
    answered: tuple[str, ...] | None = None
    if_head: Digest | None = None
    public: frozenset[Digest] = frozenset()
    erase: EraseOrder | None = None
    future: asyncio.Future[None] | None = None

    def succeed(self) -> None:
        """Tell who waits that it is durable."""
        if self.future is not None and not self.future.done():
            self.future.set_result(None)

    def fail(self, error: BaseException) -> bool:
        """Tell who waits why it is not; say whether anybody waited."""
        if self.future is None:
            return False
        if not self.future.done():
            self.future.set_exception(error)
        return True
