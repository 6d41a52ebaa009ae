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
    Accepted,
    AnsweredAtWindow,
    GrantedPendingMaterial,
    Lapsed,
    MaterialReceived,
    NotAccepted,
    Refused,
    Resumed,
    Submission,
    WithdrawalRefused,
    Withdrawn,
)
from oneservice.federation.afterwards import after
from oneservice.federation.merging import is_covered, merged, open_request
from oneservice.federation.parting import news
from oneservice.federation.pauses import extension, pauses, pausing
from oneservice.federation.results import Papers, against, granted
from oneservice.federation.views import Owed, View, deciders, on_day
from oneservice.plan import Plan
from oneservice.workdays import legal_day

__all__ = ["ANSWER_WITHIN", "MERGE_WITHIN", "owed"]

MERGE_WITHIN: Final = timedelta(hours=24)
"""How long the first office that asks for a correction waits for the others to have looked.

All of it is asked for at once, and well within the five working days of the law (art. 32).
"""
ANSWER_WITHIN: Final = timedelta(minutes=10)
"""How long an answer that came at our own window waits for the other region's, if there is one."""
_UNHEARD: Final = frozenset({SubCaseStatus.FILING, SubCaseStatus.RECEIVED})


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


# --- before acceptance ----------------------------------------------------------------------------


def _received(view: View) -> Owed | None:
    return _ended_before(view) or _wish(view) or _asks_before(view) or _acceptance(view)


def _ended_before(view: View) -> Owed | None:
    if view.was_withdrawn:
        return _withdrawal(view)
    if view.case.bundle is not None:
        return _accepted(view)
    if not view.was_denied:
        return None
    if any(one.accepted_at is not None for one in view.subs):
        return _accepted(view)  # and refused, once that is told
    reasons, remedies = against(view.subs)
    return Owed(
        outcomes=(NotAccepted(reasons=reasons, remedies=remedies),), at=view.case.concluded_at
    )


def _asks_before(view: View) -> Owed | None:
    open_ones = view.case.corrections
    if not open_ones or view.filed.state is not SubmissionState.RECEIVED:
        return None
    since = min((one.asked_at for one in open_ones if one.asked_at), default=view.now)
    is_heard = not any(one.status in _UNHEARD for one in view.asked)
    if is_heard or view.now >= since + MERGE_WITHIN:
        return _asks(view)
    return None


def _asks(view: View) -> Owed | None:
    case, history = view.case, view.filed.history
    fresh = [one for one in case.corrections if not is_covered(case, one, history)]
    if not fresh:
        return None
    at = max((one.asked_at for one in fresh if one.asked_at), default=None)
    return Owed(outcomes=(merged(case, fresh),), at=at)


def _acceptance(view: View) -> Owed | None:
    asked = view.asked
    is_open = any(one.accepted_at is None and not one.is_decided for one in asked)
    if not asked or is_open or all(one.accepted_at is None for one in asked):
        return None
    return _accepted(view)


def _accepted(view: View) -> Owed:
    """Tell of acceptance: by the last of those who had to, for then the whole was accepted."""
    found = [one.accepted_at for one in view.subs if one.accepted_at is not None]
    only = view.only
    tolerated = tuple(dict.fromkeys(name for one in view.subs for name in one.course.tolerated))
    is_deemed = bool(found) and all(one.is_deemed for one in view.subs if one.accepted_at)
    days = view.plan.promised_working_days
    if only is not None and only.spec.promised_unit == "working_days":
        days = max(only.spec.promised_days, 0)
    at = max((*found, view.filed.received_at)) if found else None
    accepted = Accepted(
        promised_working_days=days,
        how="tolerance" if tolerated else "deemed" if is_deemed else "explicit",
        tolerated=tolerated,
    )
    return Owed(outcomes=(accepted,), at=at)


# --- while something is asked for -----------------------------------------------------------------


