"""What can stand on a paper: text that prints as it reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

__all__ = ["are_printable", "is_printable"]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, breaks a line, or turns the writing direction so that a face reads as
another one; joiners, which some scripts need, are let pass."""


def is_printable(text: object) -> bool:
    """Say whether ``text`` can stand on a certificate: no control, no break, no turn of direction.

    Whoever seals papers asks before accepting: what cannot be printed, cannot be granted.
    """
    return isinstance(text, str) and (text.isprintable() or _CONTROL.search(text) is None)


def are_printable(texts: Sequence[object]) -> bool:
    """Say of all ``texts`` at once what :func:`is_printable` says of one; most are plain."""
    try:
        if "".join(cast("Sequence[str]", texts)).isprintable():
            return True
    except TypeError:
        return False
    return all(map(is_printable, texts))
