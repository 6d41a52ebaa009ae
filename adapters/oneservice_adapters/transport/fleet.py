"""What a haulier runs: one permit for each vehicle, one paper for each driver (车辆、人员)."""

from __future__ import annotations

from typing import Final

from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, ordinary, person, wrong_field
from oneservice_adapters.procedure import Course, Paper, Procedure, Special, printed

__all__ = ["FLEET"]

_RULES: Final = "中华人民共和国道路运输条例"
_HEAVIEST_KG: Final = 49_000
"""The largest total mass of a truck on the road (GB 1589, six axles)."""
_EXAMINATION: Final = Special(
    ground="examination",
    by_law="中华人民共和国行政许可法 第四十五条",
    result=bilingual("考试合格", "the examination was passed"),
    starts_on=2,
    lasts=2,
)


def _too_heavy(submission: Submission) -> tuple[CorrectionItem, ...]:
    mass = submission.fields.get("total_mass")
    if not isinstance(mass, int) or mass <= _HEAVIEST_KG:
        return ()
    note = bilingual(
        f"总质量超过 {_HEAVIEST_KG} 千克，请核对车辆参数。",
        f"No truck may weigh more than {_HEAVIEST_KG} kg; check the figure.",
    )
    return wrong_field("total_mass", "too_heavy", f"{_RULES} 第二十四条", note)


def _vehicle(step_id: str, zh: str, en: str, *, type_no: str, letters: str) -> Procedure:
    return ordinary(
        step_id,
        f"{_RULES} 第二十四条",
        bilingual("车辆技术等级不符合要求。", "The vehicle's technical grade does not suffice."),
        days=3,
        main=("m_application", "m_vehicle_licences", "m_road_permit"),
        also=("m_test_report", "m_positioning"),
        wanting=_too_heavy,
        paper=Paper(
            type="vehicle_permit",
            title=bilingual(zh, en),
            type_no=type_no,
            number=lettered(letters),
            face=printed("plate", "vin", "total_mass", "axles"),
        ),
    )


def _qualified(name: str) -> Procedure:
    """Return a driver's or a crew's step; who holds a certificate already is not examined again."""
    is_crew = name == "crew"
    number_field = "crew_qualification_no" if is_crew else "qualification_no"

    def course(submission: Submission) -> Course:
        has_one = bool(submission.fields.get(number_field))
        return Course(promised_working_days=5, special=None if has_one else _EXAMINATION)

    return ordinary(
        "hazmat_crew" if is_crew else "driver_qualification",
        f"{_RULES} 第{'二十三' if is_crew else '二十二'}条",
        bilingual("考试不合格。", "The examination was not passed."),
        days=5,
        main=("m_application", "m_vehicle_permit", "m_driving_licences"),
        also=("m_no_accidents",),
        course=course,
        paper=Paper(
            type="hazmat_qualification" if is_crew else "driver_qualification",
            title=bilingual(
                "道路危险货物运输从业资格证", "Certificate for transport of dangerous goods"
            )
            if is_crew
            else bilingual("道路运输从业人员从业资格证", "Certificate of a road transport driver"),
            type_no="155" if is_crew else "154",
            number=lettered("CW" if is_crew else "CY"),
            holder=person(f"{name}_name", f"{name}_id_no"),
            valid_years=6,
        ),
    )


FLEET = (
    _vehicle(
        *("vehicle_permit", "道路运输证", "Vehicle permit for road transport"),
        type_no="153",
        letters="CL",
    ),
    _vehicle(
        *("hazmat_vehicle_permit", "道路运输证（危险货物）", "Vehicle permit for dangerous goods"),
        type_no="157",
        letters="CZ",
    ),
    _qualified("driver"),
    _qualified("crew"),
)
