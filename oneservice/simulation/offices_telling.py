"""To whom the offices tell what they do: the one way out of their work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from oneservice.case import EventType
from oneservice.simulation.offices_files import File

__all__ = ["Facts", "Teller"]

Facts = Mapping[str, Any]
"""What an office says of an event, besides its kind and instant."""


class Teller(Protocol):
    """Whoever is told what an office states of an application."""

    def __call__(self, file: File, kind: EventType, at: int, facts: Facts, /) -> None:
        """Take notice that ``kind`` took effect ``at`` seconds since 1970."""
        ...
