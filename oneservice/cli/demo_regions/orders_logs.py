"""Orders about logs and lists: looking at the neighbours', reading what others found, a head."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from oneservice.certificates import EndpointKind, StatusList
from oneservice.cli.demo_regions.editions import logged_kind, told_of
from oneservice.cli.demo_regions.keys import site_url, territory_of
from oneservice.cli.demo_regions.region import Region
from oneservice.errors import WebUnavailableError
from oneservice.runtimes import revocations_taken_back
from oneservice.tlog import Alarm, open_alarm

__all__ = ["ORDERS"]


async def look(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Look at the neighbours' logs; return what is new."""
    found = await region.watch.look()
    return {"alarms": [_told(one) for one in found]}


async def alarms(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Read the alarms that another region raised, under the key that its list names."""
    other = order["from"]
    shown = await _shown_by(region, other, "alarms")
    watcher = region.known.log_keys()[territory_of(other)]
    found = [open_alarm(base64.b64decode(one), watchers=[watcher])[0] for one in shown]
    return {"alarms": [_told(one) for one in found]}


async def look_at_lists(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Keep the status lists that the neighbours show now; return what they say against older ones.

    What was found before is told again: it does not cease to be so.
    """
    for one in region.known.others(region.clock.now()):
        url = one.url(EndpointKind.STATUS)
        data = None if url is None else await region.known.web.get(url)
        if url is not None and data is not None:
            site = url.rpartition("/status")[0]
            proofs = await region.known.web.get(f"{site}/status-proofs")
            region.seen.keep(data, json.loads(proofs or b"[]"))
    found = region.seen.contradictions(region.known.trust)
    return {"contradictions": [told_of(one) for one, _ in found]}


async def contradictions(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Read the lists that another region found to contradict each other; its word is not needed.

    Returns them, what they show by the lists that this region relies on, and of how many of them a
    log provably holds.
    """
    shown = await _shown_by(region, order["from"], "contradictions")
    lists = list(dict.fromkeys(each for one in shown for each in one["lists"]))
    proofs = {each["digest"]: each for one in shown for each in one["proofs"]}
    trust = region.known.trust
    parsed = [StatusList.parse(one.encode("ascii")) for one in lists]
    logged = {name for name, one in proofs.items() if logged_kind(one, trust) is not None}
    return {
        "contradictions": [told_of(one) for one in revocations_taken_back(parsed, trust=trust)],
        "logged": len(logged & {one.digest for one in parsed}),
        "lists": lists,
        "proofs": list(proofs.values()),
    }


async def log(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Publish a head over everything; return its size."""
    await region.keeper.publish()
    return {"size": region.keeper.log.size}


async def _shown_by(region: Region, other: str, what: str) -> Any:
    """Return what another region shows everybody under a name."""
    data = await region.known.web.get(f"{site_url(other)}/{what}")
    if data is None:
        msg = f"the {what} of {other} cannot be had now; ask again"
        raise WebUnavailableError(msg)
    return json.loads(data)


def _told(alarm: Alarm) -> dict[str, Any]:
    return {
        "log": alarm.origin,
        "concern": alarm.concern.value,
        "view": alarm.view,
        "facts": dict(alarm.facts),
        "has_evidence": bool(alarm.evidence or alarm.heads),
    }


ORDERS: Final[Mapping[str, Any]] = {
    "look": look,
    "alarms": alarms,
    "look_at_lists": look_at_lists,
    "contradictions": contradictions,
    "log": log,
}
