"""Social insurance: accounts of companies, cards of children, pensions (社会保险)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import (
    bilingual,
    looked_up,
    noted,
    ordinary,
    person,
    receipt,
)
from oneservice_adapters.procedure import Paper, Profile
from oneservice_adapters.social_insurance.pensions import PENSIONS

__all__ = ["PROFILE"]

_LAW = "中华人民共和国社会保险法"

_CANCEL = ordinary(
    "social_insurance_cancel",
    f"{_LAW} 第五十七条",
    bilingual("尚有欠缴的社会保险费。", "There are contributions that are not paid yet."),
    days=1,
    main=("m_application", "m_dereg_notice"),
    also=("m_agent",),
    paper=Paper(
        type="social_insurance_cancel",
        title=bilingual("社会保险登记注销证明", "Proof that the registration is cancelled"),
        type_no="111",
        number=lettered("SB"),
    ),
)

_CARD = ordinary(
    "social_card",
    f"{_LAW} 第五十八条",
    bilingual("该人员已有社会保障卡。", "This person has a card already."),
    days=1,
    main=("m_application", "m_household", "m_insured"),
    also=("m_photo",),
    tolerates=("m_photo",),
    tolerance_working_days=5,
    paper=Paper(
        type="social_security_card",
        title=bilingual("社会保障卡", "Social security card"),
        type_no="112",
        number=lettered("SK"),
        holder=person("child_name"),
    ),
)

_ENTITLED = looked_up(
    "insurance_check",
    "中华人民共和国义务教育法 第十二条",
    bilingual("未查询到连续参保缴费记录。", "The register shows no unbroken contributions."),
    main=("m_insurance_record",),
)

_STOP = ordinary(
    "pension_stop",
    "社会保险经办条例",
    bilingual("登记簿中没有该待遇。", "The register has no such pension."),
    days=1,
    main=("m_application", "m_cancellation"),
    paper=receipt(
        "pension_stop", "养老保险待遇终止通知", "Notice that the pension has ended", "SZ"
    ),
)

_ALLOWANCE = ordinary(
    "death_allowance",
    f"{_LAW} 第十七条",
    bilingual("申领人不是法定的受领人。", "The applicant is not among those whom the law names."),
    days=10,
    main=("m_application", "m_applicant_id", "m_death_certificate", "m_cancellation"),
    also=("m_kinship_record", "m_kinship", "m_heirs_statement", "m_funeral"),
    tolerates=("m_funeral",),
    tolerance_working_days=5,
    paper=Paper(
        type="death_allowance",
        title=bilingual("丧葬补助金和抚恤金核定表", "Decision on the allowance"),
        type_no="113",
        number=lettered("SF"),
        holder=person("payee_name"),
    ),
)

PROFILE = Profile(
    department="social-insurance",
    name=bilingual("示例市社会保险事业中心", "Social Insurance Centre of Sample City"),
    code_no=13,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(
        *(_CANCEL, _CARD, _ENTITLED, _STOP, _ALLOWANCE, *PENSIONS),
        noted("social_insurance_update", f"{_LAW} 第五十七条", "m_new_licence"),
    ),
)
