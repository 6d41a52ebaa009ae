"""A checkpoint: how large the tree of a log is, and its root. One text, which is signed as a note.

References:
    C2SP tlog-checkpoint.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from oneservice.errors import LogMalformedError
from oneservice.transparency.hashing import HASH_BYTES, MAX_SIZE
from oneservice.transparency.note_keys import decode_base64

__all__ = ["Checkpoint", "read_number"]

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_MAX_ORIGIN: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log's tree.

    Attributes:
        origin: the identity of the log, such as ``990101.example/certificates``.
        size: number of leaves.
        root: the root hash at that size.
        extensions: further lines; nobody audits them, and we write none.

    Raises:
        LogMalformedError: it could not be written so that it reads back the same.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would read back as something else."""
        lines = (self.origin, *self.extensions)
        if not all(lines) or any(one < " " for line in lines for one in line):
            msg = "a line of a checkpoint is empty, or has control characters in it"
            raise LogMalformedError(msg)
        if not 0 <= self.size <= MAX_SIZE or len(self.origin) > _MAX_ORIGIN:
            msg = "a checkpoint has a size from 0 to 2^63-1 and an origin of up to 255 characters"
            raise LogMalformedError(msg)
        if len(self.root) != HASH_BYTES:
            msg = "the root in a checkpoint is no SHA-256 hash"
            raise LogMalformedError(msg)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint that the text of a note states.

        Raises:
            LogMalformedError: fewer than three lines, a size with leading zeros, no root, or an
                empty line.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "":  # noqa: PLR2004 - three lines and what ends them
            msg = "a checkpoint has three lines or more: origin, size, root"
            raise LogMalformedError(msg)
        origin, size, root, *extensions = lines
        return cls(
            origin=origin,
            size=read_number(size, what="the size in a checkpoint"),
            root=decode_base64(root, what="the root in a checkpoint", length=HASH_BYTES),
            extensions=tuple(extensions),
        )

    @property
    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{one}\n" for one in (self.origin, self.size, root, *self.extensions))


def read_number(text: str, *, what: str) -> int:
    """Return a number of 0 to 2^63-1 in its one decimal spelling.

    Raises:
        LogMalformedError: signs, leading zeros, spaces, too large.
    """
    number = int(text) if _NUMBER.fullmatch(text) else MAX_SIZE + 1
    if number > MAX_SIZE:
        msg = f"{what} is no decimal number from 0 to 2^63-1"
        raise LogMalformedError(msg)
    return number
