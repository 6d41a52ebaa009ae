"""What of an application goes to another region, and whether the applicant lets it.

Theory of operation. A step that another region decides is filed at that region's engine, and data
of the applicant with it. So the applicant's own consent is asked for: to which office, for what
purpose, which fields and materials by name. Where somebody else must agree to the case, that
consent is needed beside it, and goes along: nobody's data leave on another one's word. Both are
recorded before anything is filed, and what one of them does not name does not go
(:func:`oneservice.case.submission_body`). What the other region's step does not declare is not even
asked for. Who says no keeps everything else of the case, and does that step there in person.

References:
    Personal Information Protection Law art. 6 (as little as possible), 15 (taking back), 16 (no
    service is refused for want of a consent that it can do without), 23 (a separate consent for
    another handler); adapter protocol, section 4 (``consents``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from oneservice.canonical import Digest, canonical, digest_bytes
from oneservice.case import (
    OWN_CONSENT,
    AssuranceLevel,
    Case,
    ConsentGiven,
    ConsentWanted,
    Migrate,
    Reassign,
    StepSpec,
)
from oneservice.catalog import Text, catalog_part_id
from oneservice.departments import Capabilities, StepInfo
from oneservice.engine.consent_words import CONSENT_LAW, Titles, consent_text, titles_in
from oneservice.errors import DepartmentError
from oneservice.identifiers import parse_region, region_contains
from oneservice.plan import Plan, PlannedStep

__all__ = [
    "Crossing",
    "Describing",
    "as_declared",
    "crossings_in",
    "crossings_of",
    "narrowed",
    "wanted_by",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What goes to one office of another region, if the applicant lets it.

    Attributes:
        consent_id: under which the answer is handed in, among the ``consents`` of ``submit``.
        department: the office, as this engine knows it.
        region: the deciding region; where one office serves several, all of them, by commas.
        purpose: id of the one-thing.
        steps: ids of the sub-cases that are filed there.
        fields: ids of all form fields that go, as they are named on the way.
        materials: ids of all materials that go.
        parties: ids of those who must agree beside the applicant, each for themselves.
        titles: what people call all this.
    """

    consent_id: str
    department: str
    region: str
    purpose: str
    steps: tuple[str, ...]
    fields: tuple[str, ...]
    materials: tuple[str, ...]
    parties: tuple[str, ...] = ()
    titles: Titles = field(default_factory=Titles, repr=False, compare=False)

    def text(self, *, until: date | None = None) -> Text:
        """Return what the person agrees to in words: show this, in their language.

        Args:
            until: last day of the consent; ``None``: until the case has ended.
        """
        return consent_text(
            self.titles,
            office=self.department,
            region=self.region,
            purpose=self.purpose,
            steps=self.steps,
            fields=self.fields,
            materials=self.materials,
            until=until,
        )

    def statement(self, *, until: date | None = None) -> bytes:
        """Return what is agreed to, byte for byte: the terms for machines, and :meth:`text`."""
        text, law = self.text(until=until), CONSENT_LAW
        return canonical(
            {
                "format": "oneservice-crossing/2",
                "to": self.department,
                "region": self.region,
                "purpose": self.purpose,
                "steps": list(self.steps),
                "fields": list(self.fields),
                "materials": list(self.materials),
                "by_law": {"zh": law.zh, "en": law.en},
                "text": {"zh": text.zh, "en": text.en},
            }
            | ({} if until is None else {"until": until.isoformat()})
        )

    def without(self, *names: str) -> Crossing:
        """Return the crossing without these fields and materials, to be agreed to instead."""
        return replace(
            self,
            fields=tuple(one for one in self.fields if one not in names),
            materials=tuple(one for one in self.materials if one not in names),
        )

    def agreed(
        self,
        *,
        by: str,
        at: datetime,
        until: date | None = None,
        level: AssuranceLevel = AssuranceLevel.LOW,
        proof: Digest | None = None,
    ) -> ConsentGiven:
        """Return somebody's consent to just this: the applicant's, or that of one of ``parties``.

        Args:
            by: who agreed, as people know them.
            at: aware instant at which they did.
            until: last day on which it holds.
            level: how sure it is who agreed.
            proof: digest of what was signed, where that is more than :meth:`statement`.
        """
        return ConsentGiven(
            by=by,
            at=at,
            proof=proof or digest_bytes(self.statement(until=until)),
            until=until,
            level=level,
            purpose=self.purpose,
            fields=self.fields,
            materials=self.materials,
            steps=self.steps,
            offices=(self.department,),
        )


def crossings_of(plan: Plan, peers: Mapping[str, str]) -> tuple[Crossing, ...]:
    """Return what of ``plan`` goes to other regions' engines, by office.

    Args:
        plan: made by an engine with these ``peers``.
        peers: by region, the department as which that region's engine is reached.
    """
    offices = frozenset(peers.values())
    there = [one for one in plan.steps if one.department in offices and one.region_from is not None]
    return _by_office(plan, there)


