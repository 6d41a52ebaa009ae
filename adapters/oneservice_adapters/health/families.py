"""What health offices certify of a life: birth, vaccinations, an only child, death (卫生健康)."""

from __future__ import annotations

from oneservice.departments import Submission
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, looked_up, ordinary, person, receipt
from oneservice_adapters.procedure import Course, Paper, printed

__all__ = ["FAMILIES"]

_VACCINES = "中华人民共和国疫苗管理法"


def _birth_course(submission: Submission) -> Course:
    """Return how long it takes: a birth outside a hospital is verified first."""
    is_elsewhere = submission.fields.get("born_at") == "elsewhere"
    return Course(promised_working_days=5 if is_elsewhere else 1)


_BIRTH = ordinary(
    "birth_certificate",
    "中华人民共和国母婴保健法 第二十三条",
    bilingual("未查询到该次分娩记录。", "There is no record of this birth."),
    days=1,
    main=("m_application", "m_parents_id"),
    also=("m_birth_record", "m_birth_witness", "m_name_statement"),
    course=_birth_course,
    paper=Paper(
        type="birth_medical_certificate",
        title=bilingual("出生医学证明", "Medical certificate of birth"),
        type_no="032",
        number=lettered("CS"),
        holder=person("child_name"),
        face=printed("child_sex", "born_on", "hospital_name"),
    ),
)

_CARD = looked_up(
    "vaccination_card",
    f"{_VACCINES} 第四十七条",
    bilingual("该儿童已有预防接种证。", "This child has a card already."),
    main=("m_application", "m_birth_certificate"),
    paper=Paper(
        type="vaccination_card",
        title=bilingual("预防接种证", "Vaccination card"),
        type_no="033",
        number=lettered("JZ"),
        holder=person("child_name"),
    ),
)

_VACCINATED = looked_up(
    "vaccination_check",
    f"{_VACCINES} 第四十八条",
    bilingual("有未完成的接种剂次，请先补种。", "Some doses are missing; have them given first."),
    main=("m_vaccination",),
)

_ONLY_CHILD = looked_up(
    "only_child_check",
    "中华人民共和国人口与计划生育法",
    bilingual("登记信息不能证明独生子女父母身份。", "The register does not show an only child."),
)

_DEATH = ordinary(
    "death_certificate",
    "关于进一步规范人口死亡医学证明和信息登记管理工作的通知",
    bilingual("死因不明，应由公安部门出具证明。", "The cause is unknown; the police certify it."),
    days=1,
    main=("m_application", "m_applicant_id"),
    paper=Paper(
        type="death_certificate",
        title=bilingual("居民死亡医学证明（推断）书", "Medical certificate of death"),
        type_no="034",
        number=lettered("SW"),
        holder=person("name", "id_no"),
        face=printed("died_on"),
    ),
)

_ALLOWANCE = ordinary(
    "child_allowance",
    "示例三市育儿补贴实施办法 第六条",
    bilingual("该儿童已在异地申领。", "The allowance is paid elsewhere already."),
    days=3,
    main=("m_application", "m_household"),
    paper=receipt("child_allowance", "育儿补贴发放通知", "Notice of the allowance", "YE"),
)

FAMILIES = (_BIRTH, _CARD, _VACCINATED, _ONLY_CHILD, _DEATH, _ALLOWANCE)
