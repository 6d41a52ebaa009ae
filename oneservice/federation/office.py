"""A region as a department of other regions: one counter for all that its engine decides for them.

Theory of operation. An application is filed at the SDK's counter, whose register is durable; before
it is answered, a case is open in our engine under a key that follows from caller and application.
Supplements and withdrawals go into the case before they are answered. The way back is a pump: for
every application whose case moved it compares the two histories and records what is owed
(:mod:`oneservice.federation.owing`), one step at a time, each on condition that the application
still stands where it was looked at. So there is no outbox and nothing to recover: after a crash at
any point all living applications are compared once, and repeats of the caller find what they did.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from oneservice.departments import AdapterApp, Callers, EvidenceAnswer, EvidenceRequest
from oneservice.engine import AccessEntry, Engine
from oneservice.errors import AdapterError
from oneservice.federation.offers import Offer, fields_schema, tolerated, undeclared_fields
from oneservice.federation.pumping import Pump
from oneservice.federation.taking import Taking, person_of

__all__ = ["RegionOffice"]

_Gives = Callable[[EvidenceRequest], EvidenceAnswer | Awaitable[EvidenceAnswer]]
_G = TypeVar("_G", bound=_Gives)


class RegionOffice(AdapterApp):
    """An engine as a department of the adapter protocol, open to other regions.

    Serve it like every adapter (``serve``, ``running``, any ASGI server) within the engine's own
    block, and let ``engine.run()`` carry the cases. Other regions name it among their ``peers``,
    and reach it like any department.

    Args:
        engine: of this region; it must be open as long as this is.
        department: our id for other regions; events carry it.
        offers: what is decided for them, and nothing else is.
        callers: the other regions, with the keys by which they sign. Each keeps its own name space.
        adapter: further settings of :class:`AdapterApp`: ``store``, ``event_key``, ``base_url``,
            ``name``, ``region``, ``limits``, ... The clock is the engine's.

    Raises:
        AdapterError: there are no callers, or two offers under one name.
        UnknownThingError, UnknownReferenceError: an offer names what this region does not publish.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        department: str,
        offers: Iterable[Offer],
        callers: Callers,
        **adapter: Any,
    ) -> None:
        if not tuple(callers):
            msg = "a region opens to regions that it knows: register at least one caller"
            raise AdapterError(msg)
        super().__init__(department, callers=callers, clock=engine.now, **adapter)
        self._engine = engine
        self._offers: dict[str, Offer] = {}
        self._pump = Pump(engine, self)
        self._taking = Taking(engine, self, self._offers, self._pump.opened)
        for offer in offers:
            self._declare(offer)
        self.supplement(self._taking.supplement)
        self.withdrawal(self._taking.withdrawal)
        self.before_read(self._settled)
        self.before_delivery(self._note_given)
        self._exits: AsyncExitStack | None = None

    def gives(self, evidence_type: str, *, needs_consent: bool = True) -> Callable[[_G], _G]:
        """Declare the function that gives evidence of a type, as :meth:`AdapterApp.evidence` does.

        What it delivers, at once or after the person has looked (:meth:`answer_evidence`), stands
        in their log (``engine.people.access_log``) before it leaves: who asked, when, for what, on
        which consent.

        Args:
            evidence_type: as catalogs name it.
            needs_consent: whether only the person can allow it; a law that does without is named.
        """
        return self.evidence(evidence_type, needs_consent=needs_consent)

    async def pump(self) -> int:
        """Tell other regions everything that is owed now; return how many steps were told.

        The office does it by itself as soon as a case moves. Whoever carries an engine on by hand
        (``engine.progress()`` on a virtual clock) calls this after it.
        """
        return await self._pump.pump_all()

    async def open(self) -> None:
        """Open the counter, and look once at all that a crash may have left undone.

        Raises:
            JournalError: the register cannot be used.
        """
        await super().open()
        if self._exits is not None:
            return
        async with AsyncExitStack() as stack:
            self._exits = stack
            try:
                stack.enter_context(self._engine.watching(self._pump.moved))
                await self._pump.load()
                running = asyncio.create_task(self._pump.run(), name="oneservice-federation")
                stack.push_async_callback(_stopped, running)
            except BaseException:
                self._exits = None
                raise
            self._exits = stack.pop_all()

    async def close(self) -> None:
        """Stop telling, and give the register back; what is owed then is owed tomorrow."""
        exits, self._exits = self._exits, None
        if exits is not None:
            await exits.aclose()
        await super().close()

    # --- inside --------------------------------------------------------------------------------

    def _declare(self, offer: Offer) -> None:
        definition = offer.definition(self._engine)
        step = next((one for one in definition.thing.steps if one.id == offer.step), None)
        days = definition.items[step.item].promised.days if step is not None else None
        self._offers[offer.step_id] = offer
        self.step(
            offer.step_id,
            promised_working_days=days,
            fields=undeclared_fields(offer, self._engine),
            fields_schema=fields_schema(offer, definition),
            materials=tuple(one.id for one in definition.thing.materials),
            tolerates=tolerated(offer, definition),
        )(self._taking.application)

    async def _settled(self, now: object) -> None:
        del now  # the pump asks the engine's clock
        await self._pump.pump()

    async def _note_given(self, asked: EvidenceRequest) -> None:
        body = asked.body
        entry = AccessEntry(
            at=asked.now.replace(microsecond=asked.now.microsecond // 1000 * 1000),
            by=asked.caller,
            kind="given",
            purpose=body.purpose,
            names=(body.evidence_type,),
            reference=asked.id,
            consent=body.consent.id if body.consent is not None else "",
            by_law=body.by_law or "",
        )
        await self._engine.people.note_access(person_of(body.subject), entry)


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
