"""Answers in, one plan out: active steps, one form, one set of materials, dates, and every why.

Rules that live only here: a plan is a pure function of definition, answers, day and calendar, and
its digest says so; a dependency on an inactive step is dropped; nothing is asked that a step of
the same case yields; no step is taken whose result is held already, where its rule lets that
count; follow-ups are no part of the promise. networkx is a calculator in one
module of this room and is imported when the first picture is drawn.
"""

from oneservice.plan.activation import MAX_INSTANCES
from oneservice.plan.build import build_plan
from oneservice.plan.crossing_words import (
    MODE_TITLES,
    NO_WAY,
    NO_WAY_ADVICE,
    WayInWords,
    crossing_words,
    without_way,
)
from oneservice.plan.document import parse_plan, plan_body, plan_bytes, plan_digest
from oneservice.plan.explanation import (
    explain_field,
    explain_material,
    explain_plan,
    explain_step,
)
from oneservice.plan.held_words import masked
from oneservice.plan.holdings import Holdings, holdings_in
from oneservice.plan.law_words import law_of
from oneservice.plan.mermaid import to_mermaid
from oneservice.plan.models import (
    PLAN_FORMAT,
    FormField,
    Plan,
    PlannedMaterial,
    PlannedResult,
    PlannedStep,
    SkippedStep,
)
from oneservice.plan.particulars import where_to_get
from oneservice.plan.parts import (
    Appointment,
    FeeTotal,
    GroupEntry,
    HeldCertificate,
    HeldLevel,
    HeldValue,
    HolderFields,
    OtherCrossing,
    PlannedBatch,
    PlannedChannel,
    PlannedCommitment,
    PlannedCrossing,
    PlannedDispatch,
    PlannedFee,
    PlannedLaw,
    PlannedParty,
    PlannedRung,
    PlannedTolerance,
    PlannedUnit,
    Trip,
)
from oneservice.plan.reduction import Change, Reduction, reduction, sum_reductions
from oneservice.plan.svg import to_svg
from oneservice.plan.terms import Answer, DueDate, Reason, ReasonKind, TimeLimit
from oneservice.plan.wording import Language

__all__ = [
    "MAX_INSTANCES",
    "MODE_TITLES",
    "NO_WAY",
    "NO_WAY_ADVICE",
    "PLAN_FORMAT",
    "Answer",
    "Appointment",
    "Change",
    "DueDate",
    "FeeTotal",
    "FormField",
    "GroupEntry",
    "HeldCertificate",
    "HeldLevel",
    "HeldValue",
    "HolderFields",
    "Holdings",
    "Language",
    "OtherCrossing",
    "Plan",
    "PlannedBatch",
    "PlannedChannel",
    "PlannedCommitment",
    "PlannedCrossing",
    "PlannedDispatch",
    "PlannedFee",
    "PlannedLaw",
    "PlannedMaterial",
    "PlannedParty",
    "PlannedResult",
    "PlannedRung",
    "PlannedStep",
    "PlannedTolerance",
    "PlannedUnit",
    "Reason",
    "ReasonKind",
    "Reduction",
    "SkippedStep",
    "TimeLimit",
    "Trip",
    "WayInWords",
    "build_plan",
    "crossing_words",
    "explain_field",
    "explain_material",
    "explain_plan",
    "explain_step",
    "holdings_in",
    "law_of",
    "masked",
    "parse_plan",
    "plan_body",
    "plan_bytes",
    "plan_digest",
    "reduction",
    "sum_reductions",
    "to_mermaid",
    "to_svg",
    "where_to_get",
    "without_way",
]
