"""What an engine is opened with, and what it is made of once the driver runs over a store."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from oneservice.case import fold_records
from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog
from oneservice.certificates import TrustStore
from oneservice.clocks import SystemClock
from oneservice.engine.border import Border
from oneservice.engine.enclosing import Enclosing
from oneservice.engine.hints import CallbackAddress, names_by_department
from oneservice.engine.judging import PaperJudge, TrustAtHand
from oneservice.engine.opening import ids_of
from oneservice.engine.vouching import Vouchers, Vouching
from oneservice.ports import Clock, Departments, Ids, KeyKeeper, OwnIds, Signer, Store
from oneservice.runtimes import Driver, Feeds, Fold, Forgotten, SqliteStore
from oneservice.workdays import WorkCalendar, WorkCalendars, announced_calendar

__all__ = ["FEED_EVERY", "EngineParts", "Means", "parts_at", "parts_over"]

_log = logging.getLogger(__name__)

FEED_EVERY: Final = timedelta(minutes=1)
"""How often a department with open business is asked for news, where nothing hints earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an engine is opened with; ``Startable.embedded`` tells what each of it is for.

    What is ``None`` where something is needed is found by itself: the bundled catalog, the system's
    clock, the announced calendar, ids by chance.
    """

    region: str
    departments: Departments
    signer: Signer
    catalog: Catalog | None = None
    trust: TrustStore | None = None
    clock: Clock | None = None
    calendar: WorkCalendar | None = None
    ids: Ids | None = None
    feed_every: timedelta = FEED_EVERY
    fold: Fold = fold_records
    callbacks: CallbackAddress | None = None
    peers: Mapping[str, str] | None = None
    vouchers: Vouchers | None = None
    at_hand: Callable[[], TrustAtHand] | None = None

    def working_days(self) -> WorkCalendar:
        """Return the working days of the own region, with those of others beside them.

        Raises:
            CalendarConflictError: other days are named for the own region than its own.
        """
        calendar = self.calendar or announced_calendar()
        if isinstance(calendar, WorkCalendars):
            calendar.refuse_another(self.region)
        return calendar

    def judge(self, now: Callable[[], datetime]) -> PaperJudge | None:
        """Return who judges papers from elsewhere; ``None``: nobody can."""
        return None if self.at_hand is None else PaperJudge(self.region, self.at_hand, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineParts:
    """Everything that an engine is made of; the driver runs."""

    driver: Driver
    feeds: Feeds
    forgotten: Forgotten
    catalog: Catalog
    calendar: WorkCalendar
    region: str
    ids: Ids
    trust: TrustStore | None
    callbacks: CallbackAddress | None = None
    peers: Mapping[str, str] = field(default_factory=dict)
    border: Border | None = None
    judge: PaperJudge | None = None
    vouching: Vouching | None = None
    enclosing: Enclosing | None = None


@asynccontextmanager
async def parts_at(
    path: Path | str, means: Means, *, keys: KeyKeeper | None
) -> AsyncIterator[EngineParts]:
    """Yield the parts of an engine over the SQLite file at ``path``."""
    if means.trust is None:
        _log.warning("opened without trust=: cases run, but bundle() will refuse each of them")
    store = SqliteStore.open(path, keys=keys)
    try:
        async with parts_over(store, means) as parts:
            yield parts
    finally:
        await store.close()


@asynccontextmanager
async def parts_over(store: Store, means: Means) -> AsyncIterator[EngineParts]:
    """Yield the parts of an engine over any store; who opened the store closes it."""
    calendar, clock = means.working_days(), means.clock or SystemClock()
    border = Border(store, clock, (means.peers or {}).values())
    ids, notes = (means.ids, {}) if means.ids is not None else await ids_of(store)
    async with Driver(
        store=store,
        departments=means.departments,
        signer=means.signer,
        clock=clock,
        calendar=calendar,
        trust_list=means.trust.dump() if means.trust is not None else None,
        fold=means.fold,
        callbacks=names_by_department(means.callbacks),
        border=border,
        notes=notes,
    ) as driver:
        parts = _parts(driver, means, ids=ids, calendar=calendar, border=border)
        try:
            yield parts
        finally:
            if parts.vouching is not None:
                await parts.vouching.stop()


def _parts(
    driver: Driver, means: Means, *, ids: Ids, calendar: WorkCalendar, border: Border
) -> EngineParts:
    vouchers, names = means.vouchers, means.departments.names
    forgotten = Forgotten(driver, ids.made if isinstance(ids, OwnIds) else _nobodys)
    return EngineParts(
        driver=driver,
        feeds=Feeds(driver, names, every=means.feed_every, forgotten=forgotten),
        forgotten=forgotten,
        catalog=means.catalog or load_catalog([bundled_catalog_dir()]),
        calendar=calendar,
        region=means.region,
        ids=ids,
        trust=means.trust,
        callbacks=means.callbacks,
        peers=means.peers or {},
        border=border,
        judge=means.judge(driver.now),
        vouching=None if vouchers is None else Vouching(driver, vouchers.log),
        enclosing=Enclosing.of(vouchers or Vouchers(), means.signer),
    )


def _nobodys(_: str) -> bool:
    return False
