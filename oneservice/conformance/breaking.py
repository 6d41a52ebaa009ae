"""How the function of a statement says that it did not hold, or cannot be told."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["BrokenError", "NotApplicableError", "broken", "require"]


class BrokenError(Exception):
    """The adapter broke the statement, as ``exchange`` shows. Never leaves the room."""

    def __init__(self, message: str, exchange: Any = None) -> None:
        super().__init__(message)
        self.exchange = exchange


class NotApplicableError(Exception):
    """It cannot be told with what the kit was given. Never leaves the room."""


def broken(why: str, at: Any = None) -> NoReturn:
    """Say that the statement is broken: ``why`` in one sentence, shown by ``at``."""
    raise BrokenError(why, at)


def require(holds: object, why: str, at: Any = None) -> None:
    """Say that the statement is broken unless ``holds``."""
    if not holds:
        broken(why, at)
