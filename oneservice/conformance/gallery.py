"""Histories of every kind that can be had: filed once a run, looked at by many statements."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from oneservice.conformance.breaking import BrokenError, NotApplicableError
from oneservice.conformance.exchanges import Exchange
from oneservice.conformance.trial import WITHDRAWAL, Filed, Trial

__all__ = ["Shown", "every_event", "gallery"]

_SCRIPTS = (
    "accept correct / correct / grant",
    "decline",
    "accept refuse",
    "accept suspend resume extend progress grant",
    "accept pend",
    "accept",
    "accept keep",
)
_READ_AT_MOST = 12
"""Histories of others' cases that are looked at beside the kit's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One history of the gallery."""

    id: str
    state: Any
    events: list[Any]
    exchange: Exchange


async def gallery(trial: Trial) -> list[Shown]:
    """Return histories of every kind that can be had; filed once a run, read by many."""
    kept = trial.bench.kept
    if "gallery" not in kept:
        kept["gallery"] = asyncio.ensure_future(_filled(Trial(trial.bench, "P-20")))
    found: list[Shown] = await asyncio.shield(kept["gallery"])
    if not found:
        raise NotApplicableError("no history could be had")
    trial.keep(found[0].exchange)
    return found


async def every_event(trial: Trial) -> list[tuple[Shown, Any]]:
    """Return each event of the gallery beside its history."""
    shown = await gallery(trial)
    return [(one, event) for one in shown for event in one.events]


async def _filled(trial: Trial) -> list[Shown]:
    ids: list[str] = []
    for script in _SCRIPTS if trial.bench.has_test_step else ("", ""):
        with suppress(BrokenError, NotApplicableError):
            ids.append((await _played(trial, script, len(ids))).id)
    with suppress(BrokenError):
        ids += [one for one in await _strangers(trial) if one not in ids]
    shown = []
    for name in ids:
        with suppress(BrokenError):
            events = await trial.history(name)
            status = await trial.get(f"/submissions/{name}")
            state = status.document.get("state")
            shown.append(Shown(id=name, state=state, events=events, exchange=status))
    return shown


async def _played(trial: Trial, script: str, place: int) -> Filed:
    filed = await trial.file(script)
    for turn in range(1, script.count("/") + 1):
        asked = [
            one["data"].get("correction_id")
            for one in await trial.history(filed)
            if one.get("type") == "correction_requested"
        ]
        body = trial.supplement(asked[-1] if asked else "r0")
        await trial.put(f"{filed.path}/supplements/s{turn}", body)
    if "pend" in script:
        await trial.put(f"{filed.path}/supplements/s1", trial.supplement(None))
    if script in {"accept", "accept keep"} or (not script and place):
        await trial.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
    return filed


async def _strangers(trial: Trial) -> list[str]:
    """Return ids of submissions that were there before: real ones of the staging system."""
    page = (await trial.get("/changes?limit=200")).document
    found = [str(one.get("submission_id")) for one in page.get("changes") or ()]
    own = f"conform-{trial.bench.run}-"
    return [one for one in found if not one.startswith(own)][:_READ_AT_MOST]
