"""One bounded exchange with some server: what rooms that need HTTP are handed.

Logs, witnesses, status lists and time-stamping authorities are all asked this way. Whatever comes
back is proven by its own signature or refused; the web is only how it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Web", "WebAnswer", "WebRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """A request and what its answer may cost.

    Attributes:
        url: absolute; whatever is variable in it is quoted already.
        method: ``GET``, ``HEAD`` or ``POST``.
        headers: beside those that HTTP itself needs.
        body: of a ``POST``.
        max_bytes: largest body of an answer that is read.
        deadline_s: real seconds from resolving the name to the last byte.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_bytes: int = 1_048_576
    deadline_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """A whole answer, whatever its status; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Web(Protocol):
    """Whoever makes such exchanges; redirects are never followed."""

    async def exchange(self, request: WebRequest) -> WebAnswer:
        """Return the answer to ``request``.

        Raises:
            WebUnavailableError: there is none, or not within its limits; the text says why.
        """
        ...
