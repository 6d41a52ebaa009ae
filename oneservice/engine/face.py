"""The engine: one object for a portal, over a driver, a catalog and the ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from oneservice.case import (
    APPLICANT,
    Actor,
    Applicant,
    Case,
    CheckAtWindow,
    Correction,
    SignedPromise,
    Spared,
    WindowReceipt,
)
from oneservice.catalog import EffectiveThing, normalise_answers, single_step
from oneservice.engine.checking import CheckReport, refuse_blocked
from oneservice.engine.counter import CounterDesk
from oneservice.engine.crossing_answers import Answer
from oneservice.engine.evidence import EvidenceDesk
from oneservice.engine.handing import Handing
from oneservice.engine.hints import receiver_at
from oneservice.engine.intake import Materials
from oneservice.engine.look_ups import titled
from oneservice.engine.notifications import Notifications
from oneservice.engine.operators import Operators
from oneservice.engine.orders import ResumeOrder
from oneservice.engine.parts import EngineParts
from oneservice.engine.people import Authority, PeopleDesk
from oneservice.engine.pinned import pinned_definition
from oneservice.engine.presentations import PresentationDesk
from oneservice.engine.running import Runnable
from oneservice.engine.sparing import Occasion, PapersNow, looked_at_again, refuse_other_sparing
from oneservice.plan import Holdings, Plan, build_plan
from oneservice.workdays import legal_day

__all__ = ["Engine"]


class Engine(Runnable):
    """Plans, cases and certificates of one region; :meth:`sandbox` or :meth:`embedded` open it.

    Every method that changes a case returns when the change is durable. After the block in which
    it was opened, it answers nothing but :class:`JournalUnavailableError`.
    """

    def __init__(self, parts: EngineParts) -> None:
        super().__init__(parts)
        self._catalog = parts.catalog
        self._region = parts.region
        self._handing = Handing(parts.driver, parts.ids, peers=parts.peers)
        self.counter = CounterDesk(parts.driver, parts.ids, parts.calendar)
        """Kiosks, windows, telephone: codes, journeys, originals, parcels, ratings."""
        self.people = PeopleDesk(parts.driver, parts.catalog, peers=parts.peers)
        """Mandates and consents after the opening, and the form as each role may see it."""
        self.operators = Operators(parts.driver, parts.catalog, parts.calendar, peers=parts.peers)
        """Orders for cases that stand still, with a preview; one by one or in bulk."""
        self.notifications = Notifications(parts.driver)
        """Telling other systems that cases moved."""
        self.evidence = EvidenceDesk(
            parts.driver.departments,
            clock=parts.driver.clock,
            ids=parts.ids,
            border=parts.border,
            judge=parts.judge,
            titles=lambda wish, on: titled(
                wish, parts.catalog, region=parts.region, peers=parts.peers, on=on
            ),
        )
        """Facts and certificates of other offices, fetched with consent, before they are used."""
        self.presentations = PresentationDesk(
            parts.driver.store,
            clock=parts.driver.clock,
            ids=parts.ids,
            judge=parts.judge,
            region=parts.region,
        )
        """Papers that people show from their wallets, each for one occasion."""
        self.hints = receiver_at(parts.callbacks, self.look_soon, clock=parts.driver.clock)
        """An ASGI app to mount at ``callbacks.base_url``; ``None`` where no address was given."""

    # --- before a case ---------------------------------------------------------------------

    def plan(
        self,
        thing: str,
        *,
        answers: Mapping[str, Any],
        region: str | None = None,
        on: date | None = None,
        only: str | None = None,
        origin: str | None = None,
        holdings: Holdings | None = None,
    ) -> Plan:
        """Return what follows for these answers: steps, one form, one set of materials, dates.

        Args:
            thing: id of a one-thing, for example ``restaurant``.
            answers: by question id; decimals as text or ``Decimal``.
            region: where it is handled; this engine's region by default.
            on: the day of acceptance; today by default.
            only: a step to be handled alone, for a case that another region carries.
            origin: region where the applicant is, if it is another one.
            holdings: what the applicant already has; :func:`holdings_of` makes it of papers.

        Raises:
            UnknownThingError: it is not published there on that day.
            UnknownReferenceError: it has no step ``only``.
            IdentifierError: ``origin`` is no region.
            AnswersInvalidError: answers are missing or of the wrong type.
            AnswersConflictError: answers contradict one another.
        """
        day = on or legal_day(self._driver.now())
        definition = self.definition(thing, region=region, on=day, only=only)
        normal = normalise_answers(definition, answers)
        return build_plan(
            definition,
            normal,
            on=day,
            calendar=self._calendar,
            holdings=holdings or Holdings(),
            origin=origin,
            peers=self._parts.peers,
        )

    def definition(
        self,
        thing: str,
        *,
        region: str | None = None,
        on: date | None = None,
        only: str | None = None,
    ) -> EffectiveThing:
        """Return the definition from which :meth:`plan` would plan; arguments and errors as there.

        The questions that must be answered stand in its ``thing.situations``.
        """
        day = on or legal_day(self._driver.now())
        whole = self._catalog.thing(thing, region=region or self._region, on=day)
        return whole if only is None else single_step(whole, only)

    async def submit(
        self,
        plan: Plan,
        applicant: Applicant,
        *,
        fields: Mapping[str, Any] | None = None,
        materials: Materials | None = None,
        consents: Mapping[str, Answer] | None = None,
        promises: Mapping[str, SignedPromise] | None = None,
        key: str | None = None,
        by: Actor = APPLICANT,
        authority: Authority | None = None,
        received: CheckAtWindow | WindowReceipt | None = None,
        precheck: bool = False,
        papers: PapersNow | None = None,
    ) -> Case:
        """Open a case: the one form is handed in, and every step that can be filed is filed.

        Args:
            plan: from :meth:`plan`; the case is pinned to it.
            applicant: who applies.
            fields: values of the merged form by field id; answers need not be repeated.
            materials: documents by material id. What is missing, departments ask for.
            consents: by id of the party, for each of ``plan.parties`` that must consent; and by
                ``consent_id``, the applicant's own answers to ``people.crossings(plan)``.
            promises: by material id, for what follows later (容缺后补); only what the ``tolerance``
                of a step in the plan names, and no later than it says.
            key: your own key for this submission, the id of the visit: the same application again
                gives the same case, also on a later day. It stays taken when the case is erased.
            by: who hands in: the applicant, or a window clerk for the applicant.
            authority: what the applicant signed for an agent, who then hands in.
            received: that a window elsewhere received it (异地代收): the look of a window of ours
                (``counter.elsewhere.look``), or what another region told of its own.
            precheck: ask the departments first, as :meth:`check` does, and open no case that one
                of them would not accept as it is. Who does not answer holds nobody up.
            papers: what the certificates that spare steps of ``plan`` are worth at the instant of
                the opening; needed where there are such.

        Raises:
            FormIncompleteError: every missing or wrong field, document, consent and promise, at
                once; or that a certificate that spares a step is not of the person whom the form
                names; or, with ``precheck``, what departments said.
            HoldingsChangedError: a certificate that spares a step of ``plan`` does not count any
                more, or ``papers`` do not speak of it; plan again.
            SubmissionConflictError: another application came under ``key`` before, or this one with
                another consent: a new one is given by ``people.give_consent``.
            CaseErasedError: the case that was opened under ``key`` was erased; whoever applies
                again does so under another key.
            JournalError: it could not be made durable; there is no case.
        """
        if precheck:
            refuse_blocked(
                await self.check(
                    plan,
                    applicant,
                    fields=fields,
                    materials=materials,
                    consents=consents,
                    promises=promises,
                )
            )
        return await self._handing.submit(
            plan,
            applicant,
            fields=fields or {},
            materials=materials or {},
            consents=consents or {},
            promises=promises or {},
            key=key,
            by=by,
            authority=authority,
            look=partial(self._spared, papers),
            received=received,
        )

    def _spared(
        self, papers: PapersNow | None, plan: Plan, occasion: Occasion
    ) -> Mapping[Spared, bytes]:
        """Return by which papers steps of ``plan`` are spared now, and would be today."""
        spared = looked_at_again(plan, papers, occasion)
        today = legal_day(occasion.at)
        if spared and today != plan.on:
            law = pinned_definition(self._catalog, plan)
            refuse_other_sparing(
                plan, law, on=today, calendar=self._calendar, peers=self._parts.peers
            )
        return spared

    async def check(
        self,
        plan: Plan,
        applicant: Applicant,
        *,
        fields: Mapping[str, Any] | None = None,
        materials: Materials | None = None,
        consents: Mapping[str, Answer] | None = None,
        promises: Mapping[str, SignedPromise] | None = None,
    ) -> CheckReport:
        """Return what would be found wanting if this were submitted now; nothing is opened.

        What the form itself lacks comes alone: no department is asked about half a form. Else
        every department that offers checks, and whose step could be filed at once, is asked; it is
        told what its step declares, as in a filing, so ask when the applicant wants to know. What
        spares a step is taken as ``plan`` has it: only :meth:`submit` looks at papers once more.

        Args:
            plan: from :meth:`plan`.
            applicant: who would apply.
            fields: as for :meth:`submit`, and so are the others.
            materials: documents by material id; they are named, not sent.
            consents: by id of the party.
            promises: by material id.
        """
        return await self._handing.check(
            plan,
            applicant,
            calendar=self._calendar,
            fields=fields or {},
            materials=materials or {},
            consents=consents or {},
            promises=promises or {},
        )

    # --- during a case ---------------------------------------------------------------------

    async def supplement(
        self,
        case_id: str,
        answered: Correction | str,
        *,
        fields: Mapping[str, Any] | None = None,
        materials: Materials | None = None,
        by: Actor = APPLICANT,
        why: str = "",
    ) -> Case:
        """Answer an open correction (补正) whole, or keep a promise (容缺后补).

        Args:
            case_id: which case.
            answered: the correction; or the id of the step for which ``case.promises`` holds
                materials: all that are still open come together.
            fields: values of fields that are asked for.
            materials: documents by material id.
            by: who hands in.
            why: what is to be recorded of it; names nobody.

        Raises:
            IllegalInputError: it is not open any more, or an answer is on its way.
            NotAllowedError: not in this role, or outside the mandate.
            FormIncompleteError: something that is asked for is missing, a field or material that
                the step does not have, or a wrong value; the correction stays open.
        """
        return await self._handing.supplement(
            case_id, answered, fields=fields or {}, materials=materials or {}, by=by, why=why
        )

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
            NotAllowedError: not in this role, or outside the mandate.
        """
        return await self._handing.withdraw(case_id, sub_case_ids, by=by, why=why)

    async def file_again(
        self,
        case_id: str,
        sub_case_id: str,
        *,
        by: Actor = APPLICANT,
        why: str,
        annulled_by: str = "",
    ) -> Case:
        """File a step again that ended without a grant; ``annulled_by``: who set a refusal aside.

        Raises:
            IllegalInputError: it has not ended, or the law leaves no room for it.
        """
        return await self._handing.file_again(
            case_id, sub_case_id, by=by, why=why, annulled_by=annulled_by
        )

    async def ask_fresh_bundle(self, case_id: str, *, by: Actor = APPLICANT, why: str = "") -> Case:
        """Ask for a bundle that shows the results that changed since the last one."""
        return await self._handing.ask_fresh_bundle(case_id, by=by, why=why)

    async def resume(self, case_id: str, sub_case_id: str, *, by: Actor, why: str) -> Case:
        """Let a halted sub-case go on: :class:`ResumeOrder`, without a preview.

        Raises:
            IllegalInputError: it is not halted.
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
        """
        order = ResumeOrder(case_id=case_id, sub_case_id=sub_case_id)
        return await self.operators.act(order, by=by, why=why)
