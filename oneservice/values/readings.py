"""What came of reading a value: the value, or a problem; what was tidied; what might be meant.

A reading has a value or a problem, never both and never neither. A suggestion stands beside a
problem only, and becomes the value by :func:`confirm` alone. Representations leave the values out,
because readings end up in logs and tracebacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from oneservice.canonical import JsonValue
from oneservice.values.kinds import ValueKind, Words
from oneservice.values.problems import Problem, ProblemCode, problem

__all__ = [
    "Change",
    "Reading",
    "Slip",
    "Suggestion",
    "accepted",
    "confirm",
    "describe_change",
    "refused",
]


class Change(StrEnum):
    """What was done to get from the text to its normal form.

    All but the last change how a value is written and never which value it is.
    """

    WIDTH = "width"
    INVISIBLE = "invisible"
    SPACES = "spaces"
    CASE = "case"
    PUNCTUATION = "punctuation"
    ZEROS = "zeros"
    UNIT = "unit"
    COUNTRY_CODE = "country_code"
    FORMAT = "format"
    CONFIRMED = "confirmed"
    """A suggestion was confirmed by a person."""


_CHANGE_WORDS = {
    Change.WIDTH: Words(zh="全角字符改为半角", en="full-width characters were narrowed"),
    Change.INVISIBLE: Words(zh="去掉了看不见的字符", en="invisible characters were removed"),
    Change.SPACES: Words(zh="去掉了多余的空格", en="spaces were removed"),
    Change.CASE: Words(zh="改为大写", en="small letters became capitals"),
    Change.PUNCTUATION: Words(zh="统一了标点", en="punctuation was made uniform"),
    Change.ZEROS: Words(zh="去掉了多余的零", en="needless zeros were removed"),
    Change.UNIT: Words(zh="去掉或换算了单位", en="the unit was taken off or written out"),
    Change.COUNTRY_CODE: Words(zh="去掉了国家代码86", en="the country code 86 was taken off"),
    Change.FORMAT: Words(zh="改为标准写法", en="it was written in the standard way"),
    Change.CONFIRMED: Words(zh="已按确认的建议更正", en="a confirmed suggestion was applied"),
}


_EVEN = Decimal("0.50")


class Slip(StrEnum):
    """What may have happened between the paper and the text."""

    LOOKALIKE = "lookalike"
    """One character that cannot stand there: the letter O for a zero."""
    THROUGHOUT = "throughout"
    """The same lookalike in several places: a habit, hence one slip."""
    MISREAD = "misread"
    """One character for another that could stand there too: B for 8."""
    SWAPPED = "swapped"
    """Two neighbours in the wrong order."""
    DOUBLED = "doubled"
    """One character typed twice."""
    EXTRA_ZERO = "extra_zero"
    """A zero dialled before a mobile number."""
    ORDER = "order"
    """Day, month and year in another order."""
    DECIMAL_COMMA = "decimal_comma"
    """A comma where the decimal point belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What may be meant; never applied unless a person confirms it.

    ``confidence`` is the estimated chance that it is meant: two places, at most 0.99.
    """

    value: JsonValue = field(repr=False)
    confidence: Decimal
    slip: Slip
    why: Words

    @property
    def is_likely(self) -> bool:
        """Say whether it is rather right than wrong: "did you mean", not only "compare again"."""
        return self.confidence > _EVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value as it was read. ``changes`` are in the order of :class:`Change`, each once."""

    kind: ValueKind
    value: JsonValue = field(default=None, repr=False)
    problem: Problem | None = None
    changes: tuple[Change, ...] = ()
    suggestion: Suggestion | None = None


def accepted(kind: ValueKind, value: JsonValue, changes: Iterable[Change] = ()) -> Reading:
    """Return the reading of a good value."""
    return Reading(kind=kind, value=value, changes=_in_order(changes))


def refused(
    kind: ValueKind,
    what: ProblemCode | Problem,
    changes: Iterable[Change] = (),
    *,
    suggestion: Suggestion | None = None,
) -> Reading:
    """Return the reading of what is no such value."""
    why = what if isinstance(what, Problem) else problem(what)
    return Reading(kind=kind, problem=why, changes=_in_order(changes), suggestion=suggestion)


def confirm(reading: Reading) -> Reading:
    """Return the reading with its suggestion as the value; call it only when a person said yes.

    A reading without a suggestion comes back as it is: its problem stands.
    """
    if reading.suggestion is None:
        return reading
    return replace(
        reading,
        value=reading.suggestion.value,
        problem=None,
        suggestion=None,
        changes=_in_order((*reading.changes, Change.CONFIRMED)),
    )


def describe_change(change: Change) -> Words:
    """Return what to tell a person about ``change``."""
    return _CHANGE_WORDS[change]


def _in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    found = frozenset(changes)
    return tuple(change for change in Change if change in found)
