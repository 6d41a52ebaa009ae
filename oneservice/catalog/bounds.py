"""What an overlay may not go beyond: limits of the law, fees with a basis, areas without trust."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oneservice.catalog.terms import Limit, LimitUnit

if TYPE_CHECKING:
    from oneservice.catalog.documents import ItemChange
    from oneservice.catalog.models import Item

__all__ = ["commitment_problem", "fee_problem", "in_words", "is_within"]


def is_within(promised: Limit, statutory: Limit) -> bool:
    """Say whether a promise certainly ends no later than the statutory limit.

    A natural-day promise fits a working-day limit of the same number. The other way round it
    depends on the calendar, so it does not count as fitting.
    """
    if promised.unit is LimitUnit.WORKING_DAYS and statutory.unit is LimitUnit.NATURAL_DAYS:
        return promised.days == 0
    return promised.days <= statutory.days


def in_words(limit: Limit) -> str:
    """Return ``20 working days``."""
    return f"{limit.days} {limit.unit.value.replace('_', ' ')}"


def fee_problem(item: Item, change: ItemChange) -> tuple[str, str] | None:
    """Return key and reason where a fee rises or appears on no other law than the base names.

    A region sets lower fees as it likes; more money needs a rule of its own.
    """
    known = {basis.law.zh for fee in item.fees for basis in fee.legal_basis}
    before = sum((fee.amount for fee in item.fees), Decimal())
    after = sum((fee.amount for fee in change.fees or ()), Decimal())
    named = {basis.law.zh for fee in change.fees or () for basis in fee.legal_basis}
    if after <= before or named - known:
        return None
    return "fees", f"'{item.id}' would cost {after} instead of {before}; name the law that says so"


def commitment_problem(item: Item, change: ItemChange) -> tuple[str, str] | None:
    """Return key and reason where trust would replace a check that it never may."""
    if change.commitment is None or item.sensitive_area is None:
        return None
    area = item.sensitive_area.value.replace("_", " ")
    return "commitment", f"'{item.id}' touches {area}; no commitment replaces its check, drop it"
