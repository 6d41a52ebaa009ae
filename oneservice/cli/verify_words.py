"""What checks and reasons are called by those who are no engineers: inspectors, landlords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.plan import Language

__all__ = [
    "CARRIED",
    "CHECKS",
    "ENDED",
    "NAMES_NO_LIST",
    "REASONS",
    "RESULTS",
    "SEALED",
    "STATUS_NOWHERE",
    "STATUS_UNKNOWN",
    "TAIL",
    "UNSEALED",
    "UNVOUCHED",
    "VALID",
    "VERDICTS",
    "Words",
    "check_label",
]


class Words(NamedTuple):
    """A phrase in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """Return the phrase in ``language``."""
        return self.zh if language == "zh" else self.en


CHECKS: Final[Mapping[str, Words]] = {
    "parse": Words("格式", "readable"),
    "proof": Words("签名", "signature"),
    "key_listed": Words("签发机关在信任名单中", "issuer on the trust list"),
    "key_valid": Words("签名密钥当时有效", "key good when it signed"),
    "issuer_entitled": Words("签发机关有权签发", "issuer entitled to this"),
    "recognised": Words("本地认可", "recognised here"),
    "dates": Words("有效期", "dates"),
    "status": Words("未被撤销或暂停", "not taken back"),
    "logged": Words("已入透明日志", "publicly logged"),
    "witnessed": Words("有见证", "witnessed"),
    "time": Words("独立时间戳", "independent time"),
    "seal": Words("用印授权", "mandate of the seal"),
    "holder": Words("持有人身份", "holder in person"),
    "plan_digest": Words("办理计划", "plan"),
    "journal_chain": Words("办理记录前后相接", "journal consistent"),
    "journal_head": Words("办理记录与凭证一致", "journal as sealed"),
    "journal_tail": Words("凭证之后的记录", "records after the seal"),
    "department_signatures": Words("各部门签名", "signatures of departments"),
    "national_signature": Words("国密签名", "national signature"),
    "enclosures": Words("随附证据", "enclosed evidence"),
    "components": Words("证照齐全", "certificates complete"),
    "trust_list": Words("随附信任名单", "enclosed trust list"),
    "controllers": Words("随附机关公钥", "enclosed public keys"),
}

RESULTS: Final[Mapping[str, Words]] = {
    "pass": Words("通过", "pass"),
    "fail": Words("不通过", "FAIL"),
    "not_checked": Words("未核查", "not checked"),
}

VERDICTS: Final[Mapping[str, Words]] = {
    "valid": Words("有效", "VALID"),
    "invalid": Words("无效", "INVALID"),
    "indeterminate": Words("暂时无法判断", "CANNOT BE TOLD NOW"),
}

SEALED: Final = Words("记录与凭证一致，截至第 {} 条（{}）", "SEALED UP TO RECORD {} by {}")
"""A valid journal: it is no permit, so "valid" would promise too much."""
UNSEALED: Final = Words("记录相接，但无凭证为证", "CONSISTENT, BUT NOT SEALED")
"""A journal alone: anybody can write one."""
TAIL: Final = Words(
    "其后 {} 条未经凭证确认，无人担保。",
    "Nobody vouches for the {} after it.",
)
ENDED: Final = Words("其中已失效：{}（{}）。", "No longer in force: {} ({}).")
"""A certificate of a bundle that was good when the bundle was sealed."""

VALID: Final[Mapping[str, Words]] = {
    "certificate": Words(
        "确由名单中的机关签发，内容未被改动，且在有效期内。",
        "A listed authority issued it, nobody changed it, and it is within its dates.",
    ),
    "sd_jwt": Words(
        "确由名单中的机关签发，出示的内容未被改动，且在有效期内。",
        "A listed authority issued it, what is shown was not changed, and it is within its dates.",
    ),
    "evidence": Words(
        "确由名单中的机关签发，内容未被改动，且在有效期内；随附证据均经核对。",
        "A listed authority issued it, nobody changed it, and it is within its dates; what is "
        "enclosed was held against it.",
    ),
    "bundle": Words(
        "本案全部证照、计划和办理记录与盖章时一致，相互印证，均未被改动。",
        "All certificates, the plan and the journal of the case fit together as they were sealed, "
        "unchanged.",
    ),
    "journal": Words(
        "截至该条，记录正是牵头机关盖章时的原样：无改动、无缺失、无调换。",
        "Up to that record it is what the office sealed: none changed, dropped or moved.",
    ),
}

CARRIED: Final = Words(
    "核验的是版式文件或二维码所载的证照本身；请将以上内容与所出示的版面逐项比对，版面未经核验。",
    "Judged is the certificate inside the sheet or the code. Compare these words with what is "
    "shown to you: the look of a sheet is judged by nobody.",
)
UNVOUCHED: Final = Words(
    "内容未被改动，且在有效期内；但未核查签发机关是谁，任何人都可能签发。",
    "Nobody changed it since it was signed, but who signed it was not checked: anybody could have.",
)
NAMES_NO_LIST: Final = "the certificate names no status list"
"""Why the check of its status was not made, where nothing could have been looked up."""
STATUS_NOWHERE: Final = Words(
    "证照未指明状态名单，因此未查询其签发后是否被撤销或暂停。",
    "It names no status list, so whether it was taken back since was not asked anywhere.",
)
STATUS_UNKNOWN: Final = Words(
    "签发后是否被撤销或暂停，未能查询。",
    "Whether it was taken back since could not be looked up.",
)

