"""The state machine of a case: inputs, events, commands, transitions; the hash-linked journal.

Rules that live only here: what may happen to a case and to one step of it, and what the world
still owes a state. No clock, no disk, no network, no chance: instants, ids and outcomes come in.
"""

from oneservice.case.submissions import (
    ENDED,
    EVENT_SIGNATURE_PREFIX,
    OPEN,
    REQUIRED_DATA,
    TRANSITIONS,
    DepartmentEvent,
    EventSignature,
    EventType,
    Submission,
    SubmissionState,
    advance,
    event_digest,
    fold,
    signing_input,
)

__all__ = [
    "ENDED",
    "EVENT_SIGNATURE_PREFIX",
    "OPEN",
    "REQUIRED_DATA",
    "TRANSITIONS",
    "DepartmentEvent",
    "EventSignature",
    "EventType",
    "Submission",
    "SubmissionState",
    "advance",
    "event_digest",
    "fold",
    "signing_input",
]
