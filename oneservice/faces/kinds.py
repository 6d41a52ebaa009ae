"""The faces of the certificate types in the published catalogs, and one for every other type."""

from __future__ import annotations

from typing import Final

from oneservice.faces.template import FaceTemplate, FactRow, LocalWords

__all__ = ["TEMPLATES"]


def _words(zh: str, en: str) -> LocalWords:
    return {"zh": zh, "en": en}


_CREDIT_CODE: Final = _words("统一社会信用代码", "Credit code")
_BUSINESS: Final = _words("经营者名称", "Name of the business")
_PERSON: Final = _words("姓名", "Name")
_CITIZEN: Final = _words("公民身份号码", "Citizen number")
_PREMISES: Final = FactRow(member="premises", label=_words("经营场所", "Premises"))

TEMPLATES: Final[tuple[FaceTemplate, ...]] = (
    FaceTemplate(type=""),
    FaceTemplate(
        type="food_permit",
        holder=_BUSINESS,
        code=_CREDIT_CODE,
        number=_words("许可证编号", "Permit number"),
        rows=(
            FactRow(
                member="legal_representative",
                label=_words("法定代表人（负责人）", "Person in charge"),
            ),
            FactRow(member="domicile", label=_words("住所", "Domicile")),
            _PREMISES,
            FactRow(
                member="main_format",
                label=_words("主体业态", "Main format"),
                words={
                    "catering": _words("餐饮服务经营者", "catering"),
                    "retail": _words("食品销售经营者", "retail of food"),
                    "canteen": _words("单位食堂", "canteen"),
                    "central_kitchen": _words("中央厨房", "central kitchen"),
                },
            ),
            FactRow(
                member="projects",
                label=_words("经营项目", "Business items"),
                words={
                    "hot": _words("热食类食品制售", "hot food"),
                    "cold": _words("冷食类食品制售", "cold food"),
                    "raw": _words("生食类食品制售", "raw food"),
                    "pastry": _words("糕点类食品制售", "pastry"),
                    "drinks": _words("自制饮品制售", "drinks made on the spot"),
                    "prepackaged": _words("预包装食品销售", "prepackaged food"),
                    "bulk": _words("散装食品销售", "bulk food"),
                },
            ),
            FactRow(member="area_m2", label=_words("面积", "Area"), unit=_words(" 平方米", "m²")),
        ),
        notice=_words(
            "应当在经营场所的显著位置悬挂或者摆放。",
            "To be shown in a place of the premises that everybody sees.",
        ),
    ),
    FaceTemplate(
        type="business_licence",
        holder=_words("名称", "Name"),
        code=_CREDIT_CODE,
        number=_words("注册号", "Registration number"),
        rows=(
            FactRow(member="kind", label=_words("类型", "Kind")),
            FactRow(
                member="legal_representative",
                label=_words("法定代表人（经营者）", "Legal representative"),
            ),
            FactRow(member="domicile", label=_words("住所", "Domicile")),
            FactRow(member="scope", label=_words("经营范围", "Scope of business")),
        ),
    ),
    FaceTemplate(
        type="health_certificate",
        holder=_PERSON,
        code=_CITIZEN,
        number=_words("健康证明编号", "Certificate number"),
        rows=(FactRow(member="post", label=_words("岗位", "Post")),),
        notice=_words(
            "从事接触直接入口食品工作的人员应当每年进行健康检查。",
            "Who handles food that is eaten as it is, is examined every year.",
        ),
    ),
    FaceTemplate(
        type="signboard_approval",
        holder=_BUSINESS,
        code=_CREDIT_CODE,
        number=_words("文号", "Reference"),
        rows=(
            FactRow(member="sign_text", label=_words("招牌文字", "Text of the sign")),
            FactRow(member="sign_width", label=_words("宽", "Width"), unit=_words(" 米", "m")),
            FactRow(member="sign_height", label=_words("高", "Height"), unit=_words(" 米", "m")),
            FactRow(
                member="sign_lit",
                label=_words("夜间亮化", "Lit at night"),
            ),
        ),
    ),
    FaceTemplate(
        type="fire_opinion",
        holder=_words("场所名称", "Name of the place"),
        code=_CREDIT_CODE,
        number=_words("意见书编号", "Opinion number"),
        rows=(
            _PREMISES,
            FactRow(member="area_m2", label=_words("面积", "Area"), unit=_words(" 平方米", "m²")),
            FactRow(member="use", label=_words("使用性质", "Use")),
        ),
    ),
    FaceTemplate(
        type="drainage_permit",
        holder=_words("排水户", "Drainage user"),
        code=_CREDIT_CODE,
        number=_words("许可证编号", "Permit number"),
        rows=(
            FactRow(member="address", label=_words("详细地址", "Address")),
            FactRow(member="outlet_count", label=_words("排放口数量", "Outlets")),
            FactRow(
                member="daily_volume",
                label=_words("排水量", "Volume"),
                unit=_words(" 立方米/日", "m³ a day"),
            ),
        ),
    ),
    FaceTemplate(
        type="case_bundle",
        holder=_words("申请人", "Applicant"),
        hidden=frozenset({"components", "journal", "plan_digest", "trust_list_digest"}),
        rows=(FactRow(member="trips", label=_words("跑动次数", "Journeys made")),),
        notice=_words(
            "本页汇总一件事的办理结果；各部门证照以其本身为准。",
            "This page sums up one case; each certificate stands for itself.",
        ),
    ),
)
"""By certificate type; the first, without a type, serves all that have none of their own."""
