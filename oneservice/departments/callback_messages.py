"""The body of a callback: which histories have grown, and nothing else (protocol section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical
from oneservice.departments.members import Members, read_message

if TYPE_CHECKING:
    from oneservice.canonical import Digest

__all__ = [
    "MAX_CALLBACK_BYTES",
    "MAX_HINTS",
    "Hint",
    "callback_json",
    "parse_callback",
    "read_hints",
]

MAX_HINTS: Final = 500
MAX_CALLBACK_BYTES: Final = 256 * 1024
"""500 hints have at most 130 KiB: ids of 96 bytes, digests of 71."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One submission's history has come to ``head``; the truth is to be read."""

    submission_id: str
    head_seq: int
    head_digest: Digest


def callback_json(hints: tuple[Hint, ...]) -> bytes:
    """Return the body of a callback; ids and digests only, never a person."""
    changes = [
        {
            "submission_id": one.submission_id,
            "head": {"seq": one.head_seq, "digest": one.head_digest},
        }
        for one in hints[:MAX_HINTS]
    ]
    return canonical({"changes": changes})


def parse_callback(data: bytes) -> tuple[Hint, ...]:
    """Return the hints in ``data``; for tests and brokers, since an engine needs none of them.

    Raises:
        ProtocolProblemError: ``too-large`` or ``malformed``, with pointers.
    """
    return read_message(data, read_hints, max_bytes=MAX_CALLBACK_BYTES)


def read_hints(members: Members) -> tuple[Hint, ...]:
    """Return the hints that an object states."""
    found = members.objects("changes", _hint, required=True)
    if len(found) > MAX_HINTS:
        members.fail("changes", f"must be a list of at most {MAX_HINTS} entries")
    return found


def _hint(members: Members) -> Hint:
    head: Any = members.inner("head")
    return Hint(
        submission_id=members.id("submission_id"),
        head_seq=head.integer("seq", least=1),
        head_digest=head.digest("digest"),
    )
