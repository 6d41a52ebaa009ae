"""The table of E statements, and how one of them says that it did not hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from oneservice.conformance import Statement

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked

__all__ = [
    "StatementBrokenError",
    "UntellableError",
    "all_engine_statements",
    "broken",
    "engine_statement",
    "holds",
]

_Try: TypeAlias = Callable[[Any], Awaitable[None]]
_TABLE: Final[dict[str, Statement]] = {}


class StatementBrokenError(Exception):
    """The engine broke the statement, as ``asked`` shows. Never leaves the kit."""

    def __init__(self, why: str, asked: Asked | None) -> None:
        super().__init__(why)
        self.asked = asked


class UntellableError(Exception):
    """The statement cannot be told of this engine. Never leaves the kit."""


def broken(why: str, asked: Asked | None = None) -> NoReturn:
    """Say that the statement is broken: ``why`` in one sentence, shown by ``asked``."""
    raise StatementBrokenError(why, asked)


def holds(condition: object, why: str, asked: Asked | None = None) -> None:
    """Say that the statement is broken unless ``condition``."""
    if not condition:
        broken(why, asked)


def engine_statement(number: str, title: str, *, clause: str, cure: str) -> Callable[[_Try], _Try]:
    """Register the function that tries a statement of section 16 that is marked E."""

    def register(function: _Try) -> _Try:
        if number in _TABLE:
            msg = f"{number} is registered twice"
            raise RuntimeError(msg)
        _TABLE[number] = Statement(
            number=number, title=title, clause=clause, cure=cure, attempt=function
        )
        return function

    return register


def all_engine_statements() -> tuple[Statement, ...]:
    """Return all registered statements by number."""
    return tuple(one for _, one in sorted(_TABLE.items()))
