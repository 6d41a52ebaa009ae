"""Can these rules hold together? For every combination of answers, not for a sample.

Theory of operation: questions are answered one after the other, each with the finitely many answers
that stand for all (:mod:`~oneservice.catalog.lint.domains`); a branch is left as soon as a rule is
decided the wrong way or a contradiction holds. Only questions that can matter are tried: those the
rules read, those that hide or show them, and those tied to them by contradictions; the others form
components of their own. So a search that ends empty-handed is a proof. It is cut off at
:data:`MAX_VISITED` answers; then :data:`MAX_SAMPLES` seeded combinations are tried, and what they
do not find is *unproven*, never *impossible*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from oneservice.catalog.lint.domains import Domains, domains_of
from oneservice.catalog.rules import FactValue, Rule, parse_rule, truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.models import Contradiction, Situation

__all__ = ["MAX_SAMPLES", "MAX_VISITED", "Answered", "Goal", "Space"]

MAX_VISITED = 50_000
"""Answers given in one search before it is cut off: a fifth of a second; a restaurant needs 200."""
MAX_CUT_OFF = 8
"""Searches of one definition that may be that long; later ones give up after a fiftieth of it."""
MAX_TOGETHER = 300
"""Questions of one search, which goes one call deeper for each; more are only sampled."""
MAX_IN_ALL = 400_000
"""Answers given for one definition in all its searches: two seconds. Later ones are unproven."""
MAX_SAMPLES = 500
"""Combinations that are tried after a search was cut off."""
_SEED = 20260101

Goal: TypeAlias = tuple[str, "bool | None"]
"""A rule and how it shall come out; None: undecided, because it needs a hidden answer."""
_Wish: TypeAlias = "tuple[Rule, bool | None]"
Answered: TypeAlias = dict[str, FactValue]


@lru_cache(maxsize=4096)
def _rule(text: str) -> Rule:
    return parse_rule(text)


class _CutOffError(Exception):
    """The search was cut off."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One search: what to answer in which order, and which rules each answer may decide."""

    order: tuple[Situation, ...]
    domains: Domains
    goals: tuple[_Wish, ...]
    forbidden: tuple[Rule, ...]
    hides: str | None


