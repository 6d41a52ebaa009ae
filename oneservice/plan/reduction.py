"""What the one-thing saves: what it cost before, what this plan asks, and the share that is gone.

Shares are exact decimals, rounded half up to two places as the published figures are: 35 to 17
materials is 51.43 %, 48 to 13 working days is 72.92 % (domain section 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from oneservice.catalog import Text
from oneservice.plan.models import Plan

__all__ = ["Change", "Reduction", "reduction"]

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
    """What a person had to do for the same goal, and what is left of it.

    ``fields`` are elements of the merged form; those that an answer fills count, because a person
    gave that answer. ``materials`` are those of the one set that no step of the case yields,
    whoever supplies them; ``to_bring`` are those among them that the person must bring.
    ``source`` says where the earlier figures come from.
    """

    fields: Change
    materials: Change
    working_days: Change
    to_bring: int
    source: Text

    def as_json(self) -> dict[str, object]:
        """Return the report as JSON."""
        return {
            "fields": self.fields.as_json(),
            "materials": self.materials.as_json(),
            "working_days": self.working_days.as_json(),
            "to_bring": self.to_bring,
            "source": {"zh": self.source.zh, "en": self.source.en},
        }


def reduction(plan: Plan) -> Reduction | None:
    """Return what ``plan`` saves, or ``None`` where its definition has no earlier figures."""
    before = plan.before
    if before is None:
        return None
    materials = [material for material in plan.materials if not material.yielded_by]
    return Reduction(
        fields=Change(before=before.fields, after=len(plan.form)),
        materials=Change(before=before.materials, after=len(materials)),
        working_days=Change(before=before.working_days, after=plan.promised_working_days),
        to_bring=sum(material.must_bring for material in materials),
        source=before.source,
    )
