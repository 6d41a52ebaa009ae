"""What is different about a step because another region's law governs it: each with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from oneservice.catalog import (
    CorrectionPolicy,
    EffectiveThing,
    FieldSpec,
    Item,
    MaterialSpec,
    OverduePolicy,
    Text,
)
from oneservice.errors import RuleEvaluationError
from oneservice.plan.activation import ActiveStep
from oneservice.plan.facts import Facts
from oneservice.plan.fees import planned_fees, summed_fees
from oneservice.plan.law_words import instead_of, other_than_here, used_or_not
from oneservice.plan.terms import Reason, TimeLimit
from oneservice.plan.wording import limit_text

__all__ = ["Placed", "differences"]


class Placed(NamedTuple):
    """A step that is on, in the definition that governs it, with the answers as its rules read."""

    step: ActiveStep
    thing: EffectiveThing
    facts: Facts


def differences(here: Placed, there: Placed, *, region: str) -> Iterator[Reason]:
    """Yield a reason for everything in which a step is not what it would be here.

    Args:
        here: by the law of the region that accepts.
        there: by the law that governs the step.
        region: whose law that is.

    Raises:
        RuleEvaluationError: the answers do not settle a rule about fees.
    """
    for what, theirs, ours in _stated(here, there):
        if theirs != ours:
            yield instead_of(region, what, theirs, ours)
    for what, names in _OTHERS:
        mine, its = here.step.item, there.step.item
        if any(getattr(mine, name) != getattr(its, name) for name in names):
            yield other_than_here(region, what)
    if here.step.step.spared_by != there.step.step.spared_by:
        yield other_than_here(region, _SPARED)
    ours_used, theirs_used = _used(here), _used(there)
    more = [title for name, title in theirs_used.items() if name not in ours_used]
    less = [title for name, title in ours_used.items() if name not in theirs_used]
    if more or less:
        yield used_or_not(region, more=more, less=less)


_PROMISED: Final = Text(zh="承诺", en="promised")
_BY_LAW: Final = Text(zh="法定时限", en="by law")
_FEES: Final = Text(zh="费用", en="fees")
_LATER: Final = Text(zh="容缺补交", en="papers may follow")
_CORRECTION: Final = Text(zh="受理后补正期间", en="while a correction is open after acceptance,")
_OVERDUE: Final = Text(zh="逾期后", en="when it is late,")
_SPARED: Final = Text(zh="可免办的已有证照", en="certificates that spare the step")
_OTHERS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
    (Text(zh="办理渠道", en="ways to hand it in"), ("channels",)),
    (Text(zh="告知承诺", en="terms of a commitment"), ("commitment",)),
    (Text(zh="督办层级", en="rungs of escalation and lights"), ("escalation", "warning_share")),
    (Text(zh="跨区域办理方式", en="ways across regions"), ("cross_region",)),
    (Text(zh="审批结果", en="result and its validity"), ("result",)),
)
"""Parts of an item that are too long for a reason; the step shows them."""
_CLOCK: Final = {
    CorrectionPolicy.PAUSE: Text(zh="停止计时", en="a standing clock"),
    CorrectionPolicy.RUN: Text(zh="继续计时", en="a running clock"),
}
_AFTER: Final = {
    OverduePolicy.NONE: Text(zh="不自动处理", en="no consequence by itself"),
    OverduePolicy.ESCALATE: Text(zh="逐级督办", en="escalation"),
    OverduePolicy.DEEMED_GRANTED: Text(zh="视为准予", en="a grant by silence"),
}


def _stated(here: Placed, there: Placed) -> Iterator[tuple[Text, Text, Text]]:
    """Yield what can be said in a few words: what, as it is there, as it is here."""
    mine, its = here.step, there.step
    yield _PROMISED, _limit(its.promised), _limit(mine.promised)
    yield _BY_LAW, _limit(its.statutory), _limit(mine.statutory)
    yield _FEES, _fees(there), _fees(here)
    yield _LATER, _tolerance(its.item), _tolerance(mine.item)
    yield _CORRECTION, _CLOCK[its.item.correction], _CLOCK[mine.item.correction]
    yield _OVERDUE, _AFTER[its.item.on_overdue], _AFTER[mine.item.on_overdue]


def _limit(limit: TimeLimit | None) -> Text:
    if limit is None:
        return Text(zh="未规定", en="no limit")
    return Text(zh=f" {limit_text(limit, 'zh')}", en=limit_text(limit, "en"))


def _fees(placed: Placed) -> Text:
    totals = summed_fees(planned_fees(placed.step.item, placed.facts))
    if not totals:
        return Text(zh="不收", en="none")
    text = " + ".join(f"{one.amount} {one.currency}" for one in totals)
    return Text(zh=f" {text}", en=text)


def _tolerance(item: Item) -> Text:
    if item.tolerance is None:
        return Text(zh="不适用", en="not at all")
    days = item.tolerance.max_working_days
    return Text(zh=f" {days} 个工作日内", en=f"within {days} working day{'' if days == 1 else 's'}")


def _used(placed: Placed) -> dict[tuple[str, str], Text]:
    """Return the titles of the fields and materials that the step uses for these answers."""
    thing = placed.thing.thing
    return {
        **{("field", one.id): one.title for one in _asked(placed, thing.fields)},
        **{("material", one.id): one.title for one in _asked(placed, thing.materials)},
    }


def _asked(
    placed: Placed, specs: Iterable[FieldSpec] | Iterable[MaterialSpec]
) -> Iterator[FieldSpec | MaterialSpec]:
    for spec in specs:
        if placed.step.step.id in spec.steps:
            try:
                is_asked = placed.facts.holds(spec.when, path=spec.id)
            except RuleEvaluationError:  # whoever is asked for it is told by the form
                continue
            if is_asked:
                yield spec
