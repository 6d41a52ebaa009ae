"""The haulier's own permits: general goods, dangerous goods, the yard (道路货物运输)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, ordinary, receipt, wrong_field
from oneservice_adapters.procedure import Course, Paper, Special, printed

__all__ = ["HAULAGE"]

_RULES: Final = "中华人民共和国道路运输条例"
_LICENSING: Final = "中华人民共和国行政许可法 第四十五条"
_COMMITMENT: Final = "国务院办公厅关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见"
_ROOM_M2: Final = Decimal(30)
"""Square metres of yard for each vehicle (sample data)."""
_MAIN: Final = ("m_application", "m_licence", "m_id")
_MINOR: Final = ("m_yard", "m_safety_rules")


def _is_commitment(submission: Submission) -> bool:
    return submission.fields.get("track") == "commitment"


def _too_small_a_yard(submission: Submission) -> tuple[CorrectionItem, ...]:
    try:
        area = Decimal(str(submission.fields["yard_area"]))
        wanted = Decimal(str(submission.fields["vehicles"])) * _ROOM_M2
    except (KeyError, InvalidOperation):
        return ()
    if area >= wanted:
        return ()
    note = bilingual(
        f"停车场地不少于 {wanted} 平方米，请核对面积。",
        f"So many vehicles need a yard of {wanted} square metres; check the area.",
    )
    return wrong_field("yard_area", "too_small", f"{_RULES} 第二十一条", note)


_ROAD_PERMIT = ordinary(
    "road_permit",
    f"{_RULES} 第二十一条",
    bilingual("车辆和停车场地不符合经营条件。", "Vehicles and yard do not meet the conditions."),
    days=5,
    main=_MAIN,
    also=(*_MINOR, "m_commitment", "m_agent"),
    course=lambda submission: Course(promised_working_days=1 if _is_commitment(submission) else 5),
    wanting=_too_small_a_yard,
    tolerates=_MINOR,
    tolerance_working_days=5,
    paper=Paper(
        type="road_transport_permit",
        title=bilingual("道路运输经营许可证", "Road transport permit"),
        type_no="151",
        number=lettered("DY"),
        face=printed("cargo", "domicile", "vehicles"),
        valid_years=4,
    ),
)

_HAZMAT_PERMIT = ordinary(
    "hazmat_permit",
    "道路危险货物运输管理规定 第八条",
    bilingual("专用停车场地安全条件不合格。", "The yard is not safe enough for dangerous goods."),
    days=12,
    main=(*_MAIN, "m_emergency_plan", "m_tank_inspection"),
    also=(*_MINOR, "m_agent"),
    special=Special(
        ground="on_site_check",
        by_law=_LICENSING,
        result=bilingual("现场核查合格", "the visit found all in order"),
        starts_on=3,
        lasts=2,
    ),
    wanting=_too_small_a_yard,
    recheck=(
        CorrectionItem(
            material="m_tank_inspection",
            problem="differs",
            note=bilingual(
                "罐体检验报告编号与车辆不符，请重新提交。",
                "The tank report is of another vehicle; hand in the right one.",
            ),
            by_law=f"{_RULES} 第二十三条",
        ),
    ),
    paper=Paper(
        type="hazmat_transport_permit",
        title=bilingual(
            "道路运输经营许可证（危险货物）", "Road transport permit for dangerous goods"
        ),
        type_no="152",
        number=lettered("DW"),
        face=printed("hazard_classes", "domicile", "vehicles"),
        valid_years=4,
    ),
)

_FOLLOW_UP = ordinary(
    "permit_followup",
    _COMMITMENT,
    bilingual("核查发现与承诺内容不符。", "What was promised was found not kept."),
    days=20,
    paper=receipt("permit_followup", "告知承诺核查结果", "Result of the check", "DH"),
)

_YARD = ordinary(
    "yard_record",
    "样城市货运车辆停放管理办法 第六条",
    bilingual("该地块不得停放货运车辆。", "Trucks may not stand on this land."),
    days=2,
    also=(*("m_yard", "m_yard_plan"),),
    paper=receipt("yard_record", "停车场地备案回执", "Receipt of the recorded yard", "DC"),
)

HAULAGE = (_ROAD_PERMIT, _HAZMAT_PERMIT, _FOLLOW_UP, _YARD)
