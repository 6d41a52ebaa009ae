"""Verification at work: the audit of a case, many files on many cores, an endpoint for reliers.

:func:`audit` asks more than whether a bundle is what was sealed: it tells the journal to the pure
core again, under the pinned plan, and looks whether the rules of that day lead to these
certificates. :func:`verify_many` judges a stream of papers on all cores.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from oneservice.relying.batch import Judged, verify_many
from oneservice.relying.papers import Paper, Reader, papers_below, papers_on_lines, read_paper
from oneservice.relying.reliance import Examined, Reliance, kind_to_judge

if TYPE_CHECKING:
    from oneservice.relying.audit import Audit, AuditFinding, Deed, Severity, StepDecision, audit
    from oneservice.relying.replaying import Replay, Replayed, ReplayedRecord, replay_records

__all__ = [
    "Audit",
    "AuditFinding",
    "Deed",
    "Examined",
    "Judged",
    "Paper",
    "Reader",
    "Reliance",
    "Replay",
    "Replayed",
    "ReplayedRecord",
    "Severity",
    "StepDecision",
    "audit",
    "kind_to_judge",
    "papers_below",
    "papers_on_lines",
    "read_paper",
    "replay_records",
    "verify_many",
]

_LATER: Final = {
    "Audit": "audit",
    "AuditFinding": "audit",
    "Deed": "audit",
    "Severity": "audit",
    "StepDecision": "audit",
    "audit": "audit",
    "Replay": "replaying",
    "Replayed": "replaying",
    "ReplayedRecord": "replaying",
    "replay_records": "replaying",
}
"""Audits bring plans and catalogues with them, which workers and endpoints do without."""


def __getattr__(name: str) -> Any:
    """Import what audits need when it is first asked for (PEP 562)."""
    wanted = _LATER.get(name)
    if wanted is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    module = importlib.import_module(f"{__name__}.{wanted}")
    # All of them at once: importing the module also puts it here under its own name, which is that
    # of the function as well.
    globals().update({one: getattr(module, one) for one, at in _LATER.items() if at == wanted})
    return globals()[name]
