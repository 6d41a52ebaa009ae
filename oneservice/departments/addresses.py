"""Addresses that may be called at all, whoever named them."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

__all__ = ["is_callable_address", "is_loopback"]


def is_loopback(host: str) -> bool:
    """Say whether ``host`` is this machine, by name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_callable_address(url: str) -> bool:
    """Say whether ``url`` is ``https://HOST/…`` and nothing more; ``http`` on this machine only.

    No user name, password, query or fragment: credentials have other places, and what is
    configured must be what is called.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no number
    except ValueError:
        return False
    host = parts.hostname or ""
    is_plain = "@" not in parts.netloc and not parts.query and not parts.fragment
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return bool(host) and is_plain and is_allowed and url.isascii()
