"""Which waits were told as overdue: each of them once, and no longer than it lasts.

A wait is named by what its department calls it (a correction id, a material), and a department may
use a name again. So the name is forgotten when the wait ends: the next one is another wait.
"""

from __future__ import annotations

from oneservice.case.changing import changed
from oneservice.case.course import Course
from oneservice.case.state import SubCase

__all__ = ["wait_keys", "without_ended_waits"]


def wait_keys(sub: SubCase) -> frozenset[str]:
    """Return the names of the waits of ``sub`` that may be told as overdue, as they are now."""
    course = sub.course
    keys = [f"promise:{one.material}" for one in course.promises]
    if sub.correction is not None:
        keys.append(f"correction:{sub.correction.correction_id}")
    if course.suspended_at is not None:
        keys.append(f"suspension:{course.suspended_at.isoformat()}")
    if sub.halted is not None:
        keys.append("operator:halted")
    return frozenset(keys)


def without_ended_waits(sub: SubCase, before: Course, *, is_asked: bool) -> Course:
    """Return the course of ``sub`` without the names of waits that have ended.

    ``before`` is its course before the event that was just applied; ``is_asked``: that event opened
    or closed a correction. What it promises anew is another wait, under whatever name.
    """
    course = sub.course
    lasting = wait_keys(sub)
    if course.promises is not before.promises:
        lasting = frozenset(one for one in lasting if not one.startswith("promise:"))
    if is_asked:
        lasting = frozenset(one for one in lasting if not one.startswith("correction:"))
    kept = tuple(one for one in course.overdue if one in lasting)
    return course if kept == course.overdue else changed(course, overdue=kept)
