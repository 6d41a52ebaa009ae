"""Reading members of a JSON object, remembering every finding with its JSON pointer.

All findings of a message are told at once (protocol section 12: ``errors[]`` with ``pointer``).
Findings name places and rules, never the value that was found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from oneservice.canonical import Digest, parse_object
from oneservice.departments.counting import refuse_many_values
from oneservice.departments.oversize import is_small, refuse_large, refuse_oversize
from oneservice.departments.pointers import pointer_part
from oneservice.departments.wire import (
    MAX_DEPTH,
    MAX_VALUES,
    is_digest,
    is_id,
    parse_day,
    parse_instant,
)
from oneservice.errors import MalformedJsonError, ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Members",
    "read_message",
    "read_object",
]

T = TypeVar("T")


@dataclass(slots=True)
class Members:
    """One JSON object under inspection; ``null`` counts as absent (section 1)."""

    value: Mapping[str, Any]
    pointer: str = ""
    findings: list[tuple[str, str]] = field(default_factory=list)

    def fail(self, name: str, problem: str) -> None:
        """Remember that the member ``name`` breaks the rule that ``problem`` states."""
        self.findings.append((f"{self.pointer}/{pointer_part(name)}", problem))

    def get(self, name: str, *, required: bool) -> Any:
        """Return the member or ``None``; its absence is a finding where it is required."""
        value = self.value.get(name)
        if value is None and required:
            self.fail(name, "is missing")
        return value

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        return self.optional_text(name, required=True) or ""

    def optional_text(self, name: str, *, required: bool = False) -> str | None:
        """Return a text, or ``None``."""
        value = self.get(name, required=required)
        if value is None or isinstance(value, str):
            return value
        self.fail(name, "must be text")
        return None

    def id(self, name: str) -> str:
        """Return an id that must be there."""
        return self.optional_id(name, required=True) or ""

    def optional_id(self, name: str, *, required: bool = False) -> str | None:
        """Return an id, or ``None``."""
        value = self.get(name, required=required)
        if value is None:
            return None
        if not is_id(value):
            self.fail(name, "must be an id: 1 to 96 of A-Z a-z 0-9 . _ -")
        return str(value)

    def optional_digest(self, name: str, *, required: bool = False) -> Digest | None:
        """Return a digest, or ``None``."""
        value = self.get(name, required=required)
        if value is None:
            return None
        if not is_digest(value):
            self.fail(name, "must be sha256: and 64 lower-case hexadecimal digits")
        return Digest(str(value))

    def digest(self, name: str) -> Digest:
        """Return a digest that must be there."""
        return self.optional_digest(name, required=True) or Digest("")

    def optional_integer(self, name: str, *, least: int, required: bool = False) -> int | None:
        """Return an integer of at least ``least``, or ``None``."""
        value = self.get(name, required=required)
        if value is None:
            return None
        if type(value) is not int or value < least:
            self.fail(name, f"must be an integer of at least {least}")
            return None
        return value

    def integer(self, name: str, *, least: int) -> int:
        """Return an integer of at least ``least`` that must be there."""
        value = self.optional_integer(name, least=least, required=True)
        return least if value is None else value

    def boolean(self, name: str, *, default: bool, required: bool = False) -> bool:
        """Return a truth value; ``default`` where it is absent."""
        value = self.get(name, required=required)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(name, "must be true or false")
            return default
        return value

    def instant(self, name: str, *, required: bool = True) -> str | None:
        """Return an instant, as text."""
        return self._written(name, parse_instant, required=required)

    def day(self, name: str, *, required: bool = True) -> str | None:
        """Return a calendar day, as text."""
        return self._written(name, parse_day, required=required)

    def _written(self, name: str, parse: Callable[[Any], Any], *, required: bool) -> str | None:
        value = self.get(name, required=required)
        if value is None:
            return None
        try:
            parse(value)
        except ProtocolProblemError as error:
            self.fail(name, str(error))
            return None
        return str(value)

    def mapping(self, name: str, *, required: bool = False) -> dict[str, Any]:
        """Return an object; empty where it is absent."""
        return self.optional_mapping(name, required=required) or {}

    def optional_mapping(self, name: str, *, required: bool = False) -> dict[str, Any] | None:
        """Return an object, or ``None``."""
        value = self.get(name, required=required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fail(name, "must be an object")
            return None
        return value

    def people_text(self, name: str) -> dict[str, str]:
        """Return text for people by language; empty where it is absent."""
        value = self.mapping(name)
        if not all(isinstance(text, str) for text in value.values()):
            self.fail(name, 'must be text by language, like {"zh": "…", "en": "…"}')
            return {}
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty where it is absent."""
        value = self._list(name, required=False)
        if not all(isinstance(item, str) for item in value):
            self.fail(name, "must be a list of texts")
            return ()
        return tuple(value)

    def objects(
        self, name: str, read: Callable[[Members], T], *, required: bool = False
    ) -> tuple[T, ...]:
        """Return what ``read`` makes of each object in a list; empty where it is absent."""
        found = []
        for index, item in enumerate(self._list(name, required=required)):
            place = f"{self.pointer}/{name}/{index}"
            if isinstance(item, dict):
                found.append(read(Members(item, place, self.findings)))
            else:
                self.findings.append((place, "must be an object"))
        return tuple(found)

    def inner(self, name: str) -> Members:
        """Return the members of an object that must be there."""
        place = f"{self.pointer}/{pointer_part(name)}"
        return Members(self.mapping(name, required=True), place, self.findings)

    def rest(self, *known: str) -> dict[str, Any]:
        """Return the members that are not ``known``: kept, never acted upon."""
        return {name: value for name, value in self.value.items() if name not in known}

    def _list(self, name: str, *, required: bool) -> list[Any]:
        value = self.get(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(name, "must be a list")
            return []
        return value


def read_message(
    data: bytes,
    read: Callable[[Members], T],
    *,
    max_bytes: int,
    max_depth: int = MAX_DEPTH,
    max_values: int = MAX_VALUES,
    problem: str = "malformed",
) -> T:
    """Return what ``read`` makes of a message, or raise with all its findings.

    Args:
        data: the bytes as they came.
        read: builds the result from members; it records findings and does not raise.
        max_bytes: refuse longer input unread.
        max_depth: refuse deeper nesting.
        max_values: refuse more items and members, at whatever depth, before any is built.
        problem: code for a message that is I-JSON but has not the right shape.

    Raises:
        ProtocolProblemError: ``too-large``, ``malformed`` (not I-JSON, or over the limits of
            section 14 for strings, arrays and depth), or ``problem``.
    """
    refuse_large(data, max_bytes)
    refuse_many_values(data, max_values)
    try:
        document = parse_object(data, max_bytes=max_bytes, max_depth=max_depth)
    except MalformedJsonError as error:
        raise ProtocolProblemError(str(error), problem="malformed") from None
    if not is_small(data):  # nesting and fractions were looked at by the parser
        refuse_oversize(document, max_depth=max_depth)
    return read_object(document, read, problem=problem)


def read_object(
    document: Mapping[str, Any], read: Callable[[Members], T], *, problem: str = "malformed"
) -> T:
    """Like :func:`read_message`, for an object that was parsed already."""
    members = Members(document)
    result = read(members)
    if members.findings:
        places = "; ".join(f"{place} {rule}" for place, rule in members.findings[:20])
        raise ProtocolProblemError(
            f"the message has not the right shape: {places}",
            problem=problem,
            findings=tuple(members.findings[:100]),
        )
    return result