def crossings_in(case: Case, plan: Plan, peers: Mapping[str, str]) -> tuple[Crossing, ...]:
    """Return what of ``case``, which is pinned to ``plan``, goes to other regions by now.

    As :func:`crossings_of`, and with what lies in another region by now though the plan has it
    elsewhere: it was reassigned, or stayed with the office that had it when the case moved.
    """
    offices = frozenset(peers.values())
    there: list[PlannedStep] = []
    for step in plan.steps:
        sub = case.sub_cases.get(step.id)
        is_moved = sub is not None and sub.course.is_reassigned
        if sub is not None and (is_moved or sub.spec.department != step.department):
            regions = tuple(name for name, one in peers.items() if one == sub.spec.department)
            if regions:
                there.append(_lying_at(step, sub.spec, plan, regions))
        if not is_moved and step.department in offices and step.region_from is not None:
            there.append(step)
    return _by_office(plan, there)


def _lying_at(
    step: PlannedStep, spec: StepSpec, plan: Plan, regions: tuple[str, ...]
) -> PlannedStep:
    """Return ``step`` with the office that has it, one of ``regions``, as far as it is known."""
    office = spec.department
    names = (one.department_name for one in plan.steps if one.department == office)
    is_there = bool(spec.region) and any(
        region_contains(parse_region(one), parse_region(spec.region)) for one in regions
    )
    return replace(
        step,
        department=office,
        department_name=next(names, Text(zh=office, en=office)),
        region=spec.region if is_there else ", ".join(sorted(regions)),
    )


def wanted_by(order: object, plan: Plan, peers: Mapping[str, str]) -> tuple[ConsentWanted, ...]:
    """Return the consents that ``order`` needs: it moves steps to other regions.

    The applicant's own, and for each of those offices that of every party who must agree.

    Args:
        order: the input as the core takes it; only moves have any.
        plan: to which the case is pinned.
        peers: by region, the department as which that region's engine is reached.
    """
    if isinstance(order, Migrate):
        moved = crossings_of(order.plan, peers)
        return tuple(one for to in moved for one in _wanted(order.plan, to.department, to.steps))
    if isinstance(order, Reassign) and order.department in peers.values():
        return tuple(_wanted(plan, order.department, (order.sub_case_id,)))
    return ()


def _wanted(plan: Plan, office: str, steps: tuple[str, ...]) -> Iterable[ConsentWanted]:
    yield ConsentWanted(consent_id=f"{OWN_CONSENT}{office}", sub_case_ids=steps)
    for one in plan.parties:
        if one.must_consent:
            yield ConsentWanted(consent_id=one.id, sub_case_ids=steps, offices=(office,))


def _by_office(plan: Plan, there: Iterable[PlannedStep]) -> tuple[Crossing, ...]:
    steps: dict[str, list[PlannedStep]] = {}
    for step in there:
        steps.setdefault(step.department, []).append(step)
    return tuple(
        Crossing(
            consent_id=f"{OWN_CONSENT}{department}",
            department=department,
            region=", ".join(sorted({one.region for one in some})),
            purpose=plan.thing,
            steps=tuple(one.id for one in some),
            fields=tuple(sorted({name for one in some for name in _fields(plan, one)})),
            materials=tuple(sorted({name for one in some for name in one.materials})),
            parties=tuple(one.id for one in plan.parties if one.must_consent),
            titles=titles_in(plan, some),
        )
        for department, some in sorted(steps.items())
    )


def _fields(plan: Plan, step: PlannedStep) -> Iterable[str]:
    """Yield the fields of ``step`` as a filing names them: a whole group by its own name."""
    declared = {*step.fields}
    for one in plan.form:
        if one.id in declared:
            yield one.id if one.group is None or step.instance is not None else one.group


def narrowed(crossing: Crossing, plan: Plan, told: Capabilities) -> Crossing:
    """Return ``crossing`` without what no step there declares: nobody is told more than it needs.

    An office that says nothing of a step's fields declares all of them.
    """
    infos = {one.step_id: one for one in told.steps}
    fields: set[str] = set()
    materials: set[str] = set()
    for step in plan.steps:
        if step.id in crossing.steps:
            info = infos.get(step.step_id)
            wanted = {*_fields(plan, step)}
            fields |= wanted if info is None else wanted & _declared(info, wanted)
            papers = {*step.materials}
            materials |= papers if info is None else _known_there(papers, info.materials)
    return replace(crossing, fields=tuple(sorted(fields)), materials=tuple(sorted(materials)))


def _known_there(papers: Iterable[str], declared: Iterable[str]) -> set[str]:
    """Return those of ``papers`` that the office declares, under its own names."""
    known = {*declared}
    return {name for name in papers if catalog_part_id(name) in known}


def _declared(info: StepInfo, otherwise: set[str]) -> set[str]:
    schema = info.fields_schema or {}
    known = schema.get("properties")
    is_closed = schema.get("additionalProperties") is False
    if not (is_closed and isinstance(known, Mapping)):
        return otherwise
    return {name for name in otherwise if catalog_part_id(name) in known}


@runtime_checkable
class Describing(Protocol):
    """A way to departments that also tells what each of them says of itself."""

    async def capabilities(self, department: str) -> Capabilities:
        """Return what ``department`` says of itself."""
        ...


async def as_declared(
    crossings: Iterable[Crossing], plan: Plan, departments: object
) -> tuple[Crossing, ...]:
    """Return ``crossings`` narrowed to what each office says that it needs, where it says so now.

    An office that cannot be asked leaves its crossing as the plan has it.
    """
    if not isinstance(departments, Describing):
        return tuple(crossings)
    found = []
    for one in crossings:
        try:
            told = await departments.capabilities(one.department)
        except DepartmentError:
            found.append(one)
        else:
            found.append(narrowed(one, plan, told))
    return tuple(found)
