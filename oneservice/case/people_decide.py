"""What follows when people give or take back a mandate or a consent, and when one runs out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, assert_never

from oneservice.case.actors import ENGINE, Actor, Role
from oneservice.case.draft import Draft
from oneservice.case.inputs import OpenCase
from oneservice.case.people import OWN_CONSENT, Consent, end_of_day
from oneservice.case.people_events import (
    ConsentAwaited,
    ConsentEnded,
    ConsentRecorded,
    ConsentRefused,
    MandateEnded,
    MandateGiven,
)
from oneservice.case.people_inputs import (
    ConsentTerms,
    ConsentWanted,
    EndMandate,
    GiveConsent,
    GiveMandate,
    PeopleInput,
    RefuseConsent,
    WithdrawConsent,
)
from oneservice.case.people_rules import MANDATED
from oneservice.case.state import SubCase
from oneservice.errors import IdentifierError, IllegalInputError
from oneservice.workdays import legal_day

__all__ = ["await_consents", "consent_recorded", "end_what_ran_out", "people_told", "record_people"]


def record_people(draft: Draft, given: OpenCase) -> None:
    """Record what was handed in with the form: the agent's mandate, and who agreed.

    Raises:
        IllegalInputError: a mandate that is none, or a consent whose last day is over.
    """
    if given.mandate is not None:
        _mandate_given(draft, given.mandate)
    for terms in given.consents:
        _refuse_run_out(draft, terms, given.at)
        draft.add(consent_recorded(given.at, terms, by=given.by, why=""))
    for refused in given.refused:
        _consent_refused(draft, refused)


def people_told(draft: Draft, given: PeopleInput) -> None:
    """Decide an input about mandates and consents."""
    match given:
        case GiveMandate():
            _refuse_ended(draft)
            _mandate_given(draft, given)
        case EndMandate():
            _mandate_ended(draft, given)
        case GiveConsent():
            _refuse_ended(draft)
            _consent_given(draft, given)
        case WithdrawConsent():
            _consent_withdrawn(draft, given)
        case RefuseConsent():
            _refuse_ended(draft)
            _consent_refused(draft, given)
        case _:
            assert_never(given)


def end_what_ran_out(draft: Draft, at: datetime) -> None:
    """Record each mandate and consent whose last day is over."""
    people = draft.case.people
    for mandate in people.mandates:
        if mandate.end is None and mandate.until and end_of_day(mandate.until) <= at:
            draft.add(MandateEnded(at=at, mandate_id=mandate.id, end="expired", by=ENGINE))
    over = [
        one.id
        for one in people.consents
        if one.end is None and one.until and end_of_day(one.until) <= at
    ]
    for consent_id in dict.fromkeys(over):
        draft.add(ConsentEnded(at=at, consent_id=consent_id, end="expired", by=ENGINE))


def _mandate_given(draft: Draft, given: GiveMandate) -> None:
    case = draft.case
    problem = _mandate_problem(draft, given)
    if problem is not None:
        msg = f"case {case.id}: {problem}"
        raise IllegalInputError(msg, status=str(case.status))
    draft.add(
        MandateGiven(
            at=given.at,
            mandate_id=given.mandate_id,
            agent=given.agent,
            proof=given.proof,
            by=given.by,
            sub_case_ids=given.sub_case_ids,
            actions=given.actions,
            until=given.until,
            why=given.why,
        )
    )


def _mandate_problem(draft: Draft, given: GiveMandate) -> str | None:
    try:
        Actor.agent(given.agent, mandate=given.mandate_id)
    except IdentifierError as error:
        return f"a mandate: {error}"
    if draft.case.people.mandate(given.mandate_id) is not None:
        return "a mandate of that id is known already; give the new one an id of its own"
    if given.until is not None and given.until < legal_day(given.at):
        return "the last day of the mandate is over; take a later one"
    unknown = [repr(str(one)[:60]) for one in given.actions if one not in MANDATED]
    if unknown:
        return f"a mandate is for {', '.join(sorted(MANDATED))}; it names {', '.join(unknown)}"
    for name in given.sub_case_ids:
        draft.sub_case(name)
    return None


def _mandate_ended(draft: Draft, given: EndMandate) -> None:
    mandate = draft.case.people.mandate(given.mandate_id)
    if mandate is None or mandate.end is not None:
        msg = f"case {draft.case.id}: there is no such mandate, or it has ended"
        raise IllegalInputError(msg, status=str(draft.case.status))
    end: Literal["renounced", "revoked"] = "renounced" if given.by.role is Role.AGENT else "revoked"
    draft.add(MandateEnded(at=given.at, mandate_id=mandate.id, end=end, by=given.by, why=given.why))


def _consent_given(draft: Draft, given: GiveConsent) -> None:
    case, terms = draft.case, given.terms
    if terms.purpose != case.thing:
        msg = f"case {case.id}: the consent is for {terms.purpose[:60]!r}, not for {case.thing!r}"
        raise IllegalInputError(msg, status=str(case.status))
    _refuse_run_out(draft, terms, given.at)
    for name in terms.sub_case_ids:
        draft.sub_case(name)
    known = [one for one in case.people.consents if one.id == terms.consent_id and one.is_alive]
    if any(_covered(one) == _covered(terms) for one in known):
        return  # told twice
    draft.add(consent_recorded(given.at, terms, by=given.by, why=given.why))


def _covered(consent: Consent | ConsentTerms) -> tuple[object, ...]:
    """Return what was agreed to: one text may be signed for less, or longer, than before."""
    return (
        consent.purpose,
        consent.level,
        consent.proof,
        consent.sub_case_ids,
        consent.is_required,
        consent.until,
        consent.fields,
        consent.materials,
        consent.evidence,
        consent.offices,
    )


def _refuse_run_out(draft: Draft, terms: ConsentTerms, at: datetime) -> None:
    """Refuse a consent on which nothing could be filed any more."""
    if terms.until is not None and terms.until < legal_day(at):
        msg = f"case {draft.case.id}: the last day of the consent is over; take a later one"
        raise IllegalInputError(msg, status=str(draft.case.status))


def _consent_withdrawn(draft: Draft, given: WithdrawConsent) -> None:
    consent = draft.case.people.consent(given.consent_id)
    if consent is None or not consent.is_alive:
        msg = f"case {draft.case.id}: there is no such consent, or it has ended"
        raise IllegalInputError(msg, status=str(draft.case.status))
    draft.add(
        ConsentEnded(
            at=given.at, consent_id=consent.id, end="withdrawn", by=given.by, why=given.why
        )
    )


def _consent_refused(draft: Draft, given: RefuseConsent) -> None:
    """Record a no; a consent that is alive is taken back instead.

    The applicant is asked for each office elsewhere. A party is asked for the whole case and has
    agreed before it was opened; so its no is to giving again what has ended, for the same steps.
    """
    known = draft.case.people.consent(given.consent_id)
    problem = _why_not_refused(known, given)
    if problem is not None:
        msg = f"case {draft.case.id}: {problem}"
        raise IllegalInputError(msg, status=str(draft.case.status))
    for name in given.sub_case_ids:
        draft.sub_case(name)
    if known is not None and known.end == "refused" and not _is_wider(known, given):
        return  # told twice
    draft.add(
        ConsentRefused(
            at=given.at,
            consent_id=given.consent_id,
            purpose=given.purpose,
            sub_case_ids=given.sub_case_ids,
            by=given.by,
            why=given.why,
        )
    )


def _why_not_refused(known: Consent | None, given: RefuseConsent) -> str | None:
    if known is not None and known.is_alive:
        return "that consent was given; take it back instead"
    if given.consent_id.startswith(OWN_CONSENT):
        return None
    if known is None or not known.is_required:
        return "nothing rests on a consent of that id, so nobody needs to refuse it"
    if given.sub_case_ids != known.sub_case_ids:
        return "a party refuses what was asked: the same steps as before"
    return None


def _is_wider(known: Consent, given: RefuseConsent) -> bool:
    """Say whether a no is about steps that the one on record does not cover."""
    return bool({*given.sub_case_ids} - {*known.sub_case_ids})


def await_consents(draft: Draft, wanted: Iterable[ConsentWanted], at: datetime) -> None:
    """Hold up the steps that an order sends elsewhere, where somebody was never asked.

    What an answer covers is left alone, a no too, and so is what that office has. A party's answer
    is one if it names the office: what was agreed to for another, or for none, says nothing of it.
    What another office has stays there; should it begin anew elsewhere, it waits then.
    """
    for one in wanted:
        answered = [
            known
            for known in draft.case.people.consents
            if known.id == one.consent_id and {*one.offices} <= {*known.offices}
        ]
        offices = one.offices or (one.consent_id.removeprefix(OWN_CONSENT),)
        unasked = tuple(
            name
            for name in one.sub_case_ids
            if not _is_filed_at(draft.sub_case(name), offices)
            and not any(known.covers(name) for known in answered)
        )
        if unasked:
            draft.add(
                ConsentAwaited(
                    at=at,
                    consent_id=one.consent_id,
                    purpose=draft.case.thing,
                    sub_case_ids=unasked,
                    offices=one.offices,
                )
            )


def _is_filed_at(sub: SubCase, offices: tuple[str, ...]) -> bool:
    return sub.submission is not None and sub.spec.department in offices


def consent_recorded(at: datetime, terms: ConsentTerms, *, by: Actor, why: str) -> ConsentRecorded:
    """Return the fact that the consent of ``terms`` was given."""
    return ConsentRecorded(
        at=at,
        consent_id=terms.consent_id,
        agreed_at=terms.agreed_at,
        purpose=terms.purpose,
        level=terms.level,
        proof=terms.proof,
        sub_case_ids=terms.sub_case_ids,
        is_required=terms.is_required,
        by=by,
        until=terms.until,
        fields=terms.fields,
        materials=terms.materials,
        evidence=terms.evidence,
        document=terms.document,
        offices=terms.offices,
        why=why,
    )


def _refuse_ended(draft: Draft) -> None:
    if draft.case.outcome is not None:
        msg = f"case {draft.case.id} has ended; nobody acts in it any more"
        raise IllegalInputError(msg, status=str(draft.case.status))
