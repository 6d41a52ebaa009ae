"""Market regulation: the business itself, and its food (市场监督管理)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.market_regulation.companies import COMPANIES
from oneservice_adapters.numbers import business_code, food_permit_number, lettered
from oneservice_adapters.procedure import (
    Course,
    Holder,
    Paper,
    Procedure,
    Profile,
    Special,
    always,
    printed,
)

__all__ = ["PROFILE"]

_FOOD_MEASURES = "食品经营许可和备案管理办法"


def _new_business(submission: Submission, number: str) -> Holder:
    """Return the business that the registration has just founded: its number is its code."""
    name = submission.fields.get("name") or submission.applicant.get("name") or "-"
    return Holder(name=str(name), code=number)


_LICENCE_CHECK = Procedure(
    step_id="licence_check",
    by_law="优化营商环境条例 第三十七条",
    course=lambda _: Course(promised_working_days=0, is_on_the_spot=True),
    promised_working_days=0,
    is_on_the_spot=True,
    materials=always("m_licence"),
    knows=("m_licence",),
    refusal={
        "zh": "登记信息显示该营业执照已被吊销或注销。",
        "en": "The register shows this licence as revoked or cancelled.",
    },
)

_REGISTRATION = Procedure(
    step_id="registration",
    by_law="中华人民共和国市场主体登记管理条例 第十九条",
    course=lambda _: Course(promised_working_days=1),
    promised_working_days=1,
    materials=always("m_application", "m_id", "m_premises"),
    knows=("m_application", "m_id", "m_premises", "m_agent"),
    refusal={
        "zh": "申请登记的名称与已登记名称相同。",
        "en": "The name that is applied for is registered already.",
    },
    paper=Paper(
        type="business_licence",
        title={"zh": "营业执照", "en": "Business licence"},
        type_no="002",
        number=business_code,
        holder=_new_business,
        face=printed(
            "domicile",
            "business_scope",
            "subject_type",
            legal_representative="legal_rep_name",
        ),
    ),
)

_FOOD_PERMIT = Procedure(
    step_id="food_permit",
    by_law=f"{_FOOD_MEASURES} 第二十条",
    course=lambda _: Course(
        promised_working_days=8,
        special=Special(
            ground="on_site_check",
            by_law="中华人民共和国行政许可法 第四十五条",
            result={"zh": "现场核查符合要求", "en": "the on-site check found all in order"},
        ),
    ),
    promised_working_days=8,
    materials=always("m_application", "m_licence", "m_id", "m_premises", "m_layout"),
    knows=(
        *("m_application", "m_licence", "m_id", "m_premises", "m_layout"),
        *("m_food_rules", "m_food_manager", "m_health", "m_agent"),
    ),
    refusal={
        "zh": "现场核查发现专间设置和布局不符合食品安全要求。",
        "en": "The on-site check found rooms and layout that food safety does not allow.",
    },
    recheck=(
        CorrectionItem(
            material="m_layout",
            problem="differs",
            note={
                "zh": "现场核查发现洗手池位置与平面图不一致，请提交修改后的平面图。",
                "en": "On site the hand-wash basin is elsewhere than on the plan: draw it anew.",
            },
            by_law=f"{_FOOD_MEASURES} 第二十条",
        ),
    ),
    paper=Paper(
        type="food_permit",
        title={"zh": "食品经营许可证", "en": "Food business permit"},
        type_no="001",
        number=food_permit_number,
        face=printed(
            "domicile",
            "main_format",
            "projects",
            legal_representative="legal_rep_name",
            premises="address",
        ),
        valid_years=5,
        duties=(
            {
                "kind": "renew",
                "by_law": _FOOD_MEASURES,
                "text": {
                    "zh": "有效期届满前九十个至十五个工作日内申请延续。",
                    "en": "Apply for renewal between 90 and 15 working days before it expires.",
                },
            },
        ),
    ),
)

_FOOD_RECORD = Procedure(
    step_id="food_record",
    by_law="中华人民共和国食品安全法 第三十五条",
    course=lambda _: Course(promised_working_days=0, is_on_the_spot=True),
    promised_working_days=0,
    is_on_the_spot=True,
    materials=always("m_application", "m_licence", "m_id"),
    knows=("m_application", "m_licence", "m_id", "m_agent"),
    refusal={
        "zh": "销售的食品不属于预包装食品，应当申请食品经营许可。",
        "en": "What is sold is not prepackaged food; it needs a permit.",
    },
    paper=Paper(
        type="food_record",
        title={
            "zh": "仅销售预包装食品备案回执",
            "en": "Receipt of the prepackaged food record",
        },
        type_no="003",
        number=lettered("YB"),
        is_certificate=False,
    ),
)

PROFILE = Profile(
    department="market-regulation",
    name={"zh": "示例市市场监督管理局", "en": "Market Regulation Bureau of Sample City"},
    code_no=2,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(_LICENCE_CHECK, _REGISTRATION, _FOOD_PERMIT, _FOOD_RECORD, *COMPANIES),
)
