"""Housing fund: accounts that close, and savings that are paid out (住房公积金)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import Submission
from oneservice_adapters.ordinary import bilingual, noted, ordinary, receipt
from oneservice_adapters.procedure import Profile

__all__ = ["PROFILE"]

_RULES = "住房公积金管理条例"


def _withdrawal_materials(submission: Submission) -> tuple[str, ...]:
    """Return what is needed: heirs and pensioners draw under one step, with papers of their own."""
    if "applicant_name" in submission.fields:  # an heir's name stands beside the saver's
        return ("m_application", "m_applicant_id", "m_cancellation")
    return ("m_application", "m_id", "m_pension_decision")


_CANCEL = ordinary(
    "housing_fund_cancel",
    f"{_RULES} 第十四条",
    bilingual("尚有未封存的职工账户。", "There are employees' accounts that are not sealed yet."),
    days=1,
    main=("m_application", "m_dereg_notice"),
    also=("m_agent",),
    paper=receipt(
        *(
            "housing_fund_cancel",
            "住房公积金缴存登记注销回执",
            "Receipt of the closed account",
            "GX",
        ),
    ),
)

_SEALING = ordinary(
    "fund_sealing",
    f"{_RULES} 第十五条",
    bilingual("账户尚有未结清的贷款。", "A loan is still open on this account."),
    days=1,
    main=("m_application", "m_pension_decision"),
    also=("m_consent",),
    paper=receipt("fund_sealing", "个人账户封存记录", "Record of the sealed account", "GF"),
)

_WITHDRAWAL = ordinary(
    "fund_withdrawal",
    f"{_RULES} 第二十四条",
    bilingual("收款账户与提取人不一致。", "The account for the payment is somebody else's."),
    days=3,
    wanted=_withdrawal_materials,
    main=("m_application",),
    also=(
        *("m_id", "m_consent", "m_pension_decision", "m_fund_sealed", "m_applicant_id"),
        *("m_kinship_record", "m_kinship", "m_heirs_statement", "m_cancellation"),
    ),
    paper=receipt("fund_withdrawal", "住房公积金提取通知", "Notice of the payment", "GT"),
)

PROFILE = Profile(
    department="housing-fund",
    name=bilingual("示例市住房公积金管理中心", "Housing Fund Centre of Sample City"),
    code_no=15,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(
        *(_CANCEL, _SEALING, _WITHDRAWAL),
        noted("housing_fund_update", f"{_RULES} 第十四条", "m_new_licence"),
    ),
)
