"""Tax: clearance before a company goes, transfers, and what must still be paid (税务)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.credit_repair import credit_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, noted, ordinary, receipt
from oneservice_adapters.procedure import Course, Paper, Profile, Special, printed

__all__ = ["PROFILE"]

_LAW = "中华人民共和国税收征收管理法"
_RULES = f"{_LAW}实施细则 第十五条"
_AUDIT = Special(
    ground="tax_audit",
    by_law=f"{_LAW} 第五十四条",
    result=bilingual(
        "税务检查已办结，税款、滞纳金已结清", "audited; taxes and surcharges are paid"
    ),
    starts_on=2,
    lasts=4,
)


def _clearance_course(submission: Submission) -> Course:
    """Return who is audited: whoever is no small-scale taxpayer (sample data)."""
    if submission.fields.get("taxpayer_kind") == "small_scale":
        return Course(promised_working_days=5)
    return Course(promised_working_days=10, special=_AUDIT)


_CLEARANCE = ordinary(
    "tax_clearance",
    f"{_LAW} 第十六条",
    bilingual("尚有未结清的税款。", "There are taxes that are not paid yet."),
    days=10,
    main=("m_application", "m_id"),
    also=("m_liquidation_report", "m_final_accounts", "m_licence", "m_invoices", "m_agent"),
    course=_clearance_course,
    tolerates=("m_final_accounts",),
    tolerance_working_days=3,
    recheck=(
        CorrectionItem(
            material="m_final_accounts",
            problem="differs",
            note=bilingual(
                "财务报表与申报数据不一致，请更正后重新提交。",
                "The accounts differ from the tax returns; mend them and hand them in again.",
            ),
            by_law=_RULES,
        ),
    ),
    paper=Paper(
        type="tax_clearance",
        title=bilingual("清税证明", "Tax clearance certificate"),
        type_no="101",
        number=lettered("QS"),
        face=printed("taxpayer_kind", "unused_invoices"),
    ),
)

_TRANSFER = ordinary(
    "tax_transfer",
    _RULES,
    bilingual("存在未办结的涉税事项。", "There are tax matters that are still open."),
    days=2,
    main=("m_application", "m_new_licence"),
    also=("m_agent",),
    paper=receipt("tax_transfer", "跨区迁移通知书", "Notice of the transfer", "QY"),
)

_TOP_UP = ordinary(
    "medical_topup",
    "中华人民共和国社会保险法 第二十七条",
    bilingual("补缴款项未到账。", "The payment has not come in."),
    days=10,
)

PROFILE = Profile(
    department="tax",
    name=bilingual("示例市税务局", "Tax Bureau of Sample City"),
    code_no=11,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ecdsa-p256-sha256",
    procedures=(
        *(_CLEARANCE, _TRANSFER, _TOP_UP),
        noted("tax_update", f"{_LAW} 第十六条", "m_new_licence"),
        credit_repair("repair_tax", "102", "XS"),
    ),
)
