"""After the end: a result that was handed out is replaced or revoked, and the other region told."""

from __future__ import annotations

from oneservice.canonical import read_instant
from oneservice.case import EventType, SubCase
from oneservice.departments import ResultReplaced, ResultRevoked, Submission
from oneservice.federation.results import granted, is_same_result
from oneservice.federation.views import Owed, View, told_editions

__all__ = ["after", "is_told"]


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
    elif is_told(view.filed, only):
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


def is_told(filed: Submission, sub: SubCase) -> bool:
    """Say whether the other region has the result of ``sub`` as it stands, if there is one."""
    told = [one.data["outcome"] for one in filed.history if one.data.get("outcome")]
    return sub.outcome is None or is_same_result(sub.outcome, told[-1] if told else {})
