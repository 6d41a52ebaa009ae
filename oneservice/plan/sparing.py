"""Which sub-cases a held certificate spares (持证免办), and why another one does not.

Theory of operation. A certificate takes the place of a result, so it must still be good when the
case ends, and what is left of it then is for the rule to say. But when the case ends depends on
which steps are left. So all that could be spared is left out first, and what then turns out to end
too soon comes back, until nothing changes: what is behind a step that is left out still
waits for what that one waited for, so leaving one out never makes a case longer, and this is the
largest set of steps that can be spared, and no order of papers changes it. One paper spares one
person: whoever shows the same one for a second entry is told so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from oneservice.catalog import EffectiveThing, SparedBy, Text, person_fields
from oneservice.plan.activation import ActiveStep
from oneservice.plan.course import Course, follow
from oneservice.plan.facts import law_reasons
from oneservice.plan.frame import frame_of, time_limit
from oneservice.plan.held_words import (
    as_shown,
    holder_not_compared,
    longest_first,
    masked,
    reason_ends_too_soon,
    reason_held,
    reason_refused,
    reason_too_weak,
    reason_used,
)
from oneservice.plan.holdings import Holdings
from oneservice.plan.models import SkippedStep
from oneservice.plan.parts import GroupEntry, HeldCertificate, HeldLevel, HolderFields
from oneservice.plan.schedule import Reckoning
from oneservice.plan.terms import DueDate, Reason

__all__ = ["Sparing", "spare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparing:
    """What is left to do once held certificates were looked at.

    ``papers`` are by step those that stand for its spared instances, in the order of the entries;
    ``refused`` are by sub-case the reasons why papers that are held do not spare it; ``compared``
    are by field the entries that say whose the papers are.
    """

    active: tuple[ActiveStep, ...]
    skipped: tuple[SkippedStep, ...]
    course: Course
    papers: Mapping[str, tuple[HeldCertificate, ...]] = field(default_factory=dict)
    refused: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    compared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What is held for one sub-case: the best paper, and why others do not count."""

    step: ActiveStep
    rule: SparedBy
    number: int | None
    best: HeldCertificate | None
    refused: tuple[Reason, ...]


def spare(
    thing: EffectiveThing,
    active: tuple[ActiveStep, ...],
    skipped: tuple[SkippedStep, ...],
    holdings: Holdings,
    *,
    on: date,
    reckoning: Reckoning,
) -> Sparing:
    """Return the steps that are left, those that are not, and the course of what is left.

    Args:
        thing: the definition.
        active: the steps that the answers switch on.
        skipped: those that they switch off.
        holdings: what people have.
        on: the day from which offices work.
        reckoning: by the deciding office's calendar.

    Raises:
        DependencyCycleError: the steps that are left wait for one another in a circle.
        UnknownReferenceError: one of them waits for a step that is not declared.
    """
    claims = _claims(active, holdings) if holdings.certificates else {}
    spared = {name for name, claim in claims.items() if claim.best is not None}
    refused = {name: claim.refused for name, claim in claims.items() if claim.refused}
    while True:
        left = active if not spared else _left(active, spared)
        course = follow(thing, left, on=on, reckoning=reckoning, spared=_not_taken(active, left))
        short = {
            name: why
            for name in spared
            if (why := _ends_too_soon(claims[name], course, reckoning)) is not None
        }
        if not short:
            break
        spared -= short.keys()
        for name, why in short.items():
            refused[name] = (why, *refused.get(name, ()))
    kept = {name: claims[name] for name in claims if name in spared}
    without = tuple(_skipped(one, _whose(thing, one.step)) for one in kept.values())
    return Sparing(
        active=left,
        skipped=_in_order(thing, (*skipped, *without)),
        course=course,
        papers=_papers(kept),
        refused={name: why for name, why in refused.items() if name not in spared},
        compared=_compared(without),
    )


def _claims(active: tuple[ActiveStep, ...], holdings: Holdings) -> dict[str, _Claim]:
    """Return what is held for each sub-case that a certificate could spare."""
    by_entry: dict[GroupEntry | None, list[HeldCertificate]] = {}
    for one in sorted(holdings.certificates, key=longest_first):
        by_entry.setdefault(one.entry, []).append(one)
    found: dict[str, _Claim] = {}
    for step in active:
        rule = step.step.spared_by
        if rule is None:
            continue
        used: set[object] = set()
        for name, entry in _entries(step):
            held = [one for one in by_entry.get(entry, ()) if one.type in rule.certificates]
            number = None if entry is None else entry.number
            claim = _claim(step, rule, number, held, used)
            if claim.best is not None:
                used.add(_identity(claim.best))
            if held:
                found[name] = claim
    return found


def _entries(step: ActiveStep) -> Iterator[tuple[str, GroupEntry | None]]:
    """Yield for each sub-case whose certificate spares it; ``None`` stands for the applicant."""
    repeat = step.step.for_each
    if repeat is None:
        yield step.ids[0], None
        return
    for name, number in zip(step.ids, step.numbers, strict=True):
        yield name, GroupEntry(group=repeat.group, number=number)


