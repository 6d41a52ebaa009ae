"""Roads between network namespaces: each region in one of its own, a router in the middle.

Theory of operation. A user namespace of ours holds all of them, so neither root nor names on the
machine are needed: ``unshare`` makes a network with nothing in it, the router; each member's
gateway (:mod:`wires`) is a process in a network of its own, with a pair of virtual Ethernet
devices to the router. A region's process joins its gateway's network. Inside, every region sees
the others at the same loopback ports, which the gateways carry across; the counter therefore has
one address for all, which signatures of requests cover. A partition is a link that is down, at both
ends. When this process dies, however, the gateways' standard input ends, so they end, and with the
last process in it a network is gone: nothing is left to clean up.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from oneservice.cli.demo_regions import wires
from oneservice.cli.demo_regions.keys import REGIONS, counter_url, site_url
from oneservice.cli.demo_regions.roads import NAMES, place_of
from oneservice.cli.demo_regions.wires import Place
from oneservice.errors import EnvironmentalError

__all__ = ["Namespaces", "why_no_namespaces"]

_TOOLS: Final = ("unshare", "nsenter", "ip", "cat")
_OWN_NETWORK: Final = ("unshare", "--user", "--map-root-user", "--net", "--")
_PUBLIC_PORT: Final = 20_000
_OFFICE_PORT: Final = 21_000
_PROBE_S: Final = 10.0
_SETTINGS: Final = {"ip_forward": 1, "icmp_ratelimit": 0, "tcp_retries2": 1, "tcp_syn_retries": 1}
"""The router says at once that there is no way; what was sent before is given up soon."""
_WAY_OUT: Final = "ip route replace default via {} rto_min 20ms"


def why_no_namespaces() -> str | None:
    """Return why this machine cannot do it; ``None``: it can."""
    missing = [one for one in _TOOLS if shutil.which(one) is None]
    if missing:
        return f"no {', '.join(missing)} on this machine"
    script = "ip link add r1 type veth peer name r2 && echo 1 > /proc/sys/net/ipv4/ip_forward"
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            [*_OWN_NETWORK, "sh", "-c", script],
            capture_output=True,
            text=True,
            timeout=_PROBE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"networks of one's own cannot be made here ({type(error).__name__})"
    if done.returncode:
        return f"networks of one's own cannot be made here ({done.stderr.strip()[:120]})"
    return None


class Namespaces:
    """Networks of their own; as :class:`Roads` says."""

    def __init__(self) -> None:
        self._router: asyncio.subprocess.Process | None = None
        self._gateways: dict[str, asyncio.subprocess.Process] = {}

    async def lay(self) -> None:
        """Make the router, and a network with a gateway for everybody.

        Raises:
            EnvironmentalError: the machine does not allow it; :func:`why_no_namespaces` tells.
        """
        self._router = await _held(*_OWN_NETWORK, "sh", "-c", "echo here && exec cat")
        await self._in(self._router, _settings())
        for number, name in enumerate(NAMES, start=1):
            await self._connect(number, name)
        for caller in NAMES:
            for number, target in enumerate(NAMES, start=1):
                if target != caller:
                    await self._lead(caller, number, _PUBLIC_PORT, (_ip(number), _PUBLIC_PORT))
                    await self._lead(caller, number, _OFFICE_PORT, (_ip(number), _OFFICE_PORT))

    def hosts(self, caller: str) -> Mapping[str, str]:
        """Return where names lead: the same loopback ports in every network."""
        del caller
        numbered = list(enumerate(NAMES, start=1))
        sites = {site_url(one): f"http://127.0.0.1:{_PUBLIC_PORT + n}" for n, one in numbered}
        return sites | {
            counter_url(one): f"http://127.0.0.1:{_OFFICE_PORT + n}"
            for n, one in numbered
            if one in REGIONS
        }

    def command(self, name: str) -> Sequence[str]:
        """Return what lets a process join the network of ``name``."""
        return _joining(self._gateways[name])

    async def arrived(self, name: str, addresses: Mapping[str, str]) -> None:
        """Let the gateway lead to where somebody listens now, from outside and from inside."""
        number = NAMES.index(name) + 1
        for kind, port in (("public", _PUBLIC_PORT), ("office", _OFFICE_PORT)):
            if kind in addresses:
                place = place_of(addresses[kind])
                await self._lead(name, number, port, place)
                await self._say(name, (_ip(number), port), place)

    async def part(self, name: str) -> None:
        """Take the link down at both ends."""
        number = NAMES.index(name) + 1
        await self._in(self._router, f"ip link set r{number} down")
        await self._in(self._gateways[name], "ip link set eth0 down")

    async def mend(self, name: str) -> None:
        """Bring the link up again, and the way out."""
        number = NAMES.index(name) + 1
        await self._in(self._router, f"ip link set r{number} up")
        await self._in(
            self._gateways[name], f"ip link set eth0 up && {_WAY_OUT.format(_ip(number, 1))}"
        )

    async def close(self) -> None:
        """Let gateways and router end; the networks are gone with them."""
        for one in (*self._gateways.values(), self._router):
            if one is not None and one.stdin is not None:
                one.stdin.close()
        for one in (*self._gateways.values(), self._router):
            if one is not None:
                await one.wait()

    async def _connect(self, number: int, name: str) -> None:
        router = self._router
        if router is None:
            msg = "the router is not there yet"
            raise EnvironmentalError(msg)
        gateway = await _held(
            *_joining(router), "unshare", "--net", "--", sys.executable, "-S", wires.__file__
        )
        self._gateways[name] = gateway
        await self._in(
            router,
            f"ip link add r{number} type veth peer name eth0 netns {gateway.pid}"
            f" && ip addr add {_ip(number, 1)}/30 dev r{number} && ip link set r{number} up",
        )
        await self._in(
            gateway,
            f"ip link set lo up && ip addr add {_ip(number)}/30 dev eth0 && ip link set eth0 up"
            f" && {_WAY_OUT.format(_ip(number, 1))} && {_settings()}",
        )

    async def _lead(self, name: str, number: int, port: int, to: Place) -> None:
        await self._say(name, ("127.0.0.1", port + number), to)

    async def _say(self, name: str, listen: Place, to: Place) -> None:
        gateway = self._gateways[name]
        if gateway.stdin is None or gateway.stdout is None:
            msg = f"the gateway of {name} cannot be spoken to"
            raise EnvironmentalError(msg)
        gateway.stdin.write(json.dumps({"listen": listen, "to": to}).encode() + b"\n")
        if not await gateway.stdout.readline():
            msg = f"the gateway of {name} has ended"
            raise EnvironmentalError(msg)

    async def _in(self, process: asyncio.subprocess.Process | None, script: str) -> None:
        """Run a few words of shell in the network of a process."""
        if process is None:
            msg = "there is no such network"
            raise EnvironmentalError(msg)
        done = await asyncio.create_subprocess_exec(
            *_joining(process), "sh", "-c", script, stderr=asyncio.subprocess.PIPE
        )
        _, told = await done.communicate()
        if done.returncode:
            msg = f"a network could not be set up: {told.decode(errors='replace').strip()[:200]}"
            raise EnvironmentalError(msg)


def _ip(number: int, end: int = 2) -> str:
    return f"10.87.{number}.{end}"


def _settings() -> str:
    return " && ".join(
        f"echo {value} > /proc/sys/net/ipv4/{key}" for key, value in _SETTINGS.items()
    )


def _joining(process: asyncio.subprocess.Process) -> tuple[str, ...]:
    return (
        *("nsenter", "--target", str(process.pid)),
        *("--user", "--net", "--preserve-credentials", "--"),
    )


async def _held(*command: str) -> asyncio.subprocess.Process:
    """Start a process that ends when we do, for its standard input ends then.

    Its first line says that its network is there.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    if process.stdout is None or not await process.stdout.readline():
        msg = "a network of its own did not come up"
        raise EnvironmentalError(msg)
    return process
