"""URLs as documents name issuers, keys, holders and lists by them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_url"]

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", re.ASCII)


def is_url(value: object) -> bool:
    """Say whether ``value`` is an absolute URL: a scheme and visible ASCII."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None
