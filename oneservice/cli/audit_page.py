"""The page of an audit: the verdict first, then who decided what, then what to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from oneservice.cli.audit_deeds import deed_words
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.pages import counted
from oneservice.cli.procedures import procedure_words
from oneservice.cli.verify_whys import why_of
from oneservice.cli.verify_words import VERDICTS
from oneservice.relying import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oneservice.catalog import Text
    from oneservice.cli.pages import Page
    from oneservice.plan import Language, Plan
    from oneservice.relying import Audit, StepDecision

__all__ = ["show_audit"]

_STYLES: Final = {"valid": "bold green", "invalid": "bold red", "indeterminate": "bold yellow"}
_MEANS: Final = {
    "valid": (
        "每条记录都能由所钉定的计划重新得出，证照与过程一致",
        "every record follows by the pinned plan, and leads to these certificates",
    ),
    "invalid": ("不能采信", "not to be relied on"),
    "indeterminate": ("仅凭此文件无法判断", "it cannot be told from this file"),
}
_STATUS: Final = {
    "granted": ("准予", "granted"),
    "refused": ("不予许可", "refused"),
    "not_accepted": ("不予受理", "not accepted"),
    "withdrawn": ("已撤回", "withdrawn"),
    "lapsed": ("逾期视为放弃", "lapsed"),
    "cancelled": ("已取消", "cancelled"),
    "dropped": ("未办理", "dropped"),
    "granted_pending_material": ("容缺准予", "granted but for a material"),
}
_BASIS: Final = {
    "signed": ("", ""),
    "silence": ("（默许）", ", by silence"),
    "adopted": ("（据纸质文书）", ", from paper"),
}
_SEVERITY: Final = {
    Severity.BREACH: ("违规", "BREACH"),
    Severity.UNKNOWN: ("不明", "unknown"),
    Severity.NOTE: ("提示", "note"),
}
_ROLES: Final = {
    "applicant": ("申请人", "applicant"),
    "agent": ("代理人", "agent"),
    "party": ("相关方", "party"),
    "operator": ("运维人员", "operator"),
    "officer": ("工作人员", "officer"),
    "window_clerk": ("窗口人员", "window clerk"),
}


def show_audit(
    page: Page, found: Audit, *, at: datetime, language: Language, plans: Iterable[Plan] = ()
) -> None:
    """Write the page; ``plans`` are those of the case, which know what offices are called."""
    at_zh = 0 if language == "zh" else 1
    page.title(f"{found.thing.get(language, '')} {found.case_id}".strip())
    verdict = str(found.verdict)
    word = VERDICTS[verdict].of(language)
    colon = ("：", ": ")[at_zh]
    page.line(f"{word}{colon}{_MEANS[verdict][at_zh]}", style=_STYLES[verdict])
    if found.reason is not None:
        reason = ("原因代码", "reason")[at_zh]
        page.line(f"{reason} {found.reason}{colon}{_why(found, language)}", indent=2)
    _replayed(page, found, language)
    offices = {step.department: step.department_name for one in plans for step in one.steps}
    _decisions(page, found, offices, language)
    _deeds(page, found, language)
    _findings(page, found, language)
    page.line()
    day = f"{at.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M %z}"
    results = Counter(str(one.result) for one in found.bundle.checks)
    passed, failed, left = (results[one] for one in ("pass", "fail", "not_checked"))
    zh = f"凭证包核查：{passed} 项通过，{failed} 项不通过，{left} 项未核查（截至 {day}）；"
    zh += "逐项见 oneservice verify"
    en = f"the bundle itself as of {day}: {passed} checks pass, {failed} fail, "
    en += f"{left} are not checked; 'oneservice verify' shows each"
    page.line(zh if language == "zh" else en, style="dim")


def _why(found: Audit, language: Language) -> str:
    """Return the reason; where a finding is the reason, in the words of that finding."""
    for one in found.findings:
        if one.en == found.message:
            return one.zh if language == "zh" else one.en
    return why_of({"message": found.message, "reason": found.reason}, language)


def _replayed(page: Page, found: Audit, language: Language) -> None:
    decided, taken = found.counts.get("decided", 0), found.counts.get("taken", 0)
    if language == "zh":
        text = f"记录 {found.records} 条：{decided} 条按规则重新得出"
        text += f"，{taken} 条为报文往来" if taken else ""
        text += f"，{found.redacted} 条已隐去" if found.redacted else ""
        text += f"；跑动 {found.trips} 次" if found.trips is not None else ""
    else:
        text = f"{counted(found.records, 'record')}: {decided} follow by the rules"
        text += f", {taken} only tell of messages" if taken else ""
        text += f", {found.redacted} redacted" if found.redacted else ""
        if found.trips is not None:
            text += f"; {counted(found.trips, 'journey')} made"
    page.line(text, indent=2)


def _decisions(page: Page, found: Audit, offices: dict[str, Text], language: Language) -> None:
    if not found.decisions:
        return
    at = 0 if language == "zh" else 1
    page.head(("谁在何时作出何种决定", "Who decided what, when, within which limit")[at])
    heads = (
        ("事项", "step"),
        ("部门", "department"),
        ("结论", "decision"),
        ("决定日", "on"),
        ("用时/时限（天）", "days"),
    )
    page.table(
        [head[at] for head in heads],
        [
            (
                _step(one.sub_case_id, found, language),
                _office(one.department, offices, language),
                _STATUS.get(one.status, (one.status, one.status.replace("_", " ")))[at]
                + _BASIS[one.basis][at],
                "-" if one.decided_on is None else one.decided_on.isoformat(),
                _days(one, language),
            )
            for one in found.decisions
        ],
        unbroken=frozenset({3, 4}),
    )
    for one in found.decisions:
        for pause in one.pauses:
            until = "…" if pause.end is None else pause.end.isoformat()
            law = ("，", ", ")[at] + pause.by_law if pause.by_law else ""
            step, kind = (
                _step(one.sub_case_id, found, language),
                procedure_words(pause.kind, language),
            )
            start = pause.start.isoformat()
            page.point(
                (
                    f"{step}：{start} 至 {until} 中止计时（{kind}{law}）",
                    f"{step}: clock stopped {start} – {until} ({kind}{law})",
                )[at]
            )


def _step(sub_case_id: str, found: Audit, language: Language) -> str:
    """Return what people call a step; the instances of one that repeats are told apart."""
    title = next((one.title for one in found.decisions if one.sub_case_id == sub_case_id), {})
    _, _, number = sub_case_id.rpartition("-")
    which = f" #{number}" if number.isdecimal() else ""
    return title[language] + which if language in title else sub_case_id


def _office(department: str, offices: dict[str, Text], language: Language) -> str:
    name = offices.get(department)
    if name is None:
        return department
    return name.zh if language == "zh" else name.en


def _days(one: StepDecision, language: Language) -> str:
    if one.used is None or one.allowed is None:
        return "-"
    late = " !" if one.is_late else ""
    if one.allowed == 0:
        same_day = "当日" if language == "zh" else "same day"
        return f"{one.used}/{same_day}{late}" if one.used else f"{same_day}{late}"
    return f"{one.used}/{one.allowed}{late}"


def _deeds(page: Page, found: Audit, language: Language) -> None:
    at = 0 if language == "zh" else 1
    if found.deeds:
        page.head(("谁做了什么", "Who did what")[at])
    for one in found.deeds:
        role = _ROLES.get(one.role, (one.role, one.role.replace("_", " ")))[at]
        who = f"{role} {one.actor}".rstrip()
        what = deed_words(one.kind, language)
        comma, colon = ("，", "：") if language == "zh" else (", ", ": ")
        place = f"{colon}{_step(one.sub_case_id, found, language)}" if one.sub_case_id else ""
        why = f"{comma}{one.why}" if one.why else ""
        day = one.at.astimezone(OFFICE_ZONE).date().isoformat()
        page.point(f"{day} #{one.seq} {who}{comma}{what}{place}{why}")


def _findings(page: Page, found: Audit, language: Language) -> None:
    at = 0 if language == "zh" else 1
    page.head(("发现", "Findings")[at])
    if not found.findings:
        page.line(("无", "none")[at], indent=2)
    for one in found.findings:
        style = "red" if one.severity is Severity.BREACH else ""
        words = one.zh if language == "zh" else one.en
        page.point(f"{_SEVERITY[one.severity][at]} [{one.code}] {words}", style=style)
