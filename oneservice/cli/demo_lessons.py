"""What each story of the demonstration is about, and what would have followed otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.catalog import Text
from oneservice.cli.demo_scripts import StoryName

__all__ = ["INTRODUCTIONS", "LESSONS"]


def _text(english: str, chinese: str) -> Text:
    return Text(en=english, zh=chinese)


INTRODUCTIONS: Final[Mapping[StoryName, Text]] = {
    StoryName.CORRECTION: _text(
        "An office may ask for what is missing, once and for all of it (补正). Before acceptance "
        "no clock of the decision runs; after it, the clock stops until the answer is there.",
        "材料不齐的，部门应当一次告知需要补正的全部内容。受理前补正，审批时限尚未开始；"
        "受理后补正，补正期间暂停计时。",
    ),
    StoryName.TOLERANCE: _text(
        "A minor paper is not there yet: the proof that the gas was tested. The fire brigade "
        "accepts without it, on a promise (容缺受理); the opinion comes with the paper.",
        "一份次要材料（燃气检验证明）尚未备齐。消防机构容缺受理并先行审查通过，"
        "申请人按承诺补交后出具意见书。",
    ),
    StoryName.COMMITMENT: _text(
        "The owner commits in writing that the place is safe (告知承诺). The fire brigade grants "
        "at once, all results are handed out, and the check comes later, on a clock of its own.",
        "经营者书面承诺符合消防安全要求（告知承诺）。消防机构当即准予，各项结果一并出件，"
        "事后核查另行计时。",
    ),
    StoryName.REFUSAL: _text(
        "The registration is refused. What needs it cannot come any more; what does not, stands. "
        "The applicant is told why, and what can be done until when.",
        "市场主体登记不予许可。以其为前置的事项无需再办，其余事项不受影响。"
        "申请人会得知理由、救济途径和期限。",
    ),
    StoryName.WITHDRAWAL: _text(
        "The applicant takes two steps back. One is still open, so it ends. The other is decided "
        "in the same minute: a decision that crosses a withdrawal stands (protocol P-47).",
        "申请人撤回两个事项。其一尚未决定，予以撤回；其二恰在同一时刻作出决定：决定有效，"
        "撤回不发生效力（协议 P-47）。",
    ),
    StoryName.OVERDUE: _text(
        "One office says nothing. After five working days the law accepts for it; the light turns, "
        "the promise passes, the ladder is climbed (督办), and at last there is a decision.",
        "一个部门始终没有回应。五个工作日后依法视为受理；临期预警，承诺时限届满，逐级督办，"
        "最终作出决定。",
    ),
    StoryName.REVOCATION: _text(
        "All is handed out; then it turns out that the floor plan was false, and the office takes "
        "its permit back (撤销). Its status list says so from that moment on, for everybody, and "
        "says nothing else of before.",
        "结果均已送达。此后发现平面图虚假，部门依法撤销许可。状态列表自此向所有人公示撤销，"
        "撤销之前的状态不变。",
    ),
}
"""What a story is about."""

LESSONS: Final[Mapping[StoryName, Text]] = {
    StoryName.CORRECTION: _text(
        "The days of the second correction were the applicant's, so they did not count against the "
        "office: its limits moved by as many working days. Had no answer come in time, the step "
        "would have lapsed, and could have been filed again.",
        "第二次补正所用的时间不计入部门时限，期限相应顺延。逾期未补正的，该事项终止，"
        "可以重新申请。",
    ),
    StoryName.TOLERANCE: _text(
        "Had the paper not come by its day, people would have been told, the brigade could have "
        "let it lapse, and the step could have been filed again. Nothing else of the case waits.",
        "到期未补交的，系统提示工作人员，消防机构可以终止该事项，申请人可以重新申请；"
        "其他事项不受影响。",
    ),
    StoryName.COMMITMENT: _text(
        "Had the check found the promise broken, the brigade would have ordered a correction, or "
        "revoked the opinion with a reason. Until then the grant stands; we never take one back.",
        "核查发现与承诺不符的，由消防机构责令改正，或者说明理由后撤销。"
        "在此之前原决定有效，系统从不自行收回。",
    ),
    StoryName.REFUSAL: _text(
        "Nothing that was granted was taken back. With another name the applicant opens a new "
        "case, and what stands need not be applied for again.",
        "已获准的结果不受影响。更换名称后可另行申请，已获准的事项无需重办。",
    ),
    StoryName.WITHDRAWAL: _text(
        "A grant is a legal act: who does not want it any more asks the office to cancel it, which "
        "is another item. Nobody had to guess: the office's signed history says what came first.",
        "准予决定是行政行为：不再需要的，应当另行申请注销。孰先孰后以部门签名的记录为准，"
        "无需推测。",
    ),
    StoryName.OVERDUE: _text(
        "Silence granted nothing: this item has no rule that lets it. The ladder moved no "
        "competence, the same office decided. Since the law's own limit had passed, the "
        "applicant could have applied for review of the silence.",
        "沉默不等于许可：本事项没有超期默许的规定。督办不改变管辖，仍由原部门决定。"
        "超过法定时限后，申请人可以就不作为申请行政复议。",
    ),
    StoryName.REVOCATION: _text(
        "Had nobody published a list, or had it run out, the answer would be: it cannot be told. "
        "Had the key been stolen and not only changed, what nobody else had dated before the theft "
        "would count for nothing; this permit stands in a log that two witnesses dated.",
        "无人发布状态列表或列表过期的，结论为无法判断。密钥被盗（而非更换）的，"
        "被盗之前未经他方定时的证照不再可信；本证照已由两个见证方定时存证。",
    ),
}
"""What would have followed otherwise; told at the end."""
