"""One form and one set of materials for all active steps (一表申请, 一套材料).

Rules that live only here: each field and material once; none that only inactive steps would use;
nothing that a step of the same case yields; nothing that an answer already says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from oneservice.catalog import (
    EffectiveThing,
    FieldSpec,
    MaterialSource,
    MaterialSpec,
    Step,
    Text,
)
from oneservice.errors import UnknownReferenceError
from oneservice.plan.consumers import Consumers, Use
from oneservice.plan.facts import Facts
from oneservice.plan.frame import Frame, frame_of
from oneservice.plan.held_words import reason_compared, reason_held
from oneservice.plan.holdings import Holdings, held_certificate, held_values
from oneservice.plan.models import FormField, PlannedMaterial
from oneservice.plan.parts import HeldCertificate, HeldValue
from oneservice.plan.schedule import Span
from oneservice.plan.terms import Answer, Reason, ReasonKind

__all__ = ["Merging", "merged_form", "merged_materials"]

_KEPT = 8192
"""How many parts are kept that hang on the definition and few answers: some hundred bytes each."""
_SITUATION = Text(zh="按所答情形需要", en="needed for these answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """What the one form and the one set of materials are worked out from."""

    thing: EffectiveThing
    frame: Frame
    consumers: Consumers
    facts: Facts
    holdings: Holdings
    on: date
    spans: Mapping[str, Span]
    papers: Mapping[str, tuple[HeldCertificate, ...]] = field(default_factory=dict)
    """By step the certificates that spare some of its instances, or all of them."""
    compared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By field the entries of its group that say whose such certificates are."""
    apart: Mapping[str, Reason] = field(default_factory=dict)
    """By field or material with an id of its own: for what else it must not be taken."""

    def spared_by(self, spec: MaterialSpec) -> tuple[HeldCertificate, ...]:
        """Return the certificates in the place of results that would stand for a material."""
        if not self.papers:
            return ()
        return tuple(
            one
            for step in self.thing.thing.steps
            if step.id in self.papers and self._stands_for(step, spec)
            for one in self.papers[step.id]
        )

    def _stands_for(self, step: Step, spec: MaterialSpec) -> bool:
        result = self.thing.items[step.item].result
        is_yielded = result is not None and spec.id in result.yields
        return step.id == spec.yielded_by or is_yielded

    def needed_until(self, steps: Iterable[str]) -> date:
        """Return the day on which the last of ``steps`` is due."""
        return max(self.spans[step].due.on for step in steps)


def merged_form(
    merging: Merging, counts: Mapping[str, int], answers: Mapping[str, Answer]
) -> tuple[FormField, ...]:
    """Return the one form, in the author's order.

    Raises:
        RuleEvaluationError: the answers do not settle a field's rule.
        UnknownReferenceError: a field is in a group that no step repeats over.
    """
    thing, facts = merging.thing, merging.facts
    asked: list[tuple[FieldSpec, Use, int]] = []
    hidden = _hidden_questions(thing, facts)
    for spec in thing.thing.fields:
        use = merging.consumers.use(spec.steps)
        if use is None and spec.id in merging.compared:
            use = _WHOSE  # no office needs it, but it says whose a certificate is
        if use is None or spec.answer in hidden:
            continue  # nobody needs it; or its question is hidden, and so is the field
        if spec.when is not None and not facts.holds(
            spec.when, path=f"{thing.thing.id}.fields.{spec.id}.when"
        ):
            continue
        if spec.group is not None and spec.group not in counts:
            msg = f"field {spec.id!r} is in group {spec.group!r}, over which no step repeats"
            source = thing.source_of(f"{thing.thing.id}.fields.{spec.id}.group")
            raise UnknownReferenceError(msg, source=source)
        instances = 0 if spec.group is None else counts[spec.group]
        if spec.group is None or instances > 0:
            asked.append((spec, use, instances))
    held = held_values(
        (spec for spec, _, _ in asked if spec.answer is None),
        merging.holdings,
        on=merging.on,
        purpose=thing.thing.id,
    )
    return tuple(
        _field(spec, use, merging, instances=instances, answers=answers, held=held.get(spec.id))
        for spec, use, instances in asked
    )


def _hidden_questions(thing: EffectiveThing, facts: Facts) -> set[str]:
    """Return the questions nobody was asked: a default may stand for them, but only for rules."""
    return {
        question.id
        for question in thing.thing.situations
        if question.visible_when is not None
        and not facts.holds(
            question.visible_when, path=f"{thing.thing.id}.situations.{question.id}.visible_when"
        )
    }


def _field(
    spec: FieldSpec,
    use: Use,
    merging: Merging,
    *,
    instances: int,
    answers: Mapping[str, Answer],
    held: tuple[HeldValue, Reason] | None,
) -> FormField:
    field = _plain_field(
        merging.thing,
        spec.id,
        use,
        None if spec.when is None else merging.facts.because(spec.when),
        instances,
        None if spec.answer is None else answers[spec.answer],
    )
    if spec.id in merging.apart:
        field = replace(field, reasons=(*field.reasons, merging.apart[spec.id]))
    if spec.group is not None:
        field = _for_entries(field, spec, use, merging)
    return (
        field if held is None else replace(field, reasons=(*field.reasons, held[1]), held=held[0])
    )


