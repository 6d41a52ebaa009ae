"""Streets: who may dig one up, whether it is whole again, holes that nobody owns (城市道路)."""

from __future__ import annotations

from typing import Final

from oneservice.departments import Submission
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, looked_up, ordinary, receipt
from oneservice_adapters.procedure import Course, Paper, printed

__all__ = ["STREETS"]

_RULES: Final = "城市道路管理条例"
_PIPES: Final = ("m_power_plan", "m_water_plan", "m_gas_plan", "m_network_plan")


def _course(submission: Submission) -> Course:
    """Return the track: who promises to restore the street may begin at once."""
    if submission.fields.get("dig_track") == "commitment":
        return Course(promised_working_days=0, is_on_the_spot=True)
    return Course(promised_working_days=5)


def _materials(submission: Submission) -> tuple[str, ...]:
    wanted = ("m_application", "m_dig_plan")
    is_promised = submission.fields.get("dig_track") == "commitment"
    return (*wanted, "m_dig_promise") if is_promised else wanted


_DIG = ordinary(
    "road_dig",
    f"{_RULES} 第三十三条",
    bilingual("新建道路五年内不得挖掘。", "A new street may not be dug up within five years."),
    days=5,
    main=("m_application", "m_dig_plan"),
    also=("m_licence", *_PIPES, "m_dig_promise", "m_agent"),
    wanted=_materials,
    course=_course,
    paper=Paper(
        type="road_dig_permit",
        title=bilingual("占用（挖掘）城市道路许可证", "Permit to dig up the street"),
        type_no="022",
        number=lettered("WJ"),
        face=printed("street_name", "dig_metres", "dig_width", "dig_from", "dig_days"),
        conditions=("施工结束后恢复路面",),
    ),
)

_RESTORED = ordinary(
    "road_restored",
    f"{_RULES} 第三十三条",
    bilingual("路面未按要求恢复。", "The street is not as it was."),
    days=10,
    also=("m_road_permit",),
    paper=receipt("road_restored", "路面恢复核查结果", "Result of the check", "LM"),
)

_GUARD = ordinary(
    "guard",
    f"{_RULES} 第二十三条",
    bilingual("现场未发现异常。", "Nothing is wrong at this place."),
    days=0,
    also=("m_order", "m_photo"),
    course=lambda _: Course(promised_working_days=0, crew_minutes=60),
    paper=receipt("cover_guard", "围挡照片", "Photo of the barrier", "WD"),
)

_KITCHEN_WASTE = looked_up(
    "kitchen_waste",
    "示例三市餐厨垃圾管理办法 第十一条",
    bilingual("收运单位不在名录内。", "The collector is not on the city's list."),
    also=("m_waste_contract",),
    paper=receipt("kitchen_waste_record", "餐厨垃圾收运备案回执", "Receipt of the record", "CC"),
)

STREETS = (_DIG, _RESTORED, _GUARD, _KITCHEN_WASTE, cover_repair(f"{_RULES} 第二十三条"))