REASONS: Final[Mapping[str, Words]] = {
    "malformed": Words(
        "文件已损坏，或并非证照、案卷或办理记录。请索取原件。",
        "The file is damaged, or no certificate, bundle or journal at all. Ask for the original.",
    ),
    "file_unusable": Words(
        "文件无法读取，或本身无从核验。",
        "The file cannot be read, or is nothing that could be judged by itself.",
    ),
    "forged": Words(
        "内容与签名不符：被人改动或伪造。请勿采信。",
        "What it says is not what was signed: somebody changed or invented it. Do not accept it.",
    ),
    "expired": Words(
        "曾经有效，现已过期。请查看是否已延续。",
        "It was valid once and has expired. Ask for its renewal.",
    ),
    "not_yet_valid": Words(
        "尚未到生效日期。",
        "It is not in force yet.",
    ),
    "revoked": Words(
        "签发机关已将其撤销。请勿采信。",
        "The authority took it back. Do not accept it.",
    ),
    "transferred": Words(
        "已转出，本证照不再有效。请使用后继证照，并另行核验。",
        "It moved to another region and counts no longer. Use the successor that is named, and "
        "verify that one.",
    ),
    "suspended": Words(
        "签发机关已将其暂停。",
        "The authority has suspended it for now.",
    ),
    "unknown_issuer": Words(
        "信任名单不认可该机关，或不认可其当时使用的密钥。请勿采信。",
        "Your trust list does not vouch for this issuer, or not for this key at that time. Do not "
        "accept it.",
    ),
    "not_entitled": Words(
        "该机关真实存在，但无权在当地签发此类证照。请勿采信。",
        "The authority is real, but may not issue this kind of certificate there. Do not accept "
        "it.",
    ),
    "holder_unproven": Words(
        "出示人未能当场证明自己就是持有人：证明缺失、过期，或是给别处、别次的。请要求重新出示。",
        "Whoever shows it did not prove to hold it, to you and now: the proof is missing, old, or "
        "was made for somebody else. Ask to be shown it again.",
    ),
    "holder_unbound": Words(
        "证照没有绑定持有人的密钥，再出示多少次也无法证明持有。须由签发机关换发与持有人密钥绑定的证照。",
        "It is bound to no key of its holder, so that no showing can prove who holds it. Its "
        "issuer must issue it anew, bound to the holder's key.",
    ),
    "log_malformed": Words(
        "透明日志的文件已损坏。请重新获取。",
        "A file of a transparency log is damaged. Fetch it again.",
    ),
    "log_proof": Words(
        "证照的签名无误，但随附的透明日志证明与之不符。请索取新的证明；如仍不符，请询问日志运营方和见证方。",
        "Its signature holds, but the enclosed proof of a transparency log does not fit. Ask for a "
        "new one; if that does not fit either, ask the log and its witnesses.",
    ),
    "log_key_unknown": Words(
        "没有已知的日志密钥为其签名，真伪未知。",
        "No log that you know has signed this, so it proves nothing to you.",
    ),
    "not_recognised": Words(
        "签发有效，但本地没有认可它的规定。",
        "It may be genuine, but no rule lets it count here.",
    ),
    "unsealed": Words(
        "各条记录前后相接。但由谁写成、成链之前是否有遗漏，只有写明链尾摘要的办结凭证能够证明："
        "请把案卷（bundle）一并提交核验。",
        "The records follow one another. Who wrote them, and whether anything was left out before "
        "the chain was made, only a bundle certificate that names the head can show: give the "
        "bundle as well.",
    ),
    "unknown_cryptosuite": Words(
        "使用了本程序不认识的签名方式，真伪未知。请用更新的版本核验。",
        "It is signed in a way that this program does not know. Check it with a newer version.",
    ),
    "trust_list": Words(
        "信任名单已过期或无法使用。请获取新名单后再核验。",
        "The trust list is out of date or cannot be used. Get a new one and check again.",
    ),
    "trust_history": Words(
        "信任名单与此前采用过的版本不符：可能有人出示旧版或另一版。请保留文件并向发布方查询。",
        "The trust list contradicts one that was relied on before: somebody may hand out an old "
        "or another one. Keep the files and ask its publisher.",
    ),
    "indeterminate": Words(
        "缺少作出判断所需的资料。这不等于无效。",
        "Something that is needed for an answer is missing. That does not mean it is invalid.",
    ),
}


def check_label(name: str, language: Language) -> str:
    """Return what a check is called; a certificate of a bundle is named by its sub-case."""
    kind, _, part = name.partition(":")
    if kind == "component":
        return Words(f"证照 {part}", f"certificate {part}").of(language)
    known = CHECKS.get(name)
    return known.of(language) if known else name
