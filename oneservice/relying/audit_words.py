"""What the findings of an audit say, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["FINDINGS", "FindingWords"]


class FindingWords(NamedTuple):
    """How much it weighs, and its sentence; ``{0}`` and so on are its facts."""

    severity: str
    zh: str
    en: str


FINDINGS: Final[Mapping[str, FindingWords]] = MappingProxyType(
    {
        "history-unreadable": FindingWords(
            "breach",
            "过程记录或计划无法读取：{0}",
            "the journal or the plan cannot be read: {0}",
        ),
        "not-by-the-rules": FindingWords(
            "breach",
            "第 {0} 条记录（{1}）不是所钉定计划的规则所能得出的",
            "record {0} ({1}) does not follow by the rules of the pinned plan",
        ),
        "impossible": FindingWords(
            "breach",
            "第 {0} 条记录（{1}）与此前状态矛盾，重放到此为止",
            "record {0} ({1}) contradicts the state before it; the replay ends there",
        ),
        "other-plan": FindingWords(
            "breach",
            "文件中的计划不是办件所钉定的计划 {0}",
            "the plan in the file is not the one to which the case is pinned, {0}",
        ),
        "certificate-not-yielded": FindingWords(
            "breach",
            "证照 {0} 并非由过程记录中的决定产生",
            "certificate {0} is not one that the history yields",
        ),
        "decision-differs": FindingWords(
            "breach",
            "{0}：所签章的结论为 {1}，过程记录得出 {2}",
            "{0}: sealed as {1}, the history leads to {2}",
        ),
        "decision-left-out": FindingWords(
            "breach",
            "{0}：过程记录得出结论 {1}，一并出件证照却未列出",
            "{0}: the history leads to {1}, and the bundle certificate does not name it",
        ),
        "spared": FindingWords(
            "note",
            "{0} 未办理：开案时 {1} 签发的 {2}（{3}）有效，证照摘要 {4}，互认规则摘要 {5}",
            "{0} was not taken: at the opening a {2} issued in {1} ({3}) counted; paper {4}, rule "
            "{5}",
        ),
        "words-unproven": FindingWords(
            "unknown",
            "部门事件 {1} 条，其中仅 {0} 条由名录所列密钥签名：其余无法认定确为部门所言",
            "listed keys vouch for {0} of {1} departments' events: whether the others are the "
            "departments' own words cannot be told",
        ),
        "other-bytes-received": FindingWords(
            "breach",
            "{0}：部门签名的事件（{1}，第 {2} 号）所载收件摘要与所寄内容不符："
            "其决定所依据的不是本记录所示材料",
            "{0}: by its signed event {2} ({1}) the office received other bytes than those that "
            "were sent; it decided on other papers than this history shows",
        ),
        "received-elsewhere": FindingWords(
            "note",
            "{0}：部门事件（{1}，第 {2} 号）所收的不是由此寄出的：请向部门查询其来源",
            "{0}: what the office received by its event {2} ({1}) was not sent from here; ask the "
            "office how it came",
        ),
        "time-runs-backwards": FindingWords(
            "unknown",
            "第 {0} 条记录的时刻早于其前的记录：期限按哪一时刻计算无法认定",
            "record {0} is dated before one that precedes it: by which moment limits were counted "
            "cannot be told",
        ),
        "heard-before-written": FindingWords(
            "note",
            "第 {0} 条记录的时刻早于部门写下该事件的时刻：两处时钟不一致",
            "record {0} is dated before the department wrote the event in it: the clocks of the "
            "two differ",
        ),
        "plan-missing": FindingWords(
            "unknown",
            "第 {0} 条记录（{1}）依据的计划不在文件中，无法重新判定；请另附该计划",
            "record {0} ({1}) rests on a plan that is not in the file; give that plan as well",
        ),
        "redacted": FindingWords(
            "unknown",
            "自第 {0} 条起有 {1} 条记录的内容已隐去或在其后：链条完整，但无法重放",
            "from record {0} on, {1} records are redacted or come after: the chain holds, but "
            "nobody can replay them",
        ),
        "late": FindingWords(
            "note",
            "{0} 超期：用时 {1} 天，承诺 {2} 天",
            "{0} was late: {1} days used, {2} promised",
        ),
        "by-silence": FindingWords(
            "note",
            "{0} 因部门逾期未决而视为准予",
            "{0} was granted by the office's silence",
        ),
        "from-paper": FindingWords(
            "note",
            "{0} 的决定取自纸质文书，部门尚未以电子签名确认",
            "{0} rests on a paper that was taken over; the office has not signed it",
        ),
        "other-calendar": FindingWords(
            "note",
            "计划所用日历 {0}，本次按日历 {1} 计算",
            "the plan was made with calendar {0}, limits were counted here with {1}",
        ),
    }
)
"""By code. A breach fails the audit, ``unknown`` keeps it from an answer, a note does neither."""
