"""After the end: a result that was handed out is replaced or revoked, and the other region told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oneservice.canonical import read_instant
from oneservice.case import EventType
from oneservice.departments import ResultReplaced, ResultRevoked
from oneservice.federation.results import granted, is_same_result
from oneservice.federation.views import Owed, View, told_editions

__all__ = ["after"]


def after(view: View) -> Owed | None:
    """Tell that a result was replaced or revoked after it had been handed out."""
    only = view.only
    if view.case.bundle is None:
        return None
    if only is None:
        if told_editions(view.filed) >= view.case.bundle.version:
            return None
    elif only.is_revoked:
        return None if view.count(EventType.RESULT_REVOKED) else _revocation(view)
    elif only.outcome is None or is_same_result(only.outcome, _last_outcome(view)):
        return None
    result = granted(view.case, view.plan, view.subs, view.papers)
    return Owed(outcomes=(ResultReplaced(granted=result),))


def _revocation(view: View) -> Owed:
    told = view.papers.revocation or {}
    when = told.get("effective_at")
    return Owed(
        outcomes=(
            ResultRevoked(
                reason=told.get("reason") or {"zh": "已撤销", "en": "revoked"},
                by_law=str(told.get("by_law") or ""),
                effective_at=read_instant(when) if isinstance(when, str) else view.now,
            ),
        )
    )


def _last_outcome(view: View) -> Mapping[str, Any]:
    told = [one.data["outcome"] for one in view.filed.history if one.data.get("outcome")]
    return told[-1] if told else {}
