"""What operators do to cases that stand still, or are to stand elsewhere: ``engine.operators``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from oneservice.canonical import Digest, parse_object
from oneservice.case import Actor, Case, ExtendJoint, refuse_order
from oneservice.catalog import Catalog
from oneservice.engine.bulk_orders import BulkOrders
from oneservice.engine.bulks import BulkReport, CaseFilter
from oneservice.engine.order_desk import OrderDesk
from oneservice.engine.ordering import Ordered, Ordering
from oneservice.engine.orders import Order
from oneservice.engine.previews import Preview, is_same_effect, previewed
from oneservice.errors import IllegalInputError, JournalConflictError
from oneservice.ports import Erasure, KeyedStore
from oneservice.runtimes import Driver, EraseOrder, HotCase, Mail
from oneservice.workdays import WorkCalendar

__all__ = ["Operators"]

_log = logging.getLogger(__name__)

_ANYBODY: Final = Actor.operator("preview-1")
"""In whose name a preview is made, where none is given."""
_RECORD_BYTES: Final = 16_777_216
_TOLD: Final = 6
"""Facts that a conflict names."""


class Operators:
    """Orders with a preview of their effect, one by one or for many cases at once.

    An order says who gives it and why; both are recorded. Two who press at once cannot both win:
    give :meth:`act` the preview that was looked at.
    """

    def __init__(
        self,
        driver: Driver,
        catalog: Catalog,
        calendar: WorkCalendar,
        *,
        peers: Mapping[str, str] | None = None,
    ) -> None:
        self._driver = driver
        self._calendar = calendar
        ordering = Ordering(catalog=catalog, calendar=calendar, peers=peers or {})
        self._desk = OrderDesk(driver, ordering)
        self._bulks = BulkOrders(driver, self._desk)

    async def preview(self, order: Order, *, by: Actor = _ANYBODY, why: str = "preview") -> Preview:
        """Return what ``order`` would do now; nothing happens.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        return await self._desk.preview(order, by=by, why=why)

    async def act(
        self, order: Order, *, by: Actor, why: str, expected: Preview | Digest | None = None
    ) -> Case:
        """Give ``order``, and return the case when what follows is durable.

        Args:
            order: what is to be done.
            by: the operator (or, to reassign, an officer).
            why: the reason, for the record; it names no person.
            expected: the preview that was looked at, or its ``head``. Where the case moved on
                since, or the order would now do something else than the preview showed (it is
                another one, or another definition is in force today), nothing happens.

        Raises:
            JournalConflictError: it is not as the preview showed; the text says how.
            NotAllowedError: not in this role, or without a reason.
            IllegalInputError: the order does not fit the state; the text says what does.
            CaseError: a migration whose answers or form do not fit.
        """
        hot = await self._driver.hot(order.case_id)
        head = expected.head if isinstance(expected, Preview) else expected
        ordered = self._desk.ordered(order, hot, by=by, why=why)
        if isinstance(expected, Preview):
            self._refuse_another_effect(ordered, hot, expected)
        mail = Mail(inputs=((order.case_id, ordered.given),), blobs=ordered.blobs, if_head=head)
        try:
            return await self._driver.give(mail)
        except JournalConflictError as error:
            if head is None:
                raise
            raise JournalConflictError(await self._since(order.case_id, head)) from error

    async def bulk(
        self,
        asked: CaseFilter,
        order: Order,
        *,
        by: Actor,
        why: str,
        dry_run: bool = True,
        only: BulkReport | None = None,
    ) -> BulkReport:
        """Give one order to every case that ``asked`` means; what fails, fails for its own case.

        Args:
            asked: which cases and steps.
            order: without case and step: each gets its own.
            by: the operator.
            why: the reason, for the record.
            dry_run: only say what would happen. This is the default.
            only: the dry run that was looked at; what it did not show as done is left alone, though
                it be meant by now.

        Raises:
            NotAllowedError: not in this role, or without a reason.
            IllegalInputError: ``asked`` names a one-thing or a department that there is not.
            JournalError: the report could not be made durable; what was done stands in the cases.
        """
        return await self._bulks.give(asked, order, by=by, why=why, dry_run=dry_run, only=only)

    async def bulk_report(self, bulk: Digest) -> BulkReport:
        """Return the report of the bulk that stands in a case's journal.

        Raises:
            CaseNotFoundError: no bulk of that id was finished here.
        """
        return await self._bulks.report(bulk)

    async def extend_joint(
        self, case_id: str, *, days: int, approved_by: str, reason: str, by: Actor
    ) -> Case:
        """Record that the government of the same level extended joint handling, once.

        Args:
            case_id: which case.
            days: working days more, at most fifteen.
            approved_by: the government that approved; an office, no person.
            reason: as it is told to the applicant.
            by: the operator who records it.

        Raises:
            IllegalInputError: no joint limit runs, it has ended, or was extended before.
            NotAllowedError: ``by`` is no operator.

        References:
            Administrative Licensing Law art. 42.
        """
        given = ExtendJoint(
            at=self._driver.now(), days=days, approved_by=approved_by, reason=reason, by=by
        )
        return await self._driver.give(Mail(inputs=((case_id, given),)))

    async def erase(self, case_id: str, *, by: Actor, why: str, is_forced: bool = False) -> Erasure:
        """Destroy everything personal of a case; its redacted journal still proves itself.

        Args:
            case_id: which case.
            by: the operator.
            why: the reason, for the record; it names no person.
            is_forced: also where the case has not ended.

        Raises:
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
            IllegalInputError: the case is open, and the order does not force it.
            JournalError: it could not be done; ask again.

        References:
            Personal Information Protection Law art. 47.
        """
        refuse_order(by, why)
        order = EraseOrder(case_id=case_id, by=str(by), why=why, is_forced=is_forced)
        return await self._driver.erase(order)

    async def rewrap(self, *, by: Actor, why: str) -> int:
        """Bring every case under the keeper's current key; return how many were not.

        Rotate the keys first. Other work goes on meanwhile; after an error, order it again.

        Args:
            by: the operator.
            why: the reason; it goes to the log, and names no person.

        Raises:
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
            IllegalInputError: this engine's store keeps nothing under keys of a keeper.
            JournalError: not everything could be done; what was done stays done.
        """
        refuse_order(by, why)
        self._driver.refuse_closed()
        store = self._driver.store
        if not isinstance(store, KeyedStore):
            msg = "the store of this engine wraps no keys; ask whoever runs it"
            raise IllegalInputError(msg, status="none")
        moved = await store.rewrap()
        _log.info("%d cases were brought under the current key, as %s ordered: %s", moved, by, why)
        return moved

    def _refuse_another_effect(self, ordered: Ordered, hot: HotCase, seen: Preview) -> None:
        """Refuse what the operator did not look at; that the case moved on is told elsewhere."""
        now = previewed(ordered, hot, self._calendar)
        if hot.head != seen.head or now.refusal is not None or is_same_effect(now, seen):
            return
        msg = f"case {hot.case.id}: the order would do something else than the preview showed"
        raise JournalConflictError(f"{msg}; look at a preview of this order, and decide")

    async def _since(self, case_id: str, head: Digest | None) -> str:
        """Say what happened to a case after ``head``, by the kinds of its facts."""
        records = [
            parse_object(line, max_bytes=_RECORD_BYTES)
            for line in await self._driver.store.records(case_id)
        ]
        places = [number for number, one in enumerate(records) if one["digest"] == head]
        after = [str(one["kind"]) for one in records[places[0] + 1 :]] if places else []
        told = ", ".join(after[:_TOLD]) or "it never stood there"
        return f"case {case_id} moved on since it was looked at ({told}); look again and decide"
