"""What the stories of the demonstration say, in both languages; states bear the law's own words."""

from __future__ import annotations

from typing import Final

from oneservice.cli.demo_book import Phrases, spoken
from oneservice.plan import Language

__all__ = ["phrase"]

_PHRASES: Final[Phrases] = {
    "so_far": ("What was recorded before; then it goes on", "以下为此前已记录的经过"),
    "goes_on": ("Here it goes on", "从这里继续"),
    "applicant": ("The applicant", "申请人"),
    "centre": ("The service centre", "政务服务中心"),
    "does": ("{} {}", "{}{}"),
    "whole_case": ("The whole case", "整件事"),
    "opened": (
        "hands in one form for {} steps, with {} documents.",
        "一次提交一张表单，涉及 {} 个事项，附 {} 份材料。",
    ),
    "held_back": ("not handed in: {}", "未提交：{}"),
    "received": (
        "has it (收件). By {} it accepts, or says what is missing; else the law accepts.",
        "已收件。应于 {}（含）前受理或一次告知补正，逾期视为受理。",
    ),
    "accepted": ("accepts it (受理).", "受理。"),
    "accepted_deemed": (
        "accepts it at last; the law had done so, from the day of receipt.",
        "补作受理；依法早已自收件之日起视为受理。",
    ),
    "accepted_tolerance": (
        "accepts it without a minor material (容缺受理): {}. It may follow, until {} by the plan.",
        "容缺受理。次要材料“{}”可按承诺后补，按方案最迟 {}。",
    ),
    "correction_before": (
        "asks for all that is missing, at once, before it accepts (补正); answer until {}:",
        "受理前一次告知需要补正的全部内容，请于 {}（含）前补正：",
    ),
    "correction_after": (
        "asks for something after acceptance; the clock stops (补正), answer until {}:",
        "受理后要求补正，暂停计时，请于 {}（含）前补正：",
    ),
    "no_clock_yet": (
        "Not accepted yet: no clock of the decision runs.",
        "尚未受理，审批时限未开始。",
    ),
    "by_law": ("by law: {}", "依据：{}"),
    "correction_received": ("has the answer; the clock goes on.", "已收到补正，恢复计时。"),
    "correction_received_before": ("has the answer, and looks again.", "已收到补正，重新审查。"),
    "suspended": (
        "begins a special procedure ({}); the clock stops until {} (notice {}).",
        "启动特别程序（{}），暂停计时，预计至 {}（告知书 {}）。",
    ),
    "resumed": ("ends it: {}. The clock goes on.", "结束特别程序：{}。恢复计时。"),
    "extended": ("extends by {} working days, approved by {}.", "延期 {} 个工作日，批准人：{}。"),
    "granted": ("grants it (准予){}.", "准予{}。"),
    "number": (", number {}", "，编号 {}"),
    "verified_after": ("has checked: what was promised is kept.", "完成事后核查：承诺属实。"),
    "granted_pending_material": (
        "approves it; the paper comes as soon as this is handed in (容缺通过), until {}: {}.",
        "容缺通过，待补交后发证，最迟 {}：{}。",
    ),
    "material_received": (
        "has what was promised, and grants (准予){}.",
        "已收到承诺的材料，准予{}。",
    ),
    "refused": ("refuses it (不予许可):", "不予许可："),
    "not_accepted": ("does not accept it (不予受理):", "不予受理："),
    "remedy_review": ("administrative review until {}, at: {}", "可于 {}（含）前申请行政复议：{}"),
    "remedy_lawsuit": ("lawsuit until {}, at: {}", "可于 {}（含）前提起行政诉讼：{}"),
    "result_revoked": ("takes its result back (撤销): {}", "撤销其决定：{}"),
    "five_moments": ("The same permit, judged at five moments", "同一张证照，五个时点的核验结论"),
    "moment_before": ("before its first day", "生效之前"),
    "moment_valid": ("when it was handed out", "出件之时"),
    "moment_rotated": ("after its office changed keys", "部门更换密钥之后"),
    "moment_revoked": ("after it was taken back", "撤销之后"),
    "moment_expired": ("after its last day", "有效期届满之后"),
    "answer_not_yet_valid": ("not yet valid", "尚未生效"),
    "answer_valid": ("valid", "有效"),
    "answer_revoked": ("revoked", "已撤销"),
    "answer_expired": ("expired", "已过期"),
    "answer_indeterminate": ("cannot be told", "无法判断"),
    "answer_nothing": ("no answer", "无结论"),
    "withdrawn": ("lets it go (撤回).", "同意撤回。"),
    "withdrawal_refused": ("does not let it go.", "不同意撤回。"),
    "lapsed": ("lets it lapse: {}.", "终止办理：{}。"),
    "crossed": (
        "The wish to withdraw came too late: the decision stands.",
        "撤回请求到达时已作出决定，决定有效。",
    ),
    "deemed_accepted": (
        "Five working days of silence: by law it is accepted (默认受理), since the receipt, {}.",
        "五个工作日内未予答复：依法视为受理，自收件之日 {} 起算。",
    ),
    "deadline_near": (
        "The light turns yellow: {} % of the promise are used, nothing is decided.",
        "亮黄灯：承诺时限已用 {}%，尚未决定。",
    ),
    "passed_promised": (
        "The light turns red: the promise ended on {}.",
        "亮红灯：承诺时限已于 {} 届满。",
    ),
    "passed_statutory": (
        "The limit of the law ended on {}: the applicant may apply for review of the silence.",
        "法定时限已于 {} 届满：申请人可就不作为申请行政复议。",
    ),
    "escalated": (
        "Rung {} of {} of the ladder (督办), {}: {} is told, and must see to it by {}.",
        "督办第 {}/{} 级（{}）：通知{}，限 {}（含）前督促办结。",
    ),
    "case_escalated": (
        "No rung has answered: the lead office settles it.",
        "各级督办均无回应，由牵头部门处理。",
    ),
    "wait_overdue": ("Nobody has answered; people are told.", "逾期未答复，已提示工作人员。"),
    "law_of_notice": (
        "Administrative Licensing Law art. 32",
        "中华人民共和国行政许可法 第三十二条",
    ),
    "law_of_limits": (
        "Administrative Licensing Law art. 42",
        "中华人民共和国行政许可法 第四十二条",
    ),
    "unit": ("the unit itself", "承办单位"),
    "town": ("town", "乡镇级"),
    "village": ("village", "村级"),
    "national": ("national", "国家级"),
    "county": ("district", "区级"),
    "city": ("city", "市级"),
    "province": ("province", "省级"),
    "dropped": (
        "cannot come any more (无需办理): it needs {}, which was not granted.",
        "无需再办：前置事项“{}”未获准。",
    ),
    "case_near": ("The whole case nears its limit.", "整件事临近时限。"),
    "case_passed_promised": (
        "The promise for the whole case ended on {}; nothing is handed out yet.",
        "整件事的承诺时限已于 {} 届满，尚未出件。",
    ),
    "case_passed_joint": ("The cap of joint handling ended on {}.", "联合办理上限已于 {} 届满。"),
    "supplements": ("hands in what was asked for: {}", "提交补正：{}"),
    "keeps_promise": ("hands in what was promised: {}", "补交承诺的材料：{}"),
    "asks_withdrawal": ("wants it back (申请撤回).", "申请撤回。"),
    "bundle": (
        "hands out all results together (一并出件), under one seal.",
        "将各项结果一并出件，加盖一枚电子印章。",
    ),
    "concluded": ("The case is closed (办结).", "整件事办结。"),
    "closed": ("The case is closed: {}.", "整件事终结：{}。"),
    "clock": (
        "clock: working days used {} of {}, {}; promise ends {}, the law's limit {}",
        "计时：承诺 {1} 个工作日已用 {0} 个，{2}；承诺期至 {3}，法定期至 {4}",
    ),
    "clock_stands": (
        "clock: stands, working days used {} of {}; the limits move with it",
        "计时：暂停于 {}/{} 个工作日，期限顺延",
    ),
    "on_time": ("green", "绿灯"),
    "warning": ("yellow", "黄灯"),
    "overdue": ("red", "红灯"),
    "none": ("none", "无"),
    "standing": ("What stands on {}", "{} 的办理结果"),
    "stands": ("{}: granted on {}{}", "{}：{} 准予{}"),
    "missing_because": ("{}: {}", "{}：{}"),
    "reason": ("why: {}", "理由：{}"),
    "options": ("What the applicant can do", "申请人可以"),
    "option": ("{}: {}", "{}：{}"),
    "option_until": ("{}: {}, until {}", "{}：{}，最迟 {}"),
    "nothing": ("Nothing more is open.", "没有待办事项。"),
    "findings": ("What the staff are told", "工作人员提示"),
    "otherwise": ("And otherwise?", "如果不是这样"),
}


def phrase(name: str, language: Language, *facts: object) -> str:
    """Return a phrase in ``language`` with ``facts`` in their places."""
    return spoken(_PHRASES, name, language, *facts)
