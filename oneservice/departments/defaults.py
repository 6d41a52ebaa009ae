"""What an adapter takes for granted where its author says nothing, and checks where they do."""

from __future__ import annotations

import functools
import ipaddress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oneservice.canonical import canonical, parse_object
from oneservice.clocks import SystemClock
from oneservice.departments.sqlite_register import SqliteRegister
from oneservice.errors import AdapterError, MalformedJsonError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from oneservice.departments.exchange import Scope
    from oneservice.departments.register import Register

__all__ = ["HasNow", "clock_of", "loopback_only", "register_of", "wire_schema", "zone_of"]

_FIXED_ZONES = {"Asia/Shanghai": timezone(timedelta(hours=8), "Asia/Shanghai"), "UTC": UTC}


class HasNow(Protocol):
    """Something that knows the present: every clock of this library does."""

    def now(self) -> datetime:
        """Return the present instant, aware."""
        ...


def loopback_only(scope: Scope) -> str | None:
    """Let callers from this machine in, all as one caller named ``local``; nobody else.

    For trials and for a single machine. Behind a reverse proxy every caller seems to be on this
    machine: a real department must give ``authenticate=`` and look at certificates or tokens.
    """
    client = scope.get("client")
    return "local" if client and _is_loopback(str(client[0])) else None


@functools.lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback)


def wire_schema(step_id: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema as the wire carries it: ``1.0`` is written ``1``, ``0.5`` cannot be."""
    try:
        return parse_object(canonical(schema))
    except MalformedJsonError as error:
        msg = f"the fields_schema of step {step_id} cannot go on the wire: {error}"
        raise AdapterError(msg) from error


def register_of(store: str | Path | Register | None, department: str) -> Register:
    """Return the register itself, or the one in the file; by default one in this folder."""
    if store is None:
        return SqliteRegister(f"{department}.register.db")
    return SqliteRegister(store) if isinstance(store, (str, Path)) else store


def clock_of(clock: HasNow | Callable[[], datetime] | None) -> Callable[[], datetime]:
    """Return the function that tells the present; the system's by default."""
    if clock is None:
        return SystemClock().now
    return clock if callable(clock) else clock.now


def zone_of(name: str) -> tzinfo:
    """Return the time zone of that name, or refuse."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if name in _FIXED_ZONES:  # a machine without time zone data
            return _FIXED_ZONES[name]
        msg = f"the time zone {name!r} is not known on this machine; install tzdata"
        raise AdapterError(msg) from None
