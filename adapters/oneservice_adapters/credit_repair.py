"""Credit repair: the same decision at every office that once made the entry (信用修复)."""

from __future__ import annotations

from oneservice.departments import CorrectionItem
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, ordinary
from oneservice_adapters.procedure import Course, Paper, Procedure, printed

__all__ = ["REPAIR_LAW", "credit_repair"]

REPAIR_LAW = "信用修复管理办法"
_MAIN = ("m_application", "m_promise", "m_subject")
_ALSO = ("m_fulfilled", "m_correction_report", "m_court_order", "m_agent")
_RECHECK = CorrectionItem(
    material="m_correction_report",
    problem="unclear",
    note=bilingual(
        "整改报告未说明整改完成日期，请补充。",
        "The report does not say when it was put right; add the day.",
    ),
    by_law=REPAIR_LAW,
)


def credit_repair(step_id: str, type_no: str, letters: str) -> Procedure:
    """Return the step in which an office decides that its entry may go."""
    return ordinary(
        step_id,
        REPAIR_LAW,
        bilingual(
            "失信行为尚未纠正，或公示期未满最短期限。",
            "What was done is not put right yet, or has not been public long enough.",
        ),
        days=10,
        main=_MAIN,
        also=_ALSO,
        # A visit is for complicated matters only; papers suffice for the usual ones.
        course=lambda _: Course(promised_working_days=10),
        recheck=(_RECHECK,),
        paper=Paper(
            type="credit_repair_decision",
            title=bilingual("信用修复决定书", "Decision on credit repair"),
            type_no=type_no,
            number=lettered(letters),
            face=printed("entry_number", "entry_kind", "office_name"),
        ),
    )
