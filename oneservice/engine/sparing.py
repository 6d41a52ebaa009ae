"""Certificates that spare steps are looked at once more when the case is opened.

A plan may be days old when it is submitted, and a certificate may have been taken back since. The
step that it spares has no office that would notice. So whoever submits such a plan says how the
papers are looked at, the engine asks at its own instant, and what no longer counts opens no case:
the person is told what to do instead, and plans again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from oneservice.canonical import digest, digest_bytes
from oneservice.case import Spared, StatedHolder, holder_digest, holder_salt
from oneservice.catalog import EffectiveThing, HeldLevel, normalise_answers
from oneservice.certificates import HeldPaper
from oneservice.engine.holding import answers_about, content_of
from oneservice.errors import FormIncompleteError, HoldingsChangedError
from oneservice.plan import Plan, SkippedStep, build_plan, holdings_in
from oneservice.workdays import WorkCalendar

__all__ = ["Occasion", "PapersNow", "looked_at_again", "refuse_other_sparing"]

PapersNow: TypeAlias = Callable[[datetime], Iterable[HeldPaper]]
"""What papers are worth at an instant: ``lambda at: recognise_many(shown, wanted=replace(wanted,
at=at))``, over lists and registers as fresh as can be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The opening at which papers are looked at once more.

    Attributes:
        at: its instant.
        case_id: of the case that is opened.
        secret: of that case; the salts of what it records of holders follow from it.
        stated: by sub-case whose the certificate must be, by the form that is handed in.
    """

    at: datetime
    case_id: str = ""
    secret: str = field(default="", repr=False)
    stated: Mapping[str, StatedHolder] = field(default_factory=dict, repr=False)


def looked_at_again(
    plan: Plan, papers: PapersNow | None, occasion: Occasion
) -> Mapping[Spared, bytes]:
    """Return for each spared step of ``plan`` what the case records of its paper, and its bytes.

    The bytes are kept with the case also where no office is handed the paper: it is the evidence.

    Raises:
        FormIncompleteError: one of the papers is of somebody else than the form says.
        HoldingsChangedError: one of the papers does not count any more, or nobody looked at it, or
            at whose it is.
    """
    spared = [one for one in plan.skipped if one.held is not None]
    if not spared:
        return {}
    answers = tuple(papers(occasion.at)) if papers is not None else ()
    found: dict[Spared, bytes] = {}
    problems: dict[str, str] = {}
    strangers: dict[str, str] = {}
    for step in spared:
        stranger = _stranger(step, answers, occasion)
        if stranger is not None:
            strangers[stranger] = _OTHER_HOLDER.format(step.id)
            continue
        looked = _looked_at(step, answers, occasion)
        if isinstance(looked, str):
            problems[step.id] = looked
        else:
            found[looked[0]] = looked[1]
    if problems:
        raise _changed(problems)
    if strangers:
        raise FormIncompleteError(strangers)
    return found


_OTHER_HOLDER = (
    "is not whose certificate spares {}; correct the entry, or plan with this person's own paper"
)


def _stranger(step: SkippedStep, answers: Iterable[HeldPaper], occasion: Occasion) -> str | None:
    """Return where the form names somebody else than the paper of ``step`` is of."""
    stated = occasion.stated.get(step.id)
    if stated is None or step.held is None:
        return None
    holders = [one.holder for one in answers_about(step.held, answers) if one.holder is not None]
    if all(stated.is_named(name=one.name, code=one.code) for one in holders):
        return None
    return stated.place


def _looked_at(
    step: SkippedStep, answers: Iterable[HeldPaper], occasion: Occasion
) -> tuple[Spared, bytes] | str:
    """Return what is recorded of ``step`` and the paper, or why it does not spare it now."""
    held = step.held
    some = answers_about(held, answers) if held is not None else ()
    if held is None or not some:
        return "its certificate was not looked at again; give submit 'papers' that do"
    refused = [one for one in some if not one.counts]
    if refused:  # of two answers about one paper the no counts
        words, instead = refused[0].words["en"], refused[0].instead
        return words if instead is None else f"{words}: {instead['en']}"
    answer = some[0]
    holder = answer.holder
    if holder is None:
        return "nobody compared whose certificate it is; look at it with Shown(holder=…)"
    content = content_of(answer)
    paper = None if content is None else digest_bytes(content)
    if content is None or paper is None or paper != (held.digest or paper):
        return "another paper was looked at than the plan was made with"
    if held.level is not None and not HeldLevel(answer.level.value).reaches(held.level):
        return f"it is only {answer.level.value} now"
    rule = None if answer.recognition is None else answer.recognition.rule
    salt = holder_salt(occasion.secret, occasion.case_id, step.id)
    told = Spared(
        sub_case_id=step.id,
        type=held.type,
        reference=held.reference,
        paper=paper,
        level=answer.level.value,
        issuer_region=answer.issuer_region or "",
        rule=None if rule is None else digest(rule.as_json()),
        holder=holder_digest(salt, holder.name, holder.code),
        salt=salt,
    )
    return told, content


def refuse_other_sparing(
    plan: Plan,
    law: EffectiveThing | None,
    *,
    on: date,
    calendar: WorkCalendar,
    peers: Mapping[str, str],
) -> None:
    """Refuse ``plan`` where the same papers spare less ``on`` a later day: it lay too long.

    The case goes by the law to which its plan is pinned, so what is left of a certificate by its
    end is told by that law too, whatever was published meanwhile.

    Args:
        plan: that spares steps.
        law: the definition to which it is pinned; ``None``: it is not at hand any more.
        on: the day of the opening.
        calendar: working days.
        peers: as for :func:`oneservice.plan.build_plan`.

    Raises:
        HoldingsChangedError: too little is left of the validity of a certificate, or that cannot
            be told.
    """
    spared = [one.id for one in plan.skipped if one.held is not None]
    if law is None:
        raise _changed(dict.fromkeys(spared, "the definition of its day is not published any more"))
    today = build_plan(
        law,
        normalise_answers(law, plan.answers),
        on=on,
        calendar=calendar,
        holdings=holdings_in(plan),
        origin=plan.origin,
        peers=peers,
    )
    still = {one.id for one in today.skipped if one.held is not None}
    why = f"too little is left of its certificate by {today.due.on}, the end of a case now"
    problems = {name: why for name in spared if name not in still}
    if problems:
        raise _changed(problems)


def _changed(problems: Mapping[str, str]) -> HoldingsChangedError:
    told = "; ".join(f"{name}: {problem}" for name, problem in problems.items())
    msg = f"not spared any more: {told}. Plan again with what the papers are worth now"
    return HoldingsChangedError(msg, sub_cases=tuple(problems))
