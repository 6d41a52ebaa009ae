"""Why a seal is refused: a code for machines, and for people what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["SealRefusal", "SealWords", "words_of"]


class SealRefusal(StrEnum):
    """The reasons, in the order in which they are looked for."""

    ANOTHER_SEAL = "another_seal"
    POLICY_NOT_IN_FORCE = "policy_not_in_force"
    TYPE_NOT_COVERED = "type_not_covered"
    REGION_NOT_COVERED = "region_not_covered"
    MANDATE_MISSING = "mandate_missing"
    MANDATE_UNKNOWN = "mandate_unknown"
    MANDATE_OF_ANOTHER = "mandate_of_another"
    MANDATE_NOT_YET = "mandate_not_yet"
    MANDATE_ENDED = "mandate_ended"
    MANDATE_REVOKED = "mandate_revoked"
    MANDATE_SCOPE = "mandate_scope"
    OUTSIDE_HOURS = "outside_hours"
    NOT_A_WORKING_DAY = "not_a_working_day"
    CALENDAR_UNKNOWN = "calendar_unknown"
    DAILY_COUNT_USED = "daily_count_used"
    APPROVAL_OF_ANOTHER_DOCUMENT = "approval_of_another_document"
    APPROVER_UNKNOWN = "approver_unknown"
    APPROVAL_FORGED = "approval_forged"
    APPROVAL_NOT_IN_TIME = "approval_not_in_time"
    OWN_APPROVAL = "own_approval"
    APPROVALS_MISSING = "approvals_missing"


@dataclass(frozen=True, slots=True)
class SealWords:
    """A refusal in words: ``why`` and ``remedy`` in zh and en."""

    why: Mapping[str, str]
    remedy: Mapping[str, str]


def words_of(reason: SealRefusal) -> SealWords:
    """Return ``reason`` in words."""
    why_zh, why_en, remedy_zh, remedy_en = _WORDS[reason]
    return SealWords({"zh": why_zh, "en": why_en}, {"zh": remedy_zh, "en": remedy_en})


_WORDS: Final[Mapping[SealRefusal, tuple[str, str, str, str]]] = {
    SealRefusal.ANOTHER_SEAL: (
        "申请的不是这枚印章",
        "the request is for another seal",
        "请向持有该印章的部门申请",
        "ask the office that keeps that seal",
    ),
    SealRefusal.POLICY_NOT_IN_FORCE: (
        "用印规则尚未生效或已失效",
        "the seal's policy is not in force at that moment",
        "请由印章管理人发布新的用印规则",
        "have the keeper of the seal put a policy in force",
    ),
    SealRefusal.TYPE_NOT_COVERED: (
        "该印章不得用于此类证照",
        "the seal may not be used for certificates of this type",
        "请改用有权签发此类证照的印章",
        "use the seal that may issue this type",
    ),
    SealRefusal.REGION_NOT_COVERED: (
        "该印章不得用于此地区",
        "the seal may not be used for this region",
        "请改用该地区的印章",
        "use the seal of that region",
    ),
    SealRefusal.MANDATE_MISSING: (
        "申请人不持有该印章，也未提供授权",
        "who asks does not hold the seal and names no mandate",
        "请提供授权编号，或由持章部门办理",
        "name the mandate, or let the office that holds the seal act",
    ),
    SealRefusal.MANDATE_UNKNOWN: (
        "没有该编号的授权",
        "there is no mandate of that id in the book of this seal",
        "请核对授权编号，或先登记授权",
        "check the id, or have the mandate entered first",
    ),
    SealRefusal.MANDATE_OF_ANOTHER: (
        "该授权属于他人",
        "the mandate is somebody else's",
        "请使用本人岗位的授权",
        "use a mandate of your own role",
    ),
    SealRefusal.MANDATE_NOT_YET: (
        "授权尚未生效",
        "the mandate has not begun",
        "请在授权生效后申请",
        "ask again when it has begun",
    ),
    SealRefusal.MANDATE_ENDED: (
        "授权已到期",
        "the mandate has ended",
        "请申请新的授权",
        "have a new mandate granted",
    ),
    SealRefusal.MANDATE_REVOKED: (
        "授权已被撤销",
        "the mandate was revoked",
        "请联系授权部门",
        "turn to the office that granted it",
    ),
    SealRefusal.MANDATE_SCOPE: (
        "授权不包括此类证照或此地区",
        "the mandate does not cover this type, or this region",
        "请由持章部门办理，或扩大授权范围",
        "let the office that holds the seal act, or have the mandate widened",
    ),
    SealRefusal.OUTSIDE_HOURS: (
        "不在用印时间内",
        "the seal is not used at this time of day",
        "请在办公时间内申请",
        "ask again during its hours",
    ),
    SealRefusal.NOT_A_WORKING_DAY: (
        "今天不是工作日",
        "the seal is used on working days only",
        "请在下一个工作日申请",
        "ask again on the next working day",
    ),
    SealRefusal.CALENDAR_UNKNOWN: (
        "该年度的工作日尚未公布，无法判断",
        "the working days of this year are not announced here, and nobody guesses",
        "请更新工作日历",
        "give the lock the calendar of that year",
    ),
    SealRefusal.DAILY_COUNT_USED: (
        "今日用印次数已用完",
        "the uses of this day are used up",
        "请明日申请，或由印章管理人调整次数",
        "ask again tomorrow, or have the keeper change the count",
    ),
    SealRefusal.APPROVAL_OF_ANOTHER_DOCUMENT: (
        "审批意见针对的是另一份文件或另一枚印章",
        "an approval is of another document, or for another seal",
        "请就本文件重新审批",
        "have this document approved",
    ),
    SealRefusal.APPROVER_UNKNOWN: (
        "审批人不在该印章的审批人名单中",
        "an approval is by a role that may not approve",
        "请由名单中的审批人审批",
        "have one of the seal's approvers agree",
    ),
    SealRefusal.APPROVAL_FORGED: (
        "审批签名无效",
        "an approval is not signed by the approver's key",
        "请审批人用其密钥重新签署",
        "have the approver sign it with the key that the policy names",
    ),
    SealRefusal.APPROVAL_NOT_IN_TIME: (
        "审批已过期或时间在将来",
        "an approval is too old, or of the future",
        "请重新审批",
        "have it approved anew",
    ),
    SealRefusal.OWN_APPROVAL: (
        "申请人不得审批自己的申请",
        "who asks may not be one of those who agree",
        "请由另一位审批人审批",
        "have somebody else agree",
    ),
    SealRefusal.APPROVALS_MISSING: (
        "审批人数不足",
        "not enough roles have agreed",
        "请补齐审批",
        "have as many roles agree as the policy asks for",
    ),
}
