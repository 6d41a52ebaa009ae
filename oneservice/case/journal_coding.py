"""Frozen dataclasses to JSON and back, derived from their type hints when the program starts.

An event kind needs no coder of its own: what its members may be is the table below, and a member
of any other type is a ``TypeError`` at import, long before a record could be written with it. A
member that an older history does not hold is taken as its default, so a class grows by members
that have one. Texts, integers, truth values and bare mappings stand in JSON as they are.

A class that JSON states in another way than member by member brings ``as_json()`` and the class
method ``from_json(value)``; the latter may read what older versions wrote.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Final, Literal, NewType, TypeAlias

from oneservice.canonical import read_instant, write_instant
from oneservice.case.submissions import DepartmentEvent, EventSignature

__all__ = ["Coder", "UnlistedValueError", "coder_of", "members_reader", "members_writer"]

_Way: TypeAlias = Callable[[Any], Any]
Coder: TypeAlias = tuple[_Way, _Way]
"""How a value is written to JSON and how it is read again."""


class UnlistedValueError(ValueError):
    """A member holds a value that is none of those that it may have; the value is not quoted.

    Args:
        known: the values that it may have.
        member: where it stands, from the record's data on.
    """

    def __init__(self, known: tuple[str, ...], member: str = "") -> None:
        super().__init__(f"{member or 'a value'} is none of {', '.join(known)}")
        self.known = known
        self.member = member

    def below(self, name: str) -> UnlistedValueError:
        """Return the same, seen from one level further out."""
        return UnlistedValueError(self.known, f"{name}.{self.member}" if self.member else name)


def _same(value: Any) -> Any:
    return value


_AS_IT_IS: Final[Coder] = (_same, _same)
_PLAIN: Final = frozenset({str, int, bool, type(None), Any, object})


@lru_cache(maxsize=256)
def _write_instant(instant: datetime) -> str:
    return write_instant(instant)  # the records of one turn share their instant


def _read_department_event(value: Mapping[str, Any]) -> DepartmentEvent:
    known = {one.name for one in fields(DepartmentEvent)} - {"extra"}
    signatures = tuple(EventSignature(**one) for one in value["signatures"])
    plain = {name: value[name] for name in known - {"signatures"}}
    extra = {name: item for name, item in value.items() if name not in known}
    return DepartmentEvent(**plain, signatures=signatures, extra=extra)


_OWN_WAYS: Final[Mapping[Any, Coder]] = types.MappingProxyType(
    {
        datetime: (_write_instant, read_instant),
        date: (date.isoformat, date.fromisoformat),
        DepartmentEvent: (DepartmentEvent.as_json, _read_department_event),
    }
)


@cache
def coder_of(hint: Any) -> Coder:
    """Return how values of the type ``hint`` stand in JSON.

    Raises:
        TypeError: JSON has no way for it here; floats, among others, are never hashed.
    """
    if isinstance(hint, NewType):
        return coder_of(hint.__supertype__)
    if hint in _OWN_WAYS:
        return _OWN_WAYS[hint]
    if hint in _PLAIN:
        return _AS_IT_IS
    if typing.get_origin(hint) is Literal:
        return _same, _one_of(typing.get_args(hint))
    if typing.get_origin(hint) is not None:
        return _of_generic(hint)
    if isinstance(hint, type):
        return _of_class(hint)
    raise _no_way(hint)


def members_writer(kind: type) -> Callable[[Any], dict[str, Any]]:
    """Return a function that writes a ``kind`` as a dict of its members.

    All of them, but for members marked with :data:`oneservice.case.later.LATER` that are idle.
    """
    names, hints = _names_of(kind), typing.get_type_hints(kind)
    ways = {name: _of_member(kind, name, hints[name])[0] for name in names}
    changing = tuple((name, write) for name, write in ways.items() if write is not _same)
    # attrgetter gives one value bare, several as a tuple.
    read_all = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)
    later = tuple((one.name, one.default) for one in fields(kind) if one.metadata.get("later"))

    def write(value: Any) -> dict[str, Any]:
        members = dict(zip(names, read_all(value), strict=True))
        for name, idle in later:
            if members[name] == idle:
                del members[name]
        if later:
            return members | {name: way(members[name]) for name, way in changing if name in members}
        for name, way in changing:
            members[name] = way(members[name])
        return members

    return write


def members_reader(kind: type) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that reads a ``kind``; what is absent and has a default, is the default.

    It raises ``KeyError`` for an absent member without one, ``TypeError`` and ``ValueError`` for
    values of another type, :class:`UnlistedValueError` for one that its type does not list.
    Members that this version does not know are passed over.
    """
    hints = typing.get_type_hints(kind)
    given = [one for one in fields(kind) if one.init]
    ways = tuple((one.name, _of_member(kind, one.name, hints[one.name])[1]) for one in given)
    may_be_absent = frozenset(one.name for one in given if _has_default(one))

    def read(data: Mapping[str, Any]) -> Any:
        try:
            members = {
                name: way(data[name])
                for name, way in ways
                if name in data or name not in may_be_absent
            }
        except UnlistedValueError as error:
            raise _placed(error, ways, data) from None
        return kind(**members)

    return read


