"""The table of statements: number, title, clause, cure, and the function that tries it.

The functions register themselves where they stand, one module per chapter of section 16.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, TypeAlias

__all__ = ["Need", "Phase", "Statement", "all_statements", "statement"]

Try: TypeAlias = Callable[[Any], Awaitable[None]]
"""Takes the trial that is its own."""


class Phase(Enum):
    """When a statement is tried."""

    TOGETHER = auto()
    """Side by side with the others."""
    ALONE = auto()
    """After them, by itself: it uses up what others need."""
    KILLING = auto()
    """Last, by itself: the adapter is killed meanwhile."""


class Need(Enum):
    """What a statement cannot be tried without; the value says so to people."""

    SIGNATURE = "requests are not signed: give the caller's key with --key FILE"
    OTHER_CALLER = "a second caller is needed: give its key with a second --key FILE"
    TEST_STEP = "the adapter serves no test step: see the conformance guide for its table"
    HOOK = "give --hook COMMAND, which kills the adapter and starts it again"
    CALLBACK = "give a registered callback address with --callback NAME=URL"
    LOG = "give the adapter's log of requests with --log FILE"
    ROTATION = "give the caller's other keys with --next-key FILE and --withdrawn-key FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One line of section 16 of the protocol.

    Attributes:
        number: such as ``P-07``.
        title: what must be true.
        clause: the sections of the protocol that say so.
        cure: the likely remedy, in one sentence.
        needs: what it cannot be tried without.
        phase: when it is tried.
        order: those with a smaller one begin first: they wait the longest.
    """

    number: str
    title: str
    clause: str
    cure: str
    needs: tuple[Need, ...] = ()
    phase: Phase = Phase.TOGETHER
    order: int = 1
    attempt: Try = field(repr=False)


_TABLE: Final[dict[str, Statement]] = {}


def statement(
    number: str,
    title: str,
    *,
    clause: str,
    cure: str,
    needs: tuple[Need, ...] = (),
    phase: Phase = Phase.TOGETHER,
    order: int = 1,
) -> Callable[[Try], Try]:
    """Register the function that tries a statement."""

    def register(function: Try) -> Try:
        if number in _TABLE:
            msg = f"{number} is registered twice"
            raise RuntimeError(msg)
        _TABLE[number] = Statement(
            number=number,
            title=title,
            clause=clause,
            cure=cure,
            needs=needs,
            phase=phase,
            order=order,
            attempt=function,
        )
        return function

    return register


def all_statements() -> tuple[Statement, ...]:
    """Return all registered statements by number."""
    return tuple(one for _, one in sorted(_TABLE.items()))
