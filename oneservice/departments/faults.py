"""What callers and logs are told when something went wrong on our own side."""

from __future__ import annotations

import logging
import traceback

from oneservice.errors import (
    AdapterError,
    IllegalInputError,
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    ProtocolProblemError,
)

__all__ = ["own_fault"]

_log = logging.getLogger("oneservice.departments")


def own_fault(error: Exception) -> ProtocolProblemError:
    """Say what went wrong on our side; strangers' exceptions may quote people, so no texts."""
    if isinstance(error, JournalConflictError):
        return ProtocolProblemError(str(error), problem="in-progress")
    if isinstance(error, JournalError) and not isinstance(error, JournalCorruptError):
        _log.error("%s", error)
        msg = "the register cannot be written now; nothing was recorded"
        return ProtocolProblemError(msg, problem="unavailable")
    last = traceback.extract_tb(error.__traceback__)[-1]
    told = f": {error}" if isinstance(error, (AdapterError, IllegalInputError)) else ""
    _log.error("%s at %s:%s%s", type(error).__name__, last.filename, last.lineno, told)
    _log.debug("the whole of it", exc_info=error)
    msg = "the department lost its way; its log says where"
    return ProtocolProblemError(msg, problem="internal")
