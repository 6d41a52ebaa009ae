"""How a step goes as the catalog says of it: its promise, its procedures, its track, its result.

What no catalog says (minutes, rates) are sample values of the order that service centres publish.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from oneservice.catalog import EffectiveThing, Item, Step, StepKind
from oneservice.simulation.offices_chance import Always, Spread, Triangular
from oneservice.simulation.offices_steps import (
    Inspection,
    Paper,
    Procedure,
    Rates,
    StepParameters,
)
from oneservice.workdays import LimitUnit

__all__ = ["TYPICAL_RATES", "typical_step"]

_VISITS: Final = frozenset({"on_site_check", "verification", "tax_audit"})
"""Special procedures for which somebody goes out; the others are waited for."""
_COMMITMENT: Final = "commitment"
_REPORT: Final = Triangular(5, 10, 20)
"""Minutes at a desk for the report of a check that nobody applied for."""

TYPICAL_RATES: Final = Rates(
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


def typical_step(thing: EffectiveThing, step: Step, rates: Rates) -> StepParameters:
    """Return how ``step`` of ``thing`` goes, ``rates`` of its applications another way."""
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
