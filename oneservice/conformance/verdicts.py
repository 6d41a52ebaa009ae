"""How a statement comes out, and the two ways in which its function says that it did not hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.statements import Statement

__all__ = ["BrokenError", "NotApplicableError", "Result", "Verdict", "broken", "require"]


class Verdict(StrEnum):
    """What is known of a statement after its trial."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class BrokenError(Exception):
    """The adapter broke the statement. Never leaves the room."""

    def __init__(self, message: str, exchange: Exchange | None = None) -> None:
        super().__init__(message)
        self.exchange = exchange


class NotApplicableError(Exception):
    """It cannot be told with what the kit was given. Never leaves the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of one statement.

    Attributes:
        statement: which one.
        verdict: how it came out.
        why: what broke it, or why it cannot be told; empty where it holds.
        exchanges: those that show it, in their order.
        seconds: how long its trial took.
    """

    statement: Statement
    verdict: Verdict
    why: str
    exchanges: tuple[Exchange, ...]
    seconds: float


def broken(why: str, at: Exchange | None = None) -> NoReturn:
    """Say that the statement is broken: ``why`` in one sentence, shown by ``at``."""
    raise BrokenError(why, at)


def require(holds: object, why: str, at: Exchange | None = None) -> None:
    """Say that the statement is broken unless ``holds``."""
    if not holds:
        broken(why, at)
