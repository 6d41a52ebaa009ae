"""How offices work, as data: staff, minutes, and how often things go which way.

All of it is what a manager can count or change. Rates are per mille of applications, work is in
minutes at a desk or on the road, delays are in working days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from oneservice.catalog import EffectiveThing, Item, Step, StepKind
from oneservice.simulation.offices_chance import Always, Spread, Triangular
from oneservice.workdays import LimitUnit, WorkCalendar, national_calendar

__all__ = [
    "Inspection",
    "OfficeParameters",
    "Paper",
    "Parameters",
    "Procedure",
    "Rates",
    "StepParameters",
]

_VISITS: Final = frozenset({"on_site_check", "verification", "tax_audit"})
"""Special procedures for which somebody goes out; the others are waited for."""
_COMMITMENT: Final = "commitment"
_REPORT: Final = Triangular(5, 10, 20)
"""Minutes at a desk for the report of a check that nobody applied for."""
_VISIT_MINUTES: Final = Triangular(60, 120, 240)
_LEAD_DAYS: Final = Always(1)
_PROCEDURE_DAYS: Final = Triangular(2, 3, 7)
_INTAKE: Final = Triangular(10, 20, 60)
_REVIEW: Final = Triangular(15, 40, 120)
_REVIEW_DAYS: Final = Triangular(0, 1, 2)
_SILENCE_DAYS: Final = Triangular(6, 7, 10)
_LATE_DAYS: Final = Triangular(1, 2, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often, in 1,000 applications, things go another way than straight to a grant.

    Args:
        correction: asked for papers before acceptance (补正), all at once.
        correction_after: asked for papers after acceptance.
        not_accepted: not accepted, with reasons (不予受理).
        refused: refused, with reasons and remedies (不予许可).
        tolerated: granted while a paper may follow (容缺); what was promised is always tolerated.
        silent: no notice within five working days, so that it counts as accepted from receipt.
        extended: the limit is extended once, with approval and reason.
        late: decided after the promised limit.
        withdrawal_refused: of requests to withdraw (撤回).
        replaced: of grants: the result is corrected afterwards.
        revoked: of grants: the result is revoked afterwards (撤销).
    """

    correction: int = 0
    correction_after: int = 0
    not_accepted: int = 0
    refused: int = 0
    tolerated: int = 0
    silent: int = 0
    extended: int = 0
    late: int = 0
    withdrawal_refused: int = 0
    replaced: int = 0
    revoked: int = 0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) <= 1000:  # noqa: PLR2004 - per mille
                msg = f"rate {name} is not between 0 and 100 % (1000 per mille)"
                raise ValueError(msg)
        if self.correction + self.not_accepted > 1000 or self.extended + self.late > 1000:  # noqa: PLR2004
            msg = "rates that exclude each other sum up to 100 % (1000 per mille) at most"
            raise ValueError(msg)


