"""Where notifications may go: judged when an operator registers it, and for every connection."""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from oneservice.departments.addresses import is_callable_address, is_loopback
from oneservice.departments.wire import MAX_URL_BYTES
from oneservice.errors import EndpointInvalidError

__all__ = ["Address", "is_allowed", "literal_address", "refuse_address"]

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def refuse_address(url: str, *, is_internal: bool) -> None:
    """Refuse to register what could not, or must not, be called.

    Args:
        url: ``https://HOST/…`` without user name, query or fragment.
        is_internal: the operator says that it is a machine of the portal's own network; then it
            may be private, and plain HTTP on this machine itself.

    Raises:
        EndpointInvalidError: it may not be registered; the text says why, and not the address,
            whose path may be a secret.
    """
    is_one_word = url.isprintable() and " " not in url
    if not is_callable_address(url) or not is_one_word or len(url) > MAX_URL_BYTES:
        msg = (
            "notifications go to https://HOST/… without user name, query or fragment, of at most "
            f"{MAX_URL_BYTES} bytes; plain http on this machine only"
        )
        raise EndpointInvalidError(msg)
    host = urlsplit(url).hostname or ""
    literal = literal_address(host)
    is_wrong = literal is not None and not is_allowed(literal, is_internal=is_internal)
    if is_wrong or (is_loopback(host) and not is_internal):
        msg = (
            "notifications go to public addresses; where this is a machine of your own network, "
            "say is_internal=True"
        )
        raise EndpointInvalidError(msg)


def is_allowed(address: Address, *, is_internal: bool) -> bool:
    """Say whether a notification may be sent to ``address``.

    What is neither a machine of the public net nor one of a private one is never called: link-local
    addresses (where clouds keep their metadata), groups, and what leads somewhere else (6to4,
    Teredo). An address of the old net inside one of the new is judged as what it is.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_allowed(inner, is_internal=is_internal)
        if address.sixtofour is not None or address.teredo is not None:
            return False
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_global:
        return True
    return is_internal and (address.is_loopback or address.is_private)


def literal_address(host: str) -> Address | None:
    """Return the address that ``host`` is; ``None``: it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
