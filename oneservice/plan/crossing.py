"""How the applicant hands each step in from another region (跨省通办), or what to do instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oneservice.catalog import (
    AcceptedBy,
    ChannelKind,
    CrossRegion,
    CrossRegionMode,
    Item,
    StepKind,
    Text,
    ways_across,
)
from oneservice.identifiers import parse_region, region_contains
from oneservice.plan.crossing_words import NO_WAY, NO_WAY_ADVICE
from oneservice.plan.facts import law_reasons
from oneservice.plan.frame import time_limit
from oneservice.plan.parts import OtherCrossing, PlannedChannel, PlannedCrossing
from oneservice.plan.terms import Reason, ReasonKind

__all__ = ["planned_crossing"]

_DECIDED = frozenset({StepKind.DECISION, StepKind.FOLLOW_UP})
_ONLINE = Text(
    zh="全程网办：无需到场，由业务属地办理",
    en="fully online: nobody goes anywhere, the deciding office handles it",
)
_OWN_SITE = Text(
    zh="网上渠道不限地区，等同全程网办",
    en="its online way is open from everywhere",
)
_COLLECT = Text(
    zh="异地代收代办：就近窗口核对形式和身份后转交，业务属地决定；时限自属地受理起算",
    en="collected elsewhere: a window near you checks form and identity and passes it on to the "
    "deciding office, whose limit starts when it accepts",
)
_JOINT = {
    AcceptedBy.ORIGIN: Text(
        zh="多地联办：由申请地受理并出件，各地分别办理各自部分",
        en="handled jointly: accepted and handed out where you are, each region decides its part",
    ),
    AcceptedBy.DESTINATION: Text(
        zh="多地联办：由业务属地受理并出件，各地分别办理各自部分",
        en="handled jointly: accepted and handed out by the deciding office, each region decides "
        "its part",
    ),
}
_NONE = Text(
    zh=f"{NO_WAY.zh}：{NO_WAY_ADVICE.zh}",
    en=f"{NO_WAY.en}: {NO_WAY_ADVICE.en}",
)


def planned_crossing(
    item: Item,
    channels: Sequence[PlannedChannel],
    *,
    kind: StepKind,
    region: str,
    origin: str | None,
) -> PlannedCrossing | None:
    """Return how ``item`` is handed in from ``origin``; ``None``: nothing crosses a border.

    Args:
        item: as it is published for the deciding region.
        channels: its own ways in, as planned.
        kind: of the step; what offices do among themselves concerns no applicant.
        region: whose office decides.
        origin: where the applicant is.

    Raises:
        IdentifierError: ``origin`` is no region code.
    """
    if origin is None or kind not in _DECIDED:
        return None
    if region_contains(parse_region(region), parse_region(origin)):
        return None
    is_online = any(
        one.is_open and one.kind is ChannelKind.ONLINE and one.visits == 0 for one in channels
    )
    ways = ways_across(item, origin)
    if ways:
        others = [_other(one, origin) for one in ways[1:]]
        if is_online and all(one.mode is not CrossRegionMode.ONLINE for one in ways):
            why = _reason(_OWN_SITE, region, origin)
            others.append(OtherCrossing(mode=CrossRegionMode.ONLINE, reasons=(why,)))
        return replace(_planned(ways[0], origin), others=tuple(others))
    mode = CrossRegionMode.ONLINE if is_online else None
    text = _OWN_SITE if is_online else _NONE
    why = _reason(text, region, origin)
    return PlannedCrossing(origin=origin, mode=mode, reasons=(why,), others=())


def _other(way: CrossRegion, origin: str) -> OtherCrossing:
    within = way.forwarded_within
    return OtherCrossing(
        mode=way.mode,
        window=way.window,
        reasons=_reasons(way, origin),
        papers=way.papers,
        forwarded_within=None if within is None else time_limit(within),
        accepted_by=way.accepted_by,
    )


def _planned(way: CrossRegion, origin: str) -> PlannedCrossing:
    within = way.forwarded_within
    return PlannedCrossing(
        origin=origin,
        mode=way.mode,
        window=way.window,
        papers=way.papers,
        forwarded_within=None if within is None else time_limit(within),
        accepted_by=way.accepted_by,
        reasons=_reasons(way, origin),
    )


def _reasons(way: CrossRegion, origin: str) -> tuple[Reason, ...]:
    match way.mode:
        case CrossRegionMode.ONLINE:
            text = _ONLINE
        case CrossRegionMode.COLLECT:
            text = _COLLECT
        case CrossRegionMode.JOINT:
            text = _JOINT[way.accepted_by or AcceptedBy.ORIGIN]
    why = Reason(kind=ReasonKind.CROSSING, text=text, because=_covering(way, origin))
    return (why, *law_reasons(way.legal_basis))


def _covering(way: CrossRegion, origin: str) -> str:
    """Say which of the way's origins contains the applicant's."""
    found = (one for one in way.origins if region_contains(parse_region(one), parse_region(origin)))
    own = next(found, None)
    return origin if own in (None, origin) else f"{origin} → {own}"


def _reason(text: Text, region: str, origin: str) -> Reason:
    return Reason(kind=ReasonKind.CROSSING, text=text, because=f"{origin} → {region}")
