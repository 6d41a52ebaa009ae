"""What can be read of cases: how they stand, what they wait for, their history, their results."""

from __future__ import annotations

from datetime import date, datetime

from oneservice.case import (
    Case,
    CaseFinding,
    Standing,
    Wait,
    counter_findings,
    findings_of,
    open_waits,
    standing_of,
)
from oneservice.certificates import Bundle, Certificate
from oneservice.engine.bundling import bundle_of, certificates_of
from oneservice.engine.starting import EngineParts, Startable
from oneservice.plan import Plan
from oneservice.ports import StoredCase
from oneservice.workdays import legal_day

__all__ = ["Readable"]


class Readable(Startable):
    """The half of an engine that changes nothing."""

    def __init__(self, parts: EngineParts) -> None:
        super().__init__(parts)
        self._driver = parts.driver
        self._calendar = parts.calendar
        self.trust = parts.trust

    async def case(self, case_id: str) -> Case:
        """Return the case as far as it is durable.

        Raises:
            CaseNotFoundError: there is none of that id here.
        """
        return (await self._driver.hot(case_id)).case

    async def case_under(self, key: str) -> Case | None:
        """Return the case that was submitted under ``key``; ``None``: nothing was.

        Raises:
            CaseErasedError: it was erased.
        """
        case_id = await self._driver.store.case_of_key(key)
        return None if case_id is None else (await self._driver.hot(case_id)).case

    async def plan_of(self, case_id: str) -> Plan:
        """Return the plan to which the case is pinned."""
        return (await self._driver.hot(case_id)).plan

    async def standing(self, case_id: str, *, on: date | None = None) -> Standing:
        """Return what the applicant has got, what not and why, and what can be done until when."""
        hot = await self._driver.hot(case_id)
        day = on or legal_day(self._driver.now())
        return standing_of(hot.case, hot.plan, on=day, calendar=self._calendar)

    async def waits(self, case_id: str) -> tuple[Wait, ...]:
        """Return what the case waits for: by whom, until when, and what ends it."""
        return open_waits(await self.case(case_id), self._calendar)

    async def findings(self, case_id: str) -> tuple[CaseFinding, ...]:
        """Return what people should look at although nothing stands still.

        For example ``granted-without-certificate``: the plan promises a paper that did not come.
        """
        hot = await self._driver.hot(case_id)
        now = self._driver.now()
        found = findings_of(hot.case, hot.plan, calendar=self._calendar, at=now)
        return (*found, *counter_findings(hot.case))

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases of this engine, oldest first."""
        return await self._driver.store.cases()

    async def certificates(self, case_id: str) -> tuple[Certificate, ...]:
        """Return the certificates that departments granted in this case, in plan order."""
        return certificates_of(await self.case(case_id))

    async def journal(self, case_id: str) -> tuple[bytes, ...]:
        """Return the case's journal, one canonical record each, oldest first."""
        return await self._driver.store.records(case_id)

    async def bundle(self, case_id: str) -> Bundle:
        """Return everything that an auditor needs to verify the case offline.

        Raises:
            IllegalInputError: the results have not been handed out, or the engine was opened
                without ``trust``.
        """
        hot = await self._driver.hot(case_id)
        return await bundle_of(hot, store=self._driver.store, trust=self.trust)

    def now(self) -> datetime:
        """Return the present on this engine's clock."""
        return self._driver.now()
