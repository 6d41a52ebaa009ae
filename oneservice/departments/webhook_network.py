"""The network layer under notifications: it connects to addresses that were judged, and no others.

Theory of operation. A name that was registered in good faith may later, or for a second only, lead
to a machine inside the portal's own network: a data base, the cloud's metadata service (server-side
request forgery, DNS rebinding). So the name is resolved here, every address that it has is judged,
and the connection is made to one of *those*, not to the name once more. TLS still checks the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING, Any

from oneservice.departments.transport_wire import GuardedNetwork
from oneservice.departments.webhook_addresses import Address, is_allowed, literal_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpcore

__all__ = ["AddressRefusedError", "JudgedNetwork"]


class AddressRefusedError(Exception):
    """The name leads where notifications may not go; never leaves this room."""


class JudgedNetwork(GuardedNetwork):
    """The network layer of the client, which connects to judged addresses only."""

    def __init__(self, *, is_internal: bool) -> None:
        super().__init__()
        self._is_internal = is_internal

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the library
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of ``host`` that answers, if all of them are allowed.

        Raises:
            AddressRefusedError: one of them is not.
            OSError: the name has no address, or none of them answers.
        """
        addresses = await _resolved(host, port)
        if not all(is_allowed(one, is_internal=self._is_internal) for one in addresses):
            raise AddressRefusedError
        for number, address in enumerate(addresses, start=1):
            try:
                return await super().connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except Exception:
                if number == len(addresses):
                    raise
        raise OSError


async def _resolved(host: str, port: int) -> list[Address]:
    literal = literal_address(host)
    if literal is not None:
        return [literal]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
