"""What the demonstration says, in both languages; states bear the law's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from oneservice.case import SubCase, SubCaseStatus
from oneservice.catalog import StepKind
from oneservice.cli.demo_book import Phrases, spoken
from oneservice.plan import Language, Plan

__all__ = ["say", "state_of", "titles_of"]

_PHRASES: Final[Phrases] = {
    "folder": ("folder: {}", "目录：{}"),
    "opened": (
        "case {}, region {}, {}; promised within {} working days, by {}",
        "办件 {}，区划 {}，{}；承诺 {} 个工作日，最迟 {} 办结",
    ),
    "step": ("step", "事项"),
    "department": ("department", "部门"),
    "state": ("state", "状态"),
    "due": ("due", "办结期限"),
    "line_due": ("{}  {}: {}, due {}", "{}  {}：{}，期限 {}"),
    "line": ("{}  {}: {}", "{}  {}：{}"),
    "answers": ("the applicant hands in {}", "申请人补交 {}"),
    "stopped": ("stopped: {}", "已停办：{}"),
    "brought": ("Brought once", "只需提交一次"),
    "reduction": ("Before and after", "改革前后"),
    "before": ("before", "改革前"),
    "now": ("now", "现在"),
    "less": ("{} % less", "减少 {}%"),
    "fields": ("form fields", "表单字段"),
    "materials": ("materials", "申请材料"),
    "days": ("working days", "工作日"),
    "to_bring": (
        "Of the materials, {} are to bring. Before: {}.",
        "其中 {} 份由申请人提交。改革前数据来源：{}。",
    ),
    "verified": ("Verified offline, by a separate process", "由独立进程离线核验"),
    "checked": ("{}: {}", "{}：{}"),
    "checked_why": ("{}: {} ({})", "{}：{}（{}）"),
    "all_valid": ("Everything verifies.", "全部核验通过。"),
    "not_all_valid": (
        "Not everything verifies; the lines above say why.",
        "未全部通过，原因见上。",
    ),
    "pages": ("To look at and to print, in a browser", "用浏览器查看、打印"),
    "no_pages": (
        "no pages yet: pip install -e '.[faces]' brings what draws them",
        "尚无页面：安装 pip install -e '.[faces]' 后即可生成",
    ),
    "yourself": ("Check it yourself", "自行核验"),
    "valid": ("valid", "有效"),
    "invalid": ("invalid", "无效"),
    "indeterminate": ("cannot be told", "无法判断"),
}

_STATES: Final[Mapping[SubCaseStatus, tuple[str, str]]] = {
    SubCaseStatus.WAITING: ("waiting", "待前置事项"),
    SubCaseStatus.FILING: ("being filed", "申报中"),
    SubCaseStatus.RECEIVED: ("received", "已收件"),
    SubCaseStatus.ACCEPTED: ("accepted", "已受理"),
    SubCaseStatus.CORRECTION_REQUESTED: ("correction requested", "补正"),
    SubCaseStatus.SUSPENDED: ("special procedure, clock stopped", "特别程序，暂停计时"),
    SubCaseStatus.GRANTED: ("granted", "准予"),
    SubCaseStatus.GRANTED_PENDING_MATERIAL: ("granted, material to follow", "容缺通过"),
    SubCaseStatus.REFUSED: ("refused", "不予许可"),
    SubCaseStatus.NOT_ACCEPTED: ("not accepted", "不予受理"),
    SubCaseStatus.WITHDRAWN: ("withdrawn", "已撤回"),
    SubCaseStatus.LAPSED: ("lapsed", "逾期未补正"),
    SubCaseStatus.NOT_APPLICABLE: ("does not apply any more", "无需办理"),
}
_DONE: Final[Mapping[str, tuple[str, str]]] = {
    StepKind.BUNDLE: ("done", "已出件"),
    StepKind.NOTIFY: ("told", "已告知"),
}
"""Of steps that grant nothing: what is handed out, and of what somebody is told."""


def say(phrase: str, language: Language, *facts: object) -> str:
    """Return a phrase in ``language`` with ``facts`` in their places."""
    return spoken(_PHRASES, phrase, language, *facts)


def titles_of(materials: Iterable[str], plan: Plan, language: Language) -> str:
    """Return the titles of materials; one that the plan does not know keeps its id."""
    titles = {one.id: one.title for one in plan.materials}
    is_chinese = language == "zh"
    named = [
        name if name not in titles else titles[name].zh if is_chinese else titles[name].en
        for name in materials
    ]
    return ("、" if is_chinese else ", ").join(named)


def state_of(sub: SubCase, plan: Plan, language: Language) -> str:
    """Return where a sub-case stands, in the law's words."""
    if sub.halted is not None:
        return say("stopped", language, sub.halted)
    english, chinese = _STATES[sub.status]
    if sub.status is SubCaseStatus.GRANTED:
        english, chinese = _DONE.get(sub.spec.kind, (english, chinese))
    words = chinese if language == "zh" else english
    if sub.correction is not None:
        asked_for = titles_of(sub.correction.materials, plan, language)
        return f"{words}：{asked_for}" if language == "zh" else f"{words}: {asked_for}"
    return words
