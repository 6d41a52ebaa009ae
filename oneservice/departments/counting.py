"""How many values a message holds, told from its bytes: before anything is built of them.

Theory of operation. A parsed value costs sixty times the two bytes of ``[]``, so a limit of bytes
alone lets one message of 1 MiB take a hundred times that. Every value but the outermost stands
after a comma, or first in a list or an object: marks outside of texts bound the values from above.
Counting all such bytes costs next to nothing and settles nearly every message; only where they are
too many are those within texts told apart, one step of the pattern from mark to mark, and no
further than the limit.
"""

from __future__ import annotations

import re
from typing import Final

from oneservice.errors import ProtocolProblemError

__all__ = ["marks", "refuse_many_values"]

# Possessive throughout: nothing is remembered and nothing tried twice, whatever the bytes are.
_TO_NEXT_MARK: Final = re.compile(
    rb'(?:[^,\[{"]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?)*+[,\[{]', re.DOTALL
)


def marks(data: bytes) -> int:
    """Return a number that the values in ``data`` do not exceed by more than one."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def refuse_many_values(data: bytes, most: int) -> None:
    """Refuse a message with more than ``most`` values, at whatever depth.

    Raises:
        ProtocolProblemError: ``too-large``, with the limit as ``values``.
    """
    if len(data) <= most or marks(data) <= most:
        return
    place = 0
    for _ in range(most + 1):
        found = _TO_NEXT_MARK.match(data, place)
        if found is None:
            return
        place = found.end()
    msg = f"the message holds more than {most} values: items of lists and members of objects"
    raise ProtocolProblemError(msg, problem="too-large", members={"values": most})
