"""Checking before filing: what would be wanting, and nothing is recorded (protocol section 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oneservice.canonical import canonical
from oneservice.departments.members import Members, read_message
from oneservice.departments.wire import MAX_JSON_BYTES, PeopleText

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Finding", "findings_json", "parse_findings", "read_findings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a department would find wanting.

    Attributes:
        pointer: JSON pointer into the submission.
        problem: a short code: ``missing``, ``expired``, ``invalid``, ``missing-document``, …
        text: for people; never the value that was found.
        blocks: whether the application would not be accepted because of it.
    """

    pointer: str
    problem: str
    text: PeopleText = field(default_factory=dict)
    blocks: bool = True


def findings_json(findings: Iterable[Finding]) -> bytes:
    """Return the answer to a check."""
    return canonical(
        {
            "findings": [
                {
                    "pointer": one.pointer,
                    "problem": one.problem,
                    "text": dict(one.text),
                    "blocks": one.blocks,
                }
                for one in findings
            ]
        }
    )


def parse_findings(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> tuple[Finding, ...]:
    """Return the findings in ``data``.

    Raises:
        ProtocolProblemError: ``too-large`` or ``malformed``, with pointers.
    """
    return read_message(data, read_findings, max_bytes=max_bytes)


def read_findings(members: Members) -> tuple[Finding, ...]:
    """Return the findings that an object states."""
    return members.objects("findings", _finding, required=True)


def _finding(members: Members) -> Finding:
    text: dict[str, Any] = members.people_text("text")
    pointer = members.text("pointer")
    if pointer and not pointer.startswith("/"):
        members.fail("pointer", "must be a JSON pointer")
    return Finding(
        pointer=pointer,
        problem=members.text("problem"),
        text=text,
        blocks=members.boolean("blocks", default=True),
    )
