"""Which departments there are: one folder each."""

from __future__ import annotations

from typing import Final

from oneservice.errors import AdapterError
from oneservice_adapters import (
    city_management,
    drainage,
    ecology,
    fire_rescue,
    health,
    market_regulation,
    tobacco,
)
from oneservice_adapters.procedure import Profile

__all__ = ["DEPARTMENTS", "profile_of"]

_PROFILES: Final = {
    one.department: one
    for one in (
        market_regulation.PROFILE,
        fire_rescue.PROFILE,
        city_management.PROFILE,
        health.PROFILE,
        drainage.PROFILE,
        ecology.PROFILE,
        tobacco.PROFILE,
    )
}

DEPARTMENTS: Final = tuple(_PROFILES)
"""Ids of the departments, as catalogs and the wire name them."""


def profile_of(department: str) -> Profile:
    """Return what a department declares.

    Raises:
        AdapterError: there is no such department here.
    """
    found = _PROFILES.get(department)
    if found is None:
        msg = f"there is no department {department!r} here; choose one of {', '.join(DEPARTMENTS)}"
        raise AdapterError(msg)
    return found
