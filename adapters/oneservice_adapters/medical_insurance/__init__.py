"""Medical insurance: children, pensioners, and the bills of a birth (医疗保障)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, noted, ordinary, person, receipt
from oneservice_adapters.procedure import Paper, Profile

__all__ = ["PROFILE"]

_LAW = "中华人民共和国社会保险法"
_INSURED_ALREADY = bilingual("该人员已在异地参保。", "This person is insured elsewhere already.")
_NOT_COVERED = bilingual("费用不在医保支付范围内。", "The insurance does not cover these costs.")

_CHILD = ordinary(
    "resident_insurance",
    f"{_LAW} 第二十五条",
    _INSURED_ALREADY,
    days=1,
    main=("m_application", "m_parents_id", "m_birth_certificate", "m_household"),
    paper=Paper(
        type="medical_insurance_record",
        title=bilingual("基本医疗保险参保凭证", "Proof of medical insurance"),
        type_no="121",
        number=lettered("YB"),
        holder=person("child_name"),
    ),
)

_CARE = ordinary(
    "newborn_care_costs",
    f"{_LAW} 第二十八条",
    _NOT_COVERED,
    days=10,
    main=("m_application", "m_household", "m_insured", "m_care_invoice"),
    also=("m_care_list",),
    tolerates=("m_care_list",),
    tolerance_working_days=5,
    recheck=(
        CorrectionItem(
            material="m_care_invoice",
            problem="illegible",
            note=bilingual(
                "票据号码不清晰，请重新拍摄上传。",
                "The number of the invoice cannot be read; take another picture.",
            ),
            by_law=f"{_LAW} 第二十九条",
        ),
    ),
    paper=receipt("medical_settlement", "医疗费用结算单", "Settlement of the costs", "YF"),
)

_BIRTH = ordinary(
    "birth_costs",
    f"{_LAW} 第五十四条",
    _NOT_COVERED,
    days=10,
    main=("m_application", "m_birth_certificate", "m_birth_invoice"),
    paper=receipt(
        *(
            "maternity_settlement",
            "生育医疗费用结算单",
            "Settlement of the costs of the birth",
            "YS",
        ),
    ),
)

_YEARS = ordinary(
    "medical_years",
    f"{_LAW} 第二十七条",
    bilingual("缴费记录有中断，需先核实。", "The record has gaps that must be cleared first."),
    days=5,
    main=("m_application",),
    paper=receipt("medical_years", "医保缴费年限核定单", "Statement of the years", "YN"),
)

_PENSIONER = ordinary(
    "medical_retiree",
    f"{_LAW} 第二十七条",
    bilingual(
        "缴费年限不足，应先补缴。", "The years do not suffice; pay for the missing ones first."
    ),
    days=1,
    main=("m_application", "m_pension_decision"),
    also=("m_medical_years", "m_consent"),
    paper=Paper(
        type="medical_insurance_record",
        title=bilingual(
            "基本医疗保险参保凭证（退休）", "Proof of medical insurance as a pensioner"
        ),
        type_no="122",
        number=lettered("YT"),
        holder=person("name", "id_no"),
    ),
)

_BALANCE = ordinary(
    "medical_account",
    "国务院关于建立城镇职工基本医疗保险制度的决定",
    bilingual("个人账户没有余额。", "There is nothing left in the account."),
    days=5,
    main=("m_application", "m_applicant_id", "m_cancellation"),
    also=("m_kinship_record", "m_kinship", "m_heirs_statement"),
    paper=receipt(
        *("medical_account", "个人账户余额支付通知", "Notice of the payment of the balance", "YZ"),
    ),
)

PROFILE = Profile(
    department="medical-insurance",
    name=bilingual("示例市医疗保障服务中心", "Medical Insurance Centre of Sample City"),
    code_no=14,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(
        *(_CHILD, _CARE, _BIRTH, _YEARS, _PENSIONER, _BALANCE),
        noted("medical_insurance_update", f"{_LAW} 第五十七条", "m_new_licence"),
    ),
)