def _for_entries(field: FormField, spec: FieldSpec, use: Use, merging: Merging) -> FormField:
    """Return ``field`` with the entries of its group that are asked for, and what for."""
    compared = merging.compared.get(spec.id, ())
    if use is _WHOSE:
        return replace(field, compared=compared)
    entries = merging.consumers.entries(spec, use)
    if not entries:
        return field  # every entry is asked for, whoever holds a certificate
    if not compared:
        return replace(field, entries=entries)
    reasons = (*field.reasons, reason_compared(compared))
    return replace(field, entries=entries, compared=compared, reasons=reasons)


_WHOSE = Use(steps=(), ids=(), reason=reason_compared())
"""The use of fields of which no office is told."""


@lru_cache(maxsize=_KEPT, typed=True)  # typed: True is not 1
def _plain_field(  # noqa: PLR0917 - all that a field hangs on, in the form a cache needs
    thing: EffectiveThing,
    field_id: str,
    use: Use,
    because: str | None,
    instances: int,
    value: Answer | None,
) -> FormField:
    """Return the field as far as it does not hang on who applies: most forms share most of them."""
    frame = frame_of(thing).fields[field_id]
    spec = frame.spec
    reasons = [use.reason]
    if spec.when is not None:
        reasons.append(
            Reason(kind=ReasonKind.RULE, text=_SITUATION, rule=spec.when, because=because)
        )
    if spec.answer is not None:
        reasons.append(_answered(spec.answer))
    return FormField(
        id=spec.id,
        title=spec.title,
        type=spec.type,
        is_required=spec.is_required,
        steps=use.ids,
        group=spec.group,
        instances=instances,
        value=value,
        choices=frame.choices,
        unit=spec.unit,
        is_personal=spec.is_personal,
        prefill=spec.prefill,
        reasons=tuple(reasons),
    )


@lru_cache(maxsize=_KEPT)
def _answered(question: str) -> Reason:
    return Reason(
        kind=ReasonKind.ANSWER,
        text=Text(
            zh=f"取自对“{question}”的回答，不再询问",
            en=f"taken from the answer to {question!r}, not asked again",
        ),
        because=question,
    )


def merged_materials(merging: Merging) -> tuple[PlannedMaterial, ...]:
    """Return the one set of materials, in the author's order.

    A material whose source is a step exists only as that step's result: where the step is off,
    nobody needs the material either.

    Raises:
        RuleEvaluationError: the answers do not settle a material's rule.
    """
    thing, consumers, facts = merging.thing, merging.consumers, merging.facts
    yielders = consumers.yielders()
    materials = []
    for spec in thing.thing.materials:
        yielded_by = set(yielders.get(spec.id, ()))
        if spec.yielded_by is not None:
            yielded_by.update(consumers.among((spec.yielded_by,)))
        spared_by = merging.spared_by(spec)
        if spec.source is MaterialSource.STEP and not yielded_by and not spared_by:
            continue
        steps = spec.steps
        if yielded_by:  # a step never waits for its own result
            steps = tuple(step for step in steps if step not in yielded_by)
        use = consumers.use(steps)
        path = f"{thing.thing.id}.materials.{spec.id}.when"
        if use is not None and facts.holds(spec.when, path=path):
            ordered = tuple(sorted(yielded_by, key=merging.frame.rank.__getitem__))
            materials.append(_material(spec, use, ordered, spared_by, merging))
    return tuple(materials)


def _material(
    spec: MaterialSpec,
    use: Use,
    yielded_by: tuple[str, ...],
    spared_by: tuple[HeldCertificate, ...],
    merging: Merging,
) -> PlannedMaterial:
    reasons = [use.reason]
    if spec.when is not None:
        reasons.append(merging.facts.reason(spec.when, _SITUATION))
    if spec.id in merging.apart:
        reasons.append(merging.apart[spec.id])
    held: HeldCertificate | None = None
    if yielded_by:
        reasons.append(_yielded(yielded_by, merging.consumers.titles(yielded_by)))
    reasons += [reason_held(one, spec.title, spares=True) for one in spared_by]
    if spec.accepts and not yielded_by and not spared_by:
        held, why = held_certificate(
            spec, merging.holdings, on=merging.on, needed_until=merging.needed_until(use.steps)
        )
        reasons += why
    is_there = yielded_by or spared_by or held is not None
    return PlannedMaterial(
        id=spec.id,
        title=spec.title,
        importance=spec.importance,
        source=spec.source,
        yielded_by=merging.consumers.ids(yielded_by),
        steps=use.ids,
        reasons=(*reasons, *merging.frame.laws_of_material[spec.id]),
        held=held,
        obtain=() if is_there or spec.source is not MaterialSource.APPLICANT else spec.obtain,
        spared_by=spared_by,
    )


@lru_cache(maxsize=_KEPT)
def _yielded(steps: tuple[str, ...], titles: tuple[Text, ...]) -> Reason:
    zh = "、".join(f"“{one.zh}”" for one in titles)
    en = " and ".join(one.en for one in titles)
    return Reason(
        kind=ReasonKind.YIELDED,
        text=Text(
            zh=f"由本件{zh}的结果提供，无需提交",
            en=f"comes as the result of {en} in this case, not asked for",
        ),
        because=", ".join(steps),
    )
