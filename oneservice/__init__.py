"""One visit, one form: composed government services (一件事) as dated data and durable cases.

    from oneservice import Applicant, CaseStatus, Engine

The names below are the ones that a portal needs every day; they are imported when they are first
used, so that ``import oneservice`` stays light. Everything else is in its room.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from oneservice.version import __version__

if TYPE_CHECKING:
    from oneservice.case import (
        Actor,
        Applicant,
        CaseStatus,
        Document,
        Role,
        SignedPromise,
        SubCaseStatus,
    )
    from oneservice.engine import Engine
    from oneservice.errors import OneServiceError

__all__ = [
    "Actor",
    "Applicant",
    "CaseStatus",
    "Document",
    "Engine",
    "OneServiceError",
    "Role",
    "SignedPromise",
    "SubCaseStatus",
    "__version__",
]

_ROOMS: Final = {
    "Actor": "oneservice.case",
    "Applicant": "oneservice.case",
    "CaseStatus": "oneservice.case",
    "Document": "oneservice.case",
    "Role": "oneservice.case",
    "SignedPromise": "oneservice.case",
    "SubCaseStatus": "oneservice.case",
    "Engine": "oneservice.engine",
    "OneServiceError": "oneservice.errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its room (PEP 562)."""
    room = _ROOMS.get(name)
    if room is None:
        msg = f"module 'oneservice' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(room), name)


def __dir__() -> list[str]:
    """List the public names, also those that were not used yet."""
    return sorted({*globals(), *__all__})
