"""Taking in: what another region sends becomes a case here, an answer in it, a wish to withdraw.

Every function may be called again with the same message after a crash: the case is found by the key
that follows from caller and application, what was answered is not open any more, what was asked to
end is ending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from oneservice.case import Applicant, Case, Correction, WindowReceipt
from oneservice.departments import (
    AdapterApp,
    CorrectionRequested,
    Outcome,
    Received,
    Submission,
    Supplement,
    Withdrawal,
    WithdrawalRefused,
    Withdrawn,
)
from oneservice.engine import AccessEntry, ConsentDeclined, Engine
from oneservice.errors import FormIncompleteError, IllegalInputError, ProtocolProblemError
from oneservice.federation.handing import (
    application,
    papers_of,
    refuse_without_consent,
    window_receipt,
)
from oneservice.federation.merging import asked_again, covered_by, parts_of
from oneservice.federation.offers import Offer, planned, refuse_undeclared_materials

__all__ = ["Key", "Taking", "case_key", "person_of"]

Key = tuple[str, str]
"""Caller and submission id: callers choose ids, and may choose the same."""


def case_key(key: Key) -> str:
    """Return the key under which the case of an application is opened."""
    caller, submission_id = key
    return f"federation/{caller}/{submission_id}"


class Taking:
    """Puts what comes into the engine, before it is answered."""

    def __init__(
        self,
        engine: Engine,
        app: AdapterApp,
        offers: Mapping[str, Offer],
        opened: Callable[[Key, Case | None], None],
    ) -> None:
        self._engine = engine
        self._app = app
        self._offers = offers
        self._opened = opened

    async def application(self, submission: Submission) -> Outcome:
        """Open a case for ``submission``, or ask for what its form lacks (一次性告知).

        Raises:
            ProtocolProblemError: ``not-allowed`` without a consent, ``invalid-submission`` for
                what the item does not declare; nothing of it is kept.
            JournalError: the case could not be made durable.
        """
        offer = self._offers[submission.step_id]
        known = await self._case(submission)
        if known is None:
            refuse_without_consent(offer, submission)
            refuse_undeclared_materials(offer, self._engine, submission.materials)
            await self._note(submission, window_receipt(submission))
            missing = await self._open(offer, submission)
            if missing is not None:
                return missing
        return Received()

    async def supplement(self, submission: Submission, supplement: Supplement) -> Outcome | None:
        """Hand in what was asked for; ask again for what is still wanting."""
        offer = self._offers[submission.step_id]
        refuse_undeclared_materials(offer, self._engine, supplement.materials)
        case = await self._case(submission)
        if case is None:
            return await self._open(offer, submission)
        if supplement.correction_id is None:
            await self._keep_promises(case, submission, supplement)
            return None
        return await self._answer(case, submission, supplement, supplement.correction_id)

    async def withdrawal(self, submission: Submission, wish: Withdrawal) -> Outcome | None:
        """Ask our offices to let it go; what was never opened is gone at once."""
        del wish  # its words are the applicant's; the case says in whose name it was asked
        case = await self._case(submission)
        if case is None:
            return Withdrawn()
        try:
            await self._engine.withdraw(case.id)
        except IllegalInputError:
            case = await self._engine.case(case.id)
            is_asked = any(one.withdrawal in ("asked", "sent") for one in case.sub_cases.values())
            if case.status.has_ended or case.bundle is not None or is_asked:
                return None
            return WithdrawalRefused(reasons=(_NOTHING_OPEN,))
        return None

    # --- inside --------------------------------------------------------------------------------

    async def _case(self, submission: Submission) -> Case | None:
        key = (submission.caller, submission.id)
        case = await self._engine.case_under(case_key(key))
        self._opened(key, case)
        return case

    async def _open(self, offer: Offer, submission: Submission) -> CorrectionRequested | None:
        """Open the case; return what the form lacks, if it cannot be opened yet."""
        key = (submission.caller, submission.id)
        plan = planned(offer, self._engine, submission)
        told = await application(offer, submission, plan, self._app.document)
        # What came was consented to for this region. For a third one nobody here can ask: nothing
        # goes on, that step is done in person, and the rest of the case goes on.
        onward = {
            one.consent_id: ConsentDeclined() for one in await self._engine.people.crossings(plan)
        }
        try:
            case = await self._engine.submit(
                plan,
                told.applicant,
                fields=told.fields,
                materials=told.materials,
                consents={**told.consents, **onward},
                promises=told.promises,
                received=told.received,
                key=case_key(key),
            )
        except FormIncompleteError as error:
            return asked_again(error.problems, (one.id for one in plan.materials))
        self._opened(key, case)
        return None

    async def _answer(
        self, case: Case, submission: Submission, supplement: Supplement, correction_id: str
    ) -> CorrectionRequested | None:
        problems: dict[str, str] = {}
        wanting: list[Correction] = []
        for one in covered_by(correction_id, submission.history, case):
            try:
                await self._answer_one(case, submission, supplement, one)
            except FormIncompleteError as error:
                problems |= error.problems
                wanting.append(one)
            except IllegalInputError:
                continue  # answered before: this is a repeat, or somebody answered it here
        if not problems:
            return None
        papers = {name for one in wanting for name in one.materials}
        return asked_again(problems, papers, case=case, of=wanting)

    async def _answer_one(
        self, case: Case, submission: Submission, supplement: Supplement, correction: Correction
    ) -> None:
        asked = parts_of(correction)
        items = [one for name, one in supplement.materials.items() if name in asked]
        await self._engine.supplement(
            case.id,
            correction,
            fields={name: one for name, one in supplement.body.fields.items() if name in asked},
            materials=await papers_of(submission, items, self._app.document),
        )

    async def _keep_promises(
        self, case: Case, submission: Submission, supplement: Supplement
    ) -> None:
        """Bring what was promised, to every office that waits for some of it."""
        owing = {one.sub_case_id for one in case.promises}
        for name in sorted(owing):
            promised = {one.material for one in case.promises if one.sub_case_id == name}
            items = [one for key, one in submission.materials.items() if key in promised]
            if {one.material for one in items} != promised:
                continue  # a part of it: the rest is awaited, and all come together
            try:
                await self._engine.supplement(
                    case.id,
                    name,
                    materials=await papers_of(submission, items, self._app.document),
                )
            except IllegalInputError:
                continue  # it was brought before
            except FormIncompleteError as error:
                raise _unusable(error, supplement) from None

    async def _note(self, submission: Submission, receipt: WindowReceipt | None) -> None:
        """Note in the person's log that another region handed in data of theirs."""
        told = submission.applicant
        consents = [one.id for one in submission.body.consents]
        scopes = [one.scope for one in submission.body.consents]
        entry = AccessEntry(
            at=_ms(submission.now),
            by=submission.caller,
            kind="filed",
            purpose=scopes[0] if scopes else submission.case_id,
            names=tuple(sorted((*submission.fields, *submission.materials))),
            reference=submission.id,
            consent=", ".join(consents),
            received_at=None if receipt is None else receipt.received_at,
        )
        await self._engine.people.note_access(person_of(told), entry)


_NOTHING_OPEN = {"zh": "已无可撤回的事项", "en": "nothing is open that could be withdrawn"}


def person_of(told: Mapping[str, object]) -> Applicant:
    """Return whom a message is about, as far as it says so."""
    return Applicant(
        name=str(told.get("name") or ""),
        code=str(told.get("code") or ""),
        kind="person" if told.get("kind") == "person" else "organisation",
    )


def _ms(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _unusable(error: FormIncompleteError, supplement: Supplement) -> ProtocolProblemError:
    return ProtocolProblemError(
        f"supplement {supplement.id} does not bring what was promised",
        problem="invalid-submission",
        findings=tuple((f"/materials/{name}", rule) for name, rule in error.problems.items()),
    )
