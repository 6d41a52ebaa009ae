"""How a step crosses a border, in words: the one place from which every page takes them.

A plan has modes and reasons. Pages for applicants, the command line and the stories say the same of
them: what the way is called, what it means, where the papers are taken and how they travel. What is
not published is said as a fact; what to do then is advice, and comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from oneservice.catalog import CrossRegionMode, PaperRoute, Text
from oneservice.plan.models import PlannedStep
from oneservice.plan.parts import OtherCrossing, PlannedCrossing
from oneservice.plan.wording import limit_text

__all__ = ["MODE_TITLES", "NO_WAY", "NO_WAY_ADVICE", "WayInWords", "crossing_words", "without_way"]

MODE_TITLES: Final[Mapping[CrossRegionMode, Text]] = {
    CrossRegionMode.ONLINE: Text(zh="全程网办", en="fully online"),
    CrossRegionMode.COLLECT: Text(zh="异地代收代办", en="at a window near you"),
    CrossRegionMode.JOINT: Text(zh="多地联办", en="handled jointly"),
}
"""What people call a way across a border."""
NO_WAY: Final = Text(
    zh="未公布跨区域办理方式", en="no way of handing it in from another region is published"
)
"""The fact, where nothing is published."""
NO_WAY_ADVICE: Final = Text(
    zh="请先咨询业务属地部门；不须本人到场的，可委托代理人到其窗口办理",
    en="ask the deciding office first; an agent may go to its window where nobody has to come in "
    "person",
)
"""What an applicant can do then. It is advice, and no rule of the office.

Nobody stands in for another at an examination of their body: an agent is named only with that.
"""
_ROUTES: Final[Mapping[PaperRoute, Text]] = {
    PaperRoute.COURIER: Text(zh="材料寄递", en="papers go by courier"),
    PaperRoute.NETWORK: Text(zh="材料网络流转", en="papers go by the network"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WayInWords:
    """One way across, as people read it.

    ``means`` says what happens, ``details`` where the papers are taken and how they go on.
    """

    title: Text
    means: Text
    details: tuple[Text, ...] = ()


def crossing_words(crossing: PlannedCrossing) -> tuple[WayInWords, ...]:
    """Return the ways that are open to the applicant, the preferred one first.

    Empty: none is published; :data:`NO_WAY` and :data:`NO_WAY_ADVICE` say so.
    """
    if crossing.mode is None:
        return ()
    ways: list[PlannedCrossing | OtherCrossing] = [crossing, *(crossing.others or ())]
    return tuple(_told(crossing.mode, one) for one in ways)


def without_way(steps: Iterable[PlannedStep]) -> tuple[Text, ...]:
    """Return the titles of the steps that nobody can hand in from where the applicant is."""
    found = {
        step.step_id: step.title
        for step in steps
        if step.crossing is not None and step.crossing.mode is None
    }
    return tuple(found.values())


def _told(preferred: CrossRegionMode, way: PlannedCrossing | OtherCrossing) -> WayInWords:
    title = MODE_TITLES[way.mode or preferred]
    means = way.reasons[0].text if way.reasons else title
    return WayInWords(title=title, means=means, details=tuple(_details(way)))


def _details(way: PlannedCrossing | OtherCrossing) -> Iterator[Text]:
    window, within = way.window, way.forwarded_within
    if window is not None:
        yield Text(zh=f"收件窗口：{window.zh}", en=f"window: {window.en}")
    if way.papers is not None and within is not None:
        route = _ROUTES[way.papers]
        yield Text(
            zh=f"{route.zh}，窗口 {limit_text(within, 'zh')}内转交",
            en=f"{route.en}, passed on within {limit_text(within, 'en')}",
        )
