"""Carrying cases on: what is due now, what is due next, until somebody must act or for ever."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.case import Case
from oneservice.engine.vouching import Vouching
from oneservice.errors import OneServiceError
from oneservice.runtimes import Driver, Feeds

__all__ = ["INCIDENT_PATIENCE", "Carrying"]

_log = logging.getLogger(__name__)

INCIDENT_PATIENCE: Final = timedelta(days=7)
"""How long a case that shows an incident and stands still is waited for."""
_AFTER_TROUBLE: Final = timedelta(seconds=5)


class Carrying:
    """The turns of an engine over its driver and the feeds of its departments."""

    def __init__(self, driver: Driver, feeds: Feeds, vouching: Vouching | None = None) -> None:
        self._driver = driver
        self._vouching = vouching
        self._feeds = feeds
        self._progress = asyncio.Lock()

    async def progress(self) -> None:
        """Do everything that is due now; return when nothing is left."""
        self._driver.refuse_closed()
        async with self._progress:
            while True:
                # News first: who had spoken before a limit ended was not silent.
                had_news = await self._feeds.read_due()
                await self._driver.idle()
                had_due = await self._driver.touch_due()
                await self._driver.idle()
                if not had_due and not had_news:
                    break
            if self._vouching is not None:
                await self._vouching.catch_up()

    async def next_wake(self) -> datetime | None:
        """Return when something is due next; ``None``: nothing, unless somebody acts."""
        times = [await self._driver.store.next_due(), self._feeds.next_due()]
        times += [] if self._vouching is None else [self._vouching.next_due()]
        return min((one for one in times if one is not None), default=None)

    async def settled(self, case_id: str, *, until: datetime | None) -> Case:
        """Return the case when it has ended, or when only a person can move it on."""
        moved: tuple[Any, datetime] = (None, self._driver.now())
        while True:
            await self.progress()
            case = (await self._driver.hot(case_id)).case
            if case.status.has_ended or case.needs_a_person:
                return case
            wake = await self.next_wake()
            if wake is None or (until is not None and wake > until):
                return case
            if moved[0] != (standing := _standing(case)):
                moved = (standing, self._driver.now())
            if wake > moved[1] + INCIDENT_PATIENCE and case.has_incident:
                return case
            await self._driver.clock.wait_until(wake)

    async def run(self) -> None:
        """Carry all cases on until cancelled."""
        while True:
            self._driver.refuse_closed()
            try:
                await self.progress()
            except OneServiceError as error:
                _log.error("%s: %s", error.code, error)
                await self._driver.clock.wait_until(self._driver.now() + _AFTER_TROUBLE)
                continue
            await self._driver.wait_until(await self.next_wake())

    def look_soon(self, department: str) -> None:
        """Take a hint that ``department`` has news."""
        self._feeds.look_soon(department)
        self._driver.stir()


def _standing(case: Case) -> object:
    """Return what changes when a case moves on; failed tries and doubts do not count."""
    return [(sub.submission, sub.status, sub.passed) for sub in case.sub_cases.values()]
