"""What it costs: the fees of each step, and their sum in each currency. Exact decimals only."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from oneservice.catalog import Item, Text
from oneservice.plan.facts import Facts, law_reasons
from oneservice.plan.models import PlannedStep
from oneservice.plan.parts import FeeTotal, PlannedFee

__all__ = ["fee_totals", "planned_fees", "summed_fees"]

_DUE = Text(zh="按所答情形收取", en="due for these answers")


def planned_fees(item: Item, facts: Facts) -> tuple[PlannedFee, ...]:
    """Return what one sub-case of ``item`` costs, in the author's order.

    Raises:
        RuleEvaluationError: the answers do not settle a fee's rule.
    """
    fees = []
    for index, fee in enumerate(item.fees):
        if facts.holds(fee.when, path=f"items.{item.id}.fees.{index}.when"):
            rules = () if fee.when is None else (facts.reason(fee.when, _DUE),)
            fees.append(
                PlannedFee(
                    title=fee.title,
                    amount=f"{fee.amount:.2f}",
                    currency=fee.currency,
                    is_reducible=fee.is_reducible,
                    reasons=(*rules, *law_reasons(fee.legal_basis)),
                )
            )
    return tuple(fees)


def fee_totals(steps: Iterable[PlannedStep]) -> tuple[FeeTotal, ...]:
    """Return the sums over all sub-cases, currencies in alphabetical order."""
    return summed_fees(fee for step in steps for fee in step.fees)


def summed_fees(given: Iterable[PlannedFee]) -> tuple[FeeTotal, ...]:
    """Return the sums of single fees, currencies in alphabetical order."""
    all_fees = tuple(given)
    totals = []
    for currency in sorted({fee.currency for fee in all_fees}):
        fees = [fee for fee in all_fees if fee.currency == currency]
        amount = sum((Decimal(fee.amount) for fee in fees), Decimal(0))
        reducible = sum((Decimal(fee.amount) for fee in fees if fee.is_reducible), Decimal(0))
        totals.append(
            FeeTotal(currency=currency, amount=f"{amount:.2f}", reducible=f"{reducible:.2f}")
        )
    return tuple(totals)
