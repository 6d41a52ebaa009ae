"""Public security: households, seals, streets that are dug up (公安)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, looked_up, noted, ordinary, receipt
from oneservice_adapters.procedure import Course, Paper, Profile, printed
from oneservice_adapters.public_security.households import HOUSEHOLDS

__all__ = ["PROFILE"]

_SEALS = "国务院关于国家行政机关和企业事业单位社会团体印章管理的规定"
_STREETS = "中华人民共和国道路交通安全法 第三十二条"

_CANCEL = ordinary(
    "seal_cancel",
    _SEALS,
    bilingual("缴回的印章与备案不符。", "The seals handed in are not those on record."),
    days=1,
    main=("m_application", "m_dereg_notice", "m_seals"),
    also=("m_agent",),
    paper=receipt("seal_cancel", "印章注销备案回执", "Receipt for the seals", "YZ"),
)

_RENEWAL = ordinary(
    "seal_renewal",
    _SEALS,
    bilingual("印章刻制单位未备案。", "The engraver is not on record."),
    days=1,
    main=("m_application", "m_new_licence", "m_old_seals"),
    also=("m_id", "m_agent"),
    paper=Paper(
        type="seal_record",
        title=bilingual("印章刻制备案证明", "Proof that the new seals are on record"),
        type_no="131",
        number=lettered("YK"),
        face=printed("seal_kinds", "new_name"),
    ),
)

_MAKING = looked_up(
    "seal_making",
    "样城市印章管理便民办法 第五条",
    bilingual("该企业的公章已备案。", "A seal of this business is on record already."),
    main=("m_licence",),
    paper=receipt("seal_record", "印章刻制备案回执", "Receipt of the recorded seal", "YB"),
)

_TRAFFIC = ordinary(
    "traffic_consent",
    _STREETS,
    bilingual("交通组织方案不能保障通行安全。", "The plan does not keep the traffic safe."),
    days=5,
    main=("m_application", "m_dig_plan", "m_traffic_plan"),
    paper=Paper(
        type="traffic_consent",
        title=bilingual("占道施工交通安全意见", "Consent of the traffic police"),
        type_no="132",
        number=lettered("JT"),
        face=printed("street_name", "dig_from", "dig_days"),
        conditions=("施工现场设置警示标志和防护设施",),
    ),
)

_ALARM = noted(
    "alarm",
    "最高人民法院、最高人民检察院、公安部关于办理涉窨井盖相关刑事案件的指导意见",
    days=0,
    course=lambda _: Course(promised_working_days=0, crew_minutes=15),
    paper=receipt("cover_alarm", "通报回执", "Receipt", "JQ"),
)

PROFILE = Profile(
    department="public-security",
    name=bilingual("示例市公安局", "Public Security Bureau of Sample City"),
    code_no=17,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(
        *(_CANCEL, _RENEWAL, _MAKING, _TRAFFIC, _ALARM, *HOUSEHOLDS),
        noted("driving_licence_notice", "机动车驾驶证申领和使用规定", "m_cancellation"),
        cover_repair(_STREETS),
    ),
)
