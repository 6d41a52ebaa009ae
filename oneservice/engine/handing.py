"""Handing in: the one form, answers to corrections, what was promised, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from oneservice.canonical import parse_object
from oneservice.case import (
    Actor,
    Applicant,
    AskFreshBundle,
    AskWithdrawal,
    Case,
    CheckAtWindow,
    Correction,
    FileAgain,
    OpenCase,
    SignedPromise,
    Spared,
    WindowReceipt,
    stated_holders,
)
from oneservice.engine.border import Border
from oneservice.engine.checking import NO_IDS, CheckReport, checked, form_report
from oneservice.engine.crossing_answers import Answer
from oneservice.engine.intake import Intake, Materials
from oneservice.engine.people import FIRST_MANDATE, Authority
from oneservice.engine.repeated import refuse_another
from oneservice.engine.sparing import Occasion
from oneservice.errors import FormIncompleteError, JournalConflictError, JournalCorruptError
from oneservice.plan import Plan, parse_plan
from oneservice.ports import Ids
from oneservice.runtimes import Driver, HotCase, Mail
from oneservice.workdays import WorkCalendar

__all__ = ["Handing"]

_PLAN_BYTES = 16_777_216


class Handing:
    """What comes from applicants, their agents, and clerks who act for them."""

    def __init__(self, driver: Driver, ids: Ids, *, peers: Mapping[str, str] | None = None) -> None:
        self._driver = driver
        self._ids = ids
        self._intake = Intake(peers or {})
        self._border = Border(driver.store, driver.clock, (peers or {}).values())

    async def submit(
        self,
        plan: Plan,
        applicant: Applicant,
        *,
        fields: Mapping[str, Any],
        materials: Materials,
        consents: Mapping[str, Answer],
        promises: Mapping[str, SignedPromise],
        key: str | None,
        by: Actor,
        authority: Authority | None,
        received: CheckAtWindow | WindowReceipt | None = None,
        look: Callable[[Plan, Occasion], Mapping[Spared, bytes]],
    ) -> Case:
        """Open a case, or return the one that was opened under ``key``."""
        at = self._driver.now()
        mandate = None
        if authority is not None:
            mandate = authority.given(FIRST_MANDATE, at=at, by=by)
            by = Actor.agent(authority.agent, mandate=FIRST_MANDATE)
        mail = self._intake.opening(
            plan,
            applicant,
            fields=fields,
            materials=materials,
            consents=consents,
            promises=promises,
            at=at,
            ids=self._ids,
            key=key,
            by=by,
            mandate=mandate,
            received=received,
        )
        if authority is not None and mandate is not None:
            mail.blobs = {**mail.blobs, mandate.proof: authority.text}
        known = await self._opened_before(mail)
        if known is not None:
            return known
        _spare(mail, look(plan, _occasion(mail, plan, applicant, fields, at=at)))
        try:
            return await self._driver.give(mail)
        except JournalConflictError:
            known = await self._opened_before(mail)
            if known is None:
                raise
            return known

    async def check(
        self,
        plan: Plan,
        applicant: Applicant,
        *,
        calendar: WorkCalendar,
        **given: Any,
    ) -> CheckReport:
        """Ask the departments what they would find wanting; nothing is opened."""
        try:
            mail = self._intake.opening(
                plan, applicant, **given, at=self._driver.now(), ids=NO_IDS, key=None
            )
        except FormIncompleteError as error:
            return form_report(error)
        return await checked(
            mail, departments=self._driver.departments, calendar=calendar, border=self._border
        )

    async def _opened_before(self, mail: Mail) -> Case | None:
        """Return the case that was opened under the key of ``mail``, by the same application."""
        known = await self._driver.store.case_of_key(mail.key) if mail.key is not None else None
        if known is None:
            return None
        hot = await self._driver.hot(known)
        await refuse_another(hot, mail, self._driver.store)
        return hot.case

    async def supplement(
        self,
        case_id: str,
        answered: Correction | str,
        *,
        fields: Mapping[str, Any],
        materials: Materials,
        by: Actor,
        why: str,
    ) -> Case:
        """Answer a correction, or, for the step of that id, hand in what was promised."""
        hot = await self._driver.hot(case_id)
        name = answered if isinstance(answered, str) else answered.sub_case_id
        mail = self._intake.answer(
            hot,
            answered,
            plan=await self.plan_under(hot, name),
            fields=fields,
            materials=materials,
            by=by,
            why=why,
            at=self._driver.now(),
        )
        return await self._driver.give(mail)

    async def withdraw(
        self, case_id: str, sub_case_ids: Iterable[str], *, by: Actor, why: str
    ) -> Case:
        """Ask to withdraw the whole case, or some sub-cases of it."""
        asked = AskWithdrawal(
            at=self._driver.now(), sub_case_ids=tuple(sub_case_ids), by=by, why=why
        )
        return await self._driver.give(Mail(inputs=((case_id, asked),)))

    async def file_again(
        self, case_id: str, sub_case_id: str, *, by: Actor, why: str, annulled_by: str
    ) -> Case:
        """Have a further attempt follow one that ended without a grant."""
        again = FileAgain(
            at=self._driver.now(),
            sub_case_id=sub_case_id,
            by=by,
            why=why,
            annulled_by=annulled_by,
        )
        return await self._driver.give(Mail(inputs=((case_id, again),)))

    async def ask_fresh_bundle(self, case_id: str, *, by: Actor, why: str) -> Case:
        """Ask for a bundle that shows what changed since the last one."""
        asked = AskFreshBundle(at=self._driver.now(), by=by, why=why)
        return await self._driver.give(Mail(inputs=((case_id, asked),)))

    async def plan_under(self, hot: HotCase, sub_case_id: str) -> Plan:
        """Return the plan under which a step is handled: of the day on which it was filed.

        Raises:
            JournalCorruptError: its bytes are gone.
        """
        digest = hot.case.people.plan_of(sub_case_id, hot.case.plan)
        if digest == hot.plan.digest:
            return hot.plan
        body = await self._driver.store.blob(hot.case.id, digest)
        if body is None:
            msg = f"case {hot.case.id}: the bytes of an earlier plan are gone; restore a backup"
            raise JournalCorruptError(msg)
        return parse_plan(parse_object(body, max_bytes=_PLAN_BYTES) | {"digest": digest})


def _occasion(
    mail: Mail, plan: Plan, applicant: Applicant, fields: Mapping[str, Any], *, at: datetime
) -> Occasion:
    """Return the opening at which papers are looked at; the intake refused what is not told."""
    ((case_id, _),) = mail.inputs
    stated = stated_holders(plan, applicant, fields, {})
    return Occasion(at=at, case_id=case_id, secret=mail.secret or "", stated=stated)


def _spare(mail: Mail, looked: Mapping[Spared, bytes]) -> None:
    """Put into the opening which certificates spare a step, and that they were looked at."""
    if looked:
        spared = tuple(looked)
        mail.inputs = tuple(
            (name, replace(given, spared=spared) if isinstance(given, OpenCase) else given)
            for name, given in mail.inputs
        )
        mail.blobs = {**mail.blobs, **{one.paper: paper for one, paper in looked.items()}}
