"""Fire and rescue: the check before opening, on a promise or after a visit (消防救援)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import Submission
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import Course, Paper, Procedure, Profile, Special, always

__all__ = ["PROFILE"]

_BY_LAW = "中华人民共和国消防法 第十五条"


def _is_commitment(submission: Submission) -> bool:
    return submission.fields.get("track") == "commitment"


def _check_course(submission: Submission) -> Course:
    """Return the track: a promise is decided at the window at once, online within a working day."""
    if _is_commitment(submission):
        is_at_window = submission.body.window_received_at is not None
        return Course(promised_working_days=1, is_on_the_spot=is_at_window)
    inspection = Special(
        ground="on_site_check",
        by_law=_BY_LAW,
        result={"zh": "现场检查合格", "en": "the inspection was passed"},
    )
    return Course(promised_working_days=7, special=inspection)


def _check_materials(submission: Submission) -> tuple[str, ...]:
    wanted = ["m_application", "m_licence", "m_layout", "m_fire_rules"]
    if _is_commitment(submission):
        wanted.append("m_fire_promise")
    if "renovated_area" in submission.fields:  # asked of those only who had works done
        wanted.append("m_fire_acceptance")
    return tuple(wanted)


_FIRE_CHECK = Procedure(
    step_id="fire_check",
    by_law=_BY_LAW,
    course=_check_course,
    promised_working_days=7,
    materials=_check_materials,
    knows=(
        *("m_application", "m_licence", "m_layout", "m_fire_rules", "m_fire_promise"),
        *("m_fire_acceptance", "m_gas", "m_agent"),
    ),
    tolerates=("m_gas",),
    tolerance_working_days=5,
    refusal={
        "zh": "检查发现安全出口数量和疏散宽度不符合消防技术标准。",
        "en": "Number and width of the exits do not meet the fire-safety standards.",
    },
    paper=Paper(
        type="fire_opinion",
        title={"zh": "公众聚集场所消防安全检查意见书", "en": "Fire-safety opinion"},
        type_no="011",
        number=lettered("XF"),
        face=lambda submission: {
            "track": "commitment" if _is_commitment(submission) else "ordinary"
        },
        conditions=("保持疏散通道、安全出口畅通",),
    ),
)

_FIRE_FOLLOWUP = Procedure(
    step_id="fire_followup",
    by_law=_BY_LAW,
    course=lambda _: Course(promised_working_days=20),
    promised_working_days=20,
    materials=always(),
    knows=(),
    refusal={
        "zh": "核查发现与承诺内容不符，责令限期改正。",
        "en": "The check found what was promised not kept; it is to be mended in time.",
    },
)

PROFILE = Profile(
    department="fire-rescue",
    name={"zh": "示例市消防救援支队", "en": "Fire and Rescue Brigade of Sample City"},
    code_no=3,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(_FIRE_CHECK, _FIRE_FOLLOWUP),
)
