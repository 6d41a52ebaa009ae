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

_PLACES: Final = ipaddress.IPv6Network("2000::/3")
"""All that IANA gives out to be routed; every other block is something else, or not assigned."""
_NO_PLACES: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocols' own: Teredo, benchmarks, hashes (RFC 2928)
            "2001:db8::/32",  # documentation (RFC 3849)
            "2002::/16",  # 6to4: leads to an old address (RFC 7526)
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
_TRANSLATED: Final = tuple(
    # NAT64, the well-known prefix (RFC 6052) and that for one's own translators (RFC 8215). Of the
    # latter only the part in which the old address can stand nowhere but at the end.
    map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/96"))
)
_INTERNAL: Final = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
"""Loopback, and what networks of one's own are made of (RFC 1918, RFC 4193); nothing else."""
_NEVER: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "168.63.129.16/32",  # where clouds keep their metadata, outside the link-local block
            "fd00:ec2::/32",
            "fd20:ce::254/128",
        ),
    )
)


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
    Teredo, addresses that translators make). An address of the old net inside one of the new is
    judged as what it is, where a listed prefix says for certain that it is one.

    References:
        IANA IPv6 and IPv4 special-purpose address registries (RFC 6890); RFC 4291, section 2.4.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_allowed(inner, is_internal=is_internal)
    if any(address in network for network in _NEVER):
        return False
    if any(address in network for network in _INTERNAL):
        return is_internal
    if isinstance(address, ipaddress.IPv6Address):
        return address in _PLACES and not any(address in network for network in _NO_PLACES)
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of the old net that ``address`` stands for."""
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped


def literal_address(host: str) -> Address | None:
    """Return the address that ``host`` is; ``None``: it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
