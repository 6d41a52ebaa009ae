"""Channels and costs of a step as nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from oneservice.canonical import JsonObject
from oneservice.catalog import Channel, ChannelKind, Fee, Item, Step, Text
from oneservice.exchange.cpsv_terms import Names, langs, node

__all__ = ["channel_nodes", "concept_nodes", "cost_nodes"]

_CURRENCY: Final = "http://publications.europa.eu/resource/authority/currency/"


def channel_nodes(item: Item, step: Step, names: Names) -> list[JsonObject]:
    """Return how ``step`` is handed in, in the order of preference."""
    return [
        node(
            f"{names.step(step.id)}:channel:{place}",
            "Channel",
            identifier=f"{step.id}-channel-{place}",
            type=_channel_type(channel.kind),
            description=langs(_channel_text(channel)),
            page=channel.url,
        )
        for place, channel in enumerate(item.channels, 1)
    ]


def cost_nodes(item: Item, step: Step, names: Names) -> list[JsonObject]:
    """Return what ``step`` costs."""
    return [
        node(
            f"{names.step(step.id)}:cost:{place}",
            "Cost",
            identifier=f"{step.id}-cost-{place}",
            description=langs(_fee_text(fee)),
            value=str(fee.amount),
            currency=f"{_CURRENCY}{fee.currency}",
            isDefinedBy=[names.office(item.department)],
        )
        for place, fee in enumerate(item.fees, 1)
    ]


def concept_nodes(items: Iterable[Item]) -> list[JsonObject]:
    """Return the kinds of channel and the currencies that ``items`` point at."""
    every = list(items)
    kinds = sorted({one.kind for item in every for one in item.channels})
    currencies = sorted({one.currency for item in every for one in item.fees})
    return [
        *(node(_channel_type(kind), "Concept", label=langs(_KINDS[kind])) for kind in kinds),
        *(node(f"{_CURRENCY}{code}", "Concept") for code in currencies),
    ]


_KINDS: Final = {
    ChannelKind.ONLINE: Text(zh="网上办理", en="Online"),
    ChannelKind.KIOSK: Text(zh="自助终端", en="Kiosk"),
    ChannelKind.WINDOW: Text(zh="窗口办理", en="Window"),
    ChannelKind.POST: Text(zh="邮寄办理", en="Post"),
}


def _channel_type(kind: ChannelKind) -> str:
    return f"urn:oneservice:channel:{kind}"


def _channel_text(channel: Channel) -> Text:
    if channel.visits == 0:
        return Text(
            zh=f"{channel.where.zh}（不需到现场）", en=f"{channel.where.en} (no visit needed)"
        )
    many = "" if channel.visits == 1 else "s"
    return Text(
        zh=f"{channel.where.zh}（到现场 {channel.visits} 次）",
        en=f"{channel.where.en} ({channel.visits} visit{many})",
    )


def _fee_text(fee: Fee) -> Text:
    if not fee.is_reducible:
        return fee.title
    return Text(zh=f"{fee.title.zh}（可减免）", en=f"{fee.title.en} (may be reduced)")