def _correcting(view: View) -> Owed | None:
    """Nothing but an end is told while the other region owes an answer; and acceptance, before."""
    if not view.filed.was_accepted:
        return _lapse(view) or _ended_before(view) or _wish(view) or _answered_here(view)
    if view.was_withdrawn:
        return _withdrawal(view)
    denial = _denial(view) if view.was_denied else None
    return _lapse(view) or denial or _cut_short(view) or _wish(view) or _at_window(view)


def _cut_short(view: View) -> Owed | None:
    """End what still waits for an answer when the case has ended, with a part of it granted.

    The protocol grants nothing while a correction is open, and the answer will never come: so the
    reason says what was granted all the same.
    """
    is_cut = any(one.status in {SubCaseStatus.LAPSED, SubCaseStatus.WITHDRAWN} for one in view.subs)
    if view.case.bundle is None or not is_cut:
        return None
    if view.filed.withdrawal_id is not None:
        return _withdrawal(view)
    titles = {one.id: one.title for one in view.plan.steps}
    granted_ = [titles[one.id] for one in view.subs if one.is_granted and one.id in titles]
    zh, en = "、".join(one.zh for one in granted_), ", ".join(one.en for one in granted_)
    reason = {
        "zh": f"逾期未补正；其中已准予的仍然有效，可在属地领取：{zh}",
        "en": f"no answer came in time; what was granted stands, and is to be had there: {en}",
    }
    return Owed(outcomes=(Lapsed(reason=reason),), at=view.case.concluded_at)


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
    return None if view.case.corrections else _acceptance(view)


def _lapse(view: View) -> Owed | None:
    ended = [one for one in view.subs if one.status is SubCaseStatus.LAPSED]
    if not view.was_denied or len(ended) != len(view.subs):
        return None
    reasons, _ = against(view.subs)
    return Owed(outcomes=(Lapsed(reason=reasons[0].text),), at=view.case.concluded_at)


# --- after acceptance -----------------------------------------------------------------------------


def _in_review(view: View) -> Owed | None:
    if view.was_withdrawn:
        return _withdrawal(view)
    for turn in (pauses, extension, news, _grant, _asks, _pending, _wish):
        found = turn(view)
        if found is not None:
            return found
    return _denial(view) if view.was_denied else None


def _suspended(view: View) -> Owed | None:
    if view.was_withdrawn:
        return _withdrawal(view)
    told = view.count(EventType.SUSPENDED)
    only = view.only
    if only is not None:
        stops = [one for one in only.pauses if one.kind != "correction"]
        ended = stops[told - 1].end if told <= len(stops) else legal_day(view.now)
        if ended is None:
            return _wish(view)
        return Owed(outcomes=(Resumed(result=_RESUMED),), at=on_day(ended, view))
    return _wish(view) if pausing(view) else Owed(outcomes=(Resumed(result=_RESUMED),))


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


def _denial(view: View) -> Owed:
    reasons, remedies = against(view.subs)
    return Owed(outcomes=(Refused(reasons=reasons, remedies=remedies),), at=view.case.concluded_at)


# --- taking back ---------------------------------------------------------------------------------


def _withdrawal(view: View) -> Owed:
    return Owed(outcomes=(Withdrawn(),), at=view.case.concluded_at)


def _wish(view: View) -> Owed | None:
    """Tell that the offices let nothing go, once all that were asked have said so."""
    if view.filed.withdrawal_id is None:
        return None
    wishes = {one.withdrawal for one in view.subs if not one.is_decided}
    if "refused" not in wishes or wishes & {"asked", "sent"}:
        return None
    reasons, _ = against(one for one in view.subs if one.withdrawal == "refused")
    return Owed(outcomes=(WithdrawalRefused(reasons=reasons),))


_ROWS: Final[Mapping[SubmissionState, Callable[[View], Owed | None]]] = {
    SubmissionState.RECEIVED: _received,
    SubmissionState.CORRECTION_REQUESTED: _correcting,
    SubmissionState.ACCEPTED: _in_review,
    SubmissionState.SUSPENDED: _suspended,
    SubmissionState.GRANTED_PENDING_MATERIAL: _supplemented,
    SubmissionState.GRANTED: after,
}
"""By where the application stands in the other region's eyes; the other states are ends."""
