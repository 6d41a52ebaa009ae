"""A definition or a plan inside a strategy, shown by its name.

Hypothesis shows the arguments of strategies, and asks for their ``repr`` long before anything
fails; that of a whole definition has megabytes.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Quiet"]

_T = TypeVar("_T")


class Quiet(Generic[_T]):
    """``value`` under a short ``name``. No dataclass: hypothesis shows all members of those."""

    def __init__(self, value: _T, name: str) -> None:
        self.value = value
        self.name = name

    def __repr__(self) -> str:
        return self.name
