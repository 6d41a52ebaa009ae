"""Ids that follow from the seed and a name, so that those of one do not hang on the others."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar

from oneservice.case import CODE_ALPHABET, CODE_LENGTH
from oneservice.simulation.chance import Chance

__all__ = ["SeededIds"]


class SeededIds:
    """Case ids and secrets by the name of the visit: those of one do not hang on the others."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._given: Counter[str] = Counter()
        self._made: set[str] = set()
        self._visit = ContextVar("visit", default="")

    @property
    def visit(self) -> str:
        """Whose case this task opens next."""
        return self._visit.get()

    @visit.setter
    def visit(self, name: str) -> None:
        self._visit.set(name)

    def case_id(self) -> str:
        """Return the id of the next case of this visit."""
        self._given[self.visit] += 1
        made = f"c{self._chance.number(f'case {self._name()}'):016x}"
        self._made.add(made)
        return made

    def made(self, case_id: str) -> bool:
        """Say whether ``case_id`` was given here, whatever became of the case since."""
        return case_id in self._made

    def secret(self) -> str:
        """Return the secret of the next case of this visit."""
        halves = (self._chance.number(f"secret {self._name()} {half}") for half in range(4))
        return "".join(f"{half:016x}" for half in halves)

    def code(self) -> str:
        """Return a one-time code; these follow from their order alone."""
        self._given["/code"] += 1
        stream = self._chance.stream(f"code {self._given['/code']}")
        return "".join(stream.choices(CODE_ALPHABET, k=CODE_LENGTH))

    def _name(self) -> str:
        return f"{self.visit}/{self._given[self.visit]}"
