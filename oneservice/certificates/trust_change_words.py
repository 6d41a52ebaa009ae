"""Words for what changed in a trust list, and the questions that an auditor should ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.certificates.claims import LocalText

__all__ = ["change_words", "question_words"]

_WHAT: Final[Mapping[str, LocalText]] = {
    "issuer": {"zh": "签发机构", "en": "issuer"},
    "key": {"zh": "密钥", "en": "key"},
    "entitlement": {"zh": "签发权限", "en": "entitlement"},
    "log": {"zh": "透明日志", "en": "log"},
    "witness": {"zh": "见证方", "en": "witness"},
    "timestamp_authority": {"zh": "时间戳机构", "en": "timestamp authority"},
    "seal": {"zh": "印章", "en": "seal"},
    "recognition": {"zh": "互认规则", "en": "rule of recognition"},
    "peer": {"zh": "其他地区名单", "en": "list of another region"},
    "region": {"zh": "地区", "en": "region"},
    "region_key": {"zh": "地区通信密钥", "en": "key of a region"},
    "trust_list": {"zh": "地区名单地址及签署人", "en": "list of a region"},
    "offer": {"zh": "对外受理事项", "en": "offer"},
}
_CHANGES: Final[Mapping[str, LocalText]] = {
    "added": {"zh": "新增{what} {name}（{after}）", "en": "new {what} {name} ({after})"},
    "backdated": {
        "zh": "新增{what} {name}，生效日期早于上一版（{after}）",
        "en": "new {what} {name}, dated back before the last edition ({after})",
    },
    "ended": {
        "zh": "{what} {name} 提前终止：{before} 改为 {after}",
        "en": "the {what} {name} ends: {before} becomes {after}",
    },
    "prolonged": {
        "zh": "{what} {name} 的有效期变更：{before} 改为 {after}",
        "en": "the days of {what} {name} change: {before} becomes {after}",
    },
    "stolen": {
        "zh": "{what} {name} 报告自 {after} 起失窃",
        "en": "the {what} {name} is reported stolen since {after}",
    },
    "renamed": {
        "zh": "{what} {name} 的名称或地址变更：{before} 改为 {after}",
        "en": "the {what} {name} is called or found otherwise: {before} becomes {after}",
    },
    "signers": {
        "zh": "名单签署人变更：{before} 改为 {after}",
        "en": "the signers of the list change: {before} becomes {after}",
    },
    "removed": {
        "zh": "{what} {name} 被删除（{before}）；历史不得删除",
        "en": "the {what} {name} is gone ({before}); history may not shrink",
    },
    "rewritten": {
        "zh": "{what} {name} 的既往内容被改写：{before} 改为 {after}",
        "en": "the past of {what} {name} is rewritten: {before} becomes {after}",
    },
    "report_withdrawn": {
        "zh": "{what} {name} 的失窃报告被撤回或推后：{before} 改为 {after}",
        "en": "the report that {what} {name} was stolen is taken back: {before} becomes {after}",
    },
    "not_newer": {
        "zh": "版本号没有增加：{before} 之后是 {after}",
        "en": "the number does not rise: after {before} comes {after}",
    },
    "issued_earlier": {
        "zh": "签发时间早于上一版：{before} 之后是 {after}",
        "en": "it was issued before the last edition: after {before} comes {after}",
    },
    "other_territory": {
        "zh": "是另一地区的名单：{before} 与 {after}",
        "en": "it is the list of another territory: {before} and {after}",
    },
    "other_history": {
        "zh": "没有列明此前各版（包括第 {before} 版）的摘要，来历不同",
        "en": "it does not name edition {before} and those before it: another history",
    },
    "other_signers": {
        "zh": "签署人不是由原签署人依次移交：{before} 与 {after}",
        "en": "nothing leads from the old signers to the new: {before} and {after}",
    },
}
_QUESTIONS: Final[Mapping[tuple[str, str], LocalText]] = {
    ("added", "issuer"): {
        "zh": "该机构依据什么文件取得签发资格？",
        "en": "By which act was this office made an issuer?",
    },
    ("added", "key"): {
        "zh": "密钥由谁、在何处、经谁见证生成？是否已有证照用它签发？",
        "en": "Who made the key, where, and who watched? Has it signed anything already?",
    },
    ("added", "entitlement"): {
        "zh": "授权依据是什么？原来由谁签发此类证照？",
        "en": "On what legal basis? Who issued this type until now?",
    },
    ("added", "recognition"): {
        "zh": "互认协议或文件何在？是否已与签发地区核对？",
        "en": "Where is the agreement? Did the issuing region confirm it?",
    },
    ("added", "witness"): {
        "zh": "该见证方是否独立于日志运营方？",
        "en": "Is the witness independent of whoever runs the log?",
    },
    ("added", "region"): {
        "zh": "该地区依据什么协议加入？其密钥和名单签署人是通过什么另外的渠道核对的？",
        "en": "By which agreement did this region join? By which other channel were its keys and "
        "the signers of its list compared?",
    },
    ("added", "region_key"): {
        "zh": "密钥由谁、在何处生成？是否通过另外的渠道核对过？",
        "en": "Who made the key, and where? Was it compared by another channel?",
    },
    ("added", "trust_list"): {
        "zh": "名单签署人的公钥是通过什么另外的渠道核对的？",
        "en": "By which other channel were the signers' keys of that list compared?",
    },
    ("added", "peer"): {
        "zh": "对方签署人的公钥是通过什么另外的渠道核对的？",
        "en": "By which other channel were the signers' keys of that region compared?",
    },
    ("backdated", ""): {
        "zh": "为何追溯？在此之前按旧名单得出“无效”的证照，现在会变为“有效”。",
        "en": "Why is it dated back? What the old list refused since then will now be valid.",
    },
    ("ended", ""): {
        "zh": "终止之后由谁接替？仍在途的办件如何处理？",
        "en": "Who takes over from that day? What becomes of cases that are under way?",
    },
    ("prolonged", ""): {
        "zh": "谁批准了期限变更？",
        "en": "Who approved the other days?",
    },
    ("stolen", ""): {
        "zh": "失窃时刻如何确定？该时刻之后的签名有哪些，日志中是否都有？替换密钥何时启用？",
        "en": "How was the moment of the theft found? Which signatures are later, and does the log "
        "have them all? Since when is there another key?",
    },
    ("renamed", ""): {
        "zh": "是否只是名称或地址变更，还是职责也已移交？",
        "en": "Is it only the name, or did the duties move as well?",
    },
    ("signers", ""): {
        "zh": "签署人变更由谁决定？离任者的密钥是否已销毁？",
        "en": "Who decided about the signers? Were the keys of those who left destroyed?",
    },
    ("breach", ""): {
        "zh": "请保留两版文件，并向发布方和审计机关查询；在查清之前不要采用新版。",
        "en": "Keep both files and ask the publisher and the audit office; do not use the newer "
        "one until they answered.",
    },
}
_BREACHES: Final = frozenset(
    {
        "removed",
        "rewritten",
        "report_withdrawn",
        "not_newer",
        "issued_earlier",
        "other_territory",
        "other_history",
        "other_signers",
    }
)


def change_words(kind: str, what: str, name: str, facts: Mapping[str, str]) -> LocalText:
    """Return what happened, in zh and en."""
    return {
        language: pattern.format(
            what=_WHAT.get(what, {}).get(language, what),
            name=name,
            before=facts["before"] or "–",
            after=facts["after"] or "–",
        )
        for language, pattern in _CHANGES[kind].items()
    }


def question_words(kind: str, what: str) -> LocalText | None:
    """Return the question that belongs to such a change; ``None``: there is none."""
    if kind in _BREACHES:
        return _QUESTIONS["breach", ""]
    return _QUESTIONS.get((kind, what)) or _QUESTIONS.get((kind, ""))
