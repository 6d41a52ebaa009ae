"""Education: what a child needs, which school takes it, and its record there (教育)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, looked_up, noted, ordinary, person, receipt
from oneservice_adapters.procedure import Paper, Profile, Special, printed

__all__ = ["PROFILE"]

_LAW = "中华人民共和国义务教育法 第十二条"
_NEEDS = "残疾人教育条例"

_ASSESSMENT = ordinary(
    "needs_assessment",
    _NEEDS,
    bilingual("无需特殊安排，可直接申请入学。", "No special arrangement is needed; apply at once."),
    days=10,
    main=("m_application", "m_disability"),
    special=Special(
        ground="expert_review",
        by_law=_NEEDS,
        result=bilingual("专家委员会评估完成", "the committee of experts has met"),
        starts_on=2,
        lasts=5,
    ),
    paper=Paper(
        type="needs_assessment",
        title=bilingual("入学评估意见", "Advice on the school that fits"),
        type_no="141",
        number=lettered("PG"),
        holder=person("child_name", "child_id_no"),
        face=printed("stage"),
    ),
)

_ADMISSION = ordinary(
    "admission",
    _LAW,
    bilingual("不符合本学区入学条件。", "The conditions of this school district are not met."),
    days=15,
    main=("m_application", "m_guardian_id", "m_household"),
    also=("m_lease", "m_assessment"),
    tolerates=("m_lease",),
    tolerance_working_days=5,
    recheck=(
        CorrectionItem(
            material="m_household",
            problem="differs",
            note=bilingual(
                "户口簿地址与申报住址不一致，请提交变更页。",
                "The booklet shows another address than the form; hand in the page with the move.",
            ),
            by_law=_LAW,
        ),
    ),
    paper=Paper(
        type="admission_notice",
        title=bilingual("入学通知书", "Notice of admission"),
        type_no="142",
        number=lettered("RX"),
        holder=person("child_name", "child_id_no"),
        face=printed("stage", school="wished_school"),
    ),
)

_SEAT = looked_up(
    "seat_check",
    "示例三市义务教育学位管理办法 第九条",
    bilingual("该住房的学位已被使用。", "This home has given a place already."),
    paper=receipt("seat_check", "学位使用核验结果", "Result of the check of places", "XW"),
)

PROFILE = Profile(
    department="education",
    name=bilingual("示例市教育局", "Education Bureau of Sample City"),
    code_no=19,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(
        *(_ASSESSMENT, _ADMISSION, _SEAT),
        noted("student_record", "中小学生学籍管理办法", "m_application"),
    ),
)
