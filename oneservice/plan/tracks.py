"""Lighter tracks that rest on the applicant's word: tolerance (容缺受理), commitment (告知承诺).

Both need a signed promise, and who broke one before (bad credit) is offered neither. Whoever could
choose a track by an answer and must not take it is told so at once, as with any contradiction.

References:
    Domain page, section 7: minor materials at least two working days before the promised limit and
    within the published number of days; no commitment where security, public safety, finance
    supervision, ecology or life and health are at stake.
"""

from __future__ import annotations

from collections.abc import Iterable

from oneservice.catalog import Item, LimitUnit, MaterialClass, Text
from oneservice.errors import AnswersConflictError
from oneservice.plan.facts import Facts, law_reasons
from oneservice.plan.models import PlannedMaterial
from oneservice.plan.parts import PlannedCommitment, PlannedTolerance
from oneservice.plan.schedule import Reckoning, Span
from oneservice.plan.terms import Reason, ReasonKind, TimeLimit

__all__ = ["MARGIN_WORKING_DAYS", "planned_commitment", "planned_tolerance"]

MARGIN_WORKING_DAYS = 2
"""How long before the promised limit what was missing must be there, or nobody could look at it."""

_CHOSEN = Text(zh="按所答情形适用告知承诺", en="the commitment track applies for these answers")
_NO_CREDIT = Reason(
    kind=ReasonKind.TRACK,
    text=Text(
        zh="有失信记录，不适用容缺受理和告知承诺",
        en="not open: there is a record of bad credit, and this track rests on a promise",
    ),
)


def planned_tolerance(
    item: Item,
    limit: TimeLimit,
    span: Span,
    brought: Iterable[PlannedMaterial],
    *,
    has_bad_credit: bool,
    reckoning: Reckoning,
) -> tuple[PlannedTolerance | None, tuple[Reason, ...]]:
    """Return which materials of a step may follow and until when, or why none may.

    Args:
        item: with its published tolerance.
        limit: the promised limit of the step.
        span: its days.
        brought: the materials of the step.
        has_bad_credit: of the applicant.
        reckoning: by the deciding office's calendar.
    """
    tolerance = item.tolerance
    if tolerance is None:
        return None, ()
    minor = tuple(
        one.id
        for one in brought
        if one.must_bring
        and one.importance is MaterialClass.MINOR
        and one.id in tolerance.materials
    )
    if not minor:
        return None, ()
    if has_bad_credit:
        return None, (_NO_CREDIT,)
    is_counted = limit.unit is LimitUnit.WORKING_DAYS
    promised = limit.days if is_counted else reckoning.working_days_in(span)
    days = min(tolerance.max_working_days, promised - MARGIN_WORKING_DAYS)
    if days < 1:
        return None, (_no_time(promised),)
    until = reckoning.due_after(span.starts, TimeLimit(days=days, unit=LimitUnit.WORKING_DAYS))
    reasons = (_tolerated(days, tolerance.max_working_days), *law_reasons(tolerance.legal_basis))
    return PlannedTolerance(materials=minor, working_days=days, until=until, reasons=reasons), ()


def _no_time(promised: int) -> Reason:
    return Reason(
        kind=ReasonKind.TRACK,
        text=Text(
            zh=f"承诺时限仅 {promised} 个工作日，来不及提前 {MARGIN_WORKING_DAYS} 日补齐",
            en=(
                "nothing may follow later: it would be due "
                f"{MARGIN_WORKING_DAYS} working days before a limit of {promised}"
            ),
        ),
    )


def _tolerated(days: int, published: int) -> Reason:
    if days == published:
        zh, en = f"公布的补交期限 {days} 个工作日", f"published: within {days} working days"
    else:
        zh = f"承诺时限届满前 {MARGIN_WORKING_DAYS} 个工作日"
        en = f"{MARGIN_WORKING_DAYS} working days before the promised limit"
    return Reason(
        kind=ReasonKind.TRACK,
        text=Text(zh=f"次要材料可容缺，签署承诺后补交：{zh}", en=f"on a signed promise; {en}"),
    )


def planned_commitment(
    item: Item, follow_up: tuple[str, ...], facts: Facts, *, has_bad_credit: bool
) -> tuple[PlannedCommitment | None, tuple[Reason, ...]]:
    """Return the commitment that these answers chose or that everybody may give, or why not.

    Args:
        item: with its published commitment.
        follow_up: the sub-cases that will verify it; empty where that step is off.
        facts: the answers.
        has_bad_credit: of the applicant.

    Raises:
        AnswersConflictError: an answer chose the track, and bad credit closes it.
        RuleEvaluationError: the answers do not settle its rule.
    """
    commitment = item.commitment
    if commitment is None:
        return None, ()
    if not facts.holds(commitment.when, path=f"items.{item.id}.commitment.when"):
        return None, ()
    if item.sensitive_area is not None:
        return None, (_sensitive(item.sensitive_area.value),)
    if has_bad_credit and commitment.when is not None:
        text = _NO_CREDIT.text
        msg = f"{item.title.en} / {item.title.zh}: {text.en} / {text.zh}; choose the ordinary track"
        raise AnswersConflictError(msg, questions=facts.questions(commitment.when))
    if has_bad_credit:
        return None, (_NO_CREDIT,)
    chosen = () if commitment.when is None else (facts.reason(commitment.when, _CHOSEN),)
    reasons = (*chosen, *law_reasons(commitment.legal_basis))
    return PlannedCommitment(text=commitment.text, follow_up=follow_up, reasons=reasons), ()


def _sensitive(area: str) -> Reason:
    return Reason(
        kind=ReasonKind.TRACK,
        text=Text(
            zh="涉及国家安全、公共安全、金融监管、生态环境或生命健康，不适用告知承诺",
            en="no commitment replaces a check in this area",
        ),
        because=area,
    )
