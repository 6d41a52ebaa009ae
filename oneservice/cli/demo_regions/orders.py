"""What a region does when it is told to: its orders, each by its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from oneservice.cli.demo_regions import (
    orders_cases,
    orders_logs,
    orders_moves,
    orders_papers,
    orders_shop,
    orders_village,
)
from oneservice.cli.demo_regions.region import Region

__all__ = ["ORDERS", "obey"]

_Order: TypeAlias = Callable[[Region, dict[str, Any]], Awaitable[dict[str, Any]]]

ORDERS: Final[Mapping[str, _Order]] = {
    **orders_cases.ORDERS,
    **orders_logs.ORDERS,
    **orders_moves.ORDERS,
    **orders_papers.ORDERS,
    **orders_shop.ORDERS,
    **orders_village.ORDERS,
}


async def obey(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Do what an order says, and return what there is to tell."""
    return await ORDERS[order["do"]](region, order)