class Space:
    """All answers that a person can give to the questions of one definition.

    The rules must have passed their type check. Results are kept: many rules are the same.
    """

    def __init__(
        self, situations: tuple[Situation, ...], contradictions: tuple[Contradiction, ...]
    ) -> None:
        self.situations = situations
        self.contradictions = contradictions
        self._asked = {each.id: (index, each) for index, each in enumerate(situations)}
        self._forbidden = tuple(_rule(each.when) for each in contradictions)
        self._kept: dict[object, Answered | None] = {}
        self._unproven: set[object] = set()
        self._spent = 0

    def find(
        self, *goals: Goal, hides: str | None = None, ignores_contradictions: bool = False
    ) -> Answered | None:
        """Return answers for which every goal comes out as wished, or None: there are none.

        None after a search that was cut off is no proof: :meth:`is_unproven` tells.

        Args:
            goals: rules by their text, and how they shall come out.
            hides: this question must be hidden; all others count as asked.
            ignores_contradictions: try answers that cannot stand together as well.
        """
        key = (frozenset(goals), hides, ignores_contradictions)
        if key not in self._kept:
            self._kept[key] = self._search(
                key, goals, hides, () if ignores_contradictions else self._forbidden
            )
        return self._kept[key]

    def is_unproven(self, *goals: Goal, ignores_contradictions: bool = False) -> bool:
        """Say whether :meth:`find` of these goals was cut off and found nothing."""
        return (frozenset(goals), None, ignores_contradictions) in self._unproven

    def names_of(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the questions that these rules read."""
        return tuple(dict.fromkeys(name for text in texts for name in _rule(text).names))

    @property
    def unproven(self) -> int:
        """How many searches ended without an answer."""
        return len(self._unproven)

    def _search(
        self, key: object, goals: tuple[Goal, ...], hides: str | None, limits: tuple[Rule, ...]
    ) -> Answered | None:
        if any((text, not wanted) in goals for text, wanted in goals if wanted is not None):
            return None  # a rule and its opposite
        task = self._task(goals, hides, limits)
        is_hopeful = len(self._unproven) < MAX_CUT_OFF
        most = MAX_VISITED if is_hopeful else MAX_VISITED // 50
        search = _Search(task, min(most, MAX_IN_ALL - self._spent))
        try:
            found = search.exhaust()
        except _CutOffError:
            found = search.sample() if self._spent < MAX_IN_ALL else None
            if found is None:
                self._unproven.add(key)
        self._spent += search.visited
        return found

    def _task(self, goals: tuple[Goal, ...], hides: str | None, limits: tuple[Rule, ...]) -> _Task:
        rules = tuple((_rule(text), wanted) for text, wanted in dict.fromkeys(goals))
        read = {name for rule, _ in rules for name in rule.names}
        own = self._above(read if hides is None else {*read, hides})
        near, tied = set(own), [rule for rule in limits if not rule.names]
        waiting = [rule for rule in limits if rule.names]
        while touching := [rule for rule in waiting if not near.isdisjoint(rule.names)]:
            tied += touching
            waiting = [rule for rule in waiting if rule not in touching]
            near = self._above(near | {name for rule in touching for name in rule.names})
        if not rules:
            tied, near = list(limits), self._above({name for rule in limits for name in rule.names})
        order = sorted(near, key=lambda name: (name not in own, self._asked[name][0]))
        asked = tuple(self._asked[name][1] for name in order)
        shown = [_rule(each.visible_when) for each in asked if each.visible_when is not None]
        domains = domains_of(asked, [*(rule for rule, _ in rules), *tied, *shown])
        return _Task(asked, domains, rules, tuple(tied), hides)

    def _above(self, names: Iterable[str]) -> set[str]:
        """Return ``names`` with the questions that hide or show them."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found or name not in self._asked:
                continue
            found.add(name)
            text = self._asked[name][1].visible_when
            waiting += _rule(text).names if text is not None else ()
        return found


class _Search:
    """A depth-first walk over the answers of one task."""

    def __init__(self, task: _Task, most: int) -> None:
        self._task = task
        self._most = most
        self.visited = 0
        self._state = _SEED
        wishes: list[_Wish] = [*task.goals, *((rule, False) for rule in task.forbidden)]
        self._all = tuple(wishes)
        self._decided = [
            tuple(wish for wish in wishes if each.id in wish[0].names) for each in task.order
        ]

    def exhaust(self) -> Answered | None:
        """Return the first answers that fit, trying all.

        Raises:
            _CutOffError: after as many answers as are allowed.
        """
        if len(self._task.order) > MAX_TOGETHER:
            raise _CutOffError
        facts: Answered = {}
        return dict(facts) if self._fits(facts, self._all) and self._deeper(0, facts) else None

    def _deeper(self, level: int, facts: Answered) -> bool:
        if level == len(self._task.order):
            return self._holds(facts)
        name = self._task.order[level].id
        for value in self._choices(level, facts):
            self.visited += 1
            if self.visited > self._most:
                raise _CutOffError
            if value is not None:
                facts[name] = value
            if self._fits(facts, self._decided[level]) and self._deeper(level + 1, facts):
                return True
            facts.pop(name, None)
        return False

    def sample(self) -> Answered | None:
        """Return answers that fit, from a fixed sequence of combinations."""
        for _ in range(MAX_SAMPLES):
            facts: Answered = {}
            self.visited += len(self._task.order)
            for level, situation in enumerate(self._task.order):
                values = self._choices(level, facts)
                value = values[self._next(len(values))] if values else None
                if value is not None:
                    facts[situation.id] = value
            if self._fits(facts, self._all) and self._holds(facts):
                return facts
        return None

    def _next(self, bound: int) -> int:
        """Return a number below ``bound``: Knuth's linear congruential generator (MMIX)."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % bound

    def _choices(self, level: int, facts: Answered) -> tuple[FactValue | None, ...]:
        """Return what the question may be answered with; None: hidden and without a default."""
        situation = self._task.order[level]
        shown = situation.visible_when
        is_visible = shown is None or truth(_rule(shown), facts) is True
        if situation.id == self._task.hides:
            return () if is_visible else (None,)
        if is_visible:
            return self._task.domains[situation.id]
        if situation.default is not None:
            return (_plain(situation),)
        return (None,) if self._task.hides is None else self._task.domains[situation.id]

    @staticmethod
    def _fits(facts: Answered, wishes: Iterable[_Wish]) -> bool:
        """Say whether none of these rules is decided the wrong way yet."""
        for rule, wanted in wishes:
            held = truth(rule, facts)
            if held is not None and held is not wanted:
                return False
        return True

    def _holds(self, facts: Answered) -> bool:
        return all(truth(rule, facts) is wanted for rule, wanted in self._task.goals)


def _plain(situation: Situation) -> FactValue:
    default = situation.default
    if default is None:
        msg = f"'{situation.id}' has no default"
        raise AssertionError(msg)
    return default
