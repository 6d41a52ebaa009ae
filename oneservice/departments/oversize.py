"""What is too large for a message, and where: bytes, texts, lists, nesting; and what is no integer.

Of a message that came, and of what an integrator's function wants to send: nothing goes on the wire
here that the other side would refuse to read (protocol sections 1 and 14).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from oneservice.departments.counting import marks
from oneservice.departments.pointers import pointer_part
from oneservice.departments.wire import MAX_ARRAY_ITEMS, MAX_STRING_BYTES
from oneservice.errors import ProtocolProblemError

__all__ = ["is_small", "refuse_large", "refuse_oversize"]


def refuse_large(data: bytes, max_bytes: int) -> None:
    """Refuse a message of more bytes; raises ``too-large``."""
    if len(data) > max_bytes:
        msg = f"the message has {len(data)} bytes, {max_bytes} are allowed"
        raise ProtocolProblemError(msg, problem="too-large")


def is_small(data: bytes) -> bool:
    """Say whether no text and no list in a message of these bytes can be over the limits.

    A text has no more bytes than it is written with; a list has an item for every two bytes at
    most, and for every mark.
    """
    if len(data) <= 2 * MAX_ARRAY_ITEMS:
        return True
    return len(data) <= MAX_STRING_BYTES and marks(data) <= MAX_ARRAY_ITEMS


def refuse_oversize(value: Any, *, max_depth: int) -> None:
    """Refuse texts, lists and nesting beyond the limits of section 14, and fractions (section 1).

    Args:
        value: a JSON value.
        max_depth: refuse deeper nesting; a scalar has depth 0.

    Raises:
        ProtocolProblemError: ``malformed``, with the place.
    """
    if not _fits(value, max_depth):  # nearly everything does: the place is looked for only then
        _find_oversize(value, "", max_depth)


_PLAIN: Final = frozenset({int, bool, type(None)})
_SHORT: Final = MAX_STRING_BYTES // 4
"""Characters that fit whatever they are: each has one to four bytes."""


def _fits(value: Any, depth_left: int) -> bool:
    kind = type(value)
    if kind is str:
        return len(value) <= _SHORT
    if kind in _PLAIN:
        return True
    if depth_left <= 0:
        return False
    if kind is dict:
        for name, item in value.items():
            if len(name) > _SHORT or not _fits_inside(item, depth_left):
                return False
        return True
    if kind is list or kind is tuple:
        if len(value) > MAX_ARRAY_ITEMS:
            return False
        return all(_fits_inside(item, depth_left) for item in value)
    return False  # another kind of mapping, perhaps: to be looked at


def _fits_inside(item: Any, depth_left: int) -> bool:
    return len(item) <= _SHORT if type(item) is str else _fits(item, depth_left - 1)


def _find_oversize(value: Any, pointer: str, depth_left: int) -> None:
    if isinstance(value, str):
        if _is_long(value):
            _refuse(pointer, f"text of more than {MAX_STRING_BYTES} bytes")
    elif isinstance(value, float):
        _refuse(pointer, "a number with a fraction; write decimals as text")
    elif isinstance(value, (Mapping, list, tuple)):
        if depth_left <= 0:
            _refuse(pointer, "it is nested too deeply")
        if isinstance(value, Mapping):
            for name, item in value.items():
                if _is_long(name):
                    _refuse(pointer, f"a member name of more than {MAX_STRING_BYTES} bytes")
                _find_oversize(item, f"{pointer}/{pointer_part(name)}", depth_left - 1)
            return
        if len(value) > MAX_ARRAY_ITEMS:
            _refuse(pointer, f"a list of more than {MAX_ARRAY_ITEMS} items")
        for index, item in enumerate(value):
            _find_oversize(item, f"{pointer}/{index}", depth_left - 1)


def _is_long(text: str) -> bool:
    return len(text) > _SHORT and len(text.encode()) > MAX_STRING_BYTES


def _refuse(pointer: str, rule: str) -> None:
    msg = f"{pointer or '/'}: {rule}"
    raise ProtocolProblemError(msg, problem="malformed", findings=((pointer, rule),))
