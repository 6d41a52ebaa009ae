"""Channels and costs of a step as nodes."""

from __future__ import annotations

from oneservice.canonical import JsonObject
from oneservice.catalog import Channel, Fee, Item, Step, Text
from oneservice.exchange.cpsv_terms import Names, langs, node

__all__ = ["channel_nodes", "cost_nodes"]

_CURRENCY = "http://publications.europa.eu/resource/authority/currency/"


def channel_nodes(item: Item, step: Step, names: Names) -> list[JsonObject]:
    """Return how ``step`` is handed in, in the order of preference."""
    return [
        node(
            f"{names.step(step.id)}:channel:{place}",
            "Channel",
            identifier=f"{step.id}-channel-{place}",
            type=f"urn:oneservice:channel:{channel.kind}",
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
