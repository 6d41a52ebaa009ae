"""What an office says after silence has granted (超期默许), or after its paper was taken over.

Also the remarks that events leave.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from oneservice.case.changing import changed
from oneservice.case.course import Course, Remark
from oneservice.case.department_events import DepartmentEvent, EventType, stated_instants
from oneservice.case.state import SubCase, SubCaseStatus

__all__ = ["after_adoption", "after_silence", "is_after_silence", "remarked", "was_no_silence"]


_SPEAK: Final = frozenset(
    {
        EventType.GRANTED,
        EventType.GRANTED_PENDING_MATERIAL,
        EventType.REFUSED,
        EventType.NOT_ACCEPTED,
        EventType.WITHDRAWN,
        EventType.LAPSED,
        EventType.SUSPENDED,
        EventType.EXTENDED,
        EventType.CORRECTION_REQUESTED,
    }
)
"""What decides, or what moves the limit: an office that says one of these was not silent."""


def was_no_silence(silence_at: datetime, event: DepartmentEvent) -> bool:
    """Say whether the office had spoken in time, and was only heard later.

    Then silence granted nothing, as with :class:`DeemedAccepted`: its own word counts.
    """
    return event.type in _SPEAK and stated_instants(event)[1] < silence_at


def is_after_silence(sub: SubCase, event: DepartmentEvent) -> bool:
    """Say whether silence had accepted (默认受理) before the office, silent still, said ``event``.

    References:
        Administrative Licensing Law art. 32: not told within five days, accepted from receipt.
    """
    if sub.deemed_due_at is None or (sub.submission is not None and sub.submission.was_accepted):
        return False
    return stated_instants(event)[1] >= sub.deemed_due_at


def after_silence(fold: SubCase, event: DepartmentEvent, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what an event changes in a sub-case that silence has granted (超期默许).

    The law that lets silence grant gives the applicant a decision, in effect since the limit ended.
    An office that decides later cannot decide the same application a second time: a grant completes
    ours with its outcome, anything else is told to people. To take the grant back it must grant on
    the record and revoke with a reason of its own (Licensing Law art. 69), which is another act.

    Nor can it ask for papers any more, stop a clock that has ended or lengthen it: what is lacking
    is told once and at once (art. 32), and nothing is owed on an application that is decided. Where
    it grants but for a material, the applicant may bring that, for the sake of the paper.
    """
    course = changes.get("course", fold.course)
    if event.type in _TOO_LATE:
        told = str(event.type)
        course = remarked(fold, event, "handled-after-silence", told, course=fold.course)
        changes = _unasked(changes)
    elif event.type == EventType.GRANTED_PENDING_MATERIAL:
        course = remarked(fold, event, "handled-after-silence", str(event.type), course=course)
        changes = _unasked(changes)
    elif event.type in _REFUSALS:
        course = remarked(fold, event, "decided-after-silence", str(event.type), course=course)
        kept = {"decided_at", "reasons", "remedies"}
        changes = {name: value for name, value in changes.items() if name not in kept}
    elif event.type in _GRANTS:
        changes = changes | {"decided_at": fold.decided_at}
    return changes | {"status": SubCaseStatus.GRANTED, "course": course}


def after_adoption(changes: dict[str, Any]) -> dict[str, Any]:
    """Return what an event changes in a sub-case whose decision was taken over from paper.

    Only a decision on the record ends that state; what an office asks for on the way there, it asks
    of an application that its own paper has decided, so the applicant owes nothing.
    """
    return _unasked(changes)


def _unasked(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name not in _ASKED}


_ASKED: Final = frozenset({"correction", "course", "decided_at", "outcome", "pauses"})
"""Members by which an event asks for something, or moves a clock or a decision."""

_TOO_LATE: Final = frozenset(
    {EventType.CORRECTION_REQUESTED, EventType.SUSPENDED, EventType.EXTENDED}
)
_GRANTS: Final = frozenset({EventType.GRANTED, EventType.MATERIAL_RECEIVED})
_REFUSALS: Final = frozenset(
    {EventType.REFUSED, EventType.NOT_ACCEPTED, EventType.LAPSED, EventType.WITHDRAWN}
)


def remarked(
    sub: SubCase,
    event: DepartmentEvent,
    code: str,
    detail: str,
    *,
    course: Course | None = None,
) -> Course:
    """Return the course of ``sub`` with one remark more about ``event``."""
    remark = Remark(code=code, seq=event.seq, detail=detail[:_DETAIL])
    course = course or sub.course
    return changed(course, remarks=(*course.remarks, remark))


_DETAIL: Final = 96
"""Longest fact of a department's event that is repeated to people: an id of the protocol."""
