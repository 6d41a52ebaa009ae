"""Findings about one effective definition, each at the line it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.findings import Finding
from oneservice.catalog.lint.codes import CODES
from oneservice.errors import CatalogError, DependencyCycleError, RuleSyntaxError, RuleTypeError

if TYPE_CHECKING:
    from oneservice.catalog.effective import EffectiveThing

__all__ = ["Notes", "finding_at", "finding_of"]


class Notes:
    """A list of findings that knows where each part of its definition stands.

    ``doubts`` are about items that several one-things place: true only if all of them agree, so
    each keeps its verdict (a finding, or None) by origin and code until all have been seen.
    """

    def __init__(self, effective: EffectiveThing) -> None:
        self.effective = effective
        self.thing = effective.thing
        self.findings: list[Finding] = []
        self.doubts: dict[tuple[object, ...], Finding | None] = {}

    def add(
        self,
        path: str,
        code: str,
        text: str,
        remedy: str,
        *,
        at_key: bool = False,
        cycle: tuple[str, ...] = (),
    ) -> None:
        """Note one thing to mend. ``path`` as in ``source_of``; how bad it is, the code says."""
        source = self._source(path, at_key=at_key)
        self.findings.append(finding_at(source, code, text, remedy, cycle=cycle))

    def doubt(
        self, path: str, code: str, text: str, remedy: str, *, is_wrong: bool, at_key: bool = False
    ) -> None:
        """Note a verdict on a part of an item; it is told if every one-thing comes to the same."""
        verdict = None
        if is_wrong:
            verdict = finding_at(self._source(path, at_key=at_key), code, text, remedy)
        self.doubts[*self._origin(path), code] = verdict

    def dangling(self, path: str, kind: str, name: str, hint: str) -> None:
        """Note a reference to what is not declared; ``hint`` as from ``did_you_mean``."""
        remedy = (hint.removeprefix("; ") or "correct the name") + f", or declare the {kind}"
        self.add(path, "unknown_reference", f"there is no {kind} '{name}'", remedy)

    def rule(self, path: str, error: RuleSyntaxError | RuleTypeError) -> None:
        """Note what is wrong inside the rule at ``path``."""
        source = self.effective.source_of(self._full(path), offset=error.offset) or "?:1:1"
        self.findings.append(finding_of(error, source))

    def _origin(self, path: str) -> tuple[object, ...]:
        """Return from what file and part ``path`` comes; where in the file takes longer to say."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            origin = self.effective.origins.get(".".join(parts[:length]))
            if origin is not None:
                return (origin[0].file, origin[1], *parts[length:])
        return (path,)

    def _source(self, path: str, *, at_key: bool) -> str:
        return self.effective.source_of(self._full(path), at_key=at_key) or "?:1:1"

    def _full(self, path: str) -> str:
        is_shared = path.startswith(("items.", "departments."))
        return path if is_shared else f"{self.thing.id}.{path}"


def finding_at(
    source: str, code: str, text: str, remedy: str, *, cycle: tuple[str, ...] = ()
) -> Finding:
    """Return a finding as severe as its code is."""
    severity = CODES[code].severity
    return Finding(
        source=source, code=code, severity=severity, text=text, remedy=remedy, cycle=cycle
    )


def finding_of(error: CatalogError, source: str | None = None) -> Finding:
    """Return an error of this room as a finding; its message is ``what; what to do``."""
    place = source or error.source or "?:1:1"
    message = str(error).removeprefix(f"{error.source}: ")
    text, _, remedy = message.rpartition("; ")
    return Finding(
        source=place,
        code=error.code,
        text=text or message,
        remedy=remedy if text else "correct it",
        cycle=error.cycle if isinstance(error, DependencyCycleError) else (),
        offset=error.offset if isinstance(error, (RuleSyntaxError, RuleTypeError)) else 0,
    )
