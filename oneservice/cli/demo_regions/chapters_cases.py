"""Chapters about cases: a shop whose cook comes from elsewhere, a child born elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.cli.demo_regions.keys import BIRTH, HOME, NORTH
from oneservice.cli.demo_regions.kinds import HEALTH, RESIDENCE
from oneservice.cli.demo_regions.people import COOK
from oneservice.cli.demo_regions.teller import Teller
from oneservice.workdays import LEGAL_ZONE

__all__ = ["child", "shop", "tell_promise"]

_STEP: Final = "birth_registration-1"
_EXAMINED: Final = "health_cert-1"
_PARTED_HOURS: Final = 8
_LONGEST_DAYS: Final = 30
_PERSON: Final = {"name": COOK.name, "code": COOK.code}


async def shop(teller: Teller) -> None:
    """The cook opens a shop in another region; nothing is brought that exists already."""
    teller.head("shop")
    land = teller.land
    standing = await land.ask(HOME, "shop")
    if "error" in standing:
        await _open_shop(teller)
        standing = await land.say(HOME, "shop")
    await land.say(HOME, "shop_window", window=NORTH)
    await land.say(HOME, "carry")
    for _ in range(2 * _LONGEST_DAYS):
        if standing["status"] == "concluded":
            break
        await land.carry(hours=12, step=12)
        standing = await land.say(HOME, "shop")
    teller.expect("the shop may open", standing["status"] == "concluded")
    teller.desk.keep("shop", await land.say(HOME, "bundle", case=standing["case"]))
    handed = standing["handed_in"][0]
    teller.expect("received before accepted", handed["received_at"] < str(handed["accepted_at"]))
    teller.line(
        "two_instants", NORTH, *(_clock(handed[one]) for one in ("received_at", "accepted_at"))
    )
    teller.line("opens", HOME, standing["steps"]["food_permit"][1])
    tell_promise(teller, standing)
    pages = teller.desk.drawn("shop")
    teller.line("pages", pages) if pages is not None else teller.line("no_pages")
    entries = (await land.say(NORTH, "access_log", person=_PERSON))["entries"]
    given = [name for one in entries if one["kind"] == "given" for name in one["names"]]
    teller.expect("she can read who got what", {HEALTH, RESIDENCE} <= set(given))
    teller.line("read_log", NORTH, teller.names(*sorted(set(given))))


def _clock(instant: str | None) -> str:
    """Return an instant as the clocks on the wall show it."""
    if instant is None:
        return "-"
    return datetime.fromisoformat(instant).astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")


async def _open_shop(teller: Teller) -> None:
    land = teller.land
    await land.later(timedelta(minutes=1))
    teller.desk.keep("1-north-later", await land.say(NORTH, "publish"))
    asked = await land.say(HOME, "shop_ask")
    teller.line("asked", HOME, NORTH, asked[HEALTH]["preview"] or "-")
    await land.say(NORTH, "shop_allow", asked=asked)
    teller.line("allowed", NORTH)
    told = await land.say(HOME, "shop_open")
    teller.expect(
        "both papers count",
        set(told["worth"].values()) == {"recognised"} and len(told["worth"]) > 1,
    )
    teller.expect("her examination is spared", told["spared"] == [_EXAMINED])
    teller.expect("that of the other cook is not", "health_cert-2" in told["steps"])
    teller.line("spared", teller.names(_EXAMINED))
    teller.expect("a window elsewhere may receive", told["crossing"] == "collect")
    teller.line("window", NORTH)


async def child(teller: Teller) -> None:
    """A child is born in one region and registered in another, whatever breaks meanwhile."""
    teller.head("child")
    land = teller.land
    told = await land.say(BIRTH, "apply")
    teller.line("routed", BIRTH, teller.names(_STEP), told["steps"][_STEP][1])
    case = await _case(teller, told["case"])
    if case["status"] != "concluded" and case["steps"][_STEP][1] is None:
        await land.part(HOME)
        await land.carry(hours=_PARTED_HOURS)
        teller.line("parted", HOME, _PARTED_HOURS, HOME)
        await land.mend(HOME)
        await land.carry(hours=3, step=1)
        teller.line("healed")
        await land.kill(HOME)
        await land.start(HOME)
        teller.line("killed", HOME)
    for _ in range(2 * _LONGEST_DAYS):
        case = await _case(teller, told["case"])
        if case["status"] == "concluded":
            break
        await land.carry(hours=12, step=12)
    teller.expect("the child is registered", case["status"] == "concluded")
    teller.desk.keep("child", await land.say(BIRTH, "bundle", case=told["case"]))
    teller.line("registered", HOME, case["steps"][_STEP][1], BIRTH)
    tell_promise(teller, case)


def tell_promise(teller: Teller, standing: Mapping[str, Any]) -> None:
    """Tell that the promise for a whole case was missed, where it was; nobody hides that."""
    if standing["missed_days"] is not None:
        teller.line("late", standing["missed_days"])


async def _case(teller: Teller, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await teller.land.say(BIRTH, "carry"))["cases"][case_id]
    return found
