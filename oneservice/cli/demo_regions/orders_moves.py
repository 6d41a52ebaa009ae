"""Orders about certificates that move from one region's register to another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oneservice.certificates import Move
from oneservice.cli.demo_regions.keys import site_url
from oneservice.cli.demo_regions.kinds import HEALTH
from oneservice.cli.demo_regions.people import COOK
from oneservice.cli.demo_regions.region import Region
from oneservice.cli.demo_regions.wording import claims_of

__all__ = ["ORDERS"]


async def begin(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Give a certificate away."""
    return {"state": (await region.leaving.begin(Move(**order["move"]))).state}


async def promise(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Say that it would be taken in."""
    claims = claims_of(region.own, order["successor"], kind=HEALTH, person=COOK)
    return {"state": (await region.arriving.promise(Move(**order["move"]), claims)).state}


async def give_up(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """End a move that was not released; the certificate counts here again."""
    return {"state": (await region.leaving.give_up(order["move"]["id"])).state}


async def fetch(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Ask the other region what it has to say about a move, and go on."""
    move = Move(**order["move"])
    desk = region.leaving if move.giving == region.own.holder.id else region.arriving
    letter = await region.known.web.get(f"{site_url(order['from'])}/moves/{move.id}")
    if letter is not None:
        await desk.hear(letter)
    return {"state": (await desk.go_on(move.id)).state, "heard": letter is not None}


async def taken(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Return the certificate that arrived."""
    letter = region.arriving.certificate(order["move"]["id"])
    return {"letter": None if letter is None else letter.decode("utf-8")}


async def word(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Return the last word of this region about a move, as the other one heard it."""
    letter = region.letter(order["move"]["id"])
    return {"letter": None if letter is None else letter.decode("utf-8")}


async def state(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Return where a certificate stands in this region's register."""
    record = region.register.record(order["certificate"])
    return {"state": None if record is None else record.state.value}


ORDERS: Final[Mapping[str, Any]] = {
    "begin": begin,
    "promise": promise,
    "give_up": give_up,
    "fetch": fetch,
    "taken": taken,
    "word": word,
    "state": state,
}
