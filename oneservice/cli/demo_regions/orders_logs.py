"""Orders about logs: looking at the neighbours', reading alarms, publishing a head."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from oneservice.cli.demo_regions.keys import site_url, territory_of
from oneservice.cli.demo_regions.region import Region
from oneservice.errors import WebUnavailableError
from oneservice.tlog import Alarm, open_alarm

__all__ = ["ORDERS"]


async def look(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Look at the neighbours' logs; return what is new."""
    found = await region.watch.look()
    return {"alarms": [_told(one) for one in found]}


async def alarms(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Read the alarms that another region raised, under the key that its list names."""
    other = order["from"]
    data = await region.known.web.get(f"{site_url(other)}/alarms")
    if data is None:
        msg = f"the alarms of {other} cannot be had now; ask again"
        raise WebUnavailableError(msg)
    watcher = region.known.log_keys()[territory_of(other)]
    found = [open_alarm(base64.b64decode(one), watchers=[watcher])[0] for one in json.loads(data)]
    return {"alarms": [_told(one) for one in found]}


async def log(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Publish a head over everything; return its size."""
    await region.keeper.publish()
    return {"size": region.keeper.log.size}


def _told(alarm: Alarm) -> dict[str, Any]:
    return {
        "log": alarm.origin,
        "concern": alarm.concern.value,
        "view": alarm.view,
        "facts": dict(alarm.facts),
        "has_evidence": bool(alarm.evidence or alarm.heads),
    }


ORDERS: Final[Mapping[str, Any]] = {"look": look, "alarms": alarms, "log": log}
