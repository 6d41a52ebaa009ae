"""The plain words of a standing: why a result is missing, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["AWAITED_WORDS", "MISSING_WORDS", "OPTION_WORDS"]

MISSING_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("等待前置事项办结", "waits for a step that comes before it"),
    "filing": ("正在递交部门", "is on its way to the department"),
    "received": ("部门已收件，尚未受理", "the department has it and has not accepted it yet"),
    "accepted": ("部门正在办理", "the department is working on it"),
    "correction_requested": ("需要您补正", "the department asks you for something"),
    "suspended": ("特别程序进行中，暂停计时", "a special procedure is going on; the clock stands"),
    "granted_pending_material": (
        "已通过，待您补交承诺的材料后发证",
        "is approved; the paper comes once you hand in what you promised",
    ),
    "refused": ("部门不予许可", "the department refused it"),
    "not_accepted": ("部门不予受理", "the department did not accept it"),
    "withdrawn": ("您已撤回", "you withdrew it"),
    "lapsed": ("逾期未补正或补交，已终止", "what was asked for did not come in time, so it lapsed"),
    "not_applicable": ("前置事项“{0}”未获准，无需再办", "cannot come, because {0} was not granted"),
    "revoked": ("结果已被撤销", "its result was revoked"),
    "closed": ("政务服务中心已终止办理", "the service centre closed the case"),
    "not_shared": (
        "您未同意把所需信息提供给属地平台 {0}，本事项未报送；可到属地窗口当面办理",
        "you did not let your data go to {0}, so it was not filed; it can be done there in person",
    ),
    "not_asked": (
        "改由属地平台 {0} 办理，须先征得您的同意：同意之前不向其提供您的信息，也不报送",
        "is to be handled by {0}, and you were not asked yet: until you agree it is not filed",
    ),
    "not_agreed": (
        "须有 {0} 的同意：同意之前不报送",
        "needs the consent of {0}: it is not filed before",
    ),
    "halted": ("工作人员正在与部门核实", "our staff are settling something with the department"),
}
"""By the status of a sub-case, but for ``closed``, ``halted``, ``not_shared``, ``not_asked`` and
``not_agreed``; each status has its words (a test)."""

AWAITED_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "awaited": (
        "“{steps}”改由 {whose} 办理，须先征得您的同意；同意之前，您的信息不会提供给该部门",
        "{steps} is now to be handled by {whose}; before you agree nothing of yours goes there",
    ),
    "refused": (
        "您未同意把信息提供给 {whose}，“{steps}”未报送；可改为同意，或到当地当面办理",
        "you let nothing go to {whose}, so {steps} was not filed; agree, or do it in person",
    ),
    "withdrawn": (
        "您已撤回向 {whose} 提供信息的同意，“{steps}”不再报送新的内容；已经报送的不受影响",
        "you took your consent for {whose} back: nothing more of {steps} is sent; the rest stands",
    ),
    "expired": (
        "您同意向 {whose} 提供信息的期限已过，“{steps}”不再报送新的内容；您可以再次同意",
        "your consent for {whose} has run out: nothing more of {steps} is sent; give another",
    ),
    "party.awaited": (
        "“{steps}”由 {office} 办理，须先征得{whose}对此的同意；同意之前，相关信息不会提供给该部门",
        "{steps} is handled by {office}: {whose} must agree to that, else nothing goes there",
    ),
    "party.refused": (
        "{whose}不同意，“{steps}”不报送",
        "{whose} does not agree, so {steps} is not filed",
    ),
    "party.withdrawn": (
        "{whose}已撤回同意，“{steps}”不再报送；重新同意后继续",
        "{whose} took the consent back: {steps} is not filed until they agree again",
    ),
    "party.expired": (
        "{whose}的同意已过期，“{steps}”不再报送；重新同意后继续",
        "the consent of {whose} has run out: {steps} is not filed until they agree again",
    ),
}
"""By how a consent ended, or never began; those of parties under ``party.``."""

OPTION_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "supplement": ("补正材料", "hand in what is asked for"),
    "promise": ("补交承诺的材料", "hand in the material that you promised"),
    "file_again": (
        "重新申请本事项；已获准的事项不受影响",
        "file this one again; what is granted stays",
    ),
    "review": ("申请行政复议", "apply for administrative review"),
    "lawsuit": ("提起行政诉讼", "bring a lawsuit"),
    "review_of_silence": (
        "部门超过法定时限未决定，可申请行政复议",
        "the limit of the law has passed: you may apply for review of the silence",
    ),
    "withdraw": ("撤回本事项", "withdraw this one"),
    "share": (
        "同意提供所列信息，由属地平台网上办理",
        "agree that what is listed goes there, and have it handled online",
    ),
    "in_person": (
        "携材料到属地窗口当面办理，办结后把决定书交回本平台登记",
        "do it there in person, and have the decision entered here",
    ),
    "fresh_bundle": ("结果有变更，可申请重新出件", "a result has changed: ask for a fresh bundle"),
}
