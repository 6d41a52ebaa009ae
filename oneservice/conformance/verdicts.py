"""How a statement comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.statements import Statement

__all__ = ["Result", "Verdict"]


class Verdict(StrEnum):
    """What is known of a statement after its trial."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


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
