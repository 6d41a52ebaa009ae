"""What chance decides about one application, whoever asks in whichever order.

Theory of operation. Each application has 32 numbers of its own: a keyed hash of its id. So
chance does not hang on the order of calls: taking one case out of a run leaves the luck of all
others as it was (a failing run can shrink), and two runs that differ in one parameter meet the same
applications (common random numbers, so that a difference is the parameter's and not chance's).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import cached_property
from hashlib import blake2b
from math import isqrt
from struct import Struct
from typing import Final, TypeAlias

__all__ = ["Always", "Draw", "Spread", "Table", "Triangular", "happens", "luck_of"]

_RANGE_BITS: Final = 16
_NUMBERS: Final = Struct(">32H")
_PER_MILLE: Final = 1000

Luck: TypeAlias = tuple[int, ...]
"""Numbers of 16 bits, one for each :class:`Draw`."""


class Draw(IntEnum):
    """What each of an application's numbers decides."""

    INTAKE = 0
    REVIEW = 1
    REVIEW_DAYS = 2
    INSPECTION = 3
    LEAD_DAYS = 4
    ACCEPTING = 5
    DECISION = 6
    CORRECTION_AFTER = 7
    TOLERANCE = 8
    SPECIAL = 9
    SPECIAL_DAYS = 10
    LATE_DAYS = 11
    EXTENDED_DAYS = 12
    AFTERWARDS = 13
    WITHDRAWAL = 14
    CHOICE = 15
    SILENCE = 16
    SILENT_DAYS = 17
    EXTENSION = 18
    LATE = 19


def luck_of(salt: bytes, name: str, turn: int = 0) -> Luck:
    """Return the numbers of the application ``name``; each ``turn`` (correction) has its own.

    Args:
        salt: at most 64 bytes: the run's chance.
        name: the submission id.
        turn: how often it came back from a correction.
    """
    return _NUMBERS.unpack(blake2b(f"{name}/{turn}".encode(), key=salt).digest())


def happens(number: int, per_mille: int, after: int = 0) -> bool:
    """Say whether what has a rate of ``per_mille`` happens; ``after`` others share the number."""
    drawn = number * _PER_MILLE >> _RANGE_BITS
    return after <= drawn < after + per_mille


@dataclass(frozen=True, slots=True)
class Always:
    """Always the same amount."""

    amount: int

    @property
    def mean(self) -> Fraction:
        """The expected amount."""
        return Fraction(self.amount)

    def draw(self, number: int) -> int:
        """Return the amount for a number of 16 bits."""
        del number
        return self.amount


@dataclass(frozen=True, slots=True)
class Triangular:
    """At least, usually, at most: what people who do the work can say of it.

    Raises:
        ValueError: they are not in this order.
    """

    least: int
    usual: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.usual <= self.most:
            msg = "a spread is least <= usual <= most, none below 0"
            raise ValueError(msg)

    @property
    def mean(self) -> Fraction:
        """The expected amount, before rounding to whole ones."""
        return Fraction(self.least + self.usual + self.most, 3)

    def draw(self, number: int) -> int:
        """Return the amount for a number of 16 bits: the inverse distribution, in integers."""
        span, rise = self.most - self.least, self.usual - self.least
        if number * span < rise << _RANGE_BITS:
            return self.least + isqrt(number * span * rise >> _RANGE_BITS)
        left = (1 << _RANGE_BITS) - number
        return self.most - isqrt(left * span * (span - rise) >> _RANGE_BITS)


@dataclass(frozen=True)
class Table:
    """An empirical distribution: (amount, weight) rows as somebody counted them.

    Raises:
        ValueError: no row, or a negative number.
    """

    rows: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.rows or any(amount < 0 or weight < 0 for amount, weight in self.rows):
            msg = "a table has rows of (amount, weight), none of them negative"
            raise ValueError(msg)
        if not self._total:
            msg = "a table has at least one row with a weight"
            raise ValueError(msg)

    @cached_property
    def _total(self) -> int:
        return sum(weight for _, weight in self.rows)

    @property
    def mean(self) -> Fraction:
        """The expected amount."""
        return Fraction(sum(amount * weight for amount, weight in self.rows), self._total)

    def draw(self, number: int) -> int:
        """Return the amount for a number of 16 bits."""
        left = number * self._total >> _RANGE_BITS
        for amount, weight in self.rows:
            left -= weight
            if left < 0:
                return amount
        return self.rows[-1][0]

    @classmethod
    def of(cls, amounts: Sequence[int]) -> Table:
        """Return the table in which each of ``amounts`` counts once."""
        return cls(tuple((amount, 1) for amount in sorted(amounts)))


Spread: TypeAlias = Always | Triangular | Table
"""How an amount varies: whole minutes or working days."""
