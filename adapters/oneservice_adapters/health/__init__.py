"""Health: who may handle food, who was born, who is vaccinated, who has died (卫生健康)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import Submission
from oneservice.identifiers import mask_citizen_number
from oneservice_adapters.health.families import FAMILIES
from oneservice_adapters.numbers import lettered
from oneservice_adapters.procedure import (
    Course,
    Holder,
    Paper,
    Procedure,
    Profile,
    always,
    printed,
)

__all__ = ["PROFILE"]


def _person(submission: Submission, number: str) -> Holder:
    """Return the person who was examined; month and day of birth stay hidden."""
    del number
    fields = submission.fields
    code = fields.get("staff_id_no")
    return Holder(
        name=str(fields.get("staff_name") or submission.applicant.get("name") or "-"),
        code=mask_citizen_number(str(code)) if code else "",
    )


_HEALTH_CERT = Procedure(
    step_id="health_cert",
    by_law="中华人民共和国食品安全法 第四十五条",
    course=lambda _: Course(promised_working_days=5),
    promised_working_days=5,
    materials=always(),
    knows=(),
    refusal={
        "zh": "体检结果显示患有有碍食品安全的疾病。",
        "en": "The examination found an illness with which nobody may handle food.",
    },
    paper=Paper(
        type="health_certificate",
        title={"zh": "健康证明", "en": "Health certificate"},
        type_no="031",
        number=lettered("JK"),
        holder=_person,
        face=printed(post="staff_post"),
        valid_years=1,
    ),
)

PROFILE = Profile(
    department="health",
    name={"zh": "示例市卫生健康委员会", "en": "Health Commission of Sample City"},
    code_no=5,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(_HEALTH_CERT, *FAMILIES),
)
