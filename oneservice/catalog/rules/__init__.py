"""Conditions in catalogs: a small subset of CEL, exact, three-valued, explained.

``parse_rule`` gives a typed tree, ``check_rule`` holds it against the declared questions,
``evaluate`` answers for given facts, ``explain`` says why. Facts are exact (no floats); an unknown
fact never becomes a default.
"""

from oneservice.catalog.rules.checking import (
    Declared,
    Kind,
    ValueType,
    check_rule,
    declare,
    did_you_mean,
)
from oneservice.catalog.rules.days import is_day, is_region
from oneservice.catalog.rules.evaluation import Facts, FactValue, evaluate, truth
from oneservice.catalog.rules.explanation import Explanation, explain
from oneservice.catalog.rules.parsing import MAX_DEPTH, MAX_LENGTH, parse_rule
from oneservice.catalog.rules.tree import Rule, Scalar, constants

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Declared",
    "Explanation",
    "FactValue",
    "Facts",
    "Kind",
    "Rule",
    "Scalar",
    "ValueType",
    "check_rule",
    "constants",
    "declare",
    "did_you_mean",
    "evaluate",
    "explain",
    "is_day",
    "is_region",
    "parse_rule",
    "truth",
]
