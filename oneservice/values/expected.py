"""What is known about a value before it is read."""

from __future__ import annotations

from dataclasses import dataclass

from oneservice.identifiers import RegionCode
from oneservice.values.kinds import Option

__all__ = ["Expected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the field asks for, beyond its kind.

    ``unit`` is the unit of a number as catalogs write it (``m²``); ``options`` are those of a
    choice; a region code must lie in ``region``.
    """

    region: RegionCode | None = None
    options: tuple[Option, ...] = ()
    unit: str = ""
