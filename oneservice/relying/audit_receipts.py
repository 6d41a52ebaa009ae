"""What was sent, and what the office says it received: the same bytes?

The engine records the digest of each message before it sends it; the office repeats the digest of
what arrived in the event that it signs (protocol, section 6: ``received``, ``correction_received``,
``withdrawal_requested``). Where the two differ, what was decided rests on other papers than those
that this history shows. One of the houses is wrong about it; neither can be right alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent, DepartmentReported, MessagesPrepared, Recorded
from oneservice.relying.audit_findings import finding
from oneservice.relying.audit_report import AuditFinding

__all__ = ["of_receipts"]

_NAMED_BY: Final[Mapping[str, str]] = {
    "correction_received": "supplement_id",
    "material_received": "supplement_id",
    "withdrawal_requested": "withdrawal_id",
}
"""Events that acknowledge a message, and the member of their data that names it."""


def of_receipts(records: Sequence[Recorded]) -> Iterator[AuditFinding]:
    """Tell where an office acknowledges other bytes than those that were sent, or none of ours."""
    sent: dict[str, set[Digest]] = {}
    for one in records:
        match one.event:
            case MessagesPrepared(messages=messages):
                for message in messages:
                    sent.setdefault(message.message_id, set()).add(message.request_digest)
            case DepartmentReported(sub_case_id=name, events=events):
                for event in events:
                    code = _differs(event, sent)
                    if code is not None:
                        yield finding(code, name, event.type, event.seq, seq=one.seq)
            case _:
                pass


def _differs(event: DepartmentEvent, sent: Mapping[str, set[Digest]]) -> str | None:
    """Return the code of what is wrong with an acknowledgement; ``None``: nothing, or it is none.

    ``material_received`` states no digest, so only its id can be compared.
    """
    if event.type == "received":
        named: object = event.submission_id
    elif event.type in _NAMED_BY:
        named = event.data.get(_NAMED_BY[event.type])
    else:
        return None
    if not isinstance(named, str) or named not in sent:
        return "received-elsewhere"
    stated = event.data.get("request_digest")
    return None if stated is None or stated in sent[named] else "other-bytes-received"
