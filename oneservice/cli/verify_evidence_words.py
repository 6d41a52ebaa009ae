"""What the evidence of a check is called, for readers of Chinese; machines read the keys as is."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from oneservice.cli.options import OFFICE_ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.plan import Language

__all__ = ["evidence_name", "evidence_value", "in_office_time"]

_NAMES: Final[Mapping[str, str]] = {
    "algorithm": "算法",
    "approvals_signed_by": "已签署同意者",
    "approvers": "审批人",
    "at": "时点",
    "case_id": "办件编号",
    "certificate_id": "证照标识",
    "certificate_type": "证照类型",
    "certificates": "证照数",
    "clock": "时间依据",
    "compromised_at": "失窃时间",
    "cryptosuite": "签名套件",
    "curve": "曲线",
    "decisions": "决定数",
    "digest": "摘要",
    "entitlement": "签发权限",
    "entries": "条目数",
    "events": "事件数",
    "exp": "失效时间戳",
    "head": "链尾摘要",
    "id": "标识",
    "index": "序号",
    "is_sandbox": "沙箱签发",
    "issuer": "签发机关",
    "issuers": "机关数",
    "it_existed_at": "已存在于",
    "key_from": "公钥来源",
    "key_id": "密钥标识",
    "key_valid_from": "密钥启用",
    "key_valid_until": "密钥停用",
    "list": "名单",
    "list_digest": "名单摘要",
    "list_expires_at": "名单有效至",
    "list_format": "名单格式",
    "list_issued_at": "名单签发",
    "list_proven_at": "名单证明存在于",
    "list_signature": "名单签名",
    "list_signed_by": "名单签署密钥",
    "list_signers": "名单签署人",
    "list_territory": "名单地区",
    "list_version": "名单版次",
    "log": "日志",
    "log_index": "日志序号",
    "logs": "日志",
    "named": "所列证照数",
    "nbf": "生效时间戳",
    "not_judged": "未核查项",
    "publication": "发布形式",
    "record": "用印记录",
    "records": "记录数",
    "redacted": "已隐去",
    "region": "地区",
    "register": "状态登记",
    "requester": "用印申请人",
    "role": "角色",
    "seal": "印章",
    "seq": "记录序号",
    "signed": "已签名",
    "size": "日志规模",
    "stated_at": "自述时间",
    "told_by": "转出依据",
    "type": "类型",
    "unsealed": "未经凭证确认",
    "use": "用途",
    "validFrom": "生效",
    "validUntil": "失效",
    "valid_from": "生效",
    "valid_until": "失效",
    "verdict": "结论",
    "verification_method": "验证方法",
    "witness": "见证方",
    "witnesses": "见证方",
}
_ENGLISH_NAMES: Final[Mapping[str, str]] = {
    "is sandbox": "made by a sandbox",
    "list signature": "signature of the list",
    "validFrom": "from",
    "validUntil": "until",
}
"""Where the key alone would not read as a word."""
_ENGLISH_VALUES: Final[Mapping[str, str]] = {
    "true": "yes",
    "false": "no",
    "audit-office": "audit office",
    "self-consistent; the caller chose the file, which is the anchor": (
        "holds by keys in the list itself (you chose the file, and trust starts there)"
    ),
}
_VALUES: Final[Mapping[str, str]] = {
    "region": "地区",
    "audit-office": "审计机关",
    "university": "高校",
    "true": "是",
    "false": "否",
    "valid": "有效",
    "invalid": "无效",
    "indeterminate": "无法判断",
    "trust list": "信任名单",
    "the issuer's own word (proof.created)": "签发机关自述（proof.created）",
    "self-consistent; the caller chose the file, which is the anchor": (
        "与名单自带密钥相符（文件由您选定，信任由此开始）"
    ),
    "for reference; the caller's list decides": "仅供参考，以调用者的名单为准",
    "the count of that day: only the book of the seal tells it": "当日用印次数（只有用印登记可查）",
}


_PHRASES: Final = (
    (
        re.compile(r"the issuer's own word \((.*)\); it existed at (\S+) by cosignature of (.*)"),
        r"签发机关自述（\1），且 \3 会签证明于 \2 已存在",
    ),
    (re.compile(r"cosignature of (.*)"), r"\1 的会签"),
    (
        re.compile(r"root (\d+): at least (\d+) of (\d+) signed"),
        r"签署根 \1：\3 人中至少 \2 人已签",
    ),
)


_MOMENT: Final = re.compile(
    r"(?<![0-9-])\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)


def evidence_name(name: str, language: Language) -> str:
    """Return what a piece of evidence is called; what has no words here keeps its key."""
    plain = name.replace("_", " ")
    if language == "zh":
        return _NAMES.get(name, _NAMES.get(plain, plain))
    return _ENGLISH_NAMES.get(plain, plain)


def evidence_value(text: str, language: Language) -> str:
    """Return a value that is a phrase of ours in ``language``; all others as they are."""
    if language != "zh" or text in _VALUES:
        return (_VALUES if language == "zh" else _ENGLISH_VALUES).get(text, text)
    found = ((pattern.fullmatch(text), words) for pattern, words in _PHRASES)
    return next((one.expand(words) for one, words in found if one), text)


def in_office_time(text: str) -> str:
    """Return ``text`` with its moments in the time of the offices: one page, one clock."""
    return _MOMENT.sub(_at_office, text)


def _at_office(found: re.Match[str]) -> str:
    try:
        moment = datetime.fromisoformat(found[0]).astimezone(OFFICE_ZONE)
    except (ValueError, OverflowError):
        return found[0]  # somebody else's word, and no day of any calendar
    return f"{moment:%Y-%m-%d %H:%M:%S %z}"
