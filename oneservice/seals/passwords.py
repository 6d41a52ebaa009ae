"""Where a password or PIN comes from: a file, a descriptor, a variable's name. Never an argument.

Arguments and environments of processes are seen by others, and stay in histories; so a command line
names a *source*, and what is read from it never shows: neither in ``repr`` nor in a message.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from oneservice.errors import KeyUnusableError
from oneservice.seals.secret_files import read_secret_file

__all__ = ["Secret", "read_secret"]

_MAX_BYTES: Final = 1024
_DESCRIPTORS: Final = range(256)


@dataclass(frozen=True, slots=True)
class Secret:
    """A password or PIN. ``reveal`` hands it to whoever opens a key with it, and to nobody else."""

    _value: bytes = field(repr=False)

    def reveal(self) -> bytes:
        """Return what opens the key."""
        return self._value

    def text(self) -> str:
        """Return it as text, as devices want their PIN.

        Raises:
            KeyUnusableError: it is no UTF-8.
        """
        try:
            return self._value.decode("utf-8")
        except UnicodeDecodeError:
            msg = "the PIN is no text in UTF-8"
            raise KeyUnusableError(msg) from None

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled: a secret goes into no file and to no other process by accident."""
        msg = "a secret is not pickled"
        raise TypeError(msg)


def read_secret(source: str) -> Secret:
    """Return the secret that ``source`` names; one line end at its end is not part of it.

    Args:
        source: ``file:PATH`` (readable by its owner alone), ``fd:NUMBER`` (an open descriptor, as
            shells and service managers hand over), or ``env:NAME`` (a variable's name).

    Raises:
        KeyUnusableError: another kind of source, nothing there, empty, or longer than 1 KiB.
    """
    kind, _, place = source.partition(":")
    if kind == "file":
        value = read_secret_file(Path(place), max_bytes=_MAX_BYTES)
    elif kind == "fd" and place.isascii() and place.isdigit() and int(place) in _DESCRIPTORS:
        value = _read_descriptor(int(place))
    elif kind == "env" and place:
        found = os.environb.get(os.fsencode(place))
        if found is None:
            msg = f"there is no variable {place[:60]} in the environment"
            raise KeyUnusableError(msg)
        value = found
    else:
        msg = "name where the password is: file:PATH, fd:NUMBER or env:NAME"
        raise KeyUnusableError(msg)
    value = value.removesuffix(b"\n").removesuffix(b"\r")
    if not value or len(value) > _MAX_BYTES or b"\0" in value:
        msg = f"{kind}: the password there is empty, or is none"
        raise KeyUnusableError(msg)
    return Secret(value)


def _read_descriptor(number: int) -> bytes:
    try:
        with os.fdopen(number, "rb", closefd=True) as stream:
            return stream.read(_MAX_BYTES + 2)
    except OSError as error:
        msg = f"fd:{number} cannot be read ({error.strerror})"
        raise KeyUnusableError(msg) from None
