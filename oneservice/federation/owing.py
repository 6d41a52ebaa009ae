"""What an application of another region is owed, read off the case that handles it here. Pure.

Theory of operation. The case is the truth of this region, the application's history what the other
one was told of it. Their difference is what is owed now: at most one step forward, so that after
each one both are looked at again. Nothing is remembered in between; a process that dies anywhere
derives the same step from the same two histories, and a step that was taken is not owed any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from oneservice.canonical import digest
from oneservice.case import Case, EventType, SubCaseStatus, SubmissionState
from oneservice.departments import (
    AnsweredAtWindow,
    GrantedPendingMaterial,
    Lapsed,
    MaterialReceived,
    Resumed,
    Submission,
)
from oneservice.federation.afterwards import after
from oneservice.federation.beginnings import acceptance, asks, ended_before, received
from oneservice.federation.endings import cut_short, denial, lapse, wish, withdrawal
from oneservice.federation.merging import open_request
from oneservice.federation.parting import news
from oneservice.federation.pauses import extension, pauses, pausing
from oneservice.federation.results import Papers, against, granted
from oneservice.federation.views import Owed, View, deciders, on_day
from oneservice.plan import Plan
from oneservice.workdays import legal_day

__all__ = ["ANSWER_WITHIN", "owed"]

ANSWER_WITHIN: Final = timedelta(minutes=10)
"""How long an answer that came at our own window waits for the other region's, if there is one."""


def owed(
    filed: Submission, case: Case, plan: Plan, papers: Papers, *, now: datetime
) -> Owed | None:
    """Return the next step that ``filed`` is owed; ``None``: it tells all there is.

    Args:
        filed: the application as the other region knows it.
        case: the case that handles it.
        plan: to which the case is pinned.
        papers: what goes out with a grant, as far as there is one.
        now: the present, on the clock of the case.
    """
    subs = deciders(case) or tuple(
        one for one in case.sub_cases.values() if one.spec.kind not in ("bundle", "follow_up")
    )
    view = View(filed=filed, case=case, plan=plan, papers=papers, now=now, subs=subs)
    row = _ROWS.get(filed.state)
    found = None if row is None else row(view)
    if found is None or found.at is None:
        return found
    # Offices' clocks are theirs: nothing takes effect before the receipt, or tomorrow.
    return replace(found, at=min(max(found.at, filed.received_at), now))


# --- while something is asked for -----------------------------------------------------------------


def _correcting(view: View) -> Owed | None:
    """Nothing but an end is told while the other region owes an answer; and acceptance, before."""
    if not view.filed.was_accepted:
        return lapse(view) or ended_before(view) or wish(view) or _answered_here(view)
    if view.was_withdrawn:
        return withdrawal(view)
    denied = denial(view) if view.was_denied else None
    return lapse(view) or denied or cut_short(view) or wish(view) or _at_window(view)


def _at_window(view: View) -> Owed | None:
    """Close what was answered at a window of ours after acceptance, so that the work goes on.

    An answer of the other region that is still on its way gets its time first: it may have come
    before a crash, and is repeated then.
    """
    request = open_request(view.filed.history)
    answered = [one.notice_from for one in view.subs if one.notice_from is not None]
    if view.case.corrections or request is None or not answered:
        return None
    if view.now < max(answered) + ANSWER_WITHIN:
        return None
    came = AnsweredAtWindow(
        correction_id=request.data["correction_id"],
        record=digest({"at_window": list(request.data.get("covers") or ())}),
    )
    return Owed(outcomes=(came,))


def _answered_here(view: View) -> Owed | None:
    """Accept what was answered at a window of ours, so that nobody waits for the other answer."""
    return None if view.case.corrections else acceptance(view)


# --- after acceptance -----------------------------------------------------------------------------


def _in_review(view: View) -> Owed | None:
    if view.was_withdrawn:
        return withdrawal(view)
    for turn in (pauses, extension, news, _grant, asks, _pending, wish):
        found = turn(view)
        if found is not None:
            return found
    return denial(view) if view.was_denied else None


def _suspended(view: View) -> Owed | None:
    if view.was_withdrawn:
        return withdrawal(view)
    told = view.count(EventType.SUSPENDED)
    only = view.only
    if only is not None:
        stops = [one for one in only.pauses if one.kind != "correction"]
        ended = stops[told - 1].end if told <= len(stops) else legal_day(view.now)
        if ended is None:
            return wish(view)
        return Owed(outcomes=(Resumed(result=_RESUMED),), at=on_day(ended, view))
    return wish(view) if pausing(view) else Owed(outcomes=(Resumed(result=_RESUMED),))


_RESUMED: Final = {"zh": "特别程序结束，恢复办理", "en": "the special procedure is over"}


def _grant(view: View) -> Owed | None:
    if view.case.bundle is None:
        return None
    only = view.only
    at = only.decided_at if only is not None else view.case.bundle.issued_at
    return Owed(outcomes=(granted(view.case, view.plan, view.subs, view.papers),), at=at)


def _pending(view: View) -> Owed | None:
    """Tell of a grant but for what was promised (容缺通过), once nothing else is open."""
    owing = [one for one in view.subs if one.status is SubCaseStatus.GRANTED_PENDING_MATERIAL]
    if not owing or any(not one.is_decided for one in view.subs if one not in owing):
        return None
    today = legal_day(view.now)
    pending = {one.material: one.until or today for sub in owing for one in sub.course.promises}
    if not pending:
        return None
    result = granted(view.case, view.plan, view.subs, view.papers)
    at = max((one.decided_at for one in owing if one.decided_at is not None), default=None)
    return Owed(outcomes=(GrantedPendingMaterial(pending=pending, granted=result),), at=at)


def _supplemented(view: View) -> Owed | None:
    """Tell how a grant ended that waited for a promised material (容缺后补)."""
    if view.was_denied or view.was_withdrawn:
        reasons, _ = against(view.subs)
        return Owed(outcomes=(Lapsed(reason=reasons[0].text),), at=view.case.concluded_at)
    found = _grant(view)
    if found is None or not view.filed.supplements:
        return None
    result = granted(view.case, view.plan, view.subs, view.papers)
    received = MaterialReceived(granted=result, supplement_id=view.filed.supplements[-1].id)
    return Owed(outcomes=(received,), at=found.at)


_ROWS: Final[Mapping[SubmissionState, Callable[[View], Owed | None]]] = {
    SubmissionState.RECEIVED: received,
    SubmissionState.CORRECTION_REQUESTED: _correcting,
    SubmissionState.ACCEPTED: _in_review,
    SubmissionState.SUSPENDED: _suspended,
    SubmissionState.GRANTED_PENDING_MATERIAL: _supplemented,
    SubmissionState.GRANTED: after,
}
"""By where the application stands in the other region's eyes; the other states are ends."""
