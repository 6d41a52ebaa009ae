"""How an application ends without all that was asked for: withdrawn, lapsed, refused."""

from __future__ import annotations

from oneservice.case import SubCaseStatus
from oneservice.departments import Lapsed, Refused, WithdrawalRefused, Withdrawn
from oneservice.federation.results import against
from oneservice.federation.views import Owed, View

__all__ = ["cut_short", "denial", "lapse", "wish", "withdrawal"]


def lapse(view: View) -> Owed | None:
    """Tell that nobody answered in time, where that ended all of it."""
    ended = [one for one in view.subs if one.status is SubCaseStatus.LAPSED]
    if not view.was_denied or len(ended) != len(view.subs):
        return None
    reasons, _ = against(view.subs)
    return Owed(outcomes=(Lapsed(reason=reasons[0].text),), at=view.case.concluded_at)


def cut_short(view: View) -> Owed | None:
    """End what still waits for an answer when the case has ended, with a part of it granted.

    The protocol grants nothing while a correction is open, and the answer will never come: so the
    reason says what was granted all the same.
    """
    is_cut = any(one.status in {SubCaseStatus.LAPSED, SubCaseStatus.WITHDRAWN} for one in view.subs)
    if view.case.bundle is None or not is_cut:
        return None
    if view.filed.withdrawal_id is not None:
        return withdrawal(view)
    titles = {one.id: one.title for one in view.plan.steps}
    granted_ = [titles[one.id] for one in view.subs if one.is_granted and one.id in titles]
    zh, en = "、".join(one.zh for one in granted_), ", ".join(one.en for one in granted_)
    reason = {
        "zh": f"逾期未补正；其中已准予的仍然有效，可在属地领取：{zh}",
        "en": f"no answer came in time; what was granted stands, and is to be had there: {en}",
    }
    return Owed(outcomes=(Lapsed(reason=reason),), at=view.case.concluded_at)


def denial(view: View) -> Owed:
    """Tell that it was refused: with all reasons and remedies."""
    reasons, remedies = against(view.subs)
    return Owed(outcomes=(Refused(reasons=reasons, remedies=remedies),), at=view.case.concluded_at)


def withdrawal(view: View) -> Owed:
    """Tell that it was taken back."""
    return Owed(outcomes=(Withdrawn(),), at=view.case.concluded_at)


def wish(view: View) -> Owed | None:
    """Tell that the offices let nothing go, once all that were asked have said so."""
    if view.filed.withdrawal_id is None:
        return None
    wishes = {one.withdrawal for one in view.subs if not one.is_decided}
    if "refused" not in wishes or wishes & {"asked", "sent"}:
        return None
    reasons, _ = against(one for one in view.subs if one.withdrawal == "refused")
    return Owed(outcomes=(WithdrawalRefused(reasons=reasons),))
