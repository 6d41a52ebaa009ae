"""What every transport of the client promises: a bounded exchange, and what its end means.

Two transports stand behind this seam: the stock one on httpx (:mod:`client`), and, with the extra
``fast``, one on a parser in C (:mod:`client_fast`). Both judge a head by :func:`refuse_costly`
before they read the body, and say what a broken exchange means by :func:`lost` and
:func:`why_unreachable`; what a whole answer means is none of their business: see
:mod:`client_answers`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from oneservice.departments.wire import JSON_TYPE, PROBLEM_TYPE

if TYPE_CHECKING:
    from oneservice.departments.client_answers import Answer, Call
    from oneservice.departments.transport_wire import Wire
    from oneservice.errors import DepartmentError

__all__ = [
    "DEFAULT_HEADERS",
    "IDLE_S",
    "Line",
    "Request",
    "Transport",
    "lost",
    "refuse_costly",
    "why_unreachable",
]

IDLE_S: Final = 60.0
"""We drop idle connections before departments may (75 s): a drop under a request is *unknown*."""
DEFAULT_HEADERS: Final = {
    "Accept": f"{JSON_TYPE}, {PROBLEM_TYPE}",
    "Accept-Encoding": "identity",
    "User-Agent": "oneservice",
}


class Transport(StrEnum):
    """By which library requests travel; limits, errors and guarantees are the same."""

    STOCK = "stock"
    """httpx, which every installation has."""
    FAST = "fast"
    """A parser in C on plain asyncio; needs the extra ``fast``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request and what its answer may cost.

    Attributes:
        call: names the exchange in errors.
        url: absolute; whatever is variable in it is quoted already.
        content: the body, or ``None``.
        media_type: of the body.
        limit_bytes: largest body of an answer that is read.
        deadline_s: real seconds from connecting to the last byte.
        if_none_match: the entity tag of what is known already, or empty.
    """

    call: Call
    url: str
    content: bytes | None
    media_type: str | None
    limit_bytes: int
    deadline_s: float
    if_none_match: str = ""


class Line(Protocol):
    """Connections to one department.

    The caller must never ask for more exchanges at a time than the line has connections: a pool is
    no place to queue (see :mod:`client_slots`).
    """

    async def exchange(self, request: Request, *, headers: Mapping[str, str]) -> Answer:
        """Send ``request`` once, with ``headers``, and return the whole answer.

        Raises:
            DepartmentUnavailableError: certainly no effect.
            DepartmentUnknownOutcomeError: sent, and no whole answer.
            DepartmentContractError: an answer that is too large, compressed or no HTTP.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


def refuse_costly(call: Call, headers: Mapping[str, str], limit_bytes: int) -> None:
    """Refuse an answer by its head that is compressed or announces more than it may have.

    Raises:
        DepartmentContractError: ``compressed`` or ``oversize``.
    """
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise call.unread("the answer is compressed, which was not asked for", "compressed")
    declared = headers.get("content-length", "0")
    if call.method != "HEAD" and declared.isdecimal() and int(declared[:18]) > limit_bytes:
        raise call.unread(f"the answer announces more than {limit_bytes} bytes", "oversize")


def lost(call: Call, wire: Wire, text: str) -> DepartmentError:
    """Return what it means that no whole answer came: unknown if anything was sent."""
    return call.lost(text) if wire.was_sent else call.unavailable(f"not sent: {text}")


def why_unreachable(error: BaseException) -> str:
    """Say why a connection could not be made; a certificate that does not verify is named."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its TLS certificate does not verify ({cause.verify_message}); somebody may be in "
                "between: tell both sides, never switch verification off"
            )
        if isinstance(cause, ssl.SSLError):
            return f"TLS could not be agreed upon ({cause.reason})"
        cause = cause.__cause__ or cause.__context__
    return f"it cannot be reached ({type(error).__name__})"
