"""What people may have already, and then need neither do nor bring: said before they run for it.

A plan knows what was shown. Which papers *would* count, the definition says; so whoever reads the
guide is invited to show them, with the rule's own conditions. Of a step that goes by another
region's law nothing is promised here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from oneservice.catalog import EffectiveThing, HeldLevel, SparedBy
from oneservice.exchange.guide_parts import folded
from oneservice.exchange.guide_words import GuideWords
from oneservice.plan import Language, Plan, PlannedStep, TimeLimit

__all__ = ["Invitation", "invitations", "said_at_the_top"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One sentence about what to show; ``step_id`` is the step that it spares, ``None``: papers."""

    said: str
    step_id: str | None = None


def invitations(plan: Plan, definition: EffectiveThing, language: Language) -> list[Invitation]:
    """Return what to show instead of taking a step, or bringing a paper; a sentence for each.

    Args:
        plan: with the steps that are left, and the papers that are missing.
        definition: what the plan was made of.
        language: of the sentences.
    """
    words = GuideWords(language=language)
    return [*_of_steps(plan, definition, words), *_of_materials(plan, definition, words)]


def said_at_the_top(plan: Plan, shown: Iterable[Invitation]) -> list[Invitation]:
    """Return the invitations that spare a step which nobody can hand in from elsewhere.

    To show a paper is then the best advice there is, so it stands where the step is told.
    """
    if plan.origin is None:
        return []
    closed = {one.step_id for one in plan.steps if one.crossing and one.crossing.mode is None}
    return [one for one in shown if one.step_id in closed]


def _of_steps(plan: Plan, definition: EffectiveThing, words: GuideWords) -> Iterator[Invitation]:
    rules = {one.id: one.spared_by for one in definition.thing.steps}
    for step, *_ in folded(plan.steps):
        rule = rules.get(step.step_id)
        is_own_law = step.law is None or step.law.region is None
        if rule is not None and is_own_law:
            said = _of_step(step, rule, definition, words)
            yield Invitation(said=said, step_id=step.step_id)


def _of_step(
    step: PlannedStep, rule: SparedBy, definition: EffectiveThing, words: GuideWords
) -> str:
    titles = {
        one.result.type: words.of(one.result.title)
        for one in definition.items.values()
        if one.result is not None
    }
    papers = words(
        "或".join(f"“{titles.get(name, name)}”" for name in rule.certificates),
        " or ".join(f'"{titles.get(name, name)}"' for name in rule.certificates),
    )
    is_sealed = rule.at_least is HeldLevel.SEALED
    sealed = words("（须有签章）", "sealed ") if is_sealed else ""
    title, left = words.of(step.title), _left(rule, words)
    return words(
        f"已持有有效{papers}的{sealed}，出示后无需再办“{title}”{left}。",
        f'whoever already holds a valid {sealed}{papers} can show it; "{title}" need not be '
        f"applied for then{left}.",
    )


def _left(rule: SparedBy, words: GuideWords) -> str:
    if rule.valid_for is None:
        return ""
    limit = words.limit(TimeLimit(days=rule.valid_for.days, unit=rule.valid_for.unit))
    return words(
        f"（办结时有效期须至少还有 {limit}）",
        f" (it must be good for another {limit} when the case ends)",
    )


def _of_materials(
    plan: Plan, definition: EffectiveThing, words: GuideWords
) -> Iterator[Invitation]:
    counting = {one.id for one in definition.thing.materials if one.accepts}
    titles = words.listed(words.of(one.title) for one in plan.missing if one.id in counting)
    if titles:
        said = words(
            f"已有电子证照的，出示后无需提交：{titles}。",
            f"of these, show the electronic certificate if you hold it; nothing else is to be "
            f"brought then: {titles}.",
        )
        yield Invitation(said=said)
