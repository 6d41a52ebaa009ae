"""When to try again: full-jitter back-off whose chance is a hash, so that replay gives the same."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["FIRST_PAUSE_S", "LONGEST_PAUSE_S", "SLOW_PAUSES", "pause_ms"]

FIRST_PAUSE_S: Final = 1
LONGEST_PAUSE_S: Final = 600
"""Bounds of a pause between two tries (protocol section 14)."""
SLOW_PAUSES: Final = ((48, 14_400), (24, 3_600))
"""After so many tries, about six hours and two days, a pause is up to an hour and up to four.

People see the incident by then. Trying never ends by itself, but a department that is away for
weeks should not fill a journal with our tries.
"""


_DOUBLINGS: Final = 10


def pause_ms(message_id: str, tries: int, *, at_least_s: int = 0, is_recorded: bool = False) -> int:
    """Return the pause in milliseconds before try ``tries + 1`` of ``message_id``.

    Half of the growing bound is certain, half is spread by a hash of the id: many cases that
    failed together do not come back together, and the same history gives the same instants.

    Args:
        message_id: what is sent; the source of the spread.
        tries: how often it failed already, 1 or more.
        at_least_s: what the far side asked for (``Retry-After``).
        is_recorded: the try stands in a journal, so many of them slow down more, unless the far
            side said when to come back.
    """
    slow = SLOW_PAUSES if is_recorded and not at_least_s else ()
    longest = next((pause for after, pause in slow if tries > after), LONGEST_PAUSE_S)
    bound_ms = 1000 * (longest if tries > _DOUBLINGS else min(longest, FIRST_PAUSE_S << tries - 1))
    spread = hashlib.sha256(f"{message_id}/{tries}".encode()).digest()
    share = int.from_bytes(spread[:4]) % (bound_ms // 2 + 1)
    return max(bound_ms // 2 + share, at_least_s * 1000)
