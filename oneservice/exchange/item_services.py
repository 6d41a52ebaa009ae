"""How one reaches an office and what it costs, in the exchange's flags and free texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oneservice.catalog import Channel, ChannelKind, Fee, Text
from oneservice.exchange.keeping import Note
from oneservice.exchange.records import ItemRecord
from oneservice.exchange.wording import prices_in, read_laws, same_in_both, write_laws

__all__ = ["channels_of", "fees_of", "write_channels", "write_fees"]

_PLACES: Final = {
    ChannelKind.ONLINE: Text(zh="政务服务网", en="Government service portal"),
    ChannelKind.KIOSK: Text(zh="自助服务终端", en="Self-service kiosk"),
    ChannelKind.WINDOW: Text(zh="政务服务大厅", en="Government service hall"),
    ChannelKind.POST: Text(zh="邮政快递", en="By post"),
}
"""Places of which the exchange says only that they exist."""
_MOST_VISITS: Final = 20


def write_channels(channels: Sequence[Channel]) -> dict[str, Any]:
    """Return the cells that tell of ``channels``; none where nothing is published."""
    if not channels:
        return {}
    kinds = {one.kind for one in channels}
    return {
        "is_online": ChannelKind.ONLINE in kinds,
        "limit_scene_num": channels[0].visits,
        "is_service_terminals": ChannelKind.KIOSK in kinds,
        "is_express": ChannelKind.POST in kinds,
    }


def channels_of(record: ItemRecord) -> tuple[Channel, ...]:
    """Return the channels that a row tells of; the visits are those of the preferred one."""
    visits = min(record.limit_scene_num or 0, _MOST_VISITS)
    kinds = [
        kind
        for kind, is_open in (
            (ChannelKind.ONLINE, record.is_online),
            (ChannelKind.KIOSK, record.is_service_terminals),
            (ChannelKind.POST, record.is_express),
        )
        if is_open
    ]
    if not kinds and record.is_online is None and record.limit_scene_num is None:
        return ()
    kinds = kinds or [ChannelKind.WINDOW]
    return tuple(
        Channel(kind=kind, where=_PLACES[kind], visits=visits if place == 0 else 0)
        for place, kind in enumerate(kinds)
    )


def write_fees(fees: Sequence[Fee]) -> dict[str, Any]:
    """Return the cells that tell of ``fees``; amounts in yuan, other currencies by their code."""
    if not fees:
        return {}
    laws = dict.fromkeys(law for fee in fees for law in fee.legal_basis)
    return {
        "is_fee": True,
        "fee_name": "、".join(fee.title.zh for fee in fees),
        "fee_stand": "\n".join(f"{fee.title.zh}：{_amount(fee)}" for fee in fees),
        "fee_basis": write_laws(laws),
        "is_desc": any(fee.is_reducible for fee in fees),
    }


def fees_of(record: ItemRecord, notes: list[Note]) -> tuple[Fee, ...]:
    """Return the fees that a row tells of; an amount in words makes a note and no fee."""
    if not record.is_fee:
        return ()
    prices = prices_in(record.fee_stand)
    basis = read_laws(record.fee_basis)
    if prices is None or not basis:
        text = "the fee has no plain amount or no legal basis; write it by hand"
        notes.append(Note(field="fee_stand", text=text))
        return ()
    return tuple(
        Fee(
            title=same_in_both(title),
            amount=amount,
            legal_basis=basis,
            is_reducible=bool(record.is_desc),
        )
        for title, amount in prices
    )


def _amount(fee: Fee) -> str:
    return f"{fee.amount}元" if fee.currency == "CNY" else f"{fee.amount} {fee.currency}"
