"""Structured fields (RFC 9651), as far as message signatures need them: dictionaries.

Strict: what is not written by the grammar is refused, and so is a key that stands twice, which the
RFC would let the later one win: of two signatures under one label a verifier must not choose.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

__all__ = [
    "Bare",
    "Date",
    "DisplayString",
    "InnerList",
    "StructuredFieldError",
    "Token",
    "parse_dictionary",
    "written",
]


class StructuredFieldError(ValueError):
    """The field does not follow the grammar; never leaves the room."""


class Token(str):
    """A token, which is written without quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Date:
    """An instant in seconds of Unix time; no integer, so that nobody takes it for one."""

    seconds: int


@dataclass(frozen=True, slots=True)
class DisplayString:
    """A text for people, of any characters; no string, so that nobody takes it for one."""

    text: str


Bare: TypeAlias = "int | Decimal | str | Token | bytes | bool | Date | DisplayString"
Parameters: TypeAlias = "tuple[tuple[str, Bare], ...]"


@dataclass(frozen=True, slots=True)
class InnerList:
    """A parenthesised list: items with their parameters, and parameters of the whole."""

    items: tuple[tuple[Bare, Parameters], ...]
    parameters: Parameters

    def __str__(self) -> str:
        """Return it as RFC 9651 section 4.1 serialises it."""
        inside = " ".join(written(item) + _parameters(of) for item, of in self.items)
        return f"({inside}){_parameters(self.parameters)}"


_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_BARE: Final = re.compile(
    r'"(?P<text>(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"'
    r"|:(?P<bytes>[A-Za-z0-9+/=]*):"
    r"|\?(?P<flag>[01])"
    r"|(?P<decimal>-?[0-9]{1,12}\.[0-9]{1,3})(?![0-9.])"
    r"|(?P<integer>-?[0-9]{1,15})(?![0-9.])"
    r"|@(?P<date>-?[0-9]{1,15})(?![0-9.])"
    r'|%"(?P<display>(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*)"'
    r"|(?P<token>[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*)"
)
_SPACES: Final = re.compile(r" *")
_BETWEEN: Final = re.compile(r"[ \t]*,[ \t]*")


def written(bare: Bare) -> str:
    """Return a bare item as RFC 9651 section 4.1 serialises it."""
    if isinstance(bare, bool):
        return f"?{bare:d}"
    if isinstance(bare, int):
        return str(bare)
    if isinstance(bare, Decimal):
        whole, _, part = f"{abs(bare):.3f}".partition(".")
        return f"{'-' if bare < 0 else ''}{whole}.{part.rstrip('0') or '0'}"
    if isinstance(bare, Date):
        return f"@{bare.seconds}"
    if isinstance(bare, DisplayString):
        return f'%"{"".join(map(_escaped, bare.text.encode()))}"'
    if isinstance(bare, bytes):
        return f":{base64.b64encode(bare).decode('ascii')}:"
    if isinstance(bare, Token):
        return str(bare)
    return '"' + bare.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_dictionary(text: str) -> dict[str, InnerList | Bare]:
    """Return the members of a dictionary; parameters of plain items are read and dropped.

    Raises:
        StructuredFieldError: not a dictionary, or a key stands twice.
    """
    reader = _Reader(text.strip(" "))
    found: dict[str, InnerList | Bare] = {}
    while True:
        key = reader.take(_KEY)
        if key in found:
            raise StructuredFieldError
        found[key] = reader.value()
        if reader.is_at_end:
            return found
        reader.take(_BETWEEN)


def _escaped(byte: int) -> str:
    is_plain = 0x20 <= byte <= 0x7E and byte not in b'%"'  # noqa: PLR2004 - RFC 9651 section 4.1.11
    return chr(byte) if is_plain else f"%{byte:02x}"


def _parameters(parameters: Parameters) -> str:
    return "".join(
        f";{name}" if value is True else f";{name}={written(value)}" for name, value in parameters
    )


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise StructuredFieldError from None


def _display(text: str) -> DisplayString:
    try:
        return DisplayString(unquote_to_bytes(text).decode("utf-8"))
    except UnicodeDecodeError:
        raise StructuredFieldError from None


_READ: Final[Mapping[str, Callable[[str], Bare]]] = {
    "text": lambda text: re.sub(r"\\(.)", r"\1", text),
    "bytes": _bytes,
    "flag": lambda text: text == "1",
    "decimal": Decimal,
    "integer": int,
    "date": lambda text: Date(int(text)),
    "display": _display,
    "token": Token,
}
"""By the group of :data:`_BARE` that fitted."""


class _Reader:
    """A place in the text of a field."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._text)

    def take(self, pattern: re.Pattern[str]) -> str:
        return self._match(pattern)[0]

    def value(self) -> InnerList | Bare:
        """Read what stands behind a key of a dictionary, and its parameters."""
        if not self._skip("="):
            self._read_parameters()
            return True
        if not self._skip("("):
            bare = self._bare()
            self._read_parameters()
            return bare
        items = []
        self.take(_SPACES)
        while not self._skip(")"):
            items.append((self._bare(), self._read_parameters()))
            if not self.take(_SPACES) and not self._text.startswith(")", self._at):
                raise StructuredFieldError
        return InnerList(tuple(items), self._read_parameters())

    def _read_parameters(self) -> Parameters:
        found: dict[str, Bare] = {}
        while self._skip(";"):
            self.take(_SPACES)
            name = self.take(_KEY)
            if name in found:
                raise StructuredFieldError
            found[name] = self._bare() if self._skip("=") else True
        return tuple(found.items())

    def _bare(self) -> Bare:
        match = self._match(_BARE)
        kind = match.lastgroup or "token"  # Every way to fit has a name.
        return _READ[kind](match[kind])

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise StructuredFieldError
        self._at = match.end()
        return match

    def _skip(self, character: str) -> bool:
        is_there = self._text.startswith(character, self._at)
        self._at += is_there
        return is_there
