"""What a plan says about the law of a deciding region, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from oneservice.catalog import Text
from oneservice.identifiers import NATIONAL
from oneservice.plan.terms import Reason, ReasonKind

__all__ = [
    "counted_in",
    "instead_of",
    "law_of",
    "meant_otherwise",
    "not_at_hand",
    "open_questions",
    "other_than_here",
    "used_or_not",
]


def law_of(region: str) -> Text:
    """Return whose law it is, in words; that of the country is called so."""
    if region == NATIONAL:
        return Text(zh="全国的规定", en="the law of the country")
    return Text(zh=f" {region} 的规定", en=f"the law of {region}")


def instead_of(region: str, what: Text, there: Text, here: Text) -> Reason:
    """Say what the law of ``region`` sets, and what it would be here."""
    return _reason(
        zh=f"按{law_of(region).zh}：{what.zh}{there.zh}，而非本地的{here.zh}",
        en=f"by {law_of(region).en}: {what.en} {there.en} instead of {here.en}",
    )


def other_than_here(region: str, what: Text) -> Reason:
    """Say that the law of ``region`` has another ``what``, which the plan shows elsewhere."""
    return _reason(
        zh=f"按{law_of(region).zh}：{what.zh}与本地不同",
        en=f"by {law_of(region).en}: other {what.en} than here",
    )


def used_or_not(region: str, *, more: Sequence[Text], less: Sequence[Text]) -> Reason:
    """Say what the law of ``region`` asks for in addition, and what it does not ask for."""
    zh, en = [], []
    if more:
        zh.append("还需" + "、".join(one.zh for one in more))
        en.append("also needed: " + "; ".join(one.en for one in more))
    if less:
        zh.append("不需" + "、".join(one.zh for one in less))
        en.append("not needed: " + "; ".join(one.en for one in less))
    return _reason(
        zh=f"按{law_of(region).zh}：{'；'.join(zh)}", en=f"by {law_of(region).en}: {', '.join(en)}"
    )


def meant_otherwise(region: str, theirs: Text, ours: Text) -> Reason:
    """Say that one id means two things, so that nobody brings one of them for both.

    Args:
        region: whose law it is.
        theirs: what the id means there.
        ours: what it means here.
    """
    return _reason(
        zh=f"按{law_of(region).zh}需要“{theirs.zh}”，与代码相同的“{ours.zh}”不是同一事物，须分别提供",
        en=f'by {law_of(region).en} "{theirs.en}" is needed, which is not "{ours.en}", although '
        "both have one id there and here: each is asked for by itself",
    )


def counted_in(region: str, version: str) -> Reason:
    """Say that days are those of ``region``, by the calendar of this ``version``."""
    return _reason(
        zh=f"工作日按 {region} 的日历计算（{version}）",
        en=f"working days are those of {region} ({version})",
    )


def not_at_hand(region: str, *, is_national: bool) -> Reason:
    """Say that what ``region`` sets for the step is not known here, and who knows it.

    ``is_national``: the law of the country is shown in its place, otherwise the own one.
    """
    zh_shown = "全国的规定" if is_national else "本地的规定"
    en_shown = "that of the country" if is_national else "that of this region"
    return _reason(
        zh=f"此处没有 {region} 对此事项的规定，所列为{zh_shown}；时限和要求以该地区自己的办件为准",
        en=f"the law of {region} on this step is not at hand, {en_shown} is shown; the limits are "
        "those of that region's own case",
    )


def open_questions(region: str, questions: Sequence[Text]) -> Reason:
    """Say that something in the law of ``region`` hangs on what only that region asks."""
    zh = "、".join(f"“{one.zh}”" for one in questions)
    en = "; ".join(f'"{one.en}"' for one in questions)
    return _reason(
        zh=f"{region} 另问{zh}；取决于此的部分未列入，由该地区的办件确定",
        en=f"{region} asks besides: {en}; what hangs on it is left out here, and is settled in "
        "that region's own case",
    )


def _reason(*, zh: str, en: str) -> Reason:
    return Reason(kind=ReasonKind.ELSEWHERE, text=Text(zh=zh, en=en))
