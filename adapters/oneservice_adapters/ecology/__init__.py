"""Ecology and environment: the record of a kitchen's fumes (生态环境)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.credit_repair import credit_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import Course, Paper, Procedure, Profile, always

__all__ = ["PROFILE"]

_EIA_RECORD = Procedure(
    step_id="eia_record",
    by_law="中华人民共和国环境影响评价法 第二十二条",
    course=lambda _: Course(promised_working_days=0, is_on_the_spot=True),
    promised_working_days=0,
    is_on_the_spot=True,
    materials=always("m_licence"),
    knows=("m_licence", "m_fume_purifier"),
    refusal={
        "zh": "建设项目属于应当审批的类别，不适用备案。",
        "en": "A project of this kind needs an approval; a record does not suffice.",
    },
    paper=Paper(
        type="eia_receipt",
        title={
            "zh": "环境影响登记表备案回执",
            "en": "Receipt of the environmental record",
        },
        type_no="051",
        number=lettered("HB"),
        is_certificate=False,
    ),
)

PROFILE = Profile(
    department="ecology",
    name={"zh": "示例市生态环境局", "en": "Ecology and Environment Bureau of Sample City"},
    code_no=7,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(_EIA_RECORD, credit_repair("repair_ecology", "052", "XH")),
)
