"""One value, one byte string (RFC 8785), and its digest; and the strict way back.

Everything that is hashed or signed here goes through :func:`canonical`, and everything that
strangers send goes through :func:`parse`, which takes I-JSON (RFC 7493) only: popular parsers let
duplicate members, ``NaN`` and lone surrogates pass, and two readers then see two documents.

Theory of operation: ``orjson`` writes the same bytes as RFC 8785 as long as there is no float, no
integer beyond 53 bits and no member name at or above U+E000 (it sorts by code point, the RFC by
UTF-16 unit). A guard walks the value once and hands everything else to the slow writer below.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NewType, TypeAlias

import orjson

from oneservice.errors import MalformedJsonError

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "Digest",
    "JsonObject",
    "JsonValue",
    "canonical",
    "digest",
    "digest_bytes",
    "parse",
    "parse_and_write",
    "parse_object",
    "read_instant",
    "sealed_digest",
    "write_instant",
]

JsonValue: TypeAlias = Any
"""None, bool, int, str, float, list, or a dict with text keys; floats where a caller lets them."""
JsonObject: TypeAlias = dict[str, Any]

Digest = NewType("Digest", str)
"""``sha256:`` and 64 lower-case hexadecimal digits (protocol section 1)."""

MAX_BYTES = 1_048_576
"""Default limit of a document in bytes (protocol section 14: a JSON body)."""
MAX_DEPTH = 32
"""Default limit of nesting (protocol section 1)."""

_SAFE_INTEGER = 2**53 - 1
_OPTIONS = orjson.OPT_SORT_KEYS
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,3})?Z", re.ASCII)
"""Hours end at 23: newer Pythons read 24:00 as the next day, and one instant has one spelling."""


def canonical(value: JsonValue) -> bytes:
    """Return the RFC 8785 form of ``value`` in UTF-8.

    Raises:
        MalformedJsonError: an integer beyond 2^53-1, ``NaN``, an infinity, a lone surrogate, a
            member name that is no text, or a type that JSON does not have.
    """
    try:
        if _is_plain(value, _DEEPEST):
            return orjson.dumps(value, option=_OPTIONS)
        parts: list[str] = []
        _write(value, parts.append, _DEEPEST)
        return "".join(parts).encode("utf-8")
    except (TypeError, UnicodeEncodeError) as error:
        msg = "the value has no canonical form: not JSON, or text with a lone surrogate"
        raise MalformedJsonError(msg) from error


def digest_bytes(data: bytes) -> Digest:
    """Return the digest of ``data`` as it is written in JSON."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def digest(value: JsonValue) -> Digest:
    """Return the digest of the canonical form of ``value``."""
    return digest_bytes(canonical(value))


def sealed_digest(salt: str, data: JsonValue) -> Digest:
    """Return a digest that commits to ``data`` and cannot be guessed without ``salt``.

    A record that carries it can later lose ``data`` and ``salt`` and still be verified as part of
    its chain: erasing a person does not break the history.
    """
    if not salt.isascii():
        msg = "a salt is ASCII text"
        raise MalformedJsonError(msg)
    return digest_bytes(salt.encode("ascii") + b"\n" + canonical(data))


def write_instant(instant: datetime) -> str:
    """Return ``instant`` as RFC 3339 in UTC with ``Z`` (protocol section 1).

    Whole seconds are written without a fraction, all others with milliseconds; finer parts are cut.

    Raises:
        ValueError: the instant is naive; which moment it means nobody can tell.
    """
    if instant.tzinfo is None:
        msg = "a naive datetime is no instant; give it a zone"
        raise ValueError(msg)
    fraction = "milliseconds" if instant.microsecond >= 1000 else "seconds"  # noqa: PLR2004
    return instant.astimezone(UTC).isoformat(timespec=fraction).replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """Return the instant that ``text`` states: RFC 3339, UTC, ``Z``, at most milliseconds.

    Raises:
        MalformedJsonError: anything else.
    """
    if _INSTANT.fullmatch(text) is None:
        msg = "not an instant of the form 2026-09-28T01:00:00Z"
        raise MalformedJsonError(msg)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        msg = "no such day or time of day"
        raise MalformedJsonError(msg) from None


def parse(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, fractions: bool = False
) -> JsonValue:
    """Return the value that ``data`` states, or refuse.

    Args:
        data: UTF-8 without a byte order mark.
        max_bytes: refuse longer input before looking at it.
        max_depth: refuse deeper nesting; a scalar has depth 0.
        fractions: let numbers with a fraction or an exponent pass (other people's documents).

    Raises:
        MalformedJsonError: not I-JSON, or over a limit; the message says where, not what.
    """
    return _parse(data, max_bytes, max_depth, fractions=fractions)[0]


def parse_object(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, fractions: bool = False
) -> JsonObject:
    """Like :func:`parse`, for documents that must be an object."""
    return _object(_parse(data, max_bytes, max_depth, fractions=fractions)[0])


def parse_and_write(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, fractions: bool = False
) -> tuple[JsonObject, bytes]:
    """Like :func:`parse_object`; return the canonical form, too, which reading makes anyway."""
    value, written = _parse(data, max_bytes, max_depth, fractions=fractions)
    return _object(value), written


