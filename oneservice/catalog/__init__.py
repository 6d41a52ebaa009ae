"""Departments, items and one-things as dated data: models, rules, overlays, lint, loading.

What changes with the law or the city is a file in a catalog, never code. This room reads those
files (``load`` alone touches the disk, and every error names ``file:line:column``), lays a region's
overlays over the national base within what an overlay may do, checks all of it, and turns answers
into the facts that rules read. What follows from the facts is the plan's business.
"""

from oneservice.catalog.answers import Answers, conflicts, normalise_answers
from oneservice.catalog.collection import Catalog
from oneservice.catalog.documents import (
    CatalogDocument,
    Consumption,
    ItemChange,
    Overlay,
    SituationChange,
    StepChange,
)
from oneservice.catalog.effective import EffectiveThing, Layer
from oneservice.catalog.findings import Finding, Severity
from oneservice.catalog.lint import lint
from oneservice.catalog.load import (
    AnswersFile,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
    read_catalog,
    read_document,
)
from oneservice.catalog.models import (
    AnswerType,
    Before,
    Choice,
    Contradiction,
    CorrectionPolicy,
    Department,
    FieldSpec,
    FieldType,
    Item,
    LimitCase,
    MaterialClass,
    MaterialSource,
    MaterialSpec,
    OneThing,
    OverduePolicy,
    Repeat,
    ResultSpec,
    Situation,
    SpecialProcedure,
    Step,
    StepKind,
)
from oneservice.catalog.rules import (
    Declared,
    Explanation,
    Facts,
    FactValue,
    Rule,
    ValueType,
    check_rule,
    declare,
    evaluate,
    explain,
    parse_rule,
    truth,
)
from oneservice.catalog.terms import LegalBasis, Limit, LimitUnit, RuleText, Text

__all__ = [
    "AnswerType",
    "Answers",
    "AnswersFile",
    "Before",
    "Catalog",
    "CatalogDocument",
    "Choice",
    "Consumption",
    "Contradiction",
    "CorrectionPolicy",
    "Declared",
    "Department",
    "EffectiveThing",
    "Explanation",
    "FactValue",
    "Facts",
    "FieldSpec",
    "FieldType",
    "Finding",
    "Item",
    "ItemChange",
    "Layer",
    "LegalBasis",
    "Limit",
    "LimitCase",
    "LimitUnit",
    "MaterialClass",
    "MaterialSource",
    "MaterialSpec",
    "OneThing",
    "OverduePolicy",
    "Overlay",
    "Repeat",
    "ResultSpec",
    "Rule",
    "RuleText",
    "Severity",
    "Situation",
    "SituationChange",
    "SpecialProcedure",
    "Step",
    "StepChange",
    "StepKind",
    "Text",
    "ValueType",
    "bundled_catalog_dir",
    "check_rule",
    "conflicts",
    "declare",
    "evaluate",
    "explain",
    "lint",
    "load_answers",
    "load_catalog",
    "normalise_answers",
    "parse_rule",
    "read_catalog",
    "read_document",
    "truth",
]
