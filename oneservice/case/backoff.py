"""When to try again: full-jitter back-off whose chance is a hash, so that replay gives the same."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["FIRST_PAUSE_S", "LONGEST_PAUSE_S", "pause_ms"]

FIRST_PAUSE_S: Final = 1
LONGEST_PAUSE_S: Final = 600
"""Bounds of a pause between two tries (protocol section 14)."""


def pause_ms(message_id: str, tries: int, *, at_least_s: int = 0) -> int:
    """Return the pause in milliseconds before try ``tries + 1`` of ``message_id``.

    Half of the growing bound is certain, half is spread by a hash of the id: many cases that
    failed together do not come back together, and the same history gives the same instants.

    Args:
        message_id: what is sent; the source of the spread.
        tries: how often it failed already, 1 or more.
        at_least_s: what the far side asked for (``Retry-After``).
    """
    bound_ms = 1000 * min(LONGEST_PAUSE_S, FIRST_PAUSE_S << min(tries - 1, 10))
    spread = hashlib.sha256(f"{message_id}/{tries}".encode()).digest()
    share = int.from_bytes(spread[:4]) % (bound_ms // 2 + 1)
    return max(bound_ms // 2 + share, at_least_s * 1000)
