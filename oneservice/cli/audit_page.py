"""The page of an audit: the verdict first, then who decided what, then what to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from oneservice.cli.audit_deeds import deed_words
from oneservice.cli.pages import counted
from oneservice.cli.verify_whys import why_of
from oneservice.cli.verify_words import VERDICTS
from oneservice.relying import Severity

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.cli.pages import Page
    from oneservice.plan import Language
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


def show_audit(page: Page, found: Audit, *, at: datetime, language: Language) -> None:
    """Write the page."""
    at_zh = 0 if language == "zh" else 1
    page.title(f"{found.thing.get(language, '')} {found.case_id}".strip())
    verdict = str(found.verdict)
    word = VERDICTS[verdict].of(language)
    page.line(f"{word}: {_MEANS[verdict][at_zh]}", style=_STYLES[verdict])
    if found.reason is not None:
        why = why_of({"message": found.message, "reason": found.reason}, language)
        page.line(f"{found.reason}: {why}", indent=2)
    _replayed(page, found, language)
    _decisions(page, found, language)
    _deeds(page, found, language)
    _findings(page, found, language)
    page.line()
    day = at.isoformat(timespec="seconds")
    results = Counter(str(one.result) for one in found.bundle.checks)
    passed, failed, left = (results[one] for one in ("pass", "fail", "not_checked"))
    zh = f"凭证包核查：{passed} 项通过，{failed} 项不通过，{left} 项未核查（截至 {day}）；"
    zh += "逐项见 oneservice verify"
    en = f"the bundle itself as of {day}: {passed} checks pass, {failed} fail, "
    en += f"{left} are not checked; 'oneservice verify' shows each"
    page.line(zh if language == "zh" else en, style="dim")


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


def _decisions(page: Page, found: Audit, language: Language) -> None:
    if not found.decisions:
        return
    at = 0 if language == "zh" else 1
    page.head(("谁在何时作出何种决定", "Who decided what, when, within which limit")[at])
    heads = (
        ("事项", "step"),
        ("部门", "department"),
        ("结论", "decision"),
        ("决定日", "on"),
        ("用时/时限", "days"),
    )
    page.table(
        [head[at] for head in heads],
        [
            (
                one.title.get(language, one.sub_case_id),
                one.department,
                _STATUS.get(one.status, (one.status, one.status.replace("_", " ")))[at]
                + _BASIS[one.basis][at],
                "-" if one.decided_on is None else one.decided_on.isoformat(),
                _days(one),
            )
            for one in found.decisions
        ],
        unbroken=frozenset({3, 4}),
    )
    for one in found.decisions:
        for pause in one.pauses:
            until = "…" if pause.end is None else pause.end.isoformat()
            law = f", {pause.by_law}" if pause.by_law else ""
            head = ("中止计时", "clock stopped")[at]
            page.point(
                f"{one.sub_case_id}: {head} {pause.start.isoformat()} – {until} ({pause.kind}{law})"
            )


def _days(one: StepDecision) -> str:
    if one.used is None or one.allowed is None:
        return "-"
    late = " !" if one.is_late else ""
    return f"{one.used}/{one.allowed}{late}"


def _deeds(page: Page, found: Audit, language: Language) -> None:
    at = 0 if language == "zh" else 1
    if found.deeds:
        page.head(("谁做了什么", "Who did what")[at])
    for one in found.deeds:
        role = _ROLES.get(one.role, (one.role, one.role.replace("_", " ")))[at]
        who = f"{role} {one.actor}".rstrip()
        what = deed_words(one.kind, language)
        place = f" {one.sub_case_id}" if one.sub_case_id else ""
        why = f": {one.why}" if one.why else ""
        page.point(f"{one.at.date().isoformat()} #{one.seq} {who}, {what}{place}{why}")


def _findings(page: Page, found: Audit, language: Language) -> None:
    at = 0 if language == "zh" else 1
    page.head(("发现", "Findings")[at])
    if not found.findings:
        page.line(("无", "none")[at], indent=2)
    for one in found.findings:
        style = "red" if one.severity is Severity.BREACH else ""
        words = one.zh if language == "zh" else one.en
        page.point(f"{_SEVERITY[one.severity][at]} [{one.code}] {words}", style=style)
