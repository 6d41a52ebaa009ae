"""What follows from messages: composed, sent, failed, found never to have arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal

from oneservice.case.backoff import pause_ms
from oneservice.case.draft import Draft
from oneservice.case.events import (
    DeliveryFailed,
    DeliveryReset,
    FilingRecalled,
    IncidentRaised,
    Message,
    MessagesPrepared,
    SubCaseCancelled,
    SubCaseHalted,
)
from oneservice.case.inputs import DeliveryDidFail, MessagesComposed, SupplementGiven
from oneservice.case.people import Consent, Sharing
from oneservice.case.state import Case, Delivery, SubCase, SubCaseStatus
from oneservice.errors import IllegalInputError, UnsharedError

__all__ = [
    "TRIES_BEFORE_AN_INCIDENT",
    "delivery_failed",
    "messages_composed",
    "reset_unknown",
    "supplement_given",
]

TRIES_BEFORE_AN_INCIDENT: Final = 8
"""Failures after which one incident is shown to people; trying goes on, slower and slower.

Failed sends and failed reads of one sub-case count together, whether refused, cut off or timed out:
it is one trouble. The incident stays until the department has answered.
"""


def messages_composed(draft: Draft, given: MessagesComposed) -> None:
    """Store composed bytes, but for messages that are stored already or no longer due.

    Nothing is filed on a consent that has ended, even where the bytes were composed before.
    """
    due = tuple(
        one
        for one in given.messages
        if _is_due(draft.sub_case(one.sub_case_id), one)
        and not (one.message == "submission" and _lacks_consent(draft.case, one.sub_case_id))
    )
    if due:
        draft.add(MessagesPrepared(at=given.at, messages=due))


def _lacks_consent(case: Case, sub_case_id: str) -> bool:
    return bool(case.people.lacking(sub_case_id, case.sub_cases[sub_case_id].spec.department))


def _is_due(sub: SubCase, message: Message) -> bool:
    """Say whether ``message`` is the first of its id: composed twice, the first bytes count."""
    if message.message == "submission":
        return sub.status is SubCaseStatus.WAITING and message.attempt == sub.attempt + 1
    return sub.withdrawal == "asked"


def supplement_given(draft: Draft, given: SupplementGiven) -> None:
    """Take an answer to the open correction, or what was promised; refuse one to anything else."""
    sub = draft.sub_case(given.sub_case_id)
    problem = _why_not_answered(sub, given)
    kept_by = draft.case.people.keeping_back(sub.id, sub.spec.department)
    if problem is None and kept_by is not None:
        problem = _kept_back(kept_by)
    if problem is not None:
        raise IllegalInputError(f"{sub.id}: {problem}", status=str(sub.status))
    sharing = draft.case.people.sharing(sub.id, sub.spec.department)
    if sharing is not None:
        _refuse_unshared(sub, sharing, given.names)
    if any(
        one.message == "supplement" and one.answers == given.correction_id for one in sub.deliveries
    ):
        what = f"correction {given.correction_id[:60]!r}" if given.correction_id else "the promise"
        msg = f"{sub.id}: an answer to {what} is on its way; wait until the department has it"
        raise IllegalInputError(msg, status=str(sub.status))
    if sub.submission is None:
        return
    supplement = Message(
        sub_case_id=sub.id,
        message="supplement",
        message_id=given.supplement_id,
        submission_id=sub.submission.submission_id,
        request_digest=given.request_digest,
        attempt=sub.attempt,
        answers=given.correction_id,
        names=given.names if sharing is not None else (),
    )
    draft.add(MessagesPrepared(at=given.at, messages=(supplement,), by=given.by, why=given.why))


def _kept_back(consent: Consent) -> str:
    """Return why an office elsewhere gets no answer, and what to do."""
    if consent.end == "awaited" and consent.offices:
        return (
            f"the consent {consent.id} does not name {', '.join(consent.offices)}; have them agree "
            "to that crossing, too (engine.people.give_consent), or answer there in person"
        )
    return (
        f"the consent {consent.id}, to let its office elsewhere have data, has ended; give it "
        "again (engine.people.give_consent), or answer there in person"
    )


def _refuse_unshared(sub: SubCase, sharing: Sharing, names: Iterable[str]) -> None:
    """Refuse an answer that would tell an office elsewhere more than people let it have."""
    beyond = sharing.beyond(names)
    if not beyond:
        return
    lacking = [
        one
        for one in sharing.consents
        if one.names_what_goes and {*beyond} - {*one.fields, *one.materials}
    ]
    raise UnsharedError(
        sub_case_id=sub.id,
        names=beyond,
        consents=tuple(one.id for one in lacking),
        status=str(sub.status),
    )


def _why_not_answered(sub: SubCase, given: SupplementGiven) -> str | None:
    if given.correction_id is not None:
        if sub.correction is not None and sub.correction.correction_id == given.correction_id:
            return None
        return (
            f"no correction {given.correction_id[:60]!r} is open; "
            "read case.corrections again, it may have been answered or decided"
        )
    due = {one.material for one in sub.course.promises if one.can_follow_now}
    if not due:
        return (
            "no promised material can follow now; read case.promises again, and for a correction "
            "give the correction, one of case.corrections"
        )
    lacking = sorted(due - set(given.materials))
    if lacking:
        # Protocol section 6: the first receipt of what was pending ends the submission.
        return f"hand in all that was promised at once; still missing: {', '.join(lacking)}"
    return None


def delivery_failed(draft: Draft, given: DeliveryDidFail) -> None:
    """Note a failed send: tried again, read first, or left to a person."""
    sub = draft.sub_case(given.sub_case_id)
    delivery = _delivery(sub, given.message_id)
    if delivery is None:
        return  # confirmed meanwhile by another way
    if given.effect == "refused" and given.problem == "not-open":
        # The race was lost honestly: read what happened instead (protocol section 12).
        _fail(
            draft, sub, delivery, given.at, effect="unknown", problem=given.problem, retry_after_s=0
        )
    elif given.effect == "refused":
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=given.problem))
    else:
        _fail(
            draft,
            sub,
            delivery,
            given.at,
            effect=given.effect,
            problem=given.problem,
            retry_after_s=given.retry_after_s,
            is_contract=given.is_contract,
        )


def _fail(
    draft: Draft,
    sub: SubCase,
    delivery: Delivery,
    at: datetime,
    *,
    effect: Literal["none", "unknown"],
    problem: str,
    retry_after_s: int,
    is_contract: bool = False,
) -> None:
    # Once unknown, a later "no effect" of a repeat says nothing about the first send.
    tries = delivery.tries + 1
    pause = pause_ms(delivery.message_id, tries, at_least_s=retry_after_s, is_recorded=True)
    draft.add(
        DeliveryFailed(
            at=at,
            sub_case_id=sub.id,
            message_id=delivery.message_id,
            effect="unknown" if delivery.effect == "unknown" else effect,
            problem=problem,
            tries=tries,
            not_before=at + timedelta(milliseconds=pause),
        )
    )
    is_enough = tries + sub.read_tries >= TRIES_BEFORE_AN_INCIDENT
    if sub.incident is None and (is_contract or is_enough):
        draft.add(IncidentRaised(at=at, sub_case_id=sub.id, problem=problem))


def reset_unknown(draft: Draft, sub: SubCase, at: datetime) -> None:
    """Let every message of unknown effect be sent again: a read showed that none arrived.

    But for a filing on a consent that changed meanwhile: that one is not sent any more. Where the
    department has told anything of it, it did arrive, and stands.
    """
    recalled = next((one for one in sub.deliveries if one.is_recalled), None)
    if recalled is not None and not sub.digests:
        _recall(draft, sub, recalled, at)
        return
    for delivery in sub.deliveries:
        if delivery.effect == "unknown" and not delivery.is_recalled:
            draft.add(DeliveryReset(at=at, sub_case_id=sub.id, message_id=delivery.message_id))


def _recall(draft: Draft, sub: SubCase, filing: Delivery, at: datetime) -> None:
    """Let go of a filing; with it goes what was to withdraw it."""
    draft.add(FilingRecalled(at=at, sub_case_id=sub.id, message_id=filing.message_id))
    if sub.withdrawal in ("asked", "sent"):
        draft.add(SubCaseCancelled(at=at, sub_case_id=sub.id))


def _delivery(sub: SubCase, message_id: str) -> Delivery | None:
    return next((one for one in sub.deliveries if one.message_id == message_id), None)
