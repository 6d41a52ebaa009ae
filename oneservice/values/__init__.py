"""Values: what people type and registers deliver, read into one normal form each.

Rules that live only here: which differences between two texts mean nothing (width, spaces, case),
which slip may have happened and how sure that is, what may be shown of a value, and which of
several remembered values is used. Three promises: reading never raises; a problem never repeats
the value; a suggestion is applied by :func:`confirm` alone, because a wrong guess that passes a
check digit files somebody else's number.
"""

from oneservice.values.display import display
from oneservice.values.kinds import Language, Option, ValueKind, Words
from oneservice.values.prefill import (
    PassedOver,
    Prefilled,
    PrefillReason,
    WantedField,
    describe_prefill,
    prefill,
)
from oneservice.values.problems import MAX_ITEMS, MAX_LENGTH, Problem, ProblemCode
from oneservice.values.read import read_value
from oneservice.values.readings import (
    Change,
    Reading,
    Slip,
    Suggestion,
    confirm,
    describe_change,
)
from oneservice.values.remembered import (
    Consent,
    RememberedValue,
    Usability,
    describe_usability,
    usable,
)

__all__ = [
    "MAX_ITEMS",
    "MAX_LENGTH",
    "Change",
    "Consent",
    "Language",
    "Option",
    "PassedOver",
    "PrefillReason",
    "Prefilled",
    "Problem",
    "ProblemCode",
    "Reading",
    "RememberedValue",
    "Slip",
    "Suggestion",
    "Usability",
    "ValueKind",
    "WantedField",
    "Words",
    "confirm",
    "describe_change",
    "describe_prefill",
    "describe_usability",
    "display",
    "prefill",
    "read_value",
    "usable",
]
