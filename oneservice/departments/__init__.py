"""The way to the departments: the wire codec, the client of engines, the SDK of adapters.

What lives only here: the bytes of the adapter protocol (both sides read and write them with the
same codec), and HTTP. The engine's side is the client; the integrator's side is
:class:`AdapterApp`, which turns one function per step into a server that speaks the protocol.
"""

from typing import TYPE_CHECKING, Any

from oneservice.case import (
    ENDED,
    OPEN,
    DepartmentEvent,
    EventSignature,
    EventType,
    SubmissionState,
)
from oneservice.departments.adapter import AdapterApp, loopback_only
from oneservice.departments.application import Submission, Supplement, Withdrawal
from oneservice.departments.callback_messages import Hint, callback_json, parse_callback
from oneservice.departments.callback_receiver import CallbackReceiver
from oneservice.departments.caller_lists import parse_callers
from oneservice.departments.callers import Caller, Callers
from oneservice.departments.certificate_desk import (
    ENCLOSURES_TYPE,
    RECEIPT_TYPE,
    WALLET_TYPE,
    CertificateDesk,
)
from oneservice.departments.checks import Finding, findings_json, parse_findings
from oneservice.departments.client_deprecation import Deprecation
from oneservice.departments.client_endpoint import DepartmentEndpoint, RequestSigner
from oneservice.departments.client_line import Transport
from oneservice.departments.client_tokens import ClientCredentials
from oneservice.departments.codec import (
    PROBLEMS,
    Capabilities,
    Consent,
    DocumentRef,
    KeyInfo,
    MaterialItem,
    Problem,
    ProblemKind,
    Promise,
    Reaction,
    Recorded,
    ServiceLimits,
    StepInfo,
    SubmissionBody,
    SupplementBody,
    WithdrawalBody,
    capabilities_json,
    changes_json,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    parse_capabilities,
    parse_changes,
    parse_event,
    parse_problem,
    parse_status,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
    problem_json,
    status_json,
)
from oneservice.departments.evidence import (
    EvidenceAnswer,
    EvidenceRequestBody,
    EvidenceState,
    compose_evidence_request,
    evidence_json,
    parse_evidence,
    parse_evidence_request,
)
from oneservice.departments.evidence_desk import EvidenceRequest
from oneservice.departments.fetched_lists import FetchedLists
from oneservice.departments.gate import Authenticate
from oneservice.departments.identity import AccessTokens, AnyOf, MutualTls
from oneservice.departments.message_signatures import (
    CALLBACK_TAG,
    REQUEST_TAG,
    MessageSigner,
    Target,
)
from oneservice.departments.message_verification import verify_message
from oneservice.departments.opinions import DueDay
from oneservice.departments.outcomes import (
    Accepted,
    AnsweredAtWindow,
    CorrectionItem,
    CorrectionRequested,
    Extended,
    Granted,
    GrantedPendingMaterial,
    Lapsed,
    MaterialReceived,
    NotAccepted,
    Outcome,
    OutcomeDocument,
    Progress,
    Reason,
    Received,
    Refused,
    Remedy,
    ResultReplaced,
    ResultRevoked,
    Resumed,
    Suspended,
    WithdrawalRefused,
    Withdrawn,
    default_remedies,
)
from oneservice.departments.register import Pruned, Register
from oneservice.departments.retirement import Retirement
from oneservice.departments.serving import bind, running, serve
from oneservice.departments.signing import (
    EcdsaEventKey,
    Ed25519EventKey,
    EventKey,
    VerifyingKey,
    event_key_from_pem,
    sign_event,
    verify_event,
)
from oneservice.departments.sqlite_register import SqliteRegister
from oneservice.departments.status_keeping import PublishedEdition, StatusKeeper
from oneservice.departments.steps import Decision
from oneservice.departments.tls import ServerTls, tls_context
from oneservice.departments.tracing import current_traceparent
from oneservice.departments.trusted_keys import event_keys_of, keys_of_region
from oneservice.departments.webhook_addresses import refuse_address
from oneservice.departments.webhook_messages import (
    CaseNews,
    Notification,
    notification_json,
    parse_notification,
    verify_notification,
)

if TYPE_CHECKING:
    from oneservice.departments.client_departments import HttpDepartments
    from oneservice.departments.openapi import openapi_document
    from oneservice.departments.openapi_flows import arazzo_document
    from oneservice.departments.web import GuardedWeb
    from oneservice.departments.webhook_line import WebhookLine

