"""Opening an engine, and giving it back: on a file, in a sandbox, or over a store of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from oneservice.catalog import Catalog, catalog_part_id
from oneservice.certificates import TrustStore
from oneservice.engine.hints import CallbackAddress
from oneservice.engine.house import open_house, published
from oneservice.engine.judging import TrustAtHand
from oneservice.engine.opening import Government, simulated
from oneservice.engine.parts import FEED_EVERY, EngineParts, Means, parts_at, parts_over
from oneservice.engine.vouching import Vouchers
from oneservice.ports import Clock, Departments, Ids, KeyKeeper, Signer, Store
from oneservice.sandbox import Behaviours
from oneservice.workdays import WorkCalendar

__all__ = ["FEED_EVERY", "FEED_EVERY_SANDBOX", "Startable"]

FEED_EVERY_SANDBOX: Final = timedelta(hours=2)
"""How often departments are asked in a sandbox, where waiting costs no time and every look does."""


class Startable:
    """How an engine comes to life: on a file, in a sandbox, or over a store of your own."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts

    @classmethod
    @asynccontextmanager
    async def embedded(
        cls,
        path: Path | str,
        *,
        region: str,
        departments: Departments,
        signer: Signer,
        catalog: Catalog | None = None,
        trust: TrustStore | None = None,
        clock: Clock | None = None,
        calendar: WorkCalendar | None = None,
        ids: Ids | None = None,
        keys: KeyKeeper | None = None,
        feed_every: timedelta = FEED_EVERY,
        callbacks: CallbackAddress | None = None,
        peers: Mapping[str, str] | None = None,
        vouchers: Vouchers | None = None,
        at_hand: Callable[[], TrustAtHand] | None = None,
    ) -> AsyncIterator[Self]:
        """Open an engine on the SQLite file at ``path``; it is closed when the block ends.

        Args:
            path: created where it does not exist; one process at a time.
            region: the region of this portal, 6 to 12 digits.
            departments: the way to the departments, for example ``HttpDepartments``.
            signer: the seal under which results are handed out together.
            catalog: the published definitions; the bundled ones by default.
            trust: goes into bundles, so that they can be verified offline. Without one cases are
                carried out all the same, and :meth:`bundle` refuses; a warning says so at opening.
            clock: the system's by default.
            calendar: announced working days by default. ``with_regions`` sets those of other
                regions beside them; what such a region decides is counted in its days.
            ids: by chance by default, and known again (``OwnIds``): so what was forgotten with an
                old backup is told from what another engine of the same caller filed.
            keys: keeps the keys under which cases lie encrypted; by default a key file beside
                ``path``, made at the first opening. Whoever loses it loses the cases.
            feed_every: how often departments with open business are asked for news.
            callbacks: where departments may hint that there is news; mount ``engine.hints`` there.
            peers: by region, the department as which that region's engine is reached: what it
                decides is filed there. See ``docs/federation.md``.
            vouchers: who vouches for what is handed out: a log, status lists, a clock. Results
                count at once, whatever becomes of these; bundles enclose what there is.
            at_hand: returns the lists and registers by which papers from elsewhere are judged; it
                is asked each time. Without it evidence is shown as it came, judged by nobody, and
                wallets cannot be asked.

        Raises:
            CalendarConflictError: ``calendar`` names other days for ``region`` than its own.
            EndpointInvalidError: the address for hints is none that a department could call.
            JournalError: the file is locked, damaged, too new, or cannot be written.
            CatalogError: the catalog cannot be read.
        """
        means = Means(
            region=region,
            departments=departments,
            signer=signer,
            catalog=catalog,
            trust=trust,
            clock=clock,
            calendar=calendar,
            ids=ids,
            feed_every=feed_every,
            callbacks=callbacks,
            peers=peers,
            vouchers=vouchers,
            at_hand=at_hand,
        )
        async with parts_at(path, means, keys=keys) as parts:
            yield cls(parts)

    @classmethod
    @asynccontextmanager
    async def sandbox(
        cls,
        path: Path | str,
        *,
        region: str = "990101",
        start: datetime | None = None,
        catalog: Catalog | None = None,
        behaviours: Behaviours | None = None,
        calendar: WorkCalendar | None = None,
        ids: Ids | None = None,
        vouched: bool = False,
    ) -> AsyncIterator[Self]:
        """Open an engine with simulated departments and a virtual clock, all in this process.

        Days pass as soon as somebody waits for them. Certificates say that they are of a sandbox.

        Args:
            path: the engine's SQLite file; the departments keep theirs beside it.
            region: a region of the catalog.
            start: the first virtual instant, the real present by default; an earlier run in the
                same file that had come further goes on from there.
            catalog: the bundled one by default.
            behaviours: how the departments behave. By default they ask once for all materials
                that must be brought and were not (``ATTENTIVE``), and grant.
            calendar: announced working days by default. ``with_regions`` sets those of other
                regions beside them; what such a region decides is counted in its days.
            ids: by chance by default.
            vouched: keep a log with two witnesses and the departments' registers beside ``path``,
                so that bundles enclose what those of an engine in life do. When the engine is
                closed, the status lists of that moment lie in the folder ``status`` there.

        Raises:
            IllegalInputError: ``start`` has no zone.
            JournalError: a file is locked, damaged, too new, or cannot be written.
            LogStoreError: and so for the log.
        """
        async with AsyncExitStack() as stack:
            government = stack.enter_context(
                simulated(
                    path,
                    region=region,
                    start=start,
                    catalog=catalog,
                    behaviours=behaviours,
                    has_registers=vouched,
                )
            )
            means = _simulated(government, region=region, calendar=calendar, ids=ids)
            if vouched:
                means = await _vouched(means, government, Path(f"{path}.vouchers"), stack)
            parts = await stack.enter_async_context(parts_at(path, means, keys=None))
            engine = cls(parts)
            government.departments.must_bring = engine.check_list
            government.departments.promised_days = engine.published_days
            yield engine

    @classmethod
    @asynccontextmanager
    async def over(cls, store: Store, **parts: Any) -> AsyncIterator[Self]:
        """Open an engine over a store of your own; ``parts`` as in :meth:`embedded`.

        ``fold``, which may be left out, stands in for :func:`oneservice.case.fold_records`.
        """
        async with parts_over(store, Means(**parts)) as opened:
            yield cls(opened)

    async def check_list(self, case_id: str, sub_case_id: str) -> dict[str, dict[str, str]]:
        """Return the titles of what the applicant must bring for one sub-case, by material.

        Materials are named as the office of the sub-case names them.
        """
        plan = (await self._parts.driver.hot(case_id)).plan
        return {
            catalog_part_id(one.id): {"zh": one.title.zh, "en": one.title.en}
            for one in plan.materials
            if one.must_bring and sub_case_id in one.steps
        }

    async def published_days(self, case_id: str, sub_case_id: str) -> int:
        """Return the working days that are published for one sub-case; 0 where none are."""
        spec = (await self._parts.driver.hot(case_id)).case.sub_cases[sub_case_id].spec
        return max(spec.promised_days, 0) if spec.promised_unit == "working_days" else 0


def _simulated(
    government: Government, *, region: str, calendar: WorkCalendar | None, ids: Ids | None
) -> Means:
    return Means(
        region=region,
        departments=government.departments,
        signer=government.signer,
        catalog=government.catalog,
        trust=government.trust,
        clock=government.clock,
        calendar=calendar,
        ids=ids,
        feed_every=FEED_EVERY_SANDBOX,
    )


async def _vouched(
    means: Means, government: Government, folder: Path, stack: AsyncExitStack
) -> Means:
    """Return ``means`` with a log, witnesses and registers that lie in ``folder``."""
    house = await stack.enter_async_context(
        open_house(folder, region=means.region, clock=government.clock)
    )
    lists = government.departments.lists
    stack.push_async_callback(published, lists, house.log, government.clock, folder)
    return replace(
        means,
        trust=government.trust_naming(house.logs, house.witnesses),
        vouchers=replace(house.vouchers, lists=lists),
    )
