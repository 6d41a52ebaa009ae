"""One order and one case: the input that the order is now, and what it would do."""

from __future__ import annotations

from dataclasses import replace

from oneservice.case import Actor, Migrate, Reassign
from oneservice.engine.crossings import wanted_by
from oneservice.engine.ordering import Ordered, Ordering
from oneservice.engine.orders import Order, ReassignOrder
from oneservice.engine.previews import Preview, previewed, refused
from oneservice.errors import CaseError, IllegalInputError
from oneservice.runtimes import Driver, HotCase

__all__ = ["OrderDesk"]


class OrderDesk:
    """Says what orders are, at the present of ``driver``; gives none.

    Args:
        driver: has the cases, and the ways to departments.
        ordering: makes inputs of orders.
    """

    def __init__(self, driver: Driver, ordering: Ordering) -> None:
        self.catalog = ordering.catalog
        self._driver = driver
        self._ordering = ordering

    async def preview(self, order: Order, *, by: Actor, why: str) -> Preview:
        """Return what ``order`` would do now; nothing happens.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        hot = await self._driver.hot(order.case_id)
        try:
            ordered = self.ordered(order, hot, by=by, why=why)
        except CaseError as error:
            return refused(hot, error)
        return previewed(ordered, hot, self._ordering.calendar)

    def ordered(self, order: Order, hot: HotCase, *, by: Actor, why: str) -> Ordered:
        """Return the input that ``order`` is for the case ``hot``, with the consents it waits for.

        Raises:
            IllegalInputError: no way leads to the department that it names.
            CaseError: a migration whose answers or form do not fit.
        """
        reachable = self._driver.departments.names
        if isinstance(order, ReassignOrder) and order.department not in reachable:
            msg = f"no way leads to the department {order.department[:60]!r}; see the endpoints"
            raise IllegalInputError(msg, status=str(hot.case.status))
        ordered = self._ordering.of(order, hot, at=self._driver.now(), by=by, why=why)
        given = ordered.given
        if isinstance(given, Migrate | Reassign):  # what leaves the region waits for everybody
            wanted = wanted_by(given, hot.plan, self._ordering.peers)
            return replace(ordered, given=replace(given, wanted=wanted))
        return ordered
