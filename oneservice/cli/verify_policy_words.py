"""What a policy asks for, in words for those who have to answer for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from oneservice.certificates import (
    CheckName,
    HeldBy,
    Logged,
    Passes,
    RecognisedIn,
    SealedUnder,
    StatusKnown,
    TimeProven,
    TimestampedBy,
    Witnessed,
)
from oneservice.cli.pages import counted
from oneservice.cli.verify_words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from oneservice.certificates import Leaf

__all__ = ["words_of"]

_CHECKS: Final[Mapping[CheckName, Words]] = {
    CheckName.PARSE: Words("文件完好，格式正确", "the file is whole and well-formed"),
    CheckName.PROOF: Words("签名与内容相符", "the signature covers just these words"),
    CheckName.KEY_LISTED: Words(
        "信任名单载有签发机关及其密钥", "the trust list names the issuer and this key"
    ),
    CheckName.KEY_VALID: Words(
        "签名时密钥在用且未失窃", "the key was in use when it signed, and not stolen"
    ),
    CheckName.ISSUER_ENTITLED: Words(
        "签发机关当时有权在当地签发此类证照",
        "the issuer was entitled to this type, there and then",
    ),
    CheckName.DATES: Words("所问时点在有效期内", "the moment asked about lies within its dates"),
    CheckName.STATUS: Words(
        "未被撤销或暂停（证照指明了状态名单，或手头有登记时）",
        "it was not taken back, where it names a status list or a register is at hand",
    ),
    CheckName.RECOGNISED: Words("本地认可", "it is recognised here"),
    CheckName.LOGGED: Words("已入透明日志", "it is publicly logged"),
    CheckName.WITNESSED: Words("有见证", "it is witnessed"),
    CheckName.TIME: Words("有独立的时间证明", "its time is proven by others"),
    CheckName.SEAL: Words("用印有凭据", "the use of its seal is proven"),
    CheckName.HOLDER: Words("出示人即持有人", "whoever shows it holds it"),
}


def words_of(leaf: Leaf) -> Words:
    """Return what ``leaf`` asks for."""
    match leaf:
        case Passes(check=check):
            return _CHECKS[check]
        case Logged(at_least=due):
            return Words(
                f"至少 {due} 个名单所载日志收录了它",
                f"at least {counted(due, 'listed log')} {'holds' if due == 1 else 'hold'} it",
            )
        case Witnessed(at_least=due, by=by):
            return _witnessed(due, by)
        case TimeProven(within_s=span):
            return _within(span)
        case TimestampedBy(authorities=names):
            zh, en = (
                ("、".join(names), " or ".join(names))
                if names
                else ("名单所载机构", "a listed clock")
            )
            return Words(f"有 {zh} 的时间戳", f"a timestamp of {en}")
        case RecognisedIn(region=region):
            return Words(f"按 {region} 的互认规则有效", f"by the rules of {region} it counts there")
        case StatusKnown(max_age_s=span):
            return _known(span)
        case SealedUnder(seals=seals):
            zh, en = (
                ("、".join(seals), " or ".join(seals))
                if seals
                else ("名单所载印章", "a listed seal")
            )
            return Words(f"有 {zh} 的用印凭据", f"a receipt of {en} shows that it might be used so")
        case HeldBy(audience=audience):
            return Words(
                f"出示人当场向 {audience} 证明持有", f"its holder proves it, now, to {audience}"
            )
        case _:
            assert_never(leaf)


def _span(seconds: int) -> Words:
    """Return a span in the largest unit that measures it without rest."""
    for length, zh, en in ((86_400, "天", "day"), (3_600, "小时", "hour"), (1, "秒", "second")):
        many, rest = divmod(seconds, length)
        if many and not rest:
            return Words(f" {many} {zh}", counted(many, en))
    return Words(" 0 秒", "0 seconds")


def _witnessed(due: int, by: Sequence[str]) -> Words:
    if not by:
        witnesses = f"{due} listed witness{'' if due == 1 else 'es'}"
        return Words(
            f"至少 {due} 个见证方会签（名单所载见证方）", f"at least {witnesses} cosigned it"
        )
    return Words(
        f"至少 {due} 个见证方会签（{'、'.join(by)}）",
        f"at least {due} of these witnesses cosigned it: {', '.join(by)}",
    )


def _within(span: int | None) -> Words:
    if span is None:
        return Words("见证方或时间戳证明其存在的时间", "a witness or timestamp dates it")
    return Words(
        f"签发后{_span(span).zh}内即有见证方或时间戳证明",
        f"a witness or timestamp dates it, within {_span(span).en} of signing",
    )


def _known(span: int | None) -> Words:
    if span is None:
        return Words("有登记可查，且未被撤销或暂停", "a register says that it was not taken back")
    return Words(
        f"有{_span(span).zh}以内的登记可查，且未被撤销或暂停",
        f"a register not older than {_span(span).en} says that it was not taken back",
    )