def _parse(
    data: bytes, max_bytes: int, max_depth: int, *, fractions: bool
) -> tuple[JsonValue, bytes]:
    if len(data) > max_bytes:
        msg = f"the document has {len(data)} bytes, {max_bytes} are allowed"
        raise MalformedJsonError(msg)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        msg = f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise MalformedJsonError(msg) from None
    # One walk tells both: most documents are plain, and then there is no fraction in them.
    is_plain = _is_plain(value, min(max_depth, _DEEPEST))
    if is_plain:
        written = orjson.dumps(value, option=_OPTIONS)
    else:
        _inspect(value, max_depth, fractions=fractions)
        written = canonical(value)
    # orjson keeps the last of two equal names, and reads integers beyond 64 bits as doubles. Where
    # the bytes are canonical there was neither; but 1e20 is written like an integer.
    if not is_plain or written != data:
        _refuse_ambiguities(data)
    return value, written


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        msg = f"the document is a {type(value).__name__}, an object is due"
        raise MalformedJsonError(msg)
    return value


_SCALARS: Final = frozenset({str, bool, type(None)})
_DEEPEST: Final = 250
"""Far above every limit, below orjson's own (254)."""


def _is_plain(value: JsonValue, depth_left: int) -> bool:
    """Say whether orjson writes ``value`` as RFC 8785 does; refuse what has no canonical form.

    Most values are text: those are let pass in the loops, without a call of their own.
    """
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind is int:
        return _is_safe(value)
    if kind is dict:
        if depth_left <= 0:
            raise _too_deep()
        for name, item in value.items():
            is_ascii = type(name) is str and name.isascii()
            if not is_ascii and not _is_plain_name(name):
                return False
            if type(item) not in _SCALARS and not _is_plain(item, depth_left - 1):
                return False
        return True
    if kind is list or kind is tuple:
        if depth_left <= 0:
            raise _too_deep()
        for item in value:
            if type(item) not in _SCALARS and not _is_plain(item, depth_left - 1):
                return False
        return True
    return False


def _too_deep() -> MalformedJsonError:
    return MalformedJsonError("it is nested too deeply")


def _is_safe(value: int) -> bool:
    if -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        return True
    msg = "an integer beyond 2^53-1 has no canonical form; write it as text"
    raise MalformedJsonError(msg)


def _is_plain_name(name: object) -> bool:
    if type(name) is not str:
        msg = f"a member name is a {type(name).__name__}, text is due"
        raise MalformedJsonError(msg)
    return name.isascii() or max(name) < "\ue000"


def _write(value: JsonValue, put: Any, depth_left: int) -> None:
    """Write the canonical form piece by piece: the slow path, for what the guard sent away."""
    if isinstance(value, str):
        put(_text(value))
    elif value is None or isinstance(value, bool):
        put("null" if value is None else str(value).lower())
    elif isinstance(value, int):
        plain = int(value)  # an IntEnum prints as what its author liked
        _is_safe(plain)
        put(str(plain))
    elif isinstance(value, float):
        put(_number(float(value)))
    elif isinstance(value, Mapping):
        if depth_left <= 0:
            raise _too_deep()
        put("{")
        for index, name in enumerate(sorted(value, key=_utf_16)):
            put("," if index else "")
            put(_text(name))
            put(":")
            _write(value[name], put, depth_left - 1)
        put("}")
    elif isinstance(value, (list, tuple)):
        if depth_left <= 0:
            raise _too_deep()
        put("[")
        for index, item in enumerate(value):
            put("," if index else "")
            _write(item, put, depth_left - 1)
        put("]")
    else:
        msg = f"a {type(value).__name__} is no JSON value"
        raise MalformedJsonError(msg)


def _text(value: str) -> str:
    """Write text; ``str.__str__`` because an enumeration's own ``str`` may not be its value."""
    return orjson.dumps(str.__str__(value)).decode("utf-8")


def _utf_16(name: object) -> bytes:
    """Return what member names are sorted by (RFC 8785 section 3.2.3); refuse what is no name."""
    if type(name) is not str:
        msg = f"a member name is a {type(name).__name__}, text is due"
        raise MalformedJsonError(msg)
    return name.encode("utf-16-be")


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785 section 3.2.2.3)."""
    if not math.isfinite(value):
        msg = "NaN and infinities have no canonical form"
        raise MalformedJsonError(msg)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)  # where the decimal point stands in the digits
    digits = whole + fraction
    if digits.startswith("0"):
        stripped = digits.lstrip("0")
        point -= len(digits) - len(stripped)
        digits = stripped
    digits = digits.rstrip("0") or "0"
    return sign + _place(digits, point)


def _place(digits: str, point: int) -> str:
    """Place the decimal point among ``digits``: Number::toString, steps 6 to 10 (ECMA-262)."""
    count = len(digits)
    if count <= point <= 21:  # noqa: PLR2004 - the standard's own bounds
        return digits + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004
        return "0." + "0" * -point + digits
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{rest}e{point - 1:+d}"


def _inspect(value: JsonValue, depth_left: int, *, fractions: bool) -> None:
    """Refuse what orjson reads and I-JSON, or our limits, do not allow."""
    kind = type(value)
    if kind is float:
        if not fractions:
            msg = "a number with a fraction or exponent; write decimals as text"
            raise MalformedJsonError(msg)
    elif kind is dict or kind is list:
        if depth_left <= 0:
            raise _too_deep()
        for item in value.values() if kind is dict else value:
            _inspect(item, depth_left - 1, fractions=fractions)


def _refuse_ambiguities(data: bytes) -> None:
    """Refuse what two readers read as two documents: repeated members, very large integers."""

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) != len(members):
            name = Counter(name for name, _ in members).most_common(1)[0][0]
            msg = f"the member {name[:40]!r} stands twice in one object"
            raise MalformedJsonError(msg)
        return found

    def integer(text: str) -> int:
        value = int(text)  # at most 310 digits: orjson refused what is no double
        _is_safe(value)
        return value

    json.loads(data, object_pairs_hook=pairs, parse_int=integer)
