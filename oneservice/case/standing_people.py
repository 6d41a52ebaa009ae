"""What of a case hangs on people and their papers: spared steps, and consents that are awaited.

The part of a standing (:mod:`oneservice.case.standing`) that no department decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from oneservice.case.people import Consent
from oneservice.case.standing_words import AWAITED_WORDS
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.catalog import HeldLevel, Text
from oneservice.plan import Plan, ReasonKind
from oneservice.workdays import legal_day

__all__ = ["AwaitedConsent", "SparedStep", "awaited_consents", "lacking_words", "spared_steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SparedStep:
    """A step that is not taken, because a certificate that is held counts instead (持证免办).

    Attributes:
        sub_case_id: what it would have been called.
        title: of the step.
        type: of the certificate, as catalogs name it.
        issuer_region: where it was issued; ``None``: nobody knows.
        valid_until: its last day; ``None``: no end is known.
        level: ``sealed`` or ``collected``; ``None``: a plan of old, which does not say.
        text: by which paper it is spared, its number masked, and by which rule; the plan's reason.
    """

    sub_case_id: str
    title: Text
    type: str
    issuer_region: str | None
    valid_until: date | None
    level: HeldLevel | None
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedConsent:
    """A consent for lack of which something is not filed, or not answered.

    Attributes:
        consent_id: under which it is given (``engine.people.give_consent``).
        is_own: whether the applicant gives it; otherwise a party of the plan.
        state: ``awaited``: nobody was asked; ``refused``, ``withdrawn`` or ``expired``.
        sub_case_ids: the steps that wait for it now.
        since: the day on which it began to be missing.
        text: all this in words.
    """

    consent_id: str
    is_own: bool
    state: Literal["awaited", "refused", "withdrawn", "expired"]
    sub_case_ids: tuple[str, ...]
    since: date | None
    text: Text


def spared_steps(plan: Plan) -> Iterator[SparedStep]:
    """Yield the steps of ``plan`` that a certificate spares, in its order."""
    for one in plan.skipped:
        if one.held is not None:
            said = [reason.text for reason in one.reasons if reason.kind is ReasonKind.HELD]
            yield SparedStep(
                sub_case_id=one.id,
                title=one.title,
                type=one.held.type,
                issuer_region=one.held.issuer_region,
                valid_until=one.held.valid_until,
                level=one.held.level,
                text=said[0] if said else one.title,
            )


def awaited_consents(case: Case, plan: Plan) -> Iterator[AwaitedConsent]:
    """Yield the consents that ``case`` waits for now, in the order in which they went missing."""
    if not case.people.consents or case.outcome is not None:
        return
    waiting: dict[Consent, list[str]] = {}
    for sub in case.sub_cases.values():
        if _waits(case, sub):
            for one in case.people.lacking(sub.id, sub.spec.department):
                waiting.setdefault(one, []).append(sub.id)
    known = [one.id for one in case.people.consents]
    ranks = {one: at for at, one in enumerate(case.people.consents)}
    for one in sorted(waiting, key=lambda one: ranks.get(one, known.index(one.id))):
        steps = tuple(waiting[one])
        if one.end is not None:
            yield AwaitedConsent(
                consent_id=one.id,
                is_own=one.is_own,
                state=one.end,
                sub_case_ids=steps,
                since=legal_day(one.ended_at) if one.ended_at is not None else None,
                text=_sentence(one, steps, plan),
            )


_ANSWERS: frozenset[SubCaseStatus] = frozenset(
    {SubCaseStatus.CORRECTION_REQUESTED, SubCaseStatus.GRANTED_PENDING_MATERIAL}
)


def _waits(case: Case, sub: SubCase) -> bool:
    if sub.spec.kind == "bundle":
        return False
    if sub.status in _ANSWERS:
        return case.people.keeping_back(sub.id, sub.spec.department) is not None
    return sub.status is SubCaseStatus.WAITING


def _sentence(consent: Consent, steps: tuple[str, ...], plan: Plan) -> Text:
    key = str(consent.end) if consent.is_own else f"party.{consent.end}"
    zh, en = AWAITED_WORDS[key]
    titles = {one.id: one.title for one in plan.steps}
    some = [titles.get(name) or Text(zh=name, en=name) for name in steps]
    whose = _office(consent.office, plan) if consent.is_own else _party(consent.id, plan)
    there = [_office(name, plan) for name in consent.offices]
    return Text(
        zh=zh.format(
            steps="、".join(one.zh for one in some),
            whose=whose.zh,
            office="、".join(one.zh for one in there),
        ),
        en=en.format(
            steps=", ".join(one.en for one in some),
            whose=whose.en,
            office=", ".join(one.en for one in there),
        ),
    )


def lacking_words(case: Case, sub: SubCase, plan: Plan) -> tuple[str, Text] | None:
    """Return why ``sub`` waits for a consent: the key of the words, and whom they name."""
    lacking = case.people.lacking(sub.id, sub.spec.department)
    if sub.status is not SubCaseStatus.WAITING or not lacking:
        return None
    own = next((one for one in lacking if one.is_own), None)
    if own is None:
        return "not_agreed", _party(lacking[0].id, plan)
    return "not_asked" if own.end == "awaited" else "not_shared", _office(own.office, plan)


def _office(department: str, plan: Plan) -> Text:
    """Return what people call an office; its id where the plan does not know it."""
    named = (one.department_name for one in plan.steps if one.department == department)
    return next(named, Text(zh=department, en=department))


def _party(party: str, plan: Plan) -> Text:
    found = (one.title for one in plan.parties if one.id == party)
    return next(found, Text(zh=party, en=party))
