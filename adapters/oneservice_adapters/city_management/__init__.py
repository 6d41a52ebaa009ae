"""City management: the sign above the door, and the street before it (城市管理)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.city_management.streets import STREETS
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import Course, Paper, Procedure, Profile, always, printed

__all__ = ["PROFILE"]

_BY_LAW: Final = "城市市容和环境卫生管理条例 第十一条"
_LOWEST_M: Final = Decimal("2.5")
"""Metres from the pavement to the lower edge: people walk below it (sample data)."""


def _hangs_too_low(submission: Submission) -> tuple[CorrectionItem, ...]:
    try:
        height = Decimal(str(submission.fields["sign_bottom_height"]))
    except (KeyError, InvalidOperation):
        return ()
    if height >= _LOWEST_M:
        return ()
    note = {
        "zh": f"招牌下沿离地不得低于 {_LOWEST_M} 米，请调整并重新填写。",
        "en": f"The sign must hang {_LOWEST_M} m above the ground; move it, and say where.",
    }
    item = CorrectionItem(field="sign_bottom_height", problem="too_low", note=note, by_law=_BY_LAW)
    return (item,)


_SIGNBOARD = Procedure(
    step_id="signboard",
    by_law=_BY_LAW,
    wanting=_hangs_too_low,
    course=lambda _: Course(promised_working_days=5),
    promised_working_days=5,
    materials=always("m_application", "m_licence", "m_premises", "m_sign_drawing"),
    knows=("m_application", "m_licence", "m_premises", "m_sign_drawing", "m_agent"),
    refusal={
        "zh": "招牌尺寸超出建筑立面控制线。",
        "en": "The sign reaches beyond the line that the facade allows.",
    },
    paper=Paper(
        type="signboard_approval",
        title={"zh": "户外招牌设施设置意见", "en": "Approval of the storefront sign"},
        type_no="021",
        number=lettered("ZP"),
        face=printed("sign_text", "sign_width", "sign_height", "sign_lit"),
        conditions=("定期检查、维护，确保牢固安全",),
    ),
)

PROFILE = Profile(
    department="city-management",
    name={"zh": "示例市城市管理局", "en": "City Management Bureau of Sample City"},
    code_no=4,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ecdsa-p256-sha256",
    procedures=(_SIGNBOARD, *STREETS),
)
