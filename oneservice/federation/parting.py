"""News of the parts of a one-thing: what each office decided, extended or stopped for.

The application of another region is one, and so is its limit. What stops or lengthens the whole is
told with legal effect (:mod:`oneservice.federation.pauses`); what only concerns one part of it is
told as news, in words, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from oneservice.case import EventType, SubCase
from oneservice.catalog import Text
from oneservice.departments import Progress
from oneservice.federation.views import Owed, View, on_day
from oneservice.workdays import legal_day

__all__ = ["news"]


def news(view: View) -> Owed | None:
    """Return the next piece of news of a part that the other region was not told."""
    if view.only is not None:
        return None
    told = {
        one.data["label"].get("en") for one in view.filed.history if one.type == EventType.PROGRESS
    }
    titles = {one.id: one.title for one in view.plan.steps}
    for sub in view.subs:
        title = titles.get(sub.id) or Text(zh=sub.id, en=sub.id)
        for label, day in _of(sub, title):
            if label.en not in told:
                said = {"zh": label.zh, "en": label.en}
                at = None if day is None else on_day(day, view)
                return Owed(outcomes=(Progress(label=said),), at=at)
    return None


def _of(sub: SubCase, title: Text) -> Iterator[tuple[Text, date | None]]:
    """Yield the news of one part, oldest first; each has words of its own."""
    name = f"{title.en} [{sub.id}]"
    for one in sub.pauses:
        if one.kind == "correction":
            continue
        zh, en = f"{title.zh}：特别程序（{one.kind}）自 {one.start} 起", f"{name}: {one.kind}"
        yield Text(zh=zh, en=f"{en}, from {one.start}"), one.start
        if one.end is not None:
            ended = Text(
                zh=f"{title.zh}：特别程序（{one.kind}）于 {one.end} 结束",
                en=f"{en}, over on {one.end}",
            )
            yield ended, one.end
    extension = sub.course.extension
    if extension is not None:
        yield (
            Text(
                zh=f"{title.zh}：延期 {extension.days} 个工作日（{extension.approved_by} 批准）",
                en=f"{name}: extended by {extension.days} working days, approved by "
                f"{extension.approved_by}",
            ),
            extension.decided_on,
        )
    if sub.is_decided:
        day = None if sub.decided_at is None else legal_day(sub.decided_at)
        yield Text(zh=f"{title.zh}：已办结", en=f"{name}: {sub.status}"), day
