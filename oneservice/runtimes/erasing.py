"""Erasing a case on an operator's order."""

from __future__ import annotations

from datetime import datetime

from oneservice.errors import IllegalInputError
from oneservice.ports import Erasure, Store
from oneservice.runtimes.hot import HotCase
from oneservice.runtimes.mail import EraseOrder

__all__ = ["new_erasure", "noted_erasure"]


def new_erasure(hot: HotCase, order: EraseOrder, at: datetime) -> Erasure:
    """Return what will be kept of the case.

    Raises:
        IllegalInputError: it is open, and the order does not force it.
    """
    if not hot.case.status.has_ended and not order.is_forced:
        msg = f"case {order.case_id} is open; withdraw or close it first, or force the erasure"
        raise IllegalInputError(msg, status=str(hot.case.status))
    return Erasure(
        case_id=order.case_id, at=at, by=order.by, why=order.why, seq=hot.seq, head=hot.head
    )


async def noted_erasure(store: Store, case_id: str) -> Erasure:
    """Return what was kept of a case that has just been erased."""
    erasure = await store.erasure(case_id)
    if erasure is None:
        msg = f"the store kept nothing of the erasure of case {case_id}"
        raise AssertionError(msg)
    return erasure
