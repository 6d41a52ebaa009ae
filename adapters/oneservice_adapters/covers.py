"""A broken manhole cover: the one step that ten units know, each for covers of its own.

A unit whose cover it is not says so (the story ``not_accepted`` plays that with the code that
returns a report); which unit is asked first is in the catalog's duty table, never here.
"""

from __future__ import annotations

from oneservice.departments import Submission
from oneservice_adapters.ordinary import bilingual, ordinary, receipt
from oneservice_adapters.procedure import Course, Procedure

__all__ = ["cover_repair"]

_REPAIR = receipt("cover_repair", "处置反馈（修复照片）", "Report of the repair with photos", "JG")
_OPEN_HOLES = frozenset({"missing", "broken"})
_CREW_MINUTES = 300
_SEEN = ("m_order", "m_photo")


def cover_repair(by_law: str, *, is_same_day: bool = False) -> Procedure:
    """Return the step ``handle`` of a unit; an open hole is closed within the day after it.

    Args:
        by_law: why it is this unit's.
        is_same_day: whoever keeps dangerous covers has a crew out by day and night.
    """

    def course(submission: Submission) -> Course:
        if is_same_day:
            return Course(promised_working_days=0, crew_minutes=_CREW_MINUTES)
        is_open = submission.fields.get("trouble") in _OPEN_HOLES
        return Course(promised_working_days=1 if is_open else 3)

    refusal = bilingual(
        "现场核实井盖完好，无需处置。",
        "On site the cover was found whole; there is nothing to mend.",
    )
    days = 0 if is_same_day else 3
    return ordinary("handle", by_law, refusal, days=days, course=course, paper=_REPAIR, also=_SEEN)
