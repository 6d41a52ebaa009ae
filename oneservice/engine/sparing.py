"""Certificates that spare steps are looked at once more when the case is opened.

A plan may be days old when it is submitted, and a certificate may have been taken back since. The
step that it spares has no office that would notice. So whoever submits such a plan says how the
papers are looked at, the engine asks at its own instant, and what no longer counts opens no case:
the person is told what to do instead, and plans again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from oneservice.canonical import digest, digest_bytes
from oneservice.case import Spared
from oneservice.certificates import HeldPaper
from oneservice.engine.holding import content_of
from oneservice.errors import HoldingsChangedError
from oneservice.plan import Plan, SkippedStep

__all__ = ["PapersNow", "looked_at_again", "refuse_other_sparing"]

PapersNow: TypeAlias = Callable[[datetime], Iterable[HeldPaper]]
"""What papers are worth at an instant: ``lambda at: recognise_many(shown, wanted=replace(wanted,
at=at))``, over lists and registers as fresh as can be had."""


def looked_at_again(
    plan: Plan, papers: PapersNow | None, *, at: datetime
) -> Mapping[Spared, bytes]:
    """Return for each spared step of ``plan`` what the case records of its paper, and its bytes.

    The bytes are kept with the case also where no office is handed the paper: it is the evidence.

    Raises:
        HoldingsChangedError: one of the papers does not count any more, or nobody looked at it.
    """
    spared = [one for one in plan.skipped if one.held is not None]
    if not spared:
        return {}
    answers: dict[tuple[str, str], list[HeldPaper]] = {}
    for answer in papers(at) if papers is not None else ():
        answers.setdefault((answer.type, answer.reference), []).append(answer)
    found: dict[Spared, bytes] = {}
    problems: dict[str, str] = {}
    for step in spared:
        looked = _looked_at(step, answers)
        if isinstance(looked, str):
            problems[step.id] = looked
        else:
            found[looked[0]] = looked[1]
    if problems:
        raise _changed(problems)
    return found


def _looked_at(
    step: SkippedStep, answers: Mapping[tuple[str, str], list[HeldPaper]]
) -> tuple[Spared, bytes] | str:
    """Return what is recorded of ``step`` and the paper, or why it does not spare it now."""
    held = step.held
    some = answers.get((held.type, held.reference), []) if held is not None else []
    if held is None or not some:
        return "its certificate was not looked at again; give submit 'papers' that do"
    refused = [one for one in some if not one.counts]
    if refused:  # of two answers about one paper the no counts
        words, instead = refused[0].words["en"], refused[0].instead
        return words if instead is None else f"{words}: {instead['en']}"
    answer = some[0]
    content = content_of(answer)
    paper = None if content is None else digest_bytes(content)
    if content is None or paper is None or paper != (held.digest or paper):
        return "another paper was looked at than the plan was made with"
    if held.level is not None and answer.level.value != held.level.value:
        return f"it is only {answer.level.value} now"
    rule = None if answer.recognition is None else answer.recognition.rule
    told = Spared(
        sub_case_id=step.id,
        type=held.type,
        reference=held.reference,
        paper=paper,
        level=answer.level.value,
        issuer_region=answer.issuer_region or "",
        rule=None if rule is None else digest(rule.as_json()),
    )
    return told, content


def refuse_other_sparing(plan: Plan, today: Plan) -> None:
    """Refuse ``plan`` where the same papers spare less ``today``: it lay too long.

    Raises:
        HoldingsChangedError: too little is left of the validity of a certificate.
    """
    still = {one.id for one in today.skipped if one.held is not None}
    problems = {
        one.id: f"too little is left of its certificate by {today.due.on}, the end of a case now"
        for one in plan.skipped
        if one.held is not None and one.id not in still
    }
    if problems:
        raise _changed(problems)


def _changed(problems: Mapping[str, str]) -> HoldingsChangedError:
    told = "; ".join(f"{name}: {problem}" for name, problem in problems.items())
    msg = f"not spared any more: {told}. Plan again with what the papers are worth now"
    return HoldingsChangedError(msg, sub_cases=tuple(problems))
