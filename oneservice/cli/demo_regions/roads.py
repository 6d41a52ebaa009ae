"""How regions reach each other: over loopback, or each from a network namespace of its own.

On loopback every caller has wires of its own to what the others show to everybody; the counter of a
region has one address for all, because signatures of requests cover it. So on loopback a region
that is cut off cannot be filed at and cannot read, but could still file at others; in namespaces
(:mod:`namespaces`) the link itself is down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from oneservice.cli.demo_regions.keys import AUDITORS, REGIONS, counter_url, site_url
from oneservice.cli.demo_regions.wires import Place, Wire

__all__ = ["NAMES", "Loopback", "Roads", "place_of"]

NAMES: Final = (*REGIONS, *AUDITORS)
"""Everybody who may ever take part; roads lie before somebody comes."""
_ANYBODY: Final = "*"


class Roads(Protocol):
    """The network of the story."""

    async def lay(self) -> None:
        """Lay everything, before anybody starts."""
        ...

    def hosts(self, caller: str) -> Mapping[str, str]:
        """Return where names lead, as ``caller`` sees it."""
        ...

    def command(self, name: str) -> Sequence[str]:
        """Return what to put before the command line of a process."""
        ...

    async def arrived(self, name: str, addresses: Mapping[str, str]) -> None:
        """Let roads lead to where somebody listens now: ``public``, and ``office`` of regions."""
        ...

    async def part(self, name: str) -> None:
        """Cut somebody off."""
        ...

    async def mend(self, name: str) -> None:
        """Connect somebody again."""
        ...

    async def close(self) -> None:
        """Take everything up."""
        ...


class Loopback:
    """Forwarders on loopback, in this process."""

    def __init__(self) -> None:
        self._wires: dict[tuple[str, str, str], tuple[Wire, str]] = {}

    async def lay(self) -> None:
        """Lay a wire for each pair, and one to each counter."""
        for target in NAMES:
            for caller in NAMES:
                await self._add(caller, target, "public")
            if target in REGIONS:
                await self._add(_ANYBODY, target, "office")

    def hosts(self, caller: str) -> Mapping[str, str]:
        """Return where names lead, as ``caller`` sees it."""
        return {
            (counter_url if kind == "office" else site_url)(target): url
            for (who, target, kind), (_, url) in self._wires.items()
            if who in {caller, _ANYBODY}
        }

    def command(self, name: str) -> Sequence[str]:
        """Nothing goes before the command line."""
        del name
        return ()

    async def arrived(self, name: str, addresses: Mapping[str, str]) -> None:
        """Let wires lead to where somebody listens now."""
        for (_, target, kind), (wire, _url) in self._wires.items():
            if target == name and kind in addresses:
                wire.target = place_of(addresses[kind])

    async def part(self, name: str) -> None:
        """Cut every wire to and from somebody."""
        for (caller, target, _), (wire, _url) in self._wires.items():
            if name in {caller, target} and caller != target:
                wire.cut()

    async def mend(self, name: str) -> None:
        """Lay the wires again."""
        for (caller, target, _), (wire, _url) in self._wires.items():
            if name in {caller, target}:
                wire.is_cut = False

    async def close(self) -> None:
        """Take all wires up."""
        for wire, _url in self._wires.values():
            await wire.close()

    async def _add(self, caller: str, target: str, kind: str) -> None:
        wire = Wire()
        self._wires[caller, target, kind] = wire, await wire.start()


def place_of(address: str) -> Place:
    """Return host and port of an address."""
    parts = urlsplit(address)
    return str(parts.hostname), int(parts.port or 0)
