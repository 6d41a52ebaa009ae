"""Chance that is none: a draw follows from the office's seed, the submission's id and a purpose.

So an office that is killed and started again, or a demonstration that is run twice, does the same
things at the same virtual hours; and two applications still differ as two applications do.
"""

from __future__ import annotations

import hashlib

__all__ = ["draw"]


def draw(seed: int, submission_id: str, purpose: str, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``, both included."""
    text = f"{seed}/{submission_id}/{purpose}".encode()
    number = int.from_bytes(hashlib.sha256(text).digest()[:8], "big")
    return low + number % (high - low + 1)