def _placed(
    error: UnlistedValueError, ways: tuple[tuple[str, _Way], ...], data: Mapping[str, Any]
) -> UnlistedValueError:
    """Return ``error`` with the member that it is about: found again, so that reading is fast."""
    for name, way in ways:
        try:
            _ = way(data[name]) if name in data else None
        except UnlistedValueError as found:
            return found.below(name)
    return error


def _one_of(known: tuple[Any, ...], read: _Way = _same) -> _Way:
    """Return what reads a value that is one of ``known``: a fold is asked for no others."""
    listed = frozenset(known)

    def checked(value: Any) -> Any:
        if value not in listed:
            raise UnlistedValueError(tuple(map(str, known)))
        return read(value)

    return checked


def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _has_default(member: Field[Any]) -> bool:
    return member.default is not MISSING or member.default_factory is not MISSING


def _of_member(kind: type, name: str, hint: Any) -> Coder:
    try:
        return coder_of(hint)
    except TypeError as error:
        msg = f"{kind.__name__}.{name}: {error}"
        raise TypeError(msg) from None


def _of_class(kind: type) -> Coder:
    if hasattr(kind, "as_json") and hasattr(kind, "from_json"):
        return kind.as_json, kind.from_json
    if issubclass(kind, StrEnum):
        return str.__str__, _one_of(tuple(str(one) for one in kind), kind)
    if is_dataclass(kind):
        return members_writer(kind), members_reader(kind)
    raise _no_way(kind)


def _of_generic(hint: Any) -> Coder:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return _of_tuple(hint, parts)
    if origin in (Mapping, dict) and parts[0] is str:
        return _of_mapping(coder_of(parts[1]))
    if origin in (typing.Union, types.UnionType):
        return _of_union(hint, parts)
    raise _no_way(hint)


def _of_tuple(hint: Any, parts: tuple[Any, ...]) -> Coder:
    if len(parts) != 2 or parts[1] is not Ellipsis:  # noqa: PLR2004 - tuple[T, ...]
        raise _no_way(hint)
    write, read = coder_of(parts[0])
    if write is _same and read is _same:
        return list, tuple
    return lambda some: [write(one) for one in some], lambda some: tuple(read(one) for one in some)


def _of_mapping(values: Coder) -> Coder:
    write, read = values
    if write is _same and read is _same:
        return _AS_IT_IS
    return (
        lambda some: {name: write(one) for name, one in some.items()},
        lambda some: {name: read(one) for name, one in some.items()},
    )


def _of_union(hint: Any, parts: tuple[Any, ...]) -> Coder:
    """Return the coder of ``T | None``, or of types that all stand in JSON as they are."""
    coders = {coder_of(part) for part in parts if part is not type(None)}
    if coders == {_AS_IT_IS}:
        return _AS_IT_IS
    if len(coders) != 1 or type(None) not in parts:
        raise _no_way(hint)
    ((write, read),) = coders
    return (
        lambda value: None if value is None else write(value),
        lambda value: None if value is None else read(value),
    )


def _no_way(hint: Any) -> TypeError:
    return TypeError(
        f"{hint} has no way into the journal; use texts, integers, truth values, instants, days, "
        "StrEnums, frozen dataclasses, tuple[T, ...], Mapping[str, T] or T | None"
    )
