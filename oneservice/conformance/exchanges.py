"""One request and its answer, as they stood on the wire, and cautious looks into the answer.

Answers are read with the strict parser of the protocol where a statement is about that, and
otherwise member by member: a document that breaks one rule must not seem to break all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from oneservice.canonical import parse
from oneservice.conformance.breaking import broken
from oneservice.errors import MalformedJsonError

__all__ = ["PROBLEM_PREFIX", "Answer", "Exchange", "Sent"]

PROBLEM_PREFIX = "urn:oneservice:problem:"
_LARGEST = 8 * 1_048_576


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request. ``path`` is the whole target; header fields in ``secret`` are never shown."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer; header names are in lower case, several of one name stand one after another."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the header's value; several are joined as RFC 9110 says."""
        found = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(found) if found else None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request, what came back (``None``: nothing), and how long it took."""

    sent: Sent
    answer: Answer | None
    seconds: float = 0.0
    failure: str = ""

    @property
    def status(self) -> int:
        """The status of the answer, 0 for none."""
        return 0 if self.answer is None else self.answer.status

    def header(self, name: str) -> str | None:
        """Return a header of the answer."""
        return None if self.answer is None else self.answer.header(name)

    @property
    def body(self) -> bytes:
        """The body of the answer."""
        return b"" if self.answer is None else self.answer.body

    @cached_property
    def _document(self) -> Any:
        try:
            return parse(self.body, max_bytes=_LARGEST)
        except MalformedJsonError:
            return None

    @property
    def document(self) -> dict[str, Any]:
        """The answer's JSON object; an answer that is none breaks the statement."""
        found = self._document
        if not isinstance(found, dict):
            broken(f"{self.told} is no JSON object", self)
        return found

    @property
    def code(self) -> str:
        """The code of a problem document; empty where the answer is none."""
        found = self._document
        kind = found.get("type") if isinstance(found, dict) else None
        if not isinstance(kind, str) or not kind.startswith(PROBLEM_PREFIX):
            return ""
        return kind.removeprefix(PROBLEM_PREFIX)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of a status document; none where there are none."""
        found = self._document
        events = found.get("events") if isinstance(found, dict) else None
        return [one for one in events or () if isinstance(one, dict)]

    @property
    def told(self) -> str:
        """How the answer is spoken of in sentences."""
        what = f"the answer to {self.sent.method} {self.sent.path[:160]}"
        if self.answer is None:
            return f"{what} ({self.failure or 'none came'})"
        return f"{what} ({self.status}{f' {self.code}' if self.code else ''})"

    def expect(self, *statuses: int, code: str = "") -> Exchange:
        """Return itself if the status is one of ``statuses`` and the code is ``code``."""
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            broken(f"{self.told} must be {wanted}{f' {code}' if code else ''}", self)
        if code and self.code != code:
            broken(f"{self.told} must have the code {code}", self)
        return self
