"""Verification at work: the audit of a case, many files on many cores, an endpoint for reliers.

:func:`audit` asks more than whether a bundle is what was sealed: it tells the journal to the pure
core again, under the pinned plan, and looks whether the rules of that day lead to these
certificates. :func:`verify_many` judges a stream of papers on all cores. :class:`VerifierApp`
judges what other programs send it, and records each call.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from oneservice.relying.batch import Judged, verify_many
from oneservice.relying.moved import Moves, document_in, named_in, stated_in, told_of_move
from oneservice.relying.papers import Paper, Reader, papers_below, papers_on_lines, read_paper
from oneservice.relying.reliance import Examined, Reliance, kind_to_judge

if TYPE_CHECKING:
    from oneservice.relying.audit import Audit, AuditFinding, Deed, Severity, StepDecision, audit
    from oneservice.relying.calls import Call, CallHead, CallRecords
    from oneservice.relying.endpoint import Authenticate, CallLimits, VerifierApp, loopback_only
    from oneservice.relying.replaying import Replay, Replayed, ReplayedRecord, replay_records

__all__ = [
    "Audit",
    "AuditFinding",
    "Authenticate",
    "Call",
    "CallHead",
    "CallLimits",
    "CallRecords",
    "Deed",
    "Examined",
    "Judged",
    "Moves",
    "Paper",
    "Reader",
    "Reliance",
    "Replay",
    "Replayed",
    "ReplayedRecord",
    "Severity",
    "StepDecision",
    "VerifierApp",
    "audit",
    "document_in",
    "kind_to_judge",
    "loopback_only",
    "named_in",
    "papers_below",
    "papers_on_lines",
    "read_paper",
    "replay_records",
    "stated_in",
    "told_of_move",
    "verify_many",
]

_LATER: Final = {
    "Audit": "audit",
    "AuditFinding": "audit",
    "Deed": "audit",
    "Severity": "audit",
    "StepDecision": "audit",
    "audit": "audit",
    "Call": "calls",
    "CallHead": "calls",
    "CallRecords": "calls",
    "Authenticate": "endpoint",
    "CallLimits": "endpoint",
    "VerifierApp": "endpoint",
    "loopback_only": "endpoint",
    "Replay": "replaying",
    "Replayed": "replaying",
    "ReplayedRecord": "replaying",
    "replay_records": "replaying",
}
"""Audits bring plans and catalogues with them, endpoints an event loop; workers need neither."""


def __getattr__(name: str) -> Any:
    """Import what only audits or endpoints need when it is first asked for (PEP 562)."""
    wanted = _LATER.get(name)
    if wanted is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    module = importlib.import_module(f"{__name__}.{wanted}")
    # All of them at once: importing the module also puts it here under its own name, which is that
    # of the function as well.
    globals().update({one: getattr(module, one) for one, at in _LATER.items() if at == wanted})
    return globals()[name]
