"""Values of a definition in plain words, in both languages: for comparing, not for filling in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from oneservice.catalog.rule_words import rule_in_words
from oneservice.catalog.terms import CatalogModel, LegalBasis, Limit, LimitUnit, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.catalog.situations import Situation

__all__ = ["LABELS", "Words"]

LABELS: Mapping[str, tuple[str, str]] = {
    "accept_hours": ("签收时限（小时）", "hours to accept"),
    "accepted_by": ("受理方", "accepted by"),
    "accepts": ("可替代的证照", "certificates that count as it"),
    "amount": ("金额", "amount"),
    "after": ("答复时限", "answers within"),
    "answer": ("取自回答", "taken from the answer to"),
    "answered_within": ("差评答复时限", "bad ratings answered within"),
    "article": ("条款", "article"),
    "at_least": ("最低级别", "at least"),
    "attaches": ("可后补的结果", "results that may be added later"),
    "batches": ("批次", "batches"),
    "catalog_code": ("基本编码", "catalogue code"),
    "certificates": ("证照类型", "types of certificate"),
    "channel": ("渠道", "way"),
    "channels": ("办理渠道", "ways to hand it in"),
    "choices": ("选项", "choices"),
    "closes": ("截止", "closes"),
    "commitment": ("告知承诺", "commitment"),
    "contradictions": ("矛盾情形", "answers that exclude one another"),
    "correction": ("补正时计时", "clock while correcting"),
    "count": ("数量取自", "how many"),
    "cross_region": ("跨省通办", "from other regions"),
    "currency": ("币种", "currency"),
    "decided_by": ("办结不晚于", "decided by"),
    "default": ("默认回答", "default"),
    "department": ("实施主体", "department"),
    "dispatch": ("派单规则", "who must act"),
    "duties": ("职责清单", "duty table"),
    "earliest": ("最早", "earliest"),
    "ends": ("止", "ends"),
    "escalation": ("督办层级", "who is told when it is late"),
    "begins": ("起", "begins"),
    "fees": ("收费", "fees"),
    "follow_up": ("事后核查", "checked afterwards by"),
    "for_each": ("按数量重复", "repeats for each"),
    "forwarded_within": ("转交时限", "passed on within"),
    "goal": ("目标", "goal"),
    "group": ("字段组", "group of fields"),
    "handle": ("处置时限", "time to handle"),
    "help": ("说明", "help"),
    "importance": ("材料类别", "class"),
    "is_by_duty": ("按职责清单确定", "by duty table"),
    "is_certificate": ("为证照", "is a certificate"),
    "is_on_papers": ("书面审查", "decided on papers"),
    "is_on_the_spot": ("当场办结", "decided on the spot"),
    "is_personal": ("个人信息", "personal data"),
    "is_reducible": ("可减免", "may be reduced"),
    "is_required": ("必填", "required"),
    "is_sample": ("示例", "sample"),
    "is_statutory": ("法定环节", "statutory"),
    "item": ("事项", "item"),
    "joint_cap": ("联合办理总时限", "cap for all together"),
    "joint_inspection": ("一同勘验", "share one visit"),
    "kind": ("类型", "kind"),
    "kinds": ("问题类型", "kinds of trouble"),
    "latest": ("最晚", "latest"),
    "law": ("依据", "law"),
    "lead_department": ("牵头部门", "lead department"),
    "legal_basis": ("法律依据", "legal basis"),
    "level": ("层级", "level"),
    "limits": ("分情形时限", "limits by situation"),
    "materials": ("材料", "materials"),
    "max_returns": ("最多退回次数", "returns at most"),
    "max_working_days": ("最长工作日", "working days at most"),
    "maximum": ("上限", "maximum"),
    "minimum": ("下限", "minimum"),
    "mode": ("通办方式", "mode"),
    "must_consent": ("须本人同意", "must consent"),
    "note": ("备注", "note"),
    "obtain": ("如何取得", "where to get it"),
    "of": ("依据", "that of"),
    "office": ("督办单位", "office that is told"),
    "on_overdue": ("超期后果", "when overdue"),
    "opens": ("开始", "opens"),
    "origins": ("申请人所在区划", "applicants in"),
    "otherwise": ("不可用的原因", "otherwise"),
    "papers": ("材料递送", "papers go by"),
    "parties": ("参与人", "who else takes part"),
    "place": ("地点类型", "kind of place"),
    "places": ("地点类型", "kinds of places"),
    "prefill": ("预填来源", "filled from"),
    "promised": ("承诺时限", "promised limit"),
    "question": ("问题", "question"),
    "rating": ("好差评", "ratings"),
    "reason": ("理由", "reason"),
    "region": ("办理地", "where it is decided"),
    "regions": ("区划", "regions"),
    "requires": ("前置步骤", "needs before it"),
    "result": ("审批结果", "result"),
    "season": ("时段", "season"),
    "sensitive_area": ("敏感领域", "sensitive area"),
    "since": ("施行于", "since"),
    "source": ("来源", "who brings it"),
    "spared_by": ("持证免办", "spared by"),
    "special_procedures": ("特别程序", "procedures that stop the clock"),
    "statutory": ("法定时限", "statutory limit"),
    "steps": ("使用的步骤", "used by"),
    "subject": ("办理对象", "whom it is about"),
    "text": ("内容", "text"),
    "title": ("名称", "title"),
    "tolerance": ("容缺受理", "may follow later"),
    "type": ("类型", "type"),
    "unit": ("单位", "unit"),
    "url": ("网址", "address"),
    "valid_for": ("办结后仍须有效", "valid for, once the case ends"),
    "valid_years": ("有效年限", "valid for years"),
    "value_kind": ("取值种类", "kind of value"),
    "visible_when": ("何时提问", "asked when"),
    "visits": ("到现场次数", "visits"),
    "when": ("适用条件", "needed when"),
    "warning_share": ("预警比例（%）", "warns at percent"),
    "where": ("地点", "where"),
    "window": ("代收窗口", "received at"),
    "within": ("属于", "within"),
    "working_days": ("工作日", "working days"),
    "yielded_by": ("由步骤产生", "yielded by"),
    "yields": ("可作为材料", "stands for"),
}
"""What a member is called when it differs."""

_IN_CHINESE: Mapping[str, str] = {
    "applicant": "申请人",
    "bundle": "一并出件",
    "check": "核验",
    "city": "市级",
    "collect": "异地代收代办",
    "collected": "归集数据",
    "county": "县级",
    "courier": "快递",
    "decision": "审批",
    "deemed_granted": "视为准予",
    "destination": "业务属地",
    "ecology": "生态环境",
    "escalate": "上报",
    "external": "第三方或施工",
    "finance_supervision": "金融监管",
    "follow_up": "事后核查",
    "generated": "由表单生成",
    "joint": "多地联办",
    "kiosk": "自助终端",
    "life_and_health": "生命健康",
    "lookup": "共享调取",
    "main": "主审要件",
    "minor": "次要材料",
    "national": "国家级",
    "national_security": "国家安全",
    "network": "网络传输",
    "none": "无",
    "notify": "告知",
    "online": "网上",
    "origin": "申请地",
    "other": "他人",
    "pause": "暂停",
    "post": "邮寄",
    "province": "省级",
    "public_safety": "公共安全",
    "run": "继续",
    "sealed": "有签章",
    "step": "由步骤产生",
    "town": "乡镇级",
    "village": "村级",
    "window": "窗口",
}
"""What members of enumerations are called; types of values are named alike in both languages."""
_NOTHING = Text(zh="无", en="none")
_ALWAYS = Text(zh="一律", en="always")
_UNITS = {LimitUnit.WORKING_DAYS: ("个工作日", "working day")}
_UNITS[LimitUnit.NATURAL_DAYS] = ("个自然日", "calendar day")


class Words:
    """Writes values of definitions: ids by their titles, rules as sentences about questions."""

    def __init__(self, titles: Mapping[str, Text], questions: Mapping[str, Situation]) -> None:
        self._titles = titles
        self._questions = questions

    def member(self, name: str, value: Any) -> Text:
        """Return the value of the member ``name``; absent conditions are "always"."""
        if name not in {"when", "visible_when"}:
            return self.of(value)
        return _ALWAYS if value is None else rule_in_words(value, self._questions)

    def of(self, value: Any) -> Text:
        """Return any value."""
        match value:
            case None | () | "":
                return _NOTHING
            case bool():
                return Text(zh="是", en="yes") if value else Text(zh="否", en="no")
            case Text():
                return value
            case Limit(days=days, unit=unit):
                zh, en = _UNITS[unit]
                return Text(zh=f"{days}{zh}", en=f"{days} {en}{'' if days == 1 else 's'}")
            case LegalBasis(law=law, article=article):
                en = f"{law.en} {article}".rstrip()
                return Text(zh=f"《{law.zh.strip('《》')}》{article}", en=en)
            case tuple():
                return _joined([self.of(each) for each in value], "、", "; ")
            case CatalogModel():
                return self._model(value)
            case Enum():
                text = str(value.value)
                return Text(zh=_IN_CHINESE.get(text, text), en=text.replace("_", " "))
            case _:
                text = _written(value)
                return self._titles.get(text) or Text(zh=text, en=text)

    def _model(self, value: CatalogModel) -> Text:
        """Return what a model states, its title first, defaults left out."""
        parts = []
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if name == "id" or inner == field.default:
                continue
            shown = self.member(name, inner)
            if name in {"title", "text", "where", "kind"}:
                parts.append(shown)
            else:
                zh, en = LABELS.get(name, (name, name.replace("_", " ")))
                parts.append(Text(zh=f"{zh} {shown.zh}", en=f"{en} {shown.en}"))
        return _joined(parts, "，", ", ") if parts else _NOTHING


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def _joined(parts: list[Text], zh: str, en: str) -> Text:
    return Text(zh=zh.join(each.zh for each in parts), en=en.join(each.en for each in parts))
