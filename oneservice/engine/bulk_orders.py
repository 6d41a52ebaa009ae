"""One order for many cases, given to each of them: what fails, fails for its own case."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import Actor, JoinBulk, refuse_order
from oneservice.engine.bulks import (
    BulkItem,
    BulkReport,
    CaseFilter,
    aimed,
    order_bytes,
    read_report,
    refuse_unknown,
    step_of,
)
from oneservice.engine.order_desk import OrderDesk
from oneservice.engine.orders import Order
from oneservice.errors import CaseNotFoundError, OneServiceError
from oneservice.runtimes import Driver, Mail

__all__ = ["BulkOrders"]

_NOTE: Final = "bulk:"
"""Under this name, and the digest of the order, a store keeps the report of a bulk."""


class BulkOrders:
    """Gives one order to many cases; see :meth:`Operators.bulk`.

    Args:
        driver: has the cases.
        desk: says what the order is for each.
    """

    def __init__(self, driver: Driver, desk: OrderDesk) -> None:
        self._driver = driver
        self._desk = desk

    async def give(
        self,
        asked: CaseFilter,
        order: Order,
        *,
        by: Actor,
        why: str,
        dry_run: bool,
        only: BulkReport | None,
    ) -> BulkReport:
        """Give ``order`` to all that ``asked`` means, or say what would come of it.

        Raises:
            NotAllowedError: not in this role, or without a reason.
            IllegalInputError: ``asked`` names a one-thing or a department that there is not.
            JournalError: the report could not be made durable; what was done stands in the cases.
        """
        refuse_order(by, why)
        at = self._driver.now()
        meant = await self._all_meant(asked, order, only)
        bulk, document = order_bytes(order, asked, by=by, why=why, at=at, count=len(meant))
        blobs = {bulk: document}
        items: list[BulkItem] = []
        for one in meant:
            problem = (
                (await self._desk.preview(one, by=by, why=why)).refusal
                if dry_run
                else await self._done(one, bulk, blobs, by=by, why=why)
            )
            items.append(BulkItem(case_id=one.case_id, sub_case_id=step_of(one), problem=problem))
        report = BulkReport(id=bulk, is_dry_run=dry_run, items=tuple(items))
        if not dry_run:
            await self._driver.store.commit([], {f"{_NOTE}{bulk}": report.dump()})
        return report

    async def report(self, bulk: Digest) -> BulkReport:
        """Return the report of a bulk that was finished.

        Raises:
            CaseNotFoundError: no bulk of that id was finished here.
        """
        text = await self._driver.store.cursor(f"{_NOTE}{bulk}")
        if text is None:
            msg = "no bulk of that id was finished here; take the id from a bulk_joined record"
            raise CaseNotFoundError(msg)
        return read_report(text)

    async def _all_meant(
        self, asked: CaseFilter, order: Order, only: BulkReport | None
    ) -> Sequence[Order]:
        """Return the order for each case that is meant, and, of a dry run, was shown as done."""
        meant = [one async for one in self._meant(asked, order)]
        if not meant:  # only then: cases may outlive the names that they were opened under
            stored = {one.thing for one in await self._driver.store.cases()}
            reachable = self._driver.departments.names
            refuse_unknown(asked, self._desk.catalog, things=stored, departments=reachable)
        if only is None:
            return meant
        seen = {(one.case_id, one.sub_case_id) for one in only.done}
        return [one for one in meant if (one.case_id, step_of(one)) in seen]

    async def _meant(self, asked: CaseFilter, order: Order) -> AsyncIterator[Order]:
        for stored in await self._driver.store.cases():
            if stored.erased_at is not None:
                continue
            if asked.thing is not None and stored.thing != asked.thing:
                continue
            if asked.status is not None and stored.status != asked.status:
                continue
            try:
                case = (await self._driver.hot(stored.case_id)).case
            except OneServiceError:
                continue  # a damaged case is not in order, and stops no other
            if asked.takes(case):
                for one in aimed(order, case, asked):
                    yield one

    async def _done(
        self, order: Order, bulk: Digest, blobs: Mapping[Digest, bytes], *, by: Actor, why: str
    ) -> str | None:
        """Carry out one of many; say what is wrong with it."""
        try:
            hot = await self._driver.hot(order.case_id)
            ordered = self._desk.ordered(order, hot, by=by, why=why)
            given = JoinBulk(at=self._driver.now(), bulk=bulk, order=ordered.given)
            mail = Mail(
                inputs=((order.case_id, given),),
                blobs={**ordered.blobs, **blobs},
                if_head=hot.head,
            )
            await self._driver.give(mail)
        except OneServiceError as error:
            return f"{error.code}: {error}"
        return None