def _claim(
    step: ActiveStep,
    rule: SparedBy,
    number: int | None,
    held: list[HeldCertificate],
    used: Collection[object],
) -> _Claim:
    best: HeldCertificate | None = None
    refused: list[Reason] = []
    for one in held:
        why = _why_not(one, rule, used, _called(step, one))
        if why is not None:
            refused.append(why)
        elif best is None:
            best = one
    return _Claim(step=step, rule=rule, number=number, best=best, refused=tuple(refused))


def _identity(one: HeldCertificate) -> object:
    """Return what tells a paper from others: its bytes, or its number where that is whole.

    Out of a plan comes only a number's ends, which two papers may share: they count as two.
    """
    if one.digest is not None:
        return one.digest
    is_whole = masked(one.reference) != one.reference
    return (one.type, one.reference, None if is_whole else one.entry)


def _called(step: ActiveStep, one: HeldCertificate) -> Text:
    """Return what people call a certificate that is to spare ``step``: mostly the step's result."""
    result = step.item.result
    if result is not None and result.type == one.type:
        return result.title
    return Text(zh=one.type, en=one.type)


def _why_not(
    one: HeldCertificate, rule: SparedBy, used: Collection[object], called: Text
) -> Reason | None:
    if one.refusal is not None:
        return reason_refused(one, called, one.refusal)
    if not (one.level or HeldLevel.COLLECTED).reaches(rule.at_least):
        return reason_too_weak(one, called)
    return reason_used(one, called) if _identity(one) in used else None


def _ends_too_soon(claim: _Claim, course: Course, reckoning: Reckoning) -> Reason | None:
    """Return why the best paper of ``claim`` is not good until the rule lets it end."""
    best, rest = claim.best, claim.rule.valid_for
    if best is None or best.valid_until is None:
        return None
    ends = max(course.due.on, course.expected.on if course.expected else course.due.on)
    until = ends
    if rest is not None:
        until = reckoning.due_after(DueDate(on=ends), time_limit(rest)).on
    if best.valid_until >= until:
        return None
    called = _called(claim.step, best)
    return reason_ends_too_soon(best, called, best.valid_until, case_ends=ends, needed_until=until)


def _left(active: tuple[ActiveStep, ...], spared: Collection[str]) -> tuple[ActiveStep, ...]:
    """Return ``active`` without what is spared; instances keep the number of their entry."""
    found = []
    for step in active:
        kept = [index for index, name in enumerate(step.ids) if name not in spared]
        if len(kept) == len(step.ids):
            found.append(step)
        elif kept:
            some = replace(
                step,
                ids=tuple(step.ids[index] for index in kept),
                parents=tuple(step.parents[index] for index in kept),
                numbers=tuple(step.numbers[index] for index in kept),
                spared=frozenset(name for name in step.ids if name in spared),
            )
            found.append(some)
    return tuple(found)


def _not_taken(active: tuple[ActiveStep, ...], left: tuple[ActiveStep, ...]) -> frozenset[str]:
    """Return the steps of which no instance is left; what was behind them keeps its place."""
    return frozenset(one.step.id for one in active) - {one.step.id for one in left}


_APPLICANT: Final = HolderFields(code="applicant.code", name="applicant.name")


def _whose(thing: EffectiveThing, active: ActiveStep) -> HolderFields | None:
    """Return what says whose a certificate must be that spares (an instance of) a step."""
    if active.step.for_each is None:
        return _APPLICANT
    found = person_fields(thing.thing.fields, active.step)
    return None if found is None else HolderFields(code=found.code, name=found.name)


def _skipped(claim: _Claim, whose: HolderFields | None) -> SkippedStep:
    held = claim.best
    why = () if held is None else (reason_held(held, _called(claim.step, held), spares=True),)
    unsure = () if whose is not None else (holder_not_compared(),)
    return SkippedStep(
        step_id=claim.step.step.id,
        title=claim.step.item.title,
        reasons=(*why, *law_reasons(claim.rule.legal_basis), *unsure),
        instance=claim.number,
        held=None if held is None else as_shown(held),
        whose=whose,
    )


def _compared(without: tuple[SkippedStep, ...]) -> dict[str, tuple[int, ...]]:
    """Return by field of a repeated group the entries that say whose the certificates are."""
    found: dict[str, set[int]] = {}
    for one in without:
        if one.whose is not None and one.instance is not None:
            for name in filter(None, (one.whose.code, one.whose.name)):
                found.setdefault(name, set()).add(one.instance)
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}


def _in_order(thing: EffectiveThing, skipped: tuple[SkippedStep, ...]) -> tuple[SkippedStep, ...]:
    rank = frame_of(thing).rank
    return tuple(sorted(skipped, key=lambda one: (rank[one.step_id], one.instance or 0)))


def _papers(kept: Mapping[str, _Claim]) -> dict[str, tuple[HeldCertificate, ...]]:
    found: dict[str, tuple[HeldCertificate, ...]] = {}
    for claim in kept.values():
        if claim.best is not None:
            name = claim.step.step.id
            found[name] = (*found.get(name, ()), as_shown(claim.best))
    return found
