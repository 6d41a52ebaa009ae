"""What people did, in words: the records of a journal that name somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oneservice.plan import Language

__all__ = ["DEEDS", "deed_words"]

DEEDS: Final[Mapping[str, tuple[str, str]]] = {
    "bulk_joined": ("纳入批量处理", "made it part of a bulk order"),
    "case_closed": ("办结归档", "closed the case"),
    "case_opened": ("提交申请", "opened the case"),
    "code_issued": ("申领取号码", "asked for a code"),
    "code_mistyped": ("输错取号码", "mistyped a code"),
    "consent_ended": ("撤回授权同意", "took a consent back"),
    "consent_recorded": ("作出授权同意", "gave a consent"),
    "consent_refused": ("不同意向异地部门提供", "let an office elsewhere have nothing"),
    "continued_at": ("换渠道继续办理", "went on at another place"),
    "courier_handed": ("交付寄递", "handed a parcel to the courier"),
    "courier_reported": ("回报寄递状态", "told where the parcel is"),
    "filed_again": ("重新申报", "filed again"),
    "follow_up_advanced": ("推进差评整改", "moved the follow-up on"),
    "fresh_bundle_asked": ("申请重新出具凭证包", "asked for a fresh bundle"),
    "joint_extended": ("延长联办期限", "extended the joint limit"),
    "loss_settled": ("处理原件遗失", "settled a loss"),
    "mandate_ended": ("终止委托", "ended a mandate"),
    "mandate_given": ("出具委托", "gave a mandate"),
    "messages_prepared": ("提交材料", "handed in what was asked for"),
    "migrated": ("变更所依据的方案", "moved the case to another plan"),
    "original_moved": ("转移原件", "moved an original"),
    "original_returned": ("退还原件", "returned an original"),
    "original_taken": ("收取原件", "took an original"),
    "outcome_adopted": ("采用纸质决定", "took a decision over from paper"),
    "reassigned": ("转交其他部门", "gave the step to another office"),
    "result_rated": ("作出评价", "rated the result"),
    "retry_ordered": ("要求重试", "ordered another try"),
    "sub_case_resumed": ("恢复办理", "let the step go on"),
    "visit_recorded": ("记录到场", "recorded a visit"),
    "window_checked": ("异地窗口收件核验", "received for an office elsewhere"),
    "withdrawal_asked": ("申请撤回", "asked to withdraw"),
}
"""By the kind of the record: Chinese, English."""


def deed_words(kind: str, language: Language) -> str:
    """Return what somebody did; a kind that is not known keeps its own name."""
    zh, en = DEEDS.get(kind, (kind, kind.replace("_", " ")))
    return zh if language == "zh" else en
