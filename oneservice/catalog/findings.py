"""What is wrong with a catalog, where, and how to mend it; and the error that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from oneservice.errors import (
    CatalogError,
    CatalogLimitError,
    CatalogSyntaxError,
    DependencyCycleError,
    OverlayError,
    RuleSyntaxError,
    RuleTypeError,
    UnknownReferenceError,
)

__all__ = ["MAX_LISTED", "Finding", "Severity", "error_of", "in_order"]

MAX_LISTED = 20
"""Findings that one error message lists: a screenful. ``oneservice lint`` prints them all."""


class Severity(StrEnum):
    """Whether a catalog with this finding can be used."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    """Nothing to mend: what lint could not prove within its bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend. ``source`` is ``file:line:column``, both counted from 1."""

    source: str
    code: str
    severity: Severity = Severity.ERROR
    text: str
    remedy: str
    cycle: tuple[str, ...] = ()
    """For ``dependency_cycle``: the steps, the first one again at the end."""
    offset: int = 0
    """For rules: the character of the rule where the part begins."""

    def __str__(self) -> str:
        """Return one line, as compilers write it."""
        return f"{self.source}: {self.severity}: {self.text}; {self.remedy} [{self.code}]"


_SYNTAX = {"catalog_syntax", "unknown_key", "missing_key", "wrong_value", "duplicate_key", "alias"}
_SYNTAX |= {"tag", "null_value", "key_not_text", "missing_translation"}
_CLASSES: dict[str, type[CatalogError]] = {
    **dict.fromkeys(sorted(_SYNTAX), CatalogSyntaxError),
    CatalogLimitError.code: CatalogLimitError,
    UnknownReferenceError.code: UnknownReferenceError,
    OverlayError.code: OverlayError,
    RuleSyntaxError.code: RuleSyntaxError,
    RuleTypeError.code: RuleTypeError,
}


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings once each: errors, warnings, notes; each by file, line, column.

    One mend at one place is told once, though the definitions of several regions ask for it.
    """
    ranks = list(Severity)

    def place(finding: Finding) -> tuple[int, str, int, int, str, str, str]:
        file, line, column = finding.source.rsplit(":", 2)
        rank = ranks.index(finding.severity)
        return (rank, file, int(line), int(column), finding.code, finding.text, finding.remedy)

    told: dict[tuple[object, ...], Finding] = {}
    for each in sorted(findings, key=place):
        told.setdefault((each.source, each.code, each.remedy, each.cycle), each)
    return tuple(told.values())


def error_of(findings: Sequence[Finding]) -> CatalogError:
    """Return the error that reports ``findings`` (at least one): the class of the first."""
    first, *others = findings
    message = f"{first.text}; {first.remedy}"
    if others:
        listed = [f"\n  {finding}" for finding in others[: MAX_LISTED - 1]]
        hidden = len(others) - len(listed)
        more = f"\n  and {hidden} more; 'oneservice lint' prints all" if hidden else ""
        message += f"\nand {len(others)} more:{''.join(listed)}{more}"
    if first.cycle and not others:
        return DependencyCycleError(cycle=first.cycle, source=first.source)
    kind = _CLASSES.get(first.code, CatalogError)
    if issubclass(kind, (RuleSyntaxError, RuleTypeError)):
        return kind(message, offset=first.offset, source=first.source)
    if first.cycle:
        error = DependencyCycleError(cycle=first.cycle, source=first.source)
        error.args = (f"{first.source}: {message}",)
        return error
    return kind(message, source=first.source)
