"""What the checks say in a sentence of their own, for readers of Chinese.

The certificates room speaks English to everybody. A sentence that is not listed here is told by the
words for its reason; where it has none, in English rather than not at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from oneservice.cli.verify_log_words import log_why
from oneservice.cli.verify_words import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.plan import Language

__all__ = ["WHYS", "why_of"]

WHYS: Final[Mapping[str, str]] = {
    "no rule of recognition is at hand; nobody asked for another region": "未涉及异地认可",
    "the certificate comes without a proof of logging": "未附透明日志证明",
    "no witness has cosigned": "没有见证方会签",
    "no timestamp; the only clock is the issuer's own": "没有时间戳，时间仅由签发机关自述",
    "the policy of the seal is not part of the certificate": "证照中不含用印规则",
    "nobody was asked to prove to be the holder": "未要求持有人证明身份",
    "the certificate names no status list": "证照未指明状态名单",
    "the policy does not ask for it": "本次核验未要求",
    "no register at hand knows whether it was taken back": "手头没有登记可查是否已撤销",
    "no trust list is at hand, so nobody vouches for the issuer": "没有信任名单，无人担保签发机关",
    "the trust list does not name this issuer": "信任名单中没有该机关",
    "the trust list does not name this key of the issuer": "信任名单中没有该机关的这把密钥",
    "the key is that of another issuer than the one named": "密钥属于另一机关",
    "the key is not listed": "密钥不在名单中",
    "the issuer is not listed": "机关不在名单中",
    "the key is not at hand, so the signature could not be checked": "没有公钥，无法核对签名",
    "the issuer did not use this key at the time of signing": "签名时该机关并未使用这把密钥",
    "the key had been reported stolen before the time of signing": "签名之前该密钥已报失窃",
    "the key was stolen later, and only the proof's own clock says it signed before": (
        "密钥后来失窃，仅有签名自述的时间早于失窃"
    ),
    "the trust list has expired; a later edition may know of a theft": (
        "信任名单已过期，新名单可能载有密钥失窃"
    ),
    "the signature does not cover what is stated: it was changed, or never signed": (
        "签名与内容不符：内容被改动，或从未签过"
    ),
    "its first day has not come": "尚未到起始日期",
    "its last day has passed": "已过截止日期",
    "it was signed more than a day after the moment asked about": "签发时间晚于所问时点一天以上",
    "the issuer holds it for now": "签发机关已暂停",
    "the issuer took it back": "签发机关已撤销",
    "the plan is not the one that the certificate names": "计划与凭证所载不一致",
    "the certificates are not those of its case that the bundle certificate names, in order": (
        "案卷中的证照与凭证所载不一致，或次序不同，或不属于本案"
    ),
    "the controllers are not those of the enclosed trust list": "随附公钥与随附名单不一致",
    "the bundle could not be read": "案卷无法读取",
    "the bundle certificate is not proven, so what it names counts for nothing": (
        "办结凭证未通过验签，其所载均不作数"
    ),
    "the journal does not end where the certificate says: records are missing or were added": (
        "办理记录的末尾与凭证所载不符：有缺失或添加"
    ),
    "the journal holds no word of a department": "办理记录中没有部门发来的事件",
    "no trust list is at hand, so nobody knows the departments' keys": (
        "没有信任名单，不知道各部门的密钥"
    ),
    "the trust list names no key for some events that is beyond doubt for their time": (
        "部分事件没有当时确实可信的部门密钥"
    ),
    "the policy does not say in which region it is to count": "未指明在哪个地区使用",
    "no receipt of the seal is enclosed": "未附用印凭据",
    "the trust list names no such seal, so its rules could be anybody's": (
        "信任名单中没有这枚印章，其规则可能出自任何人"
    ),
    "the receipt is that of another seal than the policy asks for": "用印凭据属于另一枚印章",
    "it covers these words, but no trust list says whose key made it": (
        "与内容相符，但没有名单说明是谁的密钥"
    ),
    "the newest list at hand is older than the policy allows": "手头最新的状态名单早于策略所允许",
    "the policy names neither the verifier nor its word (nonce)": "未指明核验方及其随机词",
    "a certificate in this form has no place for a proof of holding; ask for an SD-JWT": (
        "这种格式无法证明持有，请出示 SD-JWT"
    ),
    "the presentation comes without a proof of holding (key binding JWT)": "出示时未附持有证明",
    "the certificate is bound to no key, so nobody can prove to be its holder": (
        "证照未绑定密钥，无人能证明持有"
    ),
    "it was made for another verifier": "持有证明是给另一核验方的",
    "it was made for another occasion, so it may be a recording": (
        "持有证明是另一次出示的，可能是重放"
    ),
    "it was made for another presentation: something was added or taken away": (
        "持有证明与出示内容不符：有增减"
    ),
    "it was made too long before the moment asked about": "持有证明早于所问时点太久",
    "something is enclosed for a certificate that is not in the file": (
        "随附证据所指的证照不在本案卷中"
    ),
    "the file is empty": "文件为空",
    "its last line is cut off": "最后一行不完整",
    "the journal has no records": "没有任何记录",
    "it is not what was written: its digest does not cover its words": (
        "与写下时不同：摘要与内容不符"
    ),
    "it does not follow the record before it: something was dropped or moved": (
        "与前一条不相接：有记录被删去或调换"
    ),
    "it belongs to another case": "属于另一办件",
    "not the members of a record, or of a version not read here": (
        "不含记录应有的各项，或版本无法读取"
    ),
    "not a journal record": "不是办理记录",
    "a trust list, by which others are judged; name it with --trust": (
        "信任名单，用于核验别的文件，请用 --trust 指明"
    ),
    "a plan, which nobody signs; its bundle vouches for it: give bundle.json": (
        "办理计划，无人签名，由其案卷为证，请提供 bundle.json"
    ),
    "a letter between offices, which may tell of a move; name it with --beside": (
        "机关之间的函件，可能载有转移通知，请用 --beside 指明"
    ),
    "a file with a paper on each line; judge them with --lines": (
        "每行各为一份文书的文件，请加 --lines 核验"
    ),
    "the book of a seal, in which every use is recorded; oneservice keys book judges it": (
        "用印登记簿，记载每次用印，请用 oneservice keys book 核查"
    ),
    "an issuer's public keys, for other people's software; no certificate": (
        "机关的公钥文件，供其他软件使用，并非证照"
    ),
    "the line is not the canonical form of its record": "不是该记录的规范写法",
}
_OF_RECORD: Final = re.compile(r"record (\d+): (.*)", re.ASCII | re.DOTALL)
_THIS_IS: Final = re.compile(r"this is (.*)", re.DOTALL)
_NO_WAY: Final = re.compile(r"none of (\d+) ways to meet the policy is open: (.*)", re.DOTALL)
_WAY: Final = re.compile(r"(?:^|; )\((\d+)\) ")
_MOVED: Final = re.compile(r"the issuer transferred it out to (\S+); its successor is (.*)")
_UNMADE: Final = re.compile(r"(\w+) did not pass(, so there is nothing to judge)?", re.ASCII)


def why_of(facts: Mapping[str, Any], language: Language) -> str:
    """Return why a check came out as it did; ``facts`` is its evidence, or a report as JSON."""
    words = facts.get("words")
    if isinstance(words, dict) and words.get(language):
        return str(words[language])
    why = str(facts.get("why") or facts.get("message") or "")
    if language != "zh":
        return why
    known = REASONS.get(str(facts.get("reason")))
    return _chinese(why, known.zh if known else why)


def _chinese(why: str, otherwise: str) -> str:
    """Return the sentence in Chinese, with the record or the ways that it names."""
    if why in WHYS:
        return WHYS[why]
    if _UNMADE.fullmatch(why):
        return "前项未通过，未再核查"
    if found := _MOVED.fullmatch(why):
        return f"已转出至 {found[1]}，后继证照为 {found[2]}"
    if found := _OF_RECORD.fullmatch(why):
        return f"第 {found[1]} 条：{_chinese(found[2], otherwise)}"
    if found := _THIS_IS.fullmatch(why):
        return f"这是{WHYS[found[1]]}" if found[1] in WHYS else otherwise
    if told_of_log := log_why(why):
        return told_of_log
    first, also, rest = why.partition("; the ")
    parts = [WHYS.get(first) or log_why(first), log_why(f"the {rest}")] if also else []
    if parts and all(parts):
        return "；".join(str(one) for one in parts)
    if found := _NO_WAY.fullmatch(why):
        _, *parts = _WAY.split(found[2])
        ways = zip(parts[::2], parts[1::2], strict=True)
        told = "；".join(f"（{number}）{_chinese(way, way)}" for number, way in ways)
        return f"策略允许的 {found[1]} 种方式均不成立：{told}"
    return otherwise
