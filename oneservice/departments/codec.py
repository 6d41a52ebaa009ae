"""The wire codec: every message of the adapter protocol, strictly read and canonically written.

Both sides use it. Whatever the bytes, parsing raises only ``ProtocolProblemError``; the server
answers it as a problem document, the client reports it as a contract error of the department.
Unknown members are ignored, and kept where a digest covers them; ``null`` means absent.
"""

from oneservice.departments.capabilities import (
    Capabilities,
    KeyInfo,
    ServiceLimits,
    StepInfo,
    capabilities_json,
    parse_capabilities,
)
from oneservice.departments.filing import (
    Consent,
    DocumentRef,
    MaterialItem,
    Promise,
    SubmissionBody,
    SupplementBody,
    WithdrawalBody,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
)
from oneservice.departments.problems import (
    PROBLEM_PREFIX,
    PROBLEMS,
    Problem,
    ProblemKind,
    Reaction,
    Recorded,
    parse_problem,
    problem_json,
)
from oneservice.departments.reading import (
    changes_json,
    parse_changes,
    parse_event,
    parse_status,
    status_json,
)

__all__ = [
    "PROBLEMS",
    "PROBLEM_PREFIX",
    "Capabilities",
    "Consent",
    "DocumentRef",
    "KeyInfo",
    "MaterialItem",
    "Problem",
    "ProblemKind",
    "Promise",
    "Reaction",
    "Recorded",
    "ServiceLimits",
    "StepInfo",
    "SubmissionBody",
    "SupplementBody",
    "WithdrawalBody",
    "capabilities_json",
    "changes_json",
    "compose_submission",
    "compose_supplement",
    "compose_withdrawal",
    "parse_capabilities",
    "parse_changes",
    "parse_event",
    "parse_problem",
    "parse_status",
    "parse_submission",
    "parse_supplement",
    "parse_withdrawal",
    "problem_json",
    "status_json",
]
