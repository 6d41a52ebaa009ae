"""What the one-thing saves: what it cost before, what this plan asks, and the share that is gone.

Shares are exact decimals, rounded half up to two places as the published figures are: 35 to 17
materials is 51.43 %, 48 to 13 working days is 72.92 % (domain section 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from oneservice.catalog import Before, Text
from oneservice.plan.models import Plan

__all__ = ["Change", "Reduction", "reduction", "sum_reductions"]

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure before and after."""

    before: int
    after: int

    @property
    def saved(self) -> int:
        """How much is gone; negative where there is more than before."""
        return self.before - self.after

    @property
    def saved_percent(self) -> Decimal:
        """``saved`` as a share of ``before``, in per cent, half up to two places; 0 of nothing."""
        if self.before == 0:
            return Decimal("0.00")
        share = Decimal(self.saved * 100) / Decimal(self.before)
        return share.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)

    def as_json(self) -> dict[str, int | str]:
        """Return the change as JSON; the percentage is text."""
        return {
            "before": self.before,
            "after": self.after,
            "saved": self.saved,
            "saved_percent": f"{self.saved_percent}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """What people had to do for the same goal, and what is left of it, over ``cases`` cases.

    ``fields`` are elements of the merged form that nobody has on record; those that an answer fills
    count, because a person gave that answer. ``materials`` are those of the one set that no step of
    the case yields and that the applicant does not hold already, whoever supplies them;
    ``to_bring`` are those among them that the person must bring. ``trips``, ``kilometres`` and
    ``minutes`` (on the way and waiting) are ``None`` where the plan or the earlier figures do not
    say; today's way is as long as an earlier one. ``source`` says where the earlier figures come
    from.
    """

    cases: int = 1
    fields: Change
    materials: Change
    working_days: Change
    trips: Change | None
    kilometres: Change | None
    minutes: Change | None
    to_bring: int
    source: Text

    def as_json(self) -> dict[str, object]:
        """Return the report as JSON."""
        changes = {name: getattr(self, name) for name in _MEASURES}
        return {
            "cases": self.cases,
            **{name: one and one.as_json() for name, one in changes.items()},
            "to_bring": self.to_bring,
            "source": {"zh": self.source.zh, "en": self.source.en},
        }


_MEASURES = ("fields", "materials", "working_days", "trips", "kilometres", "minutes")


def reduction(plan: Plan) -> Reduction | None:
    """Return what ``plan`` saves, or ``None`` where its definition has no earlier figures."""
    before = plan.before
    if before is None:
        return None
    materials = [
        one
        for one in plan.materials
        if not one.yielded_by and not one.spared_by and one.held is None
    ]
    asked = sum(field.held is None for field in plan.form)
    return Reduction(
        fields=Change(before=before.fields, after=asked),
        materials=Change(before=before.materials, after=len(materials)),
        working_days=Change(before=before.working_days, after=plan.promised_working_days),
        trips=_trips(before, plan.trip_count),
        kilometres=_on_the_way(before.kilometres, before, plan.trip_count),
        minutes=_on_the_way(before.minutes, before, plan.trip_count),
        to_bring=len(plan.missing),
        source=before.source,
    )


def _trips(before: Before, trips: int | None) -> Change | None:
    if before.visits is None or trips is None:
        return None
    return Change(before=before.visits, after=trips)


def _on_the_way(figure: int | None, before: Before, trips: int | None) -> Change | None:
    """Return ``figure``, which all earlier visits took together, and what ``trips`` take of it."""
    if figure is None or trips is None or (trips > 0 and not before.visits):
        return None
    share = Decimal(figure * trips) / Decimal(before.visits or 1)
    return Change(before=figure, after=int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def sum_reductions(many: Iterable[Reduction]) -> Reduction | None:
    """Return what all of ``many`` save together; ``None`` of none.

    Of journeys only what every case tells is summed: a total over some of them would look smaller
    than it is, before and after.
    """
    cases = tuple(many)
    if not cases:
        return None
    return Reduction(
        cases=sum(one.cases for one in cases),
        fields=_sum(one.fields for one in cases),
        materials=_sum(one.materials for one in cases),
        working_days=_sum(one.working_days for one in cases),
        trips=_sum_known(one.trips for one in cases),
        kilometres=_sum_known(one.kilometres for one in cases),
        minutes=_sum_known(one.minutes for one in cases),
        to_bring=sum(one.to_bring for one in cases),
        source=Text(
            zh="；".join(dict.fromkeys(one.source.zh for one in cases)),
            en="; ".join(dict.fromkeys(one.source.en for one in cases)),
        ),
    )


def _sum(changes: Iterable[Change]) -> Change:
    known = tuple(changes)
    return Change(before=sum(one.before for one in known), after=sum(one.after for one in known))


def _sum_known(changes: Iterable[Change | None]) -> Change | None:
    known = tuple(changes)
    told = [one for one in known if one is not None]
    return _sum(told) if len(told) == len(known) else None
