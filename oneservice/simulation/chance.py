"""Chance that hangs on names instead of order: the same key gives the same number in every run.

A stream of random numbers is used up in the order of the calls, so one fault less would change all
that comes after it, and no failing run could be made smaller. Here every question has a name, and
its answer follows from the seed and the name alone.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Final, TypeVar

__all__ = ["PER_MILLE", "Chance"]

_T = TypeVar("_T")

PER_MILLE: Final = 1000
_BITS: Final = 64


class Chance:
    """Seeded answers by name.

    Args:
        seed: any whole number.
        name: separates the questions of one part of the world from those of another.
    """

    __slots__ = ("_key", "seed")

    def __init__(self, seed: int, name: str = "") -> None:
        self.seed = seed
        self._key = hashlib.sha256(f"{seed}/{name}".encode()).digest()

    def number(self, question: str) -> int:
        """Return 64 bits."""
        answer = hashlib.blake2b(question.encode(), digest_size=_BITS // 8, key=self._key)
        return int.from_bytes(answer.digest(), "big")

    def below(self, question: str, bound: int) -> int:
        """Return a number from 0 to ``bound`` - 1; ``bound`` is far below 2**64."""
        return self.number(question) % bound

    def between(self, question: str, least: int, most: int) -> int:
        """Return a number from ``least`` to ``most``, both included."""
        return least + self.below(question, most - least + 1)

    def happens(self, question: str, per_mille: int) -> bool:
        """Say yes in ``per_mille`` of 1,000 questions."""
        return self.below(question, PER_MILLE) < per_mille

    def choice(self, question: str, some: Sequence[_T]) -> _T:
        """Return one of ``some``, which is not empty."""
        return some[self.below(question, len(some))]

    def stream(self, question: str) -> random.Random:
        """Return a stream of its own, for what draws many numbers in an order of its own."""
        return random.Random(self.number(question))  # noqa: S311 - a simulation, no secret
