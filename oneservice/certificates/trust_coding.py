"""How the entries of a trust list become JSON and come back: a table of members for each kind.

Every refusal names its place (``issuers[2].keys[0].valid_from``), because drafts of lists are
written by people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, TypeVar

from oneservice.canonical import read_instant, write_instant
from oneservice.errors import OneServiceError, TrustListError
from oneservice.identifiers import parse_region

__all__ = [
    "DAYS",
    "Dated",
    "Members",
    "each",
    "instant",
    "is_within",
    "local_text",
    "maybe_instant",
    "maybe_text",
    "read_entry",
    "region",
    "text",
    "texts",
    "whole",
    "word",
    "write_entry",
]

_T = TypeVar("_T")
_W = TypeVar("_W", bound=StrEnum)
Members: TypeAlias = Mapping[str, Callable[[Mapping[str, Any], str], Any]]
"""By the name of a member, what reads it out of an entry."""


class Dated(Protocol):
    """Whatever a list says with its days."""

    @property
    def valid_from(self) -> datetime:
        """First instant at which it counts."""
        ...

    @property
    def valid_until(self) -> datetime | None:
        """First instant at which it no longer counts; ``None``: no end is set."""
        ...


def is_within(entry: Dated, moment: datetime) -> bool:
    """Say whether ``entry`` counts at ``moment``; its end is the first instant that does not."""
    return entry.valid_from <= moment and (entry.valid_until is None or moment < entry.valid_until)


def text(entry: Mapping[str, Any], name: str) -> str:
    """Return the text that ``entry`` has under ``name``; an empty one says nothing."""
    value = _member(entry, name)
    if not isinstance(value, str) or not value:
        raise _at(name, "a text is due")
    return value


def maybe_text(entry: Mapping[str, Any], name: str) -> str | None:
    """Return the text under ``name``, ``None`` where there is none."""
    return None if entry.get(name) is None else text(entry, name)


def texts(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts under ``name``."""
    values = _list(entry, name)
    if not all(isinstance(one, str) and one for one in values):
        raise _at(name, "a list of texts is due")
    return tuple(values)


def word(kind: type[_W]) -> Callable[[Mapping[str, Any], str], _W]:
    """Return what reads one of the words of ``kind``."""

    def read(entry: Mapping[str, Any], name: str) -> _W:
        try:
            return kind(text(entry, name))
        except ValueError:
            raise _at(name, f"one of {', '.join(kind)} is due") from None

    return read


def local_text(entry: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return a text by language, such as ``{"zh": …, "en": …}``."""
    value = _member(entry, name)
    if not isinstance(value, Mapping) or not value:
        raise _at(name, "a text for each language is due, such as {zh: …, en: …}")
    if not all(isinstance(one, str) and one for pair in value.items() for one in pair):
        raise _at(name, "a text in some language is empty, or none")
    return dict(value)


def whole(entry: Mapping[str, Any], name: str) -> int:
    """Return the whole number from 1 under ``name``."""
    value = _member(entry, name)
    if type(value) is not int or value < 1:
        raise _at(name, "a whole number from 1 is due")
    return value


def region(entry: Mapping[str, Any], name: str) -> str:
    """Return the region code under ``name``."""
    try:
        return parse_region(text(entry, name))
    except OneServiceError as error:
        raise _at(name, str(error)) from None


def instant(entry: Mapping[str, Any], name: str) -> datetime:
    """Return the instant under ``name``."""
    try:
        return read_instant(text(entry, name))
    except TrustListError:
        raise
    except OneServiceError as error:
        raise _at(name, str(error)) from None


def maybe_instant(entry: Mapping[str, Any], name: str) -> datetime | None:
    """Return the instant under ``name``, ``None`` where there is none."""
    return None if entry.get(name) is None else instant(entry, name)


DAYS: Members = {"valid_from": instant, "valid_until": maybe_instant}
"""The members of everything that is dated."""


def each(
    entry: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], _T]
) -> tuple[_T, ...]:
    """Return what ``read`` makes of every entry of the list under ``name``.

    Raises:
        TrustListError: it is no list (an object there would read as "nobody"), or an entry is
            unusable; the place is named.
    """
    return tuple(
        _placed(f"{name}[{index}]", one, read) for index, one in enumerate(_list(entry, name))
    )


def read_entry(kind: Callable[..., _T], members: Members, entry: Mapping[str, Any]) -> _T:
    """Return the ``kind`` that ``entry`` states."""
    return kind(**{name: read(entry, name) for name, read in members.items()})


def write_entry(entry: object, members: Members) -> dict[str, Any]:
    """Return ``entry`` as JSON, with just ``members``."""
    return {name: _plain(getattr(entry, name)) for name in members}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return write_instant(value)
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(one) for one in value]
        case Mapping():
            return dict(value)
        case _:
            return value


def _placed(place: str, entry: Any, read: Callable[[Mapping[str, Any]], _T]) -> _T:
    if not isinstance(entry, Mapping):
        raise _at(place, "an object is due")
    try:
        return read(entry)
    except TrustListError as error:
        if error.place is None:
            raise _at(place, str(error)) from error
        raise _at(f"{place}.{error.place}", str(error).removeprefix(f"{error.place}: ")) from error
    except OneServiceError as error:
        raise _at(place, str(error)) from error


def _member(entry: Mapping[str, Any], name: str) -> Any:
    if name not in entry:
        raise _at(name, "is missing")
    return entry[name]


def _list(entry: Mapping[str, Any], name: str) -> list[Any]:
    value = _member(entry, name)
    if not isinstance(value, list):
        raise _at(name, "a list is due")
    return value


def _at(place: str, why: str) -> TrustListError:
    return TrustListError(why, place=place)
