"""Answers in a finding: the case that shows the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.lint.solving import Answered
    from oneservice.catalog.rules import FactValue

__all__ = ["shown"]


def shown(found: Answered, names: Iterable[str]) -> str:
    """Return `` when area = 12, open_late = false``: of ``found``, the answers to ``names``."""
    given = [f"{name} = {_value(found[name])}" for name in dict.fromkeys(names) if name in found]
    return f" when {', '.join(given)}" if given else ""


def _value(value: FactValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value)
