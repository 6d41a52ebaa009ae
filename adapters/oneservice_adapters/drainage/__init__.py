"""Drainage: waste water into the public sewer (城镇排水)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from oneservice.certificates import Cryptosuite
from oneservice.departments import Submission
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import Course, Paper, Procedure, Profile, Special, printed

__all__ = ["PROFILE"]

_SMALL_AREA_M2 = Decimal(150)
"""Up to here "one table, one drawing, one promise" suffices (domain page, section 4.3)."""


def _is_small(submission: Submission) -> bool:
    try:
        return Decimal(str(submission.fields["area"])) <= _SMALL_AREA_M2
    except (KeyError, InvalidOperation):
        return False


def _course(submission: Submission) -> Course:
    if _is_small(submission):
        return Course(promised_working_days=5)
    monitoring = Special(
        ground="monitoring",
        by_law="中华人民共和国行政许可法 第四十五条",
        result={"zh": "水质监测达标", "en": "the water is within the standard"},
        starts_on=1,
        lasts=3,
    )
    return Course(promised_working_days=5, special=monitoring)


def _materials(submission: Submission) -> tuple[str, ...]:
    wanted = ("m_application", "m_licence", "m_premises", "m_drain_table", "m_drain_plan")
    return (*wanted, "m_drain_promise") if _is_small(submission) else wanted


_DRAINAGE = Procedure(
    step_id="drainage",
    by_law="城镇排水与污水处理条例 第二十一条",
    course=_course,
    promised_working_days=5,
    materials=_materials,
    knows=(
        *("m_application", "m_licence", "m_premises", "m_drain_table", "m_drain_plan"),
        *("m_drain_promise", "m_agent"),
    ),
    refusal={
        "zh": "未设置隔油设施，排放水质不能达到纳管标准。",
        "en": "There is no grease trap; the water would not meet the sewer's standard.",
    },
    paper=Paper(
        type="drainage_permit",
        title={"zh": "城镇污水排入排水管网许可证", "en": "Drainage permit"},
        type_no="041",
        number=lettered("PS"),
        face=printed("address", "daily_volume", "outlet_count"),
        valid_years=5,
    ),
)

PROFILE = Profile(
    department="drainage",
    name={"zh": "示例市水务局", "en": "Water Bureau of Sample City"},
    code_no=6,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(_DRAINAGE, cover_repair("城镇排水与污水处理条例")),
)
