"""Reading the departments' change feeds: one call per department for all its cases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from oneservice.case import Input, StatusRead, pause_ms
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentUnavailableError,
    IdentifierError,
    JournalError,
)
from oneservice.identifiers import parse_submission_id
from oneservice.ports import Change, ChangesPage
from oneservice.runtimes.driver import Driver
from oneservice.runtimes.forgotten import Forgotten
from oneservice.runtimes.mail import Mail
from oneservice.runtimes.performing import told

__all__ = ["Feeds"]

_log = logging.getLogger(__name__)

QUIET_EVERY: Final = timedelta(days=1)
"""How often a department is asked that has nothing of ours to decide: results may be revoked."""
COMPARED_EVERY: Final = timedelta(days=7)
"""How often all heads are read and compared with ours (protocol section 5)."""


class Feeds:
    """Reads each department's feed when it is due, and posts the news to the driver."""

    def __init__(
        self,
        driver: Driver,
        departments: Iterable[str],
        *,
        every: timedelta,
        forgotten: Forgotten | None = None,
    ) -> None:
        self._driver = driver
        self._forgotten = forgotten
        self._every = every
        self._due: dict[str, datetime | None] = dict.fromkeys(sorted(departments))
        self._busy_due: dict[str, datetime] = {}
        """When a department that was quiet is due, if something was filed there since."""
        self._tries: dict[str, int] = {}
        self._compared: dict[str, datetime] = {}
        self._hinted: set[str] = set()

    def next_due(self) -> datetime | None:
        """Return when the next feed of a department with open business is due."""
        times = [
            self._due_at(name) or self._driver.now()
            for name in self._due
            if self._driver.has_open_business(name)
        ]
        return min(times, default=None)

    def _due_at(self, department: str) -> datetime | None:
        due, sooner = self._due[department], self._busy_due.get(department)
        if due is None or sooner is None or not self._driver.has_open_business(department):
            return due
        return min(due, sooner)

    def look_soon(self, department: str) -> None:
        """Read the feed of ``department`` next time, whatever its pace: a hint came."""
        if department in self._due:
            self._due[department] = None
            self._hinted.add(department)  # also while it is being read: that may be too early

    async def read_due(self) -> bool:
        """Read every feed that is due now; say whether any of them had news."""
        now = self._driver.now()
        due = [name for name in self._due if (at := self._due_at(name)) is None or at <= now]
        news = await asyncio.gather(*(self._read(name) for name in due))
        return any(news)

    async def _read(self, department: str) -> bool:
        self._hinted.discard(department)
        self._busy_due.pop(department, None)
        had_news = False
        cursor = await self._driver.store.cursor(department)
        compares = self._is_comparison_due(department)
        if compares:
            cursor = None
        # Asked before the first page: what is answered while the pages come may be on none of them.
        answered = await self._answered(department) if cursor is None else {}
        shown = set[str]()
        try:
            while True:
                page = await self._driver.departments.changes(department, cursor=cursor)
                had_news |= bool(page.changes)
                shown.update(change.submission_id for change in page.changes)
                cursor = page.cursor
                if not await self._kept(department, page):
                    # A later page would tell the department that this one was taken.
                    self._due[department] = None
                    return had_news
                if not page.has_more:
                    break
        except DepartmentContractError as error:
            if error.problem == "cursor-expired" and cursor is not None:
                await self._driver.take_news(Mail(inputs=(), cursor=(department, None)))
                self._due[department] = None
                return True
            self._postpone(department, error)
            return had_news
        except DepartmentError as error:
            self._postpone(department, error)
            return had_news
        self._tries.pop(department, None)
        await self._doubt_missing(department, answered, shown)
        if self._forgotten is not None and (notes := await self._forgotten.read_again(department)):
            await self._driver.take_news(Mail(inputs=(), notes=notes))
        if compares:
            self._compared[department] = self._driver.now()
        if department not in self._hinted:
            now = self._driver.now()
            is_busy = self._driver.has_open_business(department)
            self._due[department] = now + (self._every if is_busy else QUIET_EVERY)
            self._busy_due[department] = now + self._every
        return had_news

    def _is_comparison_due(self, department: str) -> bool:
        """Say whether all heads must be compared: a restored backup tells no news of itself."""
        now = self._driver.now()
        return now - self._compared.setdefault(department, now) >= COMPARED_EVERY

    async def _kept(self, department: str, page: ChangesPage) -> bool:
        """Tell the cases their news; say whether that is durable, with the place to go on from."""
        now = self._driver.now()
        inputs = [one for change in page.changes if (one := _input(change, now)) is not None]
        forgotten = self._forgotten
        notes = {} if forgotten is None else await forgotten.look(department, page.changes)
        mail = Mail(inputs=inputs, cursor=(department, page.cursor), notes=notes)
        return await self._driver.take_news(mail)

    async def _answered(self, department: str) -> dict[str, tuple[str, str]]:
        """Return case and sub-case by the id of each open submission that it has answered."""
        found: dict[str, tuple[str, str]] = {}
        for case_id, name in self._driver.open_steps(department):
            try:
                sub = (await self._driver.hot(case_id)).case.sub_cases[name]
            except JournalError:
                continue  # told where the case itself is opened
            if sub.submission is not None and sub.digests:
                found[sub.submission.submission_id] = (case_id, name)
        return found

    async def _doubt_missing(
        self, department: str, answered: Mapping[str, tuple[str, str]], shown: set[str]
    ) -> None:
        """Have the department read about what its whole snapshot does not show.

        A backup from before a filing has no news of it; only the read tells whether it is lost
        there (protocol section 12). What it answered only while the pages were read is no doubt:
        whether they show it hangs on which came first.
        """
        if answered.keys() <= shown:
            return
        still_open = await self._answered(department)
        inputs: list[tuple[str, Input]] = []
        for submission_id, (case_id, name) in answered.items():
            if submission_id in shown or submission_id not in still_open:
                continue
            missing = StatusRead(
                at=self._driver.now(),
                sub_case_id=name,
                submission_id=submission_id,
                state=None,
                head_seq=0,
                head_digest=None,
                events=(),
            )
            inputs.append((case_id, missing))
        if inputs:
            await self._driver.take_news(Mail(inputs=inputs))

    def _postpone(self, department: str, error: DepartmentError) -> None:
        tries = self._tries[department] = self._tries.get(department, 0) + 1
        asked = error.retry_after_s if isinstance(error, DepartmentUnavailableError) else 0
        pause = pause_ms(f"feed/{department}", tries, at_least_s=asked)
        self._due[department] = self._driver.now() + timedelta(milliseconds=pause)
        _log.warning("feed of %s: %s, read again in %d s", department, error.code, pause // 1000)


def _input(change: Change, at: datetime) -> tuple[str, Input] | None:
    try:
        case_id, sub_case_id, _ = parse_submission_id(change.submission_id)
    except IdentifierError:
        return None  # not an id of ours: another engine of the same caller
    return case_id, told(sub_case_id, change, at=at)
