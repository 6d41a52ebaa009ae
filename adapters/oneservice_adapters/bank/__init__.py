"""The bank that keeps the account: appointments to close it, new data, queries of heirs (银行)."""

from __future__ import annotations

from datetime import date

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.hours import is_working_day
from oneservice_adapters.ordinary import bilingual, ordinary, receipt, wrong_field
from oneservice_adapters.procedure import Profile

__all__ = ["PROFILE"]

_ACCOUNTS = "人民币银行结算账户管理办法"
_HEIRS = "关于简化查询已故存款人存款相关事项的通知"


def _on_a_day_off(submission: Submission) -> tuple[CorrectionItem, ...]:
    """Return what to mend where the appointment is on a day on which the counter is closed."""
    try:
        day = date.fromisoformat(str(submission.fields["appointment_on"]))
    except (KeyError, ValueError):
        return ()
    if is_working_day(day):
        return ()
    note = bilingual(
        "对公柜台仅在工作日办理，请另选日期。",
        "Companies are served on working days only; choose another day.",
    )
    return wrong_field("appointment_on", "closed", f"{_ACCOUNTS} 第四十九条", note)


_CLOSING = ordinary(
    "bank_closing",
    f"{_ACCOUNTS} 第四十九条",
    bilingual("账户被司法冻结，不能销户。", "A court has frozen the account; it cannot be closed."),
    days=1,
    main=("m_application", "m_id", "m_dereg_notice"),
    also=("m_agent",),
    wanting=_on_a_day_off,
    paper=receipt("bank_appointment", "银行销户预约单", "Slip of the appointment", "YH"),
)

_UPDATE = ordinary(
    "bank_update",
    f"{_ACCOUNTS} 第四十六条",
    bilingual("预留印鉴不符。", "The seal is not the one on the bank's card."),
    days=2,
    main=("m_application", "m_new_licence"),
    also=("m_id", "m_seal_record", "m_agent"),
    tolerates=("m_seal_record",),
    tolerance_working_days=5,
    paper=receipt("bank_update", "银行账户变更回执", "Receipt of the changed account", "YG"),
)

_QUERY = ordinary(
    "bank_query",
    _HEIRS,
    bilingual("无法核实与存款人的亲属关系。", "The kinship with the depositor cannot be verified."),
    days=1,
    main=("m_application", "m_applicant_id", "m_death_certificate", "m_cancellation"),
    also=("m_kinship_record", "m_kinship"),
    paper=receipt("deposit_statement", "存款查询结果", "Result of the query", "YC"),
)

PROFILE = Profile(
    department="bank",
    name=bilingual("示例银行", "Sample Bank"),
    code_no=16,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ecdsa-p256-sha256",
    procedures=(_CLOSING, _UPDATE, _QUERY),
)
