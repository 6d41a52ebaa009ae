"""The steps of a one-thing that has every clock and every consequence that the law knows."""

from __future__ import annotations

from typing import Final

from oneservice.case import Rung, StepSpec

__all__ = ["SAMPLE_STEPS"]

_LADDER: Final = (
    Rung(level="county", office="district", days=2),
    Rung(level="city", office="city", days=5, unit="natural_days"),
)

SAMPLE_STEPS: Final[tuple[StepSpec, ...]] = (
    StepSpec(
        id="first",
        step_id="first",
        department="one",
        kind="decision",
        promised_days=5,
        on_overdue="escalate",
        ladder=_LADDER,
        tolerance_days=6,
    ),
    StepSpec(
        id="second",
        step_id="second",
        department="two",
        kind="decision",
        promised_days=3,
        statutory_days=8,
        on_overdue="deemed_granted",
        warning_share=50,
    ),
    StepSpec(
        id="behind",
        step_id="behind",
        department="one",
        kind="check",
        requires=("first",),
        promised_days=12,
        promised_unit="natural_days",
        correction="run_on",
        on_overdue="deemed_granted",
    ),
    StepSpec(
        id="after",
        step_id="after",
        department="two",
        kind="follow_up",
        requires=("second",),
        promised_days=10,
        statutory_days=10,
        on_overdue="escalate",
    ),
    StepSpec(
        id="bundle",
        step_id="bundle",
        department="one",
        kind="bundle",
        requires=("first", "second", "behind"),
    ),
)
