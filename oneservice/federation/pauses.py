"""Time that does not count, and time that is added: told abroad as it is told here."""

from __future__ import annotations

from oneservice.case import EventType, SubCase, SubCaseStatus
from oneservice.departments import Extended, Suspended
from oneservice.federation.views import Owed, View, on_day
from oneservice.workdays import Suspension, legal_day

__all__ = ["extension", "pauses", "pausing"]


def pauses(view: View) -> Owed | None:
    """Tell of a special procedure (特别程序); what began and ended unseen is told belatedly."""
    told = view.count(EventType.SUSPENDED)
    found = [(sub, one) for sub in pausing(view) for one in sub.pauses if one.kind != "correction"]
    if view.only is None:
        found = [(sub, one) for sub, one in found if one.end is None]
        told = 0
    if len(found) <= told:
        return None
    sub, pause = found[told]
    began = sub.course.suspended_at if pause.end is None else None
    return Owed(outcomes=(_suspension(sub, pause, view),), at=began or on_day(pause.start, view))


def pausing(view: View) -> tuple[SubCase, ...]:
    """Return those whose pauses stop the whole: of several, only when nobody works on."""
    if view.only is not None:
        return (view.only,)
    working = [one for one in view.asked if not one.is_decided]
    is_still = bool(working) and all(one.status is SubCaseStatus.SUSPENDED for one in working)
    return tuple(working[:1]) if is_still else ()


def _suspension(sub: SubCase, pause: Suspension, view: View) -> Suspended:
    until = pause.end or sub.course.suspended_until or legal_day(view.now)
    return Suspended(
        ground=pause.kind,
        by_law=pause.by_law,
        expected_until=until,
        notice_no=pause.notice_no or None,
    )


def extension(view: View) -> Owed | None:
    """Tell that the limit was extended (延期), once, as the law has it.

    Of several offices each has a limit of its own: the whole takes longer where the one that was
    extended is on the critical path and still works; of others there is only news.
    """
    if view.count(EventType.EXTENDED):
        return None
    critical = {one.id for one in view.plan.steps if one.is_critical}
    extended_ones = [
        one
        for one in view.subs
        if one.course.extension is not None
        and (view.only is not None or (one.id in critical and not one.is_decided))
    ]
    told = extended_ones[0].course.extension if extended_ones else None
    if told is None:
        return None
    extended = Extended(
        working_days=told.days,
        reason=told.reason or "延期",
        approved_by=told.approved_by,
        notice_no=told.notice_no or None,
    )
    return Owed(outcomes=(extended,), at=on_day(told.decided_on, view))
