"""Why a held certificate counts, or does not: the words that materials and spared steps share.

Plans are shown around, so of a certificate's number only its ends are written out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from oneservice.catalog import HeldLevel, Text
from oneservice.plan.parts import HeldCertificate
from oneservice.plan.terms import Reason, ReasonKind

__all__ = [
    "as_shown",
    "holder_not_compared",
    "longest_first",
    "masked",
    "reason_compared",
    "reason_ends_too_soon",
    "reason_held",
    "reason_refused",
    "reason_too_short",
    "reason_too_weak",
    "reason_used",
]

_WHOSE: Final = Reason(
    kind=ReasonKind.HELD,
    text=Text(
        zh="表单没有可据以核对的证件号码：证照是否属于此人，仅由收件平台核对",
        en="the form has no number that tells who this is: whether the certificate is theirs, only "
        "the portal has compared",
    ),
)
_SHOWN: Final = 4
"""How many signs of a certificate's number are shown at each end."""


def longest_first(one: HeldCertificate) -> tuple[bool, int, str, str, str]:
    """Return what sorts certificates: those that are valid longest first, never by chance."""
    end = one.valid_until
    words = one.basis or one.refusal
    last = "" if words is None else words.zh
    return (end is not None, -end.toordinal() if end else 0, one.type, one.reference, last)


def masked(reference: str) -> str:
    """Return ``reference`` with only its ends: enough to tell it from another, not to use it."""
    if len(reference) <= 2 * _SHOWN:
        return "****"
    return f"{reference[:_SHOWN]}****{reference[-_SHOWN:]}"


def as_shown(one: HeldCertificate) -> HeldCertificate:
    """Return ``one`` as plans hold it: of its number only the ends; its digest says which it is."""
    return replace(one, reference=masked(one.reference))


def holder_not_compared() -> Reason:
    """Return that the form cannot tell whose the certificate is, and who has to look."""
    return _WHOSE


def reason_compared(numbers: tuple[int, ...] = ()) -> Reason:
    """Return why a field is asked of which no office is told; ``numbers`` are the entries.

    Empty: all that are asked. Of the others an office needs it, and the case keeps it.
    """
    zh = "、".join(f"{one}" for one in numbers)
    en = ", ".join(f"#{one}" for one in numbers)
    return Reason(
        kind=ReasonKind.HELD,
        text=Text(
            zh=(f"第 {zh} 人的" if zh else "") + "仅用于核对免办所凭证照属于何人，不保存",
            en=(f"of {en} " if en else "")
            + "asked only to compare whose certificate spares the step; it is not kept",
        ),
    )


def reason_held(one: HeldCertificate, called: Text, *, spares: bool = False) -> Reason:
    """Return that it counts: who issued it, until when it is valid, and by which rule.

    Args:
        one: the certificate.
        called: what people call it; its type is a word of catalogs.
        spares: a step and not a material only; its number is told then, masked.
    """
    zh, en = _facts(one)
    number = masked(one.reference)
    if not spares:
        text = Text(
            zh=f"您已持有“{called.zh}”（{zh}），无需提交",
            en=f"you already hold {called.en} ({en}): no need to bring it",
        )
        return Reason(kind=ReasonKind.HELD, text=text, because=number)
    text = Text(
        zh=f"已持有“{called.zh}”（编号 {number}，{zh}），无需再办",
        en=f"{called.en} is held already (number {number}, {en}): nothing to be done",
    )
    return Reason(kind=ReasonKind.HELD, text=text, because=number)


def _facts(one: HeldCertificate) -> tuple[str, str]:
    end = one.valid_until
    zh = f"有效期至 {end}" if end else "未载明有效期"
    en = f"valid until {end}" if end else "without an end date"
    if one.issuer_region is not None:
        zh, en = f"{one.issuer_region} 签发，{zh}", f"issued in {one.issuer_region}, {en}"
    if one.level is HeldLevel.COLLECTED:
        zh, en = f"{zh}，归集数据", f"{en}, as collected data"
    if one.basis is not None:
        zh, en = f"{zh}；{one.basis.zh}", f"{en}; {one.basis.en}"
    return zh, en


def reason_refused(one: HeldCertificate, called: Text, why: Text) -> Reason:
    """Return why it does not count, and what to do instead, as whoever looked at it said."""
    return _not_held(
        one,
        zh=f"您持有的“{called.zh}”不能代替：{why.zh}",
        en=f"the {called.en} that you hold does not count: {why.en}",
    )


def reason_too_short(
    one: HeldCertificate, called: Text, end: date, *, on: date, needed_until: date
) -> Reason:
    """Return that it ends before the last office that needs it is due."""
    if end < on:
        zh, en = f"已于 {end} 到期", f"ended on {end}"
    else:
        zh = f"将于 {end} 到期，早于最后审查日 {needed_until}"
        en = f"ends on {end}, before the last office is due on {needed_until}"
    return _not_held(
        one,
        zh=f"您持有的“{called.zh}”{zh}，不能代替",
        en=f"the {called.en} that you hold {en}: it does not count",
    )


def reason_ends_too_soon(
    one: HeldCertificate, called: Text, end: date, *, case_ends: date, needed_until: date
) -> Reason:
    """Return that too little is left of it when the case ends, and that the step is taken then."""
    zh = f"“{called.zh}”有效期至 {end}，而本件预计 {case_ends} 办结"
    en = f"the {called.en} that is held ends on {end}, and this case on {case_ends}"
    if needed_until > case_ends:
        zh, en = f"{zh}，其后仍须有效至 {needed_until}", f"{en}; it must be good to {needed_until}"
    return _not_held(one, zh=f"{zh}：须重新办理", en=f"{en}: the step is taken anew")


def reason_too_weak(one: HeldCertificate, called: Text) -> Reason:
    """Return that only a sealed certificate spares the step, and this is a register's entry."""
    return _not_held(
        one,
        zh=f"“{called.zh}”仅有归集数据，没有签章，不能免办：请向签发机关获取带签章的电子证照",
        en=f"of {called.en} only data were collected, which spares nothing here: ask the issuing "
        "office for the sealed certificate",
    )


def reason_used(one: HeldCertificate, called: Text) -> Reason:
    """Return that the same paper stands for somebody else already."""
    return _not_held(
        one,
        zh=f"同一份“{called.zh}”已用于另一人，不能重复使用：请出示本人的证照",
        en=f"the same {called.en} stands for another person already: show this person's own",
    )


def _not_held(one: HeldCertificate, *, zh: str, en: str) -> Reason:
    text = Text(zh=zh, en=en)
    return Reason(kind=ReasonKind.NOT_HELD, text=text, because=masked(one.reference))
