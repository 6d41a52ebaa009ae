"""Who takes part beside the applicant, and when applications are taken at all."""

from __future__ import annotations

from datetime import date

from oneservice.catalog import OneThing, Subject, SubjectKind, Text
from oneservice.plan.facts import Facts
from oneservice.plan.parts import PlannedBatch, PlannedParty
from oneservice.plan.terms import Reason, ReasonKind

__all__ = ["planned_batch", "planned_parties", "planned_subject"]

_TAKES_PART = Text(zh="按所答情形参与办理", en="takes part for these answers")
_ALWAYS = Reason(
    kind=ReasonKind.ALWAYS, text=Text(zh="此一件事必有", en="always part of this one-thing")
)
_THIS_BATCH = Text(zh="按所答情形属于此批次", en="these answers belong to this batch")


def planned_subject(thing: OneThing) -> Subject | None:
    """Return whom ``thing`` is about where that is not the applicant."""
    subject = thing.subject
    return subject if subject is not None and subject.kind is SubjectKind.OTHER else None


def planned_parties(thing: OneThing, facts: Facts) -> tuple[PlannedParty, ...]:
    """Return the other people who take part for these answers.

    Raises:
        RuleEvaluationError: the answers do not settle a party's rule.
    """
    return tuple(
        PlannedParty(
            id=party.id,
            title=party.title,
            must_consent=party.must_consent,
            reasons=(facts.reason(party.when, _TAKES_PART) if party.when else _ALWAYS,),
        )
        for index, party in enumerate(thing.parties)
        if facts.holds(party.when, path=f"{thing.id}.parties.{index}.when")
    )


def planned_batch(thing: OneThing, facts: Facts, *, on: date) -> PlannedBatch | None:
    """Return the batch that an application on the day ``on`` belongs to: the next one to close.

    Where all are over it is the last one, so that a reader sees when it closed.

    Raises:
        RuleEvaluationError: the answers do not settle a batch's rule.
    """
    ours = [
        batch
        for index, batch in enumerate(thing.batches)
        if facts.holds(batch.when, path=f"{thing.id}.batches.{index}.when")
    ]
    if not ours:
        return None
    ahead = [batch for batch in ours if batch.closes >= on]
    if ahead:
        batch = min(ahead, key=lambda one: (one.closes, one.id))
    else:
        batch = max(ours, key=lambda one: (one.closes, one.id))
    return PlannedBatch(
        id=batch.id,
        title=batch.title,
        opens=batch.opens,
        closes=batch.closes,
        decided_by=batch.decided_by,
        reasons=(facts.reason(batch.when, _THIS_BATCH) if batch.when else _ALWAYS,),
    )
