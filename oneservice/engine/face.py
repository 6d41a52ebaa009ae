"""The engine: one object for a portal, over a driver, a catalog and the ports."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from oneservice.case import (
    APPLICANT,
    Actor,
    Applicant,
    AskWithdrawal,
    Case,
    CaseFinding,
    ConsentGiven,
    Correction,
    Resume,
    findings_of,
)
from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog, normalise_answers
from oneservice.certificates import Bundle, Certificate, TrustStore
from oneservice.clocks import SystemClock
from oneservice.engine.bundling import bundle_of, certificates_of
from oneservice.engine.counter import CounterDesk
from oneservice.engine.intake import Intake, Materials, refuse_another
from oneservice.engine.opening import RandomIds, simulated
from oneservice.errors import JournalConflictError, OneServiceError
from oneservice.plan import Plan, build_plan
from oneservice.ports import Clock, Departments, Ids, Signer, Store, StoredCase
from oneservice.runtimes import Driver, Feeds, Mail, SqliteStore
from oneservice.sandbox import Behaviours
from oneservice.workdays import WorkCalendar, announced_calendar, legal_day

__all__ = ["Engine"]

_log = logging.getLogger(__name__)

FEED_EVERY: Final = timedelta(minutes=1)
"""How often a department with open business is asked for news, where nothing hints earlier."""
INCIDENT_PATIENCE: Final = timedelta(days=7)
"""How long :meth:`Engine.settled` waits for a case that stands still and shows an incident."""
FEED_EVERY_SANDBOX: Final = timedelta(hours=2)
"""The same in a sandbox, where waiting costs no time and every look does."""
_AFTER_TROUBLE: Final = timedelta(seconds=5)


class Engine:
    """Plans, cases and certificates of one region; :meth:`sandbox` or :meth:`embedded` open it.

    Every method that changes a case returns when the change is durable. After the block in which
    it was opened, it answers nothing but :class:`JournalUnavailableError`.
    """

    def __init__(
        self,
        *,
        driver: Driver,
        feeds: Feeds,
        catalog: Catalog,
        calendar: WorkCalendar,
        region: str,
        ids: Ids,
        trust: TrustStore | None,
    ) -> None:
        self._driver = driver
        self._feeds = feeds
        self._catalog = catalog
        self._calendar = calendar
        self._region = region
        self._ids = ids
        self._progress = asyncio.Lock()
        self._intake = Intake()
        self.counter = CounterDesk(driver, ids)
        """Kiosks, windows, telephone: codes, journeys, originals, parcels, ratings."""
        self.trust = trust

    # --- opening ---------------------------------------------------------------------------

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
        feed_every: timedelta = FEED_EVERY,
    ) -> AsyncIterator[Engine]:
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
            calendar: announced working days by default.
            ids: by chance by default.
            feed_every: how often departments with open business are asked for news.

        Raises:
            JournalError: the file is locked, damaged, too new, or cannot be written.
            CatalogError: the catalog cannot be read.
        """
        if trust is None:
            _log.warning("opened without trust=: cases run, but bundle() will refuse each of them")
        store = SqliteStore.open(path)
        try:
            async with cls._over(
                store,
                region=region,
                departments=departments,
                signer=signer,
                catalog=catalog or load_catalog([bundled_catalog_dir()]),
                trust=trust,
                clock=clock or SystemClock(),
                calendar=calendar or announced_calendar(),
                ids=ids or RandomIds(),
                feed_every=feed_every,
            ) as engine:
                yield engine
        finally:
            await store.close()

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
    ) -> AsyncIterator[Engine]:
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
            calendar: announced working days by default.
            ids: by chance by default.

        Raises:
            IllegalInputError: ``start`` has no zone.
            JournalError: a file is locked, damaged, too new, or cannot be written.
        """
        with simulated(
            path, region=region, start=start, catalog=catalog, behaviours=behaviours
        ) as government:
            async with cls.embedded(
                path,
                region=region,
                departments=government.departments,
                signer=government.signer,
                catalog=government.catalog,
                trust=government.trust,
                clock=government.clock,
                calendar=calendar,
                ids=ids,
                feed_every=FEED_EVERY_SANDBOX,
            ) as engine:
                government.departments.must_bring = engine._check_list  # noqa: SLF001 - our own
                yield engine

    @classmethod
    def over(cls, store: Store, **parts: Any) -> AbstractAsyncContextManager[Engine]:
        """Open an engine over a store of your own; ``parts`` as in :meth:`embedded`, all given."""
        return cls._over(store, **parts)

    @classmethod
    @asynccontextmanager
    async def _over(
        cls,
        store: Store,
        *,
        region: str,
        departments: Departments,
        signer: Signer,
        catalog: Catalog,
        trust: TrustStore | None,
        clock: Clock,
        calendar: WorkCalendar,
        ids: Ids,
        feed_every: timedelta,
    ) -> AsyncIterator[Engine]:
        async with Driver(
            store=store,
            departments=departments,
            signer=signer,
            clock=clock,
            calendar=calendar,
            trust_list=trust.dump() if trust is not None else None,
        ) as driver:
            yield cls(
                driver=driver,
                feeds=Feeds(driver, departments.names, every=feed_every),
                catalog=catalog,
                calendar=calendar,
                region=region,
                ids=ids,
                trust=trust,
            )

    # --- before a case ---------------------------------------------------------------------

    def plan(
        self,
        thing: str,
        *,
        answers: Mapping[str, Any],
        region: str | None = None,
        on: date | None = None,
    ) -> Plan:
        """Return what follows for these answers: steps, one form, one set of materials, dates.

        Args:
            thing: id of a one-thing, for example ``restaurant``.
            answers: by question id; decimals as text or ``Decimal``.
            region: where it is handled; this engine's region by default.
            on: the day of acceptance; today by default.

        Raises:
            UnknownThingError: it is not published there on that day.
            AnswersInvalidError: answers are missing or of the wrong type.
            AnswersConflictError: answers contradict one another.
        """
        day = on or legal_day(self._driver.now())
        definition = self._catalog.thing(thing, region=region or self._region, on=day)
        normal = normalise_answers(definition, answers)
        return build_plan(definition, normal, on=day, calendar=self._calendar)

    async def submit(
        self,
        plan: Plan,
        applicant: Applicant,
        *,
        fields: Mapping[str, Any] | None = None,
        materials: Materials | None = None,
        consents: Mapping[str, ConsentGiven] | None = None,
        key: str | None = None,
    ) -> Case:
        """Open a case: the one form is handed in, and every step that can be filed is filed.

        Args:
            plan: from :meth:`plan`; the case is pinned to it.
            applicant: who applies.
            fields: values of the merged form by field id; answers need not be repeated.
            materials: documents by material id. What is missing, departments ask for.
            consents: by id of the party, for each of ``plan.parties`` that must consent.
            key: your own key for this submission, the id of the visit: the same application again
                gives the same case, also on a later day.

        Raises:
            FormIncompleteError: every missing or wrong field, document and consent, at once.
            SubmissionConflictError: another application was handed in under ``key``.
            JournalError: it could not be made durable; there is no case.
        """
        mail = self._intake.opening(
            plan,
            applicant,
            fields=fields or {},
            materials=materials or {},
            consents=consents or {},
            at=self._driver.now(),
            ids=self._ids,
            key=key,
        )
        known = await self._opened_before(mail)
        if known is not None:
            return known
        try:
            return await self._driver.give(mail)
        except JournalConflictError:
            known = await self._opened_before(mail)
            if known is None:
                raise
            return known

    async def _opened_before(self, mail: Mail) -> Case | None:
        """Return the case that was opened under the key of ``mail``, by the same application."""
        known = await self._driver.store.case_of_key(mail.key) if mail.key is not None else None
        if known is None:
            return None
        hot = await self._driver.hot(known)
        refuse_another(hot, mail)
        return hot.case

    async def _check_list(self, case_id: str, sub_case_id: str) -> dict[str, dict[str, str]]:
        """Return the titles of what the applicant must bring for one sub-case, by material."""
        plan = (await self._driver.hot(case_id)).plan
        return {
            one.id: {"zh": one.title.zh, "en": one.title.en}
            for one in plan.materials
            if one.must_bring and sub_case_id in one.steps
        }

    # --- during a case ---------------------------------------------------------------------

    async def case(self, case_id: str) -> Case:
        """Return the case as far as it is durable.

        Raises:
            CaseNotFoundError: there is none of that id here.
        """
        return (await self._driver.hot(case_id)).case

    async def plan_of(self, case_id: str) -> Plan:
        """Return the plan to which the case is pinned."""
        return (await self._driver.hot(case_id)).plan

    async def findings(self, case_id: str) -> tuple[CaseFinding, ...]:
        """Return what people should look at although nothing stands still.

        For example ``granted-without-certificate``: the plan promises a paper that did not come.
        """
        hot = await self._driver.hot(case_id)
        return findings_of(hot.case, hot.plan)

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases of this engine, oldest first."""
        return await self._driver.store.cases()

    async def supplement(
        self,
        case_id: str,
        correction: Correction,
        *,
        fields: Mapping[str, Any] | None = None,
        materials: Materials | None = None,
        by: Actor = APPLICANT,
        why: str = "",
    ) -> Case:
        """Answer an open correction (补正) with all the materials and fields that it names.

        Raises:
            IllegalInputError: it is not open any more, or an answer is on its way.
            FormIncompleteError: something that is asked for is missing, a field or material that
                the step does not have, or a wrong value; the correction stays open.
        """
        hot = await self._driver.hot(case_id)
        mail = self._intake.answer(
            hot,
            correction,
            fields=fields or {},
            materials=materials or {},
            by=by,
            why=why,
            at=self._driver.now(),
        )
        return await self._driver.give(mail)

    async def withdraw(
        self,
        case_id: str,
        *,
        sub_case_ids: Iterable[str] = (),
        by: Actor = APPLICANT,
        why: str = "",
    ) -> Case:
        """Ask to withdraw (撤回) the whole case, or some sub-cases of it.

        What was granted stands; what was filed, the department withdraws; the rest ends at once.

        Raises:
            IllegalInputError: nothing is open that could be withdrawn.
        """
        asked = AskWithdrawal(
            at=self._driver.now(), sub_case_ids=tuple(sub_case_ids), by=by, why=why
        )
        return await self._driver.give(Mail(inputs=((case_id, asked),)))

    async def resume(self, case_id: str, sub_case_id: str, *, by: Actor, why: str) -> Case:
        """Let a halted sub-case go on, after people settled with the department why it stood.

        The department is read first; what halted it halts it again where it is still so.

        Args:
            case_id: which case.
            sub_case_id: which step of it.
            by: the operator, for example ``Actor.operator("op-7")``.
            why: what was found and settled, for the record; no person's data.

        Raises:
            IllegalInputError: it is not halted.
        """
        given = Resume(at=self._driver.now(), sub_case_id=sub_case_id, by=by, why=why)
        return await self._driver.give(Mail(inputs=((case_id, given),)))

    def now(self) -> datetime:
        """Return the present on this engine's clock."""
        return self._driver.now()

    async def wait_until(self, instant: datetime) -> None:
        """Wait on this engine's clock; a virtual one jumps."""
        await self._driver.clock.wait_until(instant)

    async def progress(self) -> None:
        """Do everything that is due now: calls, limits, news; return when nothing is left.

        Raises:
            JournalError: something could not be made durable.
        """
        self._driver.refuse_closed()
        async with self._progress:
            while True:
                # News first: who had spoken before a limit ended was not silent.
                had_news = await self._feeds.read_due()
                await self._driver.idle()
                had_due = await self._driver.touch_due()
                await self._driver.idle()
                if not had_due and not had_news:
                    return

    async def next_wake(self) -> datetime | None:
        """Return when something is due next; ``None``: nothing, unless somebody acts."""
        times = [await self._driver.store.next_due(), self._feeds.next_due()]
        return min((one for one in times if one is not None), default=None)

    async def settled(self, case_id: str, *, until: datetime | None = None) -> Case:
        """Return the case when it has ended, or when only a person can move it on.

        Waits on the engine's clock: days on a real one, no time on a virtual one. A department
        whose answers cannot be used is asked again for ever, so a case that shows an incident and
        has not moved for seven days is left to people too.

        Args:
            case_id: which case.
            until: return at this instant at the latest.
        """
        moved: tuple[Any, datetime] = (None, self.now())
        while True:
            await self.progress()
            case = await self.case(case_id)
            if case.status.has_ended or case.needs_a_person:
                return case
            wake = await self.next_wake()
            if wake is None or (until is not None and wake > until):
                return case
            if moved[0] != (standing := _standing(case)):
                moved = (standing, self.now())
            if wake > moved[1] + INCIDENT_PATIENCE and case.has_incident:
                return case
            await self._driver.clock.wait_until(wake)

    async def run(self) -> None:
        """Carry all cases on until cancelled: for a service that runs for months.

        Raises:
            JournalUnavailableError: the engine was closed.
        """
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
        """Take a hint that ``department`` has news: read at the next chance, never believed."""
        self._feeds.look_soon(department)
        self._driver.stir()

    # --- after a case ----------------------------------------------------------------------

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


def _standing(case: Case) -> object:
    """Return what changes when a case moves on; failed tries and doubts do not count."""
    return [(sub.submission, sub.status, sub.passed) for sub in case.sub_cases.values()]
