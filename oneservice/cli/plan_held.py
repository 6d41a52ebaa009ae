"""What became of each paper of ``--held``, a line for each: none is dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.certificates import Verdict
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.type_titles import titled_type
from oneservice.engine import answers_about
from oneservice.plan import ReasonKind, masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from oneservice.catalog import EffectiveThing, Text
    from oneservice.certificates import HeldPaper, StatusList
    from oneservice.cli.plan_words import Words
    from oneservice.plan import HeldCertificate, Plan, Reason

__all__ = ["told_of"]


def told_of(
    paper: HeldPaper,
    *,
    entry: tuple[str, int] | None,
    lists: Sequence[StatusList],
    at: datetime,
    thing: EffectiveThing,
    plan: Plan,
    words: Words,
) -> str:
    """Return for which step or material ``paper`` counts, or why for none, and what to do.

    Args:
        paper: the answer about it.
        entry: group and number of the person in the form; ``None``: the applicant.
        lists: status lists at hand that may speak of it.
        at: moment for which it was looked at.
        thing: what it could be of use for.
        plan: what it was of use for.
        words: the language.
    """
    if not paper.type:
        why = words(paper.words["zh"], paper.words["en"])
        return words(f"无法作为证照读取：{why}", f"cannot be read as a certificate: {why}")
    stands = list(dict.fromkeys(_uses(paper, entry, plan, words))) if paper.counts else []
    if stands:
        return words("可用：", "counts: ") + words("；", "; ").join(stands)
    found = next(_objections(paper, entry, plan), None)
    groups, is_known = _wanted(paper.type, thing)
    if found is None and not is_known:
        kind = titled_type(paper.type, words.language)
        return words(
            f"可以读取，但此事项无需此类证照：{kind}",
            f"can be read, but nothing here has a use for it: {kind}",
        )
    if not paper.counts:
        return _refused(paper, lists, at, words)
    if found is not None:
        return words("不能代替：", "does not count: ") + words.of(found)
    if entry is None and groups:
        shown = words("、", " or ").join(f"--held {name}.1=FILE" for name in groups)
        return words(
            f"有效，但未说明是谁的证照，未予使用：请写 {shown}",
            f"is valid, but for whom is it? It was not used: write {shown}",
        )
    return words("有效，但按所答情形用不上", "is valid, but these answers have no use for it")


def _wanted(kind: str, thing: EffectiveThing) -> tuple[tuple[str, ...], bool]:
    """Return the groups whose people may show such a paper, and whether anything asks for it."""
    steps = [
        one
        for one in thing.thing.steps
        if one.spared_by is not None and kind in one.spared_by.certificates
    ]
    groups = dict.fromkeys(one.for_each.group for one in steps if one.for_each is not None)
    is_asked = any(kind in one.accepts for one in thing.thing.materials)
    return tuple(groups), bool(steps) or is_asked


def _refused(paper: HeldPaper, lists: Sequence[StatusList], at: datetime, words: Words) -> str:
    why = words(paper.words["zh"], paper.words["en"])
    if paper.verdict is Verdict.INDETERMINATE:
        why = _unknown(lists, at, words) or _message(paper, why)
    instead = paper.instead
    if instead is not None:
        why += words("。", "; ") + words(instead["zh"], instead["en"])
    return words("不能代替：", "does not count: ") + why


def _message(paper: HeldPaper, why: str) -> str:
    told = "" if paper.report is None else paper.report.message
    return f"{why} ({told})" if told else why


def _unknown(lists: Sequence[StatusList], at: datetime, words: Words) -> str:
    """Return between which moments the lists speak, where ``at`` is none of them; else nothing."""
    if any(one.issued_at <= at < one.expires_at for one in lists):
        return ""
    out = [one for one in lists if one.issued_at <= at] or list(lists)
    if not out:
        return ""
    one = max(out, key=lambda each: each.issued_at)
    start, end, then = (_clock(each) for each in (one.issued_at, one.expires_at, at))
    return words(
        f"目前无法判断：状态清单 {one.uri} 的有效时间为 {start} 至 {end}，查验时刻为 {then}"
        "（可用 --at 指定，或取最新清单）",
        f"it cannot be told: the status list {one.uri} was good from {start} to {end}, and the "
        f"paper was looked at as of {then} (name another moment by --at, or fetch a newer list)",
    )


def _clock(moment: datetime) -> str:
    return moment.astimezone(OFFICE_ZONE).isoformat(timespec="minutes")


def _uses(
    paper: HeldPaper, entry: tuple[str, int] | None, plan: Plan, words: Words
) -> Iterator[str]:
    number = None if entry is None else entry[1]
    for step in plan.skipped:
        if _is(step.held, paper, entry) and step.instance == number:
            which = "" if number is None else f" #{number}"
            title = words.of(step.title)
            yield words(f"免办“{title}”{which}", f"spares the step {title}{which}")
    for one in plan.materials:
        if any(_is(held, paper, entry) for held in (one.held, *one.spared_by)):
            title = words.of(one.title)
            yield words(f"可作材料“{title}”", f"stands for the material {title}")


def _is(held: HeldCertificate | None, paper: HeldPaper, entry: tuple[str, int] | None) -> bool:
    if held is None or not answers_about(held, [paper]):
        return False
    told = None if held.entry is None else (held.entry.group, held.entry.number)
    return told == entry


def _objections(paper: HeldPaper, entry: tuple[str, int] | None, plan: Plan) -> Iterator[Text]:
    """Yield why steps and materials are not satisfied with it."""
    reasons: list[Reason] = []
    for step in plan.steps:
        if entry is None or step.instance == entry[1]:
            reasons += step.reasons
    if entry is None:
        reasons += [why for one in plan.materials for why in one.reasons]
    for why in reasons:
        if why.kind is ReasonKind.NOT_HELD and why.because == masked(paper.reference):
            yield why.text
