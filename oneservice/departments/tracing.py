"""W3C Trace Context, as far as a department and an engine pass it on."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from typing import Final

__all__ = ["TRACEPARENT", "TRACE_HEADER", "current_traceparent", "next_traceparent", "trace_id"]

TRACE_HEADER: Final = "traceparent"
TRACEPARENT: ContextVar[str | None] = ContextVar("oneservice_traceparent", default=None)
_FORM: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NOTHING: Final = "0" * 32


def trace_id(traceparent: str) -> str | None:
    """Return the trace id of a valid ``traceparent``, else ``None``.

    References:
        W3C Trace Context, section 3.2.2.
    """
    match = _FORM.fullmatch(traceparent)
    if match is None or match[1] == _NOTHING or traceparent.startswith("ff"):
        return None
    return match[1]


def current_traceparent() -> str | None:
    """Return the ``traceparent`` of the request that is being answered, to pass it on."""
    return TRACEPARENT.get()


def next_traceparent() -> str:
    """Return a ``traceparent`` for a call of ours: in the trace under way, or in a new one."""
    present = TRACEPARENT.get()
    trace = trace_id(present) if present else None
    flags = present[53:55] if present and trace else "00"
    return f"00-{trace or secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"
