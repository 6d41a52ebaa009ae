"""What a region decides for other regions: single items, or whole one-things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from oneservice.catalog import EffectiveThing
from oneservice.departments import Submission
from oneservice.errors import AnswersConflictError, AnswersInvalidError, ProtocolProblemError
from oneservice.plan import Plan

__all__ = [
    "Offer",
    "Planning",
    "declared_fields",
    "fields_schema",
    "planned",
    "refuse_commitment",
    "refuse_undeclared_materials",
    "tolerated",
    "undeclared_fields",
]


class Planning(Protocol):
    """What an engine knows of this region's definitions."""

    def definition(
        self, thing: str, *, only: str | None = None, region: str | None = None
    ) -> EffectiveThing:
        """Return the definition that counts today."""
        ...

    def plan(
        self,
        thing: str,
        *,
        answers: Mapping[str, Any],
        only: str | None = None,
        region: str | None = None,
    ) -> Plan:
        """Return what follows from it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One step that other regions may file here.

    Attributes:
        step_id: as other regions' definitions name it.
        thing: the one-thing of this region's catalog.
        step: the step of ``thing`` that is handled alone; ``None``: the whole of it.
        region: whose definition counts, where this engine serves several; its own by default.
        answers: what is always answered like this; other questions are answered by the fields of
            that name, or have a default.
        needs_consent: whether a filing must bring the consent of the person whom it is about.
        purposes: scopes of a consent that count; empty: any, for the text that was signed says it.
        takes_promises: whether minor materials may follow on a signed promise (容缺受理), where the
            item here allows it; capabilities then name them. What is promised all the same is
            asked for like any paper that is missing.
        takes_commitments: whether an answer may choose the grant on the applicant's word
            (告知承诺), where the item here allows it.
    """

    step_id: str
    thing: str
    step: str | None = None
    region: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    needs_consent: bool = True
    purposes: tuple[str, ...] = ()
    takes_promises: bool = True
    takes_commitments: bool = True

    @classmethod
    def item(cls, thing: str, step: str, **more: Any) -> Offer:
        """Return the offer of one step of ``thing``, under its own name."""
        return cls(step_id=more.pop("step_id", step), thing=thing, step=step, **more)

    @classmethod
    def whole(cls, thing: str, **more: Any) -> Offer:
        """Return the offer of the whole of ``thing``, under its own name."""
        return cls(step_id=more.pop("step_id", thing), thing=thing, **more)

    def definition(self, engine: Planning) -> EffectiveThing:
        """Return the definition by which it is handled today."""
        return engine.definition(self.thing, only=self.step, region=self.region)


def declared_fields(offer: Offer, definition: EffectiveThing) -> frozenset[str]:
    """Return the ids of the fields that may come, a repeated group by its own name.

    Questions that are still asked are answered by fields of their name, but for those that the
    offer answers always.
    """
    fields = {one.group or one.id for one in definition.thing.fields}
    asked = {one.id for one in definition.thing.situations} - {*offer.answers}
    return frozenset(fields | asked)


def fields_schema(offer: Offer, definition: EffectiveThing) -> dict[str, Any]:
    """Return what capabilities say of the fields: their names, so that others send no more.

    What each must be is judged with everything else that the form lacks, in one request to mend it
    (一次性告知), and not by refusing the message.
    """
    names = sorted(declared_fields(offer, definition))
    return {
        "type": "object",
        "properties": {name: {} for name in names},
        "additionalProperties": False,
    }


_UNDECLARED: Final = "is not declared by this item here; nobody may be told more than it needs"


def tolerated(offer: Offer, definition: EffectiveThing) -> tuple[str, ...]:
    """Return the materials that may follow on a promise here, as capabilities tell them."""
    if not offer.takes_promises:
        return ()
    brought = {one.id for one in definition.thing.materials}
    found = {
        name
        for item in definition.items.values()
        if item.tolerance is not None
        for name in item.tolerance.materials
    }
    return tuple(sorted(found & brought))


def refuse_commitment(offer: Offer, definition: EffectiveThing, plan: Plan) -> None:
    """Refuse an answer that chooses a grant on the applicant's word where none is given.

    Raises:
        ProtocolProblemError: ``invalid-submission``; the ordinary track is open.
    """
    if offer.takes_commitments:
        return
    for step in plan.steps:
        item = definition.items.get(step.item)
        known = None if item is None else item.commitment
        if step.commitment is not None and known is not None and known.when is not None:
            why = f"no grant on the applicant's word for other regions ({step.step_id}); choose "
            raise _refused([("/fields", f"{why}the ordinary track")])


def undeclared_fields(
    offer: Offer, engine: Planning
) -> Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]:
    """Return the check that lets no field in which the item does not declare.

    What comes too much is refused before it is kept (Personal Information Protection Law art. 6).
    """

    def check(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
        declared = declared_fields(offer, offer.definition(engine))
        return [(f"/{_pointer(name)}", _UNDECLARED) for name in fields if name not in declared]

    return check


def refuse_undeclared_materials(offer: Offer, engine: Planning, names: Iterable[str]) -> None:
    """Refuse papers that the item does not declare, before they are kept.

    Raises:
        ProtocolProblemError: ``invalid-submission``.
    """
    declared = {one.id for one in offer.definition(engine).thing.materials}
    found = [
        (f"/materials/{place}", _UNDECLARED)
        for place, name in enumerate(names)
        if name not in declared
    ]
    if found:
        raise _refused(found)


def planned(offer: Offer, engine: Planning, submission: Submission) -> Plan:
    """Return the plan by which an application is handled: this region's law, today's.

    Raises:
        ProtocolProblemError: ``invalid-submission``: a question is not, or wrongly, answered.
    """
    definition = offer.definition(engine)
    given = submission.fields
    known = {one.answer: one.id for one in definition.thing.fields if one.answer is not None}
    answers: dict[str, Any] = {}
    for one in definition.thing.situations:
        name = one.id if one.id in given else known.get(one.id, one.id)
        if one.id in offer.answers:
            answers[one.id] = offer.answers[one.id]
        elif given.get(name) is not None:
            answers[one.id] = given[name]
    try:
        plan = engine.plan(offer.thing, answers=answers, only=offer.step, region=offer.region)
    except AnswersInvalidError as error:
        raise _refused(
            [(f"/fields/{_pointer(name)}", "answers no question here") for name in error.problems]
        ) from None
    except AnswersConflictError as error:
        raise _refused([("/fields", f"answers contradict one another: {error}")]) from None
    refuse_commitment(offer, definition, plan)
    return plan


def _refused(findings: list[tuple[str, str]]) -> ProtocolProblemError:
    return ProtocolProblemError(
        f"{len(findings)} members do not fit the item as it is declared here",
        problem="invalid-submission",
        findings=tuple(findings),
    )


def _pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
