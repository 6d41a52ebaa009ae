"""What each finding says, by its stable code: to an operator, in both languages, with the clause.

``{0}``, ``{1}`` stand for facts that name nobody: a step, a day, an id of the protocol. The guide
for operators has the same table, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["FINDING_TEXTS", "FindingText"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """A finding in words: what is so, by which clause it matters, and what an operator can do."""

    zh: str
    en: str
    clause: str
    remedy_zh: str
    remedy_en: str


def _text(zh: str, en: str, clause: str, remedy_zh: str, remedy_en: str) -> FindingText:
    return FindingText(zh=zh, en=en, clause=clause, remedy_zh=remedy_zh, remedy_en=remedy_en)


_ALL = "Administrative Licensing Law art. "

FINDING_TEXTS: Final[Mapping[str, FindingText]] = {
    "granted-without-certificate": _text(
        "{1} 已准予 {0}，但未出具证照",
        "{1} granted {0} and sent no certificate; ask for it",
        _ALL + "39, 44",
        "向该部门索取证照；决定本身有效",
        "ask the department for the paper; the decision stands without it",
    ),
    "granted-by-silence": _text(
        "{0} 超期未作决定，视为准予（{1}），尚无证照",
        "{0} is granted by silence since {1}; there is no certificate",
        "the item's own rule on silence (on_overdue: deemed_granted)",
        "请该部门补作决定并出具证照",
        "ask the department to decide on the record and to send the paper",
    ),
    "accepted-by-silence": _text(
        "{0} 部门逾期未告知，自 {1} 起视为受理；部门尚未在线受理",
        "{0} is accepted by silence (told on {1}); the department has said nothing since",
        _ALL + "32",
        "请部门补作受理并在时限内决定；时限自收到之日起算",
        "ask the department to accept on the record and to decide; its limit runs from receipt",
    ),
    "not-accepted-after-silence": _text(
        "{0} 视为受理（{1}）之后，部门又不予受理；依法应当就实体作出决定",
        "{0} was accepted by silence (told on {1}), and the department then did not accept it; by "
        "law it had to decide",
        _ALL + "7, 32",
        "请部门就实体作出决定并重新报送；申请人可申请行政复议",
        "ask the department to decide on the merits and file again; the applicant may apply for "
        "review",
    ),
    "correction-after-silence": _text(
        "{0} 视为受理之后，部门才要求补正（{1}）；已属受理，不得以此不予受理",
        "{0}: correction {1} was asked for after silence had accepted; it is no ground for not "
        "accepting",
        _ALL + "32",
        "申请人宜补交；请部门补作受理",
        "the applicant had better answer; ask the department to accept on the record",
    ),
    "decided-after-silence": _text(
        "{0} 视为准予之后，部门又作出 {1}；视为准予继续有效",
        "{0} was granted by silence, and the department then told {1}; the grant stands",
        _ALL + "69",
        "与该部门核实；撤销须先补作准予并另行说明理由",
        "settle it with the department: to take the grant back it must revoke, with its reason",
    ),
    "handled-after-silence": _text(
        "{0} 视为准予之后，部门仍在办理：{1}；视为准予继续有效，申请人无需补交",
        "{0} was granted by silence, and the department then went on: {1}; nothing is owed",
        _ALL + "32, 69",
        "请该部门补作决定并出具证照",
        "ask the department to decide on the record and to send the paper",
    ),
    "decision-adopted": _text(
        "{0} 的准予由工作人员依纸质决定录入（文号 {1}），部门尚未在线确认",
        "{0} is granted by a decision that was taken over from paper (number: {1})",
        "domain page, section 3: what the department signs counts",
        "请该部门在线补录该决定",
        "ask the department to state its decision by the protocol",
    ),
    "promise-differs": _text(
        "{0} 受理时承诺的工作日与公布的不同：{1}",
        "{0}: accepted with another promise than published (told / published): {1}",
        _ALL + "30",
        "以公布的承诺时限计；请部门更正或修订目录",
        "the published promise counts; have the department, or the catalog, put right",
    ),
    "clock-differs": _text(
        "{0} 部门显示的到期日 {1} 与法定计算不同",
        "{0}: the department shows {1} as its last day; by law it is another one",
        "adapter protocol P-37",
        "以本系统计算为准；请部门核对日历与暂停",
        "ours counts; ask the department to compare calendar and suspensions",
    ),
    "correction-not-complete": _text(
        "{0} 补正通知 {1} 未一次性告知全部内容",
        "{0}: correction {1} does not list everything at once",
        _ALL + "32",
        "提醒该部门一次性告知；之后再要求的，申请人可以拒绝",
        "remind the department: everything at once, on the spot or within five days",
    ),
    "correction-repeated": _text(
        "{0} 受理前第二次要求补正（{1}）",
        "{0}: a second correction ({1}) before acceptance",
        _ALL + "32",
        "一次性告知已完成；请部门受理或说明理由",
        "one list was allowed; ask the department to accept, or for its reason",
    ),
    "correction-overdue": _text(
        "{0} 补正 {1} 逾期未答复，部门亦未处理",
        "{0}: correction {1} is past its day; neither answered nor lapsed",
        "domain page, section 3",
        "联系申请人补交，或撤回；部门可以作逾期处理",
        "reach the applicant: answer or withdraw; the department may let it lapse",
    ),
    "suspension-without-notice": _text(
        "{0} 暂停计时未载明 {1}，期间照常计入",
        "{0}: a suspension without its {1}; the days count",
        _ALL + "45",
        "请部门补送书面告知；补送前不停止计时",
        "ask for the written notice; without ground and notice the clock runs on",
    ),
    "suspension-overdue": _text(
        "{0} 特别程序超过告知的期限仍未恢复",
        "{0}: the special procedure is past the day that was announced",
        _ALL + "45",
        "向该部门询问进展和新的期限",
        "ask the department how it stands, and for a new day in writing",
    ),
    "extension-too-long": _text(
        "{0} 延期 {1} 个工作日，超过法定的 10 个，不计",
        "{0}: an extension by {1} working days; the law allows 10, so it gives no time",
        _ALL + "42",
        "以原时限为准；请部门重新审批延期",
        "the old limit counts; the department may extend anew, within the law",
    ),
    "extension-late": _text(
        "{0} 于 {1} 延期，时限已届满，不计",
        "{0}: extended on {1}, after the limit had ended; it gives no time",
        _ALL + "42",
        "以原时限为准，按超期处理",
        "the old limit counts; treat the step as overdue",
    ),
    "extension-early": _text(
        "{0} 于 {1} 延期，时限尚未开始，不计",
        "{0}: extended on {1}, before the limit had begun; it gives no time",
        _ALL + "42",
        "以原时限为准",
        "the old limit counts",
    ),
    "extension-unapproved": _text(
        "{0} 延期缺少批准人、理由或告知书，不计",
        "{0}: an extension without approver, reason or notice; it gives no time",
        _ALL + "42",
        "请部门补齐批准与告知",
        "ask the department for approval, reason and notice",
    ),
    "promise-overdue": _text(
        "{0} 容缺材料 {1} 到期未补交",
        "{0}: the promised material {1} did not come in time",
        "domain page, section 7 (tolerance acceptance)",
        "联系申请人补交；部门可以作逾期处理",
        "reach the applicant, it can still follow; the department may let the grant lapse",
    ),
    "overdue-promised": _text(
        "{0} 已超过承诺时限（{1}）",
        "{0}: the promise has passed ({1})",
        "domain page, section 7, rule 9",
        "催办；目录可规定逐级督办",
        "press the department; the catalog may name a ladder",
    ),
    "overdue-statutory": _text(
        "{0} 已超过法定时限（{1}）",
        "{0}: the limit of the law has passed ({1})",
        _ALL + "42, 74",
        "督促部门立即决定；申请人可申请行政复议",
        "press for a decision; the applicant may apply for review of the silence",
    ),
    "calendar-missing": _text(
        "缺少 {1} 年的工作日历：时限无法确定，不推定受理、准予或超期",
        "the calendar of {1} is missing: a limit ends in it on a day that nobody knows, so nothing "
        "is accepted, granted or late by a guess",
        "domain page, section 7, rule 10",
        "安装该年度的工作日历；之后按准确日期补记",
        "open the engine with the calendar of that year; what ended follows with its exact day",
    ),
    "calendar-of-region-missing": _text(
        "{0} 的期限应按 {1} 的工作日历计算，但此处没有该日历，暂按本地日历估算，不产生效力",
        "{0}: its limits are counted in the days of {1}, not known here; meanwhile the days of "
        "this region are a guess, and nothing passes or is granted by it",
        "domain page, section 6, consequence (c)",
        "打开引擎时提供该地区的工作日历；期限随即按其重新计算",
        "open the engine with the calendar of that region; the limits follow it at once",
    ),
    "escalated": _text(
        "{0} 已逐级督办至 {1}",
        "{0}: escalated to {1}",
        "the item's ladder (on_overdue: escalate)",
        "由该单位督促；决定权不变",
        "that office presses for the decision; competence stays where it is",
    ),
    "escalation-unanswered": _text(
        "{0} 各级督办均无回应，请牵头部门处理",
        "{0}: no rung of the ladder has answered; the lead department acts",
        "the item's ladder (on_overdue: escalate)",
        "由牵头部门协调；可改派或代为登记结果",
        "the lead department settles it; a result on paper can be adopted",
    ),
    "operator-overdue": _text(
        "{0} 停滞后 3 个工作日无人处理：{1}",
        "{0}: stands still, and nobody has looked for 3 working days: {1}",
        "adapter protocol, section 12",
        "与部门核实后恢复、改派或登记结果",
        "settle it with the department, then resume, reassign or adopt a result",
    ),
    "follow-up-failed": _text(
        "{0} 事后核查未通过（{1}）；原准予在撤销前继续有效",
        "{0}: the check after the grant failed ({1}); the grant stands until it is revoked",
        "domain page, section 7 (notification-commitment)",
        "由准予部门决定整改或撤销",
        "the granting department decides: correct, or revoke with a reason",
    ),
    "result-revoked": _text(
        "{0} 的结果已被撤销",
        "{0}: its result was revoked",
        _ALL + "69",
        "告知申请人及救济途径",
        "tell the applicant, with the remedies",
    ),
    "bundle-outdated": _text(
        "出件之后有结果变更：{0}",
        "a result changed after all were handed out: {0}",
        "certificates page (bundle)",
        "可申请重新出件；原件仍如实反映当日",
        "ask for a fresh bundle; the old one stays true of its day",
    ),
    "joint-overdue": _text(
        "整件事已超过联合办理上限（{1}）",
        "the whole case is past the cap of joint handling ({1})",
        _ALL + "26, 42",
        "由牵头部门督促；上限届满前可经批准延长一次",
        "the lead department presses all offices; more time is given before the end only, once",
    ),
    "case-overdue": _text(
        "整件事已超过承诺时限（{1}）",
        "the whole case is past its promise ({1})",
        "domain page, section 7",
        "查看迟延的步骤并催办",
        "see which steps are late, and press them",
    ),
    "filing-forgotten": _text(
        "{0}：部门持有本系统报送而本系统已不知晓的申请（{1}）",
        "{0}: a department has an application from here that is not known here ({1})",
        "adapter protocol, section 12",
        "有更新的备份则恢复之；否则告知申请人，请部门结束该申请后重新报送，或将其决定按纸质结果采认",
        "restore a newer backup; without one tell the applicant, and have the department end the "
        "application before it is filed anew, or take its decision over from paper",
    ),
}