_TYPICAL_RATES: Final = Rates(
    correction=120,
    correction_after=30,
    not_accepted=10,
    refused=20,
    tolerated=40,
    silent=5,
    extended=10,
    late=10,
    withdrawal_refused=200,
    replaced=2,
    revoked=2,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A visit to the premises by an inspector of the office; it stops the clock (art. 45).

    ``minutes`` are of one inspector, way included; ``lead_days``: how many working days ahead the
    applicant is told.
    """

    kind: str = "on_site_check"
    by_law: str = "Administrative Licensing Law art. 45"
    minutes: Spread = _VISIT_MINUTES
    lead_days: Spread = _LEAD_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A special procedure (特别程序) that takes its time and nobody's work; it stops the clock.

    ``per_mille``: of how many applications; ``days`` are working days.
    """

    kind: str
    by_law: str = "Administrative Licensing Law art. 45"
    per_mille: int = 1000
    days: Spread = _PROCEDURE_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a grant yields: its type and title as catalogs name them."""

    type: str
    title: Mapping[str, str]
    valid_years: int | None = None
    is_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepParameters:
    """How one step goes at its office.

    Args:
        promised_working_days: told at acceptance.
        is_on_the_spot: decided while the caller waits.
        intake: minutes at a desk until it is accepted, or not.
        review: minutes at a desk until it is decided.
        review_days: working days that the file lies between the last look and the decision.
        inspection: somebody goes out.
        procedure: something else stops the clock.
        commitment: with this material (a signed promise) the decision is made on the papers:
            nobody goes out, nothing lies (告知承诺).
        rates: how often it goes another way.
        correction_days: working days in which a correction must be answered, else it lapses.
        tolerance_days: working days in which a tolerated paper must follow, else it lapses.
        silence_days: working days after which an office that was silent speaks again.
        late_days: working days by which late decisions are late.
        extension_days: working days of an extension.
        result: what a grant yields; ``None``: the grant says all there is to say.
    """

    promised_working_days: int = 5
    is_on_the_spot: bool = False
    intake: Spread = _INTAKE
    review: Spread = _REVIEW
    review_days: Spread = _REVIEW_DAYS
    inspection: Inspection | None = None
    procedure: Procedure | None = None
    commitment: str | None = None
    rates: Rates = Rates()
    correction_days: int = 10
    tolerance_days: int = 10
    silence_days: Spread = _SILENCE_DAYS
    late_days: Spread = _LATE_DAYS
    extension_days: int = 5
    result: Paper | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeParameters:
    """The staff of one office: ``None`` means that there are always enough.

    ``desks`` take in and decide, ``inspectors`` go out.
    """

    desks: int | None = None
    inspectors: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything that a run of offices hangs on, beside the clock and chance.

    Args:
        departments: ids of all offices.
        steps: by step id; others are treated as ``otherwise``.
        offices: staff by department; others have enough of it.
        joint_inspections: groups of steps that are seen in one visit (一同勘验).
        region: that the offices serve.
        calendar: their working days.
    """

    departments: frozenset[str]
    steps: Mapping[str, StepParameters] = field(default_factory=dict)
    otherwise: StepParameters = StepParameters()
    offices: Mapping[str, OfficeParameters] = field(default_factory=dict)
    joint_inspections: tuple[tuple[str, ...], ...] = ()
    region: str = "990101"
    calendar: WorkCalendar = field(default_factory=national_calendar)

    def step(self, step_id: str) -> StepParameters:
        """Return how ``step_id`` goes."""
        return self.steps.get(step_id, self.otherwise)

    def office(self, department: str) -> OfficeParameters:
        """Return the staff of ``department``."""
        return self.offices.get(department, _ENOUGH)

    @classmethod
    def typical(
        cls,
        *things: EffectiveThing,
        rates: Rates = _TYPICAL_RATES,
        calendar: WorkCalendar | None = None,
    ) -> Parameters:
        """Return offices that work as the catalog says of them, with enough staff.

        Promises, special procedures, tracks and results are the catalog's; minutes and ``rates``
        are sample values of the order that service centres publish. Of steps with one id in
        several one-things the last counts.
        """
        steps = {
            step.id: _typical(thing, step, rates) for thing in things for step in thing.thing.steps
        }
        return cls(
            departments=frozenset(name for thing in things for name in thing.departments),
            steps=steps,
            joint_inspections=tuple(
                dict.fromkeys(
                    thing.thing.joint_inspection
                    for thing in things
                    if len(thing.thing.joint_inspection) > 1
                )
            ),
            region=things[0].region if things else "990101",
            calendar=calendar or national_calendar(),
        )


_ENOUGH: Final = OfficeParameters()


def _typical(thing: EffectiveThing, step: Step, rates: Rates) -> StepParameters:
    item = thing.items[step.item]
    promised = item.promised.days if item.promised.unit is LimitUnit.WORKING_DAYS else 5
    found = StepParameters(
        promised_working_days=promised,
        is_on_the_spot=item.is_on_the_spot or step.kind in (StepKind.CHECK, StepKind.NOTIFY),
        review_days=_lying(promised),
        commitment=_promise_of(thing, step),
        rates=rates,
        result=_paper(item),
    )
    kinds = [one.kind for one in item.special_procedures]
    visit = next((kind for kind in kinds if kind in _VISITS), None)
    if visit is None and step.id in thing.thing.joint_inspection:
        visit = "on_site_check"
    if step.kind is StepKind.FOLLOW_UP:  # nobody applies: somebody goes out, when there is time
        inspection = Inspection(kind=visit or "on_site_check", lead_days=_lying(promised))
        found = replace(found, intake=Always(0), review=_REPORT, inspection=inspection)
    elif visit is not None:
        found = replace(found, inspection=Inspection(kind=visit))
    other = next((kind for kind in kinds if kind not in _VISITS), None)
    if other is not None:
        found = replace(found, procedure=Procedure(kind=other))
    return found


def _lying(promised: int) -> Spread:
    """Return how long a file lies: the work is minutes, the promise is for signatures and mail."""
    return Triangular(0, promised // 3, max(promised // 2, promised // 3))


def _promise_of(thing: EffectiveThing, step: Step) -> str | None:
    """Return the material that says that the applicant chose to commit, if the step has the track.

    A track is a limit that counts from papers alone (``is_on_papers``), or the item's commitment.
    """
    has_track = any(case.is_on_papers for case in step.limits)
    if not has_track and thing.items[step.item].commitment is None:
        return None
    for material in thing.thing.materials:
        if step.id in material.steps and _COMMITMENT in (material.when or ""):
            return material.id
    return None


def _paper(item: Item) -> Paper | None:
    if item.result is None:
        return None
    return Paper(
        type=item.result.type,
        title={"zh": item.result.title.zh, "en": item.result.title.en},
        valid_years=item.result.valid_years,
        is_certificate=item.result.is_certificate,
    )
