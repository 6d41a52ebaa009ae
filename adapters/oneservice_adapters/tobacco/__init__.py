"""Tobacco: the retail permit, after a publication (烟草专卖)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import Course, Paper, Procedure, Profile, Special, always

__all__ = ["PROFILE"]

_PUBLICATION = Special(
    ground="publication",
    by_law="烟草专卖许可证管理办法 第二十四条",
    result={"zh": "公示期满无异议", "en": "nobody objected while it was published"},
    starts_on=1,
    lasts=3,
)

_TOBACCO = Procedure(
    step_id="tobacco",
    by_law="中华人民共和国烟草专卖法 第十六条",
    course=lambda _: Course(promised_working_days=7, special=_PUBLICATION),
    promised_working_days=7,
    materials=always("m_application", "m_licence", "m_id"),
    knows=("m_application", "m_licence", "m_id", "m_agent"),
    refusal={
        "zh": "不符合当地烟草制品零售点合理布局规定。",
        "en": "The local plan allows no further tobacco shop at this place.",
    },
    paper=Paper(
        type="tobacco_permit",
        title={"zh": "烟草专卖零售许可证", "en": "Tobacco retail permit"},
        type_no="061",
        number=lettered("YC"),
        valid_years=5,
    ),
)

PROFILE = Profile(
    department="tobacco",
    name={"zh": "示例市烟草专卖局", "en": "Tobacco Monopoly Bureau of Sample City"},
    code_no=8,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ecdsa-p256-sha256",
    procedures=(_TOBACCO,),
)
