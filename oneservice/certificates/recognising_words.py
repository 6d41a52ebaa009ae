"""Words for whether a held paper counts here, and for what to do instead where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.certificates.claims import LocalText

__all__ = ["INSTEAD", "WHY"]

WHY: Final[Mapping[str, LocalText]] = {
    "home": {
        "zh": "本地区或上级地区签发，核验通过",
        "en": "issued by this region or one that contains it, and every check passed",
    },
    "recognised": {
        "zh": "核验通过，按互认规则有效",
        "en": "every check passed, and a rule counts it",
    },
    "other_type": {"zh": "不是所要求的证照类型", "en": "it is not of the type that is asked for"},
    "other_holder": {"zh": "不是申请人本人的证照", "en": "it is not the applicant's own"},
    "holder_unshown": {
        "zh": "没有出示持有人，无法确认是申请人本人的证照",
        "en": "it does not show its holder, so nobody can tell whether it is the applicant's",
    },
    "malformed": {
        "zh": "文件不是可以读取的电子证照",
        "en": "the file is no certificate that can be read",
    },
    "forged": {
        "zh": "签名与内容不符：文件被改动、损坏，或从未签发",
        "en": "the signature does not cover the words: changed, damaged, or never issued",
    },
    "log_proof": {
        "zh": "随附的透明日志证明与证照不符",
        "en": "the proof of a transparency log that came with it does not fit it",
    },
    "expired": {"zh": "已过有效期", "en": "its last day has passed"},
    "not_yet_valid": {"zh": "尚未生效", "en": "its first day has not come"},
    "revoked": {"zh": "签发机关已撤销或注销", "en": "its issuer took it back"},
    "transferred": {
        "zh": "已转出，由一并出示的新证照接续",
        "en": "it moved to another office; the one that continues it was shown, too",
    },
    "suspended": {"zh": "签发机关已暂扣", "en": "its issuer holds it for now"},
    "unknown_issuer": {
        "zh": "签发机关或其密钥不在信任名单中",
        "en": "no trust list at hand names this issuer, or this key of it",
    },
    "not_entitled": {
        "zh": "签发机关在签发时无权签发此类证照",
        "en": "its issuer had no right to issue this type there and then",
    },
    "holder_unproven": {
        "zh": "没有证明出示人持有证照的密钥",
        "en": "whoever shows it did not prove to hold its key",
    },
    "holder_unbound": {
        "zh": "证照未绑定密钥，任何人出示都无法证明持有",
        "en": "it is bound to no key, so that no showing can prove who holds it",
    },
    "not_recognised": {"zh": "没有互认规则", "en": "no rule of recognition counts it"},
    "indeterminate": {"zh": "目前无法判断", "en": "it cannot be told now"},
}
_ASK_ISSUER: Final[LocalText] = {
    "zh": "请向签发机关申请换发；或按材料清单提交",
    "en": "ask the issuing office for a new one, or bring what the list of materials names",
}
_BRING: Final[LocalText] = {
    "zh": "请携带原件到窗口核验，或向签发机关重新获取电子证照",
    "en": "show the original at a window, or fetch the certificate from its issuer again",
}
_LATER: Final[LocalText] = {
    "zh": "请稍后再试，或请签发机关提供最新的状态清单；在此之前按材料和事项清单办理",
    "en": "try again later, or ask its issuer for the newest status list; until then the lists of "
    "materials and steps hold",
}
INSTEAD: Final[Mapping[str, LocalText]] = {
    "other_type": {
        "zh": "请选择所要求类型的证照；没有的，按材料清单提交",
        "en": "choose one of the type that is asked for, or bring what the list names",
    },
    "other_holder": {
        "zh": "请出示申请人本人的证照；代办的，请附委托书",
        "en": "show the applicant's own; whoever acts for another brings a mandate",
    },
    "holder_unshown": {
        "zh": "请在钱包中勾选披露姓名和证件号码后重新出示",
        "en": "show it again, and let the wallet disclose name and number",
    },
    "malformed": _BRING,
    "forged": _BRING,
    "log_proof": _BRING,
    "expired": _ASK_ISSUER,
    "not_yet_valid": {
        "zh": "请在生效日之后再用，或按材料清单提交",
        "en": "use it from its first day on, or bring what the list of materials names",
    },
    "revoked": _ASK_ISSUER,
    "transferred": {
        "zh": "请使用接续它的新证照",
        "en": "use the one that continues it",
    },
    "suspended": {
        "zh": "请先向签发机关解除暂扣；急需的，按材料清单提交",
        "en": "settle it with the issuing office first, or bring what the list names",
    },
    "unknown_issuer": {
        "zh": "请提供签发地区，以便核对其信任名单；或携带原件到窗口",
        "en": "say which region issued it, so that its trust list can be fetched, or bring the "
        "original to a window",
    },
    "not_entitled": _BRING,
    "holder_unproven": {
        "zh": "请在本人钱包中重新出示（每次出示只能使用一次）",
        "en": "show it from your own wallet again; each showing counts once",
    },
    "holder_unbound": {
        "zh": "请向签发机关申请换发与本人密钥绑定的电子证照；或携带原件到窗口核验",
        "en": "ask the issuing office for one that is bound to your own key, or show the original "
        "at a window",
    },
    "no_rule": {
        "zh": "请按材料清单提交，或在本地区申领同类证照",
        "en": "bring what the list of materials names, or apply for the paper in this region",
    },
    "other_origin": {
        "zh": "签发地区不在互认范围：请携带原件到窗口核验，或在本地区申领",
        "en": "bring the original to a window, or apply for the paper in this region: the rule "
        "does not reach to where it was issued",
    },
    "not_yet": {
        "zh": "互认尚未开始：在此之前请按材料清单提交",
        "en": "until the rule begins, bring what the list of materials names",
    },
    "ended": {
        "zh": "互认已终止：请按材料清单提交，或在本地区申领",
        "en": "the rule has ended: bring what the list names, or apply in this region",
    },
    "level_too_low": {
        "zh": "只有归集数据，没有签章：请向签发机关获取带签章的电子证照",
        "en": "only data were collected: ask the issuing office for the sealed certificate",
    },
    "indeterminate": _LATER,
}
"""By the code of an answer, and of one that no rule counts by its gap."""
