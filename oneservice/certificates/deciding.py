"""What the answers to single requirements amount to: three-valued logic with the true reason.

A requirement holds, does not hold, or cannot be told now. ``AllOf`` fails with its first failure in
the order of the checks, however the policy is written; else it is unknown with the first unknown.
``AnyOf`` holds if one part does; it is unknown while one part might yet hold; and where none does,
the reason says what each of them lacks.

Apart from what the policy asks, nothing that was handed in may be *false*: a log proof that does
not hold, or a receipt of another paper, is never outvoted by other evidence.

References:
    Kleene's strong three-valued logic; certificates page, section 3 ("cannot check now" is never
    "invalid").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from oneservice.certificates.report import (
    CheckName,
    Finding,
    Verdict,
    verdict_of,
)
from oneservice.certificates.requirements import AllOf, AnyOf, Leaf, Requirement
from oneservice.errors import StatusUnknownError, VerificationError

__all__ = ["ENCLOSED", "Outcome", "weigh"]

ENCLOSED: Final = frozenset(
    {
        CheckName.LOGGED,
        CheckName.WITNESSED,
        CheckName.TIME,
        CheckName.SEAL,
        CheckName.HOLDER,
    }
)
"""Checks that look at what comes beside the certificate."""
_ORDER: Final = {name: place for place, name in enumerate(CheckName)}
_NOTHING: Final = "it asks for nothing, and of nothing, nothing follows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether a requirement holds; ``error`` says why not, or why it cannot be told.

    ``place`` is that of the check that decided, in the order of the checks.
    """

    requirement: Requirement
    error: VerificationError | None
    place: int
    parts: tuple[Outcome, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """``valid``: it holds; ``invalid``: it does not; ``indeterminate``: nobody can tell."""
        return verdict_of(self.error)

    def lacking(self) -> tuple[Outcome, ...]:
        """Return the single requirements that do not hold, or of which it cannot be told."""
        if self.parts:
            return tuple(one for part in self.parts for one in part.lacking())
        return () if self.error is None else (self,)


def weigh(requirement: Requirement, answer: Callable[[Leaf], Finding]) -> Outcome:
    """Return what the answers mean for ``requirement``.

    Args:
        requirement: what must hold.
        answer: gives the finding on a single requirement; one without a result stands in the way
            unless it says that it does not (``error`` is ``None`` and the check is ``status``).
    """
    match requirement:
        case AllOf(parts=parts):
            return _all(requirement, [weigh(part, answer) for part in parts])
        case AnyOf(parts=parts):
            return _any(requirement, [weigh(part, answer) for part in parts])
        case leaf:
            finding = answer(leaf)
            return Outcome(requirement=leaf, error=finding.error, place=_ORDER[leaf.check])


def _all(requirement: Requirement, parts: list[Outcome]) -> Outcome:
    if not parts:
        return _hollow(requirement)
    for verdict in (Verdict.INVALID, Verdict.INDETERMINATE):
        against = [part for part in parts if part.verdict is verdict]
        if against:
            first = min(against, key=lambda part: part.place)
            return _outcome(requirement, parts, first.error, first.place)
    return _outcome(requirement, parts, None, min(part.place for part in parts))


def _any(requirement: Requirement, parts: list[Outcome]) -> Outcome:
    if not parts:
        return _hollow(requirement)
    for part in parts:
        if part.error is None:
            return _outcome(requirement, parts, None, part.place)
    open_ways = [part for part in parts if part.verdict is Verdict.INDETERMINATE]
    if len(parts) == 1 or len(open_ways) == 1:
        (only,) = open_ways or parts
        return _outcome(requirement, parts, only.error, only.place)
    first = min(open_ways or parts, key=lambda part: part.place)
    kind = type(first.error) if first.error else StatusUnknownError
    ways = "; ".join(f"({place}) {part.error}" for place, part in enumerate(parts, start=1))
    error = kind(f"none of {len(parts)} ways to meet the policy is open: {ways}")
    return _outcome(requirement, parts, error, first.place)


def _hollow(requirement: Requirement) -> Outcome:
    return Outcome(requirement=requirement, error=StatusUnknownError(_NOTHING), place=0)


def _outcome(
    requirement: Any, parts: list[Outcome], error: VerificationError | None, place: int
) -> Outcome:
    return Outcome(requirement=requirement, error=error, place=place, parts=tuple(parts))
