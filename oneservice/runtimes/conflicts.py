"""Two who decide on the same sight of a case: the first one wins, the second is told what happened.

Whoever looked at a case names the head of its journal that he saw. Where another fact became
durable since, what he orders is not taken: he would have decided on something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oneservice.canonical import Digest, parse_object
from oneservice.errors import JournalConflictError
from oneservice.ports import Store
from oneservice.runtimes.hot import HotCase, Transition

__all__ = ["refuse_moved"]

_TOLD: Final = 5
"""How many of the facts in between the refusal names; the journal has them all."""
_RECORD_BYTES: Final = 4_194_304
_RECORD_DEPTH: Final = 48


async def refuse_moved(
    hot: HotCase, pending: Transition | None, seen: Digest, *, store: Store
) -> None:
    """Refuse an order that was given on the sight of ``seen``, if that is not where the case is.

    Args:
        hot: the case as far as it is durable.
        pending: what this turn already does to it.
        seen: the head that the sender knew.
        store: tells what happened in between.

    Raises:
        JournalConflictError: names the kinds of the facts in between, in their order.
    """
    decided: list[str] = [event.kind for event in pending.events] if pending is not None else []
    if hot.head == seen and not decided:
        return
    before = [] if hot.head == seen else await _kinds_after(hot, seen, store)
    msg = (
        f"case {hot.case.id} moved on since you looked at it ({_told(before + decided)}); "
        "look at it again and decide anew"
    )
    raise JournalConflictError(msg)


async def _kinds_after(hot: HotCase, seen: Digest, store: Store) -> list[str]:
    kinds: list[str] = []
    for line in reversed(await store.records(hot.case.id)):
        record = parse_object(line, max_bytes=_RECORD_BYTES, max_depth=_RECORD_DEPTH)
        if record["digest"] == seen:
            return kinds[::-1]
        kinds.append(str(record["kind"]))
    msg = f"case {hot.case.id} never stood at {seen[:80]}; take the head from the case itself"
    raise JournalConflictError(msg)


def _told(kinds: Sequence[str]) -> str:
    more = len(kinds) - _TOLD
    return ", ".join(kinds[-_TOLD:]) + (f", and {more} before" if more > 0 else "")
