"""What is applied for: implementation codes of items in the national service catalogue."""

from __future__ import annotations

import re
from typing import Final, NewType

from oneservice.errors import IdentifierError
from oneservice.identifiers.organisations import parse_credit_code

__all__ = ["ImplementationCode", "parse_implementation_code"]

ImplementationCode = NewType("ImplementationCode", str)
"""Implementation code (实施编码), 31 characters; 33 with the handling item (业务办理项)."""

_TAIL: Final = re.compile(r"[1-9][0-9A-Z]{12}(?:[0-9A-Z]{2})?", re.ASCII)


def parse_implementation_code(text: str) -> ImplementationCode:
    """Return ``text`` as an implementation code.

    It is the credit code of the acting authority (18), the level (1: 1 nation, 2 province, 3 city,
    4 county), the catalogue code (12) and, for a handling item, two more characters.

    Raises:
        IdentifierError: wrong length or character; the check character of the credit code.

    References:
        GB/T 39554.1-2020 and GB/T 39554.2-2020; the structure was inferred from public data.
    """
    if not _TAIL.fullmatch(text[18:]):
        msg = (
            "an implementation code is a credit code (18), a level (1 to 9), a catalogue code (12) "
            "and, for a handling item, two more characters: 31 or 33 in all; copy it from the "
            "service guide"
        )
        raise IdentifierError(msg, kind="implementation_code")
    parse_credit_code(text[:18])
    return ImplementationCode(text)
