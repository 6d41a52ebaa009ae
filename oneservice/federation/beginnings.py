"""What is told before acceptance: what is lacking, that it was accepted, that it was not."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oneservice.case import SubCaseStatus, SubmissionState
from oneservice.departments import Accepted, NotAccepted
from oneservice.federation.endings import wish, withdrawal
from oneservice.federation.merging import is_covered, merged
from oneservice.federation.results import against
from oneservice.federation.views import Owed, View

__all__ = ["MERGE_WITHIN", "acceptance", "asks", "ended_before", "received"]

MERGE_WITHIN: Final = timedelta(hours=24)
"""How long the first office that asks for a correction waits for the others to have looked.

All of it is asked for at once, and well within the five working days of the law (art. 32).
"""
_UNHEARD: Final = frozenset({SubCaseStatus.FILING, SubCaseStatus.RECEIVED})


def received(view: View) -> Owed | None:
    """Return what is owed to an application that was received, and nothing else yet."""
    return ended_before(view) or wish(view) or _asks_before(view) or acceptance(view)


def ended_before(view: View) -> Owed | None:
    """Tell of an end that came before acceptance was told: acceptance first, if there was one."""
    if view.was_withdrawn:
        return withdrawal(view)
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
        return asks(view)
    return None


def asks(view: View) -> Owed | None:
    """Ask for all that offices here ask for, and that was not asked for yet."""
    case, history = view.case, view.filed.history
    fresh = [one for one in case.corrections if not is_covered(case, one, history)]
    if not fresh:
        return None
    at = max((one.asked_at for one in fresh if one.asked_at), default=None)
    return Owed(outcomes=(merged(case, fresh),), at=at)


def acceptance(view: View) -> Owed | None:
    """Tell of acceptance once every office that was asked has accepted or decided."""
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
