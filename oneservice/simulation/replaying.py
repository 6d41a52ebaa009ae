"""A world as one line of text, by which anybody can live it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from oneservice.errors import IllegalInputError
from oneservice.simulation.faults import FaultKind, kinds_named
from oneservice.simulation.regions_offer import MOST_REGIONS
from oneservice.simulation.settings import Manner, Settings

__all__ = ["replay_text", "replayed"]

_NUMBERS: Final = ("cases", "seed", "days", "fault_days", "last_day", "scale", "regions")
_DEFAULTS: Final = {one.name: one.default for one in fields(Settings)}


def replay_text(settings: Settings) -> str:
    """Return ``settings`` as one line of JSON; what is as usual is left out."""
    found: dict[str, Any] = {
        name: getattr(settings, name)
        for name in _NUMBERS
        if getattr(settings, name) != _DEFAULTS[name]
    }
    if settings.kinds != frozenset(FaultKind):
        found["faults"] = sorted(map(str, settings.kinds)) or ["none"]
    if settings.manner is not Manner.TYPICAL:
        found["offices"] = str(settings.manner)
    if settings.visits is not None:
        found["visits"] = sorted(settings.visits)
    if settings.only is not None:
        found["only"] = sorted(settings.only)
    return json.dumps(found, separators=(",", ":"))


def replayed(text: str) -> Settings:
    """Return the settings that ``text`` of :func:`replay_text` tells.

    Raises:
        IllegalInputError: it is not such a line.
    """
    try:
        told = json.loads(text)
        return _settings(told)
    except (ValueError, TypeError, KeyError, AttributeError):
        msg = "this is no world; give the line that a failing run printed, whole and quoted"
        raise IllegalInputError(msg, status="not started") from None


def _settings(told: Mapping[str, Any]) -> Settings:
    """Return the settings; raises what a wrong line happens to raise."""
    known: dict[str, Any] = {name: int(told[name]) for name in _NUMBERS if name in told}
    if "faults" in told:
        known["kinds"] = kinds_named(told["faults"])
    if "offices" in told:
        known["manner"] = Manner(told["offices"])
    if "visits" in told:
        known["visits"] = frozenset(map(int, told["visits"]))
    if "only" in told:
        known["only"] = frozenset(map(str, told["only"]))
    if not 1 <= known.get("regions", 1) <= MOST_REGIONS:
        msg = "so many regions there are not"
        raise ValueError(msg)
    return Settings(**known)
