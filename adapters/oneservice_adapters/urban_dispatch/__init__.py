"""The dispatch centre: takes a report, looks at the repair, answers whoever called (城市运行)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.ordinary import bilingual, looked_up, noted, ordinary, receipt
from oneservice_adapters.procedure import Course, Profile

__all__ = ["PROFILE"]

_RULES = "示例城市运行管理服务平台运行办法"

_ASSIGN = looked_up(
    "assign",
    f"{_RULES} 第六条",
    bilingual("同一位置已有工单在办。", "A report of this place is being worked on already."),
    also=("m_photo",),
    paper=receipt("cover_order", "派单通知", "Work order", "PD"),
)

_VERIFY = ordinary(
    "verify",
    f"{_RULES} 第十二条",
    bilingual("核查发现井盖仍未修复。", "The cover was found not mended."),
    days=1,
    also=("m_order", "m_repair"),
    course=lambda _: Course(promised_working_days=1, crew_minutes=120),
    paper=receipt("cover_closed", "核查结案意见", "Finding that the cover is safe", "JA"),
)

_SWEEP = ordinary(
    "sweep",
    f"{_RULES} 第十五条",
    bilingual("该路段无法排查。", "These covers cannot be looked at."),
    days=10,
    also=("m_closed",),
    paper=receipt("cover_sweep", "排查结果", "Result of the check", "PC"),
)

PROFILE = Profile(
    department="urban-dispatch",
    name=bilingual("示例市城市运行管理指挥中心", "Urban Dispatch Centre of Sample City"),
    code_no=71,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(
        *(_ASSIGN, _VERIFY, _SWEEP),
        noted(
            "answer",
            "国务院办公厅关于进一步优化地方政务服务便民热线的指导意见",
            also=("m_closed",),
            paper=receipt("cover_answer", "答复记录", "Record of the answer", "DF"),
        ),
    ),
)