__all__ = [
    "CALLBACK_TAG",
    "ENCLOSURES_TYPE",
    "ENDED",
    "OPEN",
    "PROBLEMS",
    "RECEIPT_TYPE",
    "REQUEST_TAG",
    "WALLET_TYPE",
    "Accepted",
    "AccessTokens",
    "AdapterApp",
    "AnsweredAtWindow",
    "AnyOf",
    "Authenticate",
    "CallbackReceiver",
    "Caller",
    "Callers",
    "Capabilities",
    "CaseNews",
    "CertificateDesk",
    "ClientCredentials",
    "Consent",
    "CorrectionItem",
    "CorrectionRequested",
    "Decision",
    "DepartmentEndpoint",
    "DepartmentEvent",
    "Deprecation",
    "DocumentRef",
    "DueDay",
    "EcdsaEventKey",
    "Ed25519EventKey",
    "EventKey",
    "EventSignature",
    "EventType",
    "EvidenceAnswer",
    "EvidenceRequest",
    "EvidenceRequestBody",
    "EvidenceState",
    "Extended",
    "FetchedLists",
    "Finding",
    "Granted",
    "GrantedPendingMaterial",
    "GuardedWeb",
    "Hint",
    "HttpDepartments",
    "KeyInfo",
    "Lapsed",
    "MaterialItem",
    "MaterialReceived",
    "MessageSigner",
    "MutualTls",
    "NotAccepted",
    "Notification",
    "Outcome",
    "OutcomeDocument",
    "Problem",
    "ProblemKind",
    "Progress",
    "Promise",
    "Pruned",
    "PublishedEdition",
    "Reaction",
    "Reason",
    "Received",
    "Recorded",
    "Refused",
    "Register",
    "Remedy",
    "RequestSigner",
    "ResultReplaced",
    "ResultRevoked",
    "Resumed",
    "Retirement",
    "ServerTls",
    "ServiceLimits",
    "SqliteRegister",
    "StatusKeeper",
    "StepInfo",
    "Submission",
    "SubmissionBody",
    "SubmissionState",
    "Supplement",
    "SupplementBody",
    "Suspended",
    "Target",
    "Transport",
    "VerifyingKey",
    "WebhookLine",
    "Withdrawal",
    "WithdrawalBody",
    "WithdrawalRefused",
    "Withdrawn",
    "arazzo_document",
    "bind",
    "callback_json",
    "capabilities_json",
    "changes_json",
    "compose_evidence_request",
    "compose_submission",
    "compose_supplement",
    "compose_withdrawal",
    "current_traceparent",
    "default_remedies",
    "event_key_from_pem",
    "event_keys_of",
    "evidence_json",
    "findings_json",
    "keys_of_region",
    "loopback_only",
    "notification_json",
    "openapi_document",
    "parse_callback",
    "parse_callers",
    "parse_capabilities",
    "parse_changes",
    "parse_event",
    "parse_evidence",
    "parse_evidence_request",
    "parse_findings",
    "parse_notification",
    "parse_problem",
    "parse_status",
    "parse_submission",
    "parse_supplement",
    "parse_withdrawal",
    "problem_json",
    "refuse_address",
    "running",
    "serve",
    "sign_event",
    "status_json",
    "tls_context",
    "verify_event",
    "verify_message",
    "verify_notification",
]


def __getattr__(name: str) -> Any:
    """Import the client, and httpx with it, only for who calls departments: adapters never do.

    The formal description is not for them either: few ever print it.
    """
    if name == "HttpDepartments":
        from oneservice.departments.client_departments import HttpDepartments  # noqa: PLC0415 - lazy

        return HttpDepartments
    if name == "GuardedWeb":
        from oneservice.departments.web import GuardedWeb  # noqa: PLC0415 - lazy

        return GuardedWeb
    if name == "WebhookLine":
        from oneservice.departments.webhook_line import WebhookLine  # noqa: PLC0415 - lazy

        return WebhookLine
    if name == "openapi_document":
        from oneservice.departments.openapi import openapi_document  # noqa: PLC0415 - lazy

        return openapi_document
    if name == "arazzo_document":
        from oneservice.departments.openapi_flows import arazzo_document  # noqa: PLC0415 - lazy

        return arazzo_document
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
