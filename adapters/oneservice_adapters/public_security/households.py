"""Households: who is born into one, who leaves it, and who lives there (户籍)."""

from __future__ import annotations

from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, looked_up, ordinary, person, wrong_field
from oneservice_adapters.procedure import Paper, Special, printed

__all__ = ["HOUSEHOLDS"]

_BIRTHS = "中华人民共和国户口登记条例 第七条"
_DEATHS = "中华人民共和国户口登记条例 第八条"
_CERTIFICATES = "关于进一步规范人口死亡医学证明和信息登记管理工作的通知"


def _no_name(submission: Submission) -> tuple[CorrectionItem, ...]:
    """Return what to mend where the child's name has digits, which no booklet takes."""
    name = str(submission.fields.get("child_name", ""))
    if not any(sign.isdigit() for sign in name):
        return ()
    note = bilingual(
        "姓名应当使用规范汉字或少数民族文字，不得含数字。",
        "A name is written in signs of a language, without digits.",
    )
    return wrong_field("child_name", "not_a_name", _BIRTHS, note)


_BIRTH = ordinary(
    "birth_registration",
    _BIRTHS,
    bilingual("该新生儿已登记户口。", "This child is registered already."),
    days=1,
    main=("m_application", "m_parents_id", "m_parent_household", "m_birth_certificate"),
    also=("m_marriage", "m_name_statement"),
    wanting=_no_name,
    tolerates=("m_marriage",),
    tolerance_working_days=10,
    paper=Paper(
        type="household_entry",
        title=bilingual("居民户口簿（新生儿页）", "Household booklet with the child's page"),
        type_no="133",
        number=lettered("HK"),
        holder=person("child_name"),
        face=printed("relation_to_householder"),
    ),
)

_POLICE_CERTIFICATE = ordinary(
    "police_certificate",
    _CERTIFICATES,
    bilingual("死因尚未查明。", "The cause of death is not known yet."),
    days=3,
    main=("m_application", "m_applicant_id"),
    special=Special(
        ground="cause_of_death",
        by_law=_CERTIFICATES,
        result=bilingual("死因调查已完成", "the inquiry has ended"),
        starts_on=1,
        lasts=2,
    ),
    paper=Paper(
        type="police_death_certificate",
        title=bilingual("公安部门出具的死亡证明", "Certificate of death by the police"),
        type_no="134",
        number=lettered("SZ"),
        holder=person("name", "id_no"),
    ),
)

_CANCELLATION = ordinary(
    "household_cancellation",
    _DEATHS,
    bilingual("死亡证明与户籍信息不符。", "The certificate of death does not fit the register."),
    days=1,
    main=("m_application", "m_applicant_id", "m_household", "m_death_certificate"),
    paper=Paper(
        type="household_cancellation",
        title=bilingual("户口注销证明", "Proof that the entry is cancelled"),
        type_no="135",
        number=lettered("HX"),
        holder=person("name", "id_no"),
    ),
)

_HOUSEHOLD = looked_up(
    "household_check",
    "中华人民共和国义务教育法 第十二条",
    bilingual("户籍信息与申报不一致。", "The register says something else than the form."),
    main=("m_guardian_id", "m_household"),
)

_RESIDENCE = looked_up(
    "residence_permit_check",
    "居住证暂行条例 第十二条",
    bilingual("居住证已失效。", "The residence permit has run out."),
    main=("m_permit",),
)

HOUSEHOLDS = (_BIRTH, _POLICE_CERTIFICATE, _CANCELLATION, _HOUSEHOLD, _RESIDENCE)
