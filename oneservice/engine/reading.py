"""What can be read of cases: how they stand, what they wait for, their history, their results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from oneservice.canonical import Digest
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
from oneservice.engine.bundling import bundle_of, certificates_of, handed_out, wallet_documents
from oneservice.engine.enclosed_elsewhere import written
from oneservice.engine.forgetting import ForgottenDesk
from oneservice.engine.parts import EngineParts
from oneservice.engine.starting import Startable
from oneservice.errors import (
    CaseNotFoundError,
    DepartmentContractError,
    IllegalInputError,
    JournalCorruptError,
)
from oneservice.plan import Plan
from oneservice.ports import Papers, StoredCase
from oneservice.workdays import legal_day

__all__ = ["Readable"]


@runtime_checkable
class _HandsOut(Protocol):
    """What ``HttpDepartments`` offers beside the port."""

    async def document(self, department: str, digest: Digest) -> bytes: ...


class Readable(Startable):
    """The half of an engine that changes nothing."""

    def __init__(self, parts: EngineParts) -> None:
        super().__init__(parts)
        self._driver = parts.driver
        self._calendar = parts.calendar
        self.forgotten = ForgottenDesk(parts.forgotten)
        """What departments have from here, and an old backup does not know of."""
        self._enclosing = parts.enclosing
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
        Of a case that an old backup does not know, what departments have of it.

        Raises:
            CaseNotFoundError: there is none of that id here, and no department told of one.
        """
        try:
            hot = await self._driver.hot(case_id)
        except CaseNotFoundError:
            if forgotten := await self.forgotten.findings(case_id):
                return forgotten
            raise
        now = self._driver.now()
        found = findings_of(hot.case, hot.plan, calendar=self._calendar, at=now)
        found += counter_findings(hot.case, on=legal_day(now))
        return (*found, *await self.forgotten.findings(case_id))

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

        Beside the certificates lies what the engine's ``vouchers`` say of them; what these do not
        give in time is left out, and comes with a bundle that is asked for later.

        Raises:
            IllegalInputError: the results have not been handed out, or the engine was opened
                without ``trust``.
        """
        hot = await self._driver.hot(case_id)
        bundle = await bundle_of(hot, store=self._driver.store, trust=self.trust)
        if self._enclosing is None:
            return bundle
        return await self._enclosing.beside(bundle, hot, self._driver.departments)

    async def enclosures(
        self, case_id: str, *, of: Iterable[Digest], patience_s: float
    ) -> bytes | None:
        """Return what is vouched for here of certificates of a case, as another region gets it.

        Args:
            case_id: whose results were handed out.
            of: digests of the certificates that go to the other region.
            patience_s: real seconds that each source has; what it does not give is left out.

        Raises:
            IllegalInputError: the results have not been handed out.
        """
        if self._enclosing is None or not self._enclosing.has_vouchers:
            return None  # what offices and other regions gave travels with their results
        hot, wanted = await self._driver.hot(case_id), {*of}
        certificates = await handed_out(hot, self._driver.store)
        found = await self._enclosing.gathered(
            certificates, hot, self._driver.departments, patience_s=patience_s
        )
        told = {name: one for name, one in found.items() if name in wanted}
        return written(told) if told else None

    async def wallet(self, case_id: str) -> tuple[bytes, ...]:
        """Return the SD-JWT forms of the certificates, for the wallet of their holder.

        Departments issue them beside the certificate, as documents of the result; one that does
        not gives none. They show everything: the holder decides what goes further.

        Raises:
            DepartmentUnavailableError: a department does not hand its form out now.
            IllegalInputError: the way to the departments fetches no documents.
        """
        case, departments = await self.case(case_id), self._driver.departments
        wanted = wallet_documents(case)
        if wanted and not isinstance(departments, Papers):
            msg = "the way to the departments fetches no papers; give the engine one that does"
            raise IllegalInputError(msg, status=str(case.status))
        return tuple(
            [
                await departments.document(department, digest)
                for department, digest in wanted
                if isinstance(departments, Papers)
            ]
        )

    async def bundle_certificate(self, case_id: str) -> Certificate:
        """Return the certificate over all results, as it was sealed last.

        Raises:
            IllegalInputError: the results have not been handed out.
            JournalCorruptError: its bytes are gone.
        """
        case = await self.case(case_id)
        if case.bundle is None:
            msg = f"case {case.id}: no results were handed out"
            raise IllegalInputError(msg, status=str(case.status))
        sealed = await self._driver.store.blob(case.id, case.bundle.certificate)
        if sealed is None:
            msg = f"case {case.id}: the bundle certificate is gone; restore a backup"
            raise JournalCorruptError(msg)
        return Certificate.parse(sealed)

    async def result_document(self, case_id: str, digest: Digest) -> bytes:
        """Fetch a paper that a result of the case names, from the department that granted it.

        Raises:
            IllegalInputError: no result of the case names it.
            DepartmentError: it cannot be had, now or at all.
        """
        case = await self.case(case_id)
        for sub in case.sub_cases.values():
            named = (sub.outcome or {}).get("documents") or ()
            if any(one.get("digest") == digest for one in named):
                return await self._fetched(sub.spec.department, digest)
        msg = f"case {case.id}: none of its results names the document {digest[:80]}"
        raise IllegalInputError(msg, status=str(case.status))

    async def _fetched(self, department: str, digest: Digest) -> bytes:
        offices = self._driver.departments
        if not isinstance(offices, _HandsOut):
            raise DepartmentContractError(
                "the way to it fetches no documents",
                department=department,
                problem="feature-not-offered",
            )
        return await offices.document(department, digest)

    def now(self) -> datetime:
        """Return the present on this engine's clock."""
        return self._driver.now()
