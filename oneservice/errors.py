"""The one tree of errors: the branch tells who must act.

Each message says what, where and what to do.

    OneServiceError
    ├─ CatalogError       the author of a catalog file
    ├─ CaseError          the caller: a portal, or the person in front of it
    ├─ SealRefusedError   whoever asked for a seal
    ├─ DepartmentError    the far side
    ├─ ProtocolProblemError  the sender of a message to a department
    ├─ ExchangeError      the sender of rows in the national exchange form
    ├─ AdapterError       the author of an adapter
    ├─ JournalError       the operator of this engine
    ├─ VerificationError  the one who relies on a certificate
    └─ EnvironmentalError the operator of this machine: ports, files, calendars

A refusal by a department is an outcome, not an exception. Every class has a stable ``code`` and its
facts as attributes. Messages carry identifiers and places, never personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "AdapterError",
    "AnswersConflictError",
    "AnswersInvalidError",
    "CalendarConflictError",
    "CalendarUnknownError",
    "CaseErasedError",
    "CaseError",
    "CaseNotFoundError",
    "CatalogError",
    "CatalogLimitError",
    "CatalogSyntaxError",
    "CertificateRevokedError",
    "CertificateSuspendedError",
    "CertificateTransferredError",
    "ChangeUnknownError",
    "CodeRefusedError",
    "DepartmentContractError",
    "DepartmentError",
    "DepartmentHistoryError",
    "DepartmentInProgressError",
    "DepartmentUnavailableError",
    "DepartmentUnknownOutcomeError",
    "DependencyCycleError",
    "DutyConflictError",
    "DutyUnknownError",
    "EndpointInvalidError",
    "EnvironmentalError",
    "ExchangeError",
    "ExpiredCertificateError",
    "FileUnusableError",
    "FolderTakenError",
    "ForgedCertificateError",
    "FormIncompleteError",
    "HolderUnboundError",
    "HolderUnprovenError",
    "HoldingsChangedError",
    "IdentifierError",
    "IllegalInputError",
    "IssuerNotEntitledError",
    "JournalConflictError",
    "JournalCorruptError",
    "JournalError",
    "JournalFullError",
    "JournalKeyError",
    "JournalLockedError",
    "JournalUnavailableError",
    "JournalVersionError",
    "KeyTokenError",
    "KeyUnusableError",
    "LogKeyUnknownError",
    "LogLockedError",
    "LogMalformedError",
    "LogProofError",
    "LogRefusedError",
    "LogStoreError",
    "MalformedCertificateError",
    "MalformedJsonError",
    "NotAllowedError",
    "NotRecognisedError",
    "NotYetValidError",
    "OneServiceError",
    "OverlayError",
    "PlanInvalidError",
    "PolicyInvalidError",
    "PortInUseError",
    "ProtocolProblemError",
    "PushBackError",
    "ReplayMismatchError",
    "RetryBudgetSpentError",
    "RuleEvaluationError",
    "RuleSyntaxError",
    "RuleTypeError",
    "SealRefusedError",
    "StatusUnknownError",
    "SubmissionConflictError",
    "TooFewWitnessesError",
    "TrustHistoryError",
    "TrustListError",
    "UnknownCryptosuiteError",
    "UnknownIssuerError",
    "UnknownReferenceError",
    "UnknownThingError",
    "UnsealedJournalError",
    "UnsharedError",
    "VerificationError",
    "WebUnavailableError",
    "WorkersLostError",
]


class OneServiceError(Exception):
    """The root: whatever this library raises on purpose is one of these."""

    code: ClassVar[str] = "error"


class MalformedJsonError(OneServiceError, ValueError):
    """Bytes are not I-JSON (RFC 7493), or a value has no canonical form (RFC 8785)."""

    code = "malformed_json"


class IdentifierError(OneServiceError, ValueError):
    """A national code is malformed or its check digit is wrong.

    The message never repeats the value: it may be a person's number.
    """

    code = "identifier_invalid"

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


# --- the author of a catalog ------------------------------------------------------------------


class CatalogError(OneServiceError):
    """A catalog file is wrong; its author must mend it. ``source`` is ``file:line:column``."""

    code = "catalog_invalid"

    def __init__(self, message: str, *, source: str | None = None) -> None:
        super().__init__(f"{source}: {message}" if source else message)
        self.source = source


class CatalogSyntaxError(CatalogError):
    """The text is not the YAML subset we read, or a value has the wrong shape."""

    code = "catalog_syntax"


class CatalogLimitError(CatalogError):
    """A file is larger or deeper than the named limits allow."""

    code = "catalog_limit"


class UnknownReferenceError(CatalogError):
    """A name refers to nothing that is declared."""

    code = "unknown_reference"


class UnknownThingError(CatalogError):
    """No one-thing of that id is published for that region on that day."""

    code = "unknown_thing"


class DependencyCycleError(CatalogError):
    """Steps wait for one another in a circle. ``cycle`` starts and ends with the same step."""

    code = "dependency_cycle"

    def __init__(self, *, cycle: tuple[str, ...], source: str | None = None) -> None:
        super().__init__(
            f"steps wait for one another in a circle: {' -> '.join(cycle)}; "
            "drop one 'requires', or make it 'attaches' if it is only delivered later",
            source=source,
        )
        self.cycle = cycle


class OverlayError(CatalogError):
    """A region's overlay does what an overlay may not do."""

    code = "overlay_illegal"


class DutyConflictError(CatalogError):
    """Two rows of a duty table claim one report equally. ``duties`` are their ids."""

    code = "duty_conflict"

    def __init__(self, message: str, *, duties: tuple[str, ...], source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.duties = duties


class DutyUnknownError(CatalogError):
    """No row of a duty table fits a report, or none is left: nobody would act."""

    code = "duty_unknown"


class RuleSyntaxError(CatalogError):
    """A rule is not written in our subset of CEL. ``offset`` counts characters from 0."""

    code = "rule_syntax"

    def __init__(self, message: str, *, offset: int = 0, source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.offset = offset


class RuleTypeError(CatalogError):
    """A rule compares or combines what does not fit the declared questions."""

    code = "rule_type"

    def __init__(self, message: str, *, offset: int = 0, source: str | None = None) -> None:
        super().__init__(message, source=source)
        self.offset = offset


class RuleEvaluationError(CatalogError):
    """A rule has no answer for these facts; we never guess one. ``path`` names the rule."""

    code = "rule_evaluation"

    def __init__(self, message: str, *, path: str, source: str | None = None) -> None:
        super().__init__(f"{path}: {message}", source=source)
        self.path = path


# --- the caller -------------------------------------------------------------------------------


class CaseError(OneServiceError):
    """The caller asked for something that this case, or these answers, do not allow."""

    code = "case_invalid"


class CaseNotFoundError(CaseError):
    """There is no case of that id here."""

    code = "case_not_found"


class CaseErasedError(CaseError):
    """The case was erased: what it held is destroyed, its redacted journal still proves itself."""

    code = "case_erased"


class IllegalInputError(CaseError):
    """The input does not fit the state; nothing was changed. ``status`` is the state it met."""

    code = "illegal_input"

    def __init__(self, message: str, *, status: str) -> None:
        super().__init__(message)
        self.status = status


class NotAllowedError(IllegalInputError):
    """Whoever acts may not do this: the role, the mandate or the reason is missing."""

    code = "not_allowed"


class UnsharedError(IllegalInputError):
    """An answer would tell an office elsewhere more than people let it have; nothing was sent.

    Attributes:
        sub_case_id: the step.
        names: ids of the fields and materials that nobody let go there.
        consents: ids of the consents that do not name them.
    """

    code = "unshared"

    def __init__(
        self, *, sub_case_id: str, names: tuple[str, ...], consents: tuple[str, ...], status: str
    ) -> None:
        super().__init__(
            f"{sub_case_id}: its office elsewhere may not be told {', '.join(names)}: not named by "
            f"the consent {', '.join(consents)}; ask whoever gave it for one that names them "
            "(engine.people.give_consent), or hand them in there in person",
            status=status,
        )
        self.sub_case_id = sub_case_id
        self.names = names
        self.consents = consents


class AnswersConflictError(CaseError):
    """Answers contradict one another. ``questions`` are their ids."""

    code = "answers_conflict"

    def __init__(self, message: str, *, questions: tuple[str, ...]) -> None:
        super().__init__(message)
        self.questions = questions


class AnswersInvalidError(CaseError):
    """An answer is missing, unknown or of the wrong type. ``problems`` maps question to text."""

    code = "answers_invalid"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


class CodeRefusedError(CaseError):
    """A one-time code opens no case: mistyped, used, void, or too late; it never says which."""

    code = "code_refused"


class FormIncompleteError(CaseError):
    """Fields of the merged form are missing or wrong; all of them are named at once."""

    code = "form_incomplete"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(
            "the form cannot be handed in yet: "
            + "; ".join(f"{name}: {problem}" for name, problem in problems.items())
        )
        self.problems = problems


class SubmissionConflictError(CaseError):
    """Another application was handed in under the same key; nothing was opened."""

    code = "submission_conflict"


class HoldingsChangedError(CaseError):
    """The plan spares a step by a certificate that does not count any more; nothing was opened.

    ``sub_cases`` are the ids of what would have to be taken now.
    """

    code = "holdings_changed"

    def __init__(self, message: str, *, sub_cases: tuple[str, ...]) -> None:
        super().__init__(message)
        self.sub_cases = sub_cases


class PlanInvalidError(CaseError):
    """A document is not a plan, or not the plan that its digest names."""

    code = "plan_invalid"


class ChangeUnknownError(CaseError):
    """A what-if asks for a change that there is not; ``choices`` are those that there are."""

    code = "change_unknown"

    def __init__(self, message: str, *, choices: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.choices = choices


# --- whoever asked for a seal -------------------------------------------------------------------


class SealRefusedError(OneServiceError):
    """The lock of a seal refused a use; nothing was signed, and the refusal stands in its book.

    Args:
        message: what is wrong, for people.
        reason: ``SealRefusal`` of the certificates room.
        remedy: what to do.
    """

    code = "seal_refused"

    def __init__(self, message: str, *, reason: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.reason = reason
        self.remedy = remedy


# --- the far side -----------------------------------------------------------------------------


class DepartmentError(OneServiceError):
    """A department, or the way to it, did not do its part."""

    code = "department"

    def __init__(self, message: str, *, department: str) -> None:
        super().__init__(f"{department}: {message}")
        self.department = department


class DepartmentUnavailableError(DepartmentError):
    """Nothing happened over there; try again, not before ``retry_after_s`` seconds."""

    code = "department_unavailable"

    def __init__(self, message: str, *, department: str, retry_after_s: int = 0) -> None:
        super().__init__(message, department=department)
        self.retry_after_s = retry_after_s


class RetryBudgetSpentError(DepartmentUnavailableError):
    """Too many of our requests to a department were repeats; this one was not sent."""

    code = "retry_budget_spent"


class DepartmentUnknownOutcomeError(DepartmentError):
    """The call may or may not have taken effect; read before repeating, never guess."""

    code = "department_unknown_outcome"


class DepartmentInProgressError(DepartmentUnknownOutcomeError):
    """The same request is being worked on over there; repeat it after ``retry_after_s`` seconds."""

    code = "department_in_progress"

    def __init__(self, message: str, *, department: str, retry_after_s: int = 0) -> None:
        super().__init__(message, department=department)
        self.retry_after_s = retry_after_s


class DepartmentContractError(DepartmentError):
    """The answer breaks the protocol; do not retry, tell a person. ``problem`` is its code.

    ``is_unread``: the answer itself cannot be used, so what was asked may have taken effect;
    otherwise the department said so, or nothing was sent.
    """

    code = "department_contract"

    def __init__(
        self, message: str, *, department: str, problem: str = "contract", is_unread: bool = False
    ) -> None:
        super().__init__(message, department=department)
        self.problem = problem
        self.is_unread = is_unread


class DepartmentHistoryError(DepartmentContractError):
    """A department's history was rewound or lost; both versions are evidence."""

    code = "department_history"


class ProtocolProblemError(OneServiceError):
    """A message breaks the adapter protocol; its sender must mend it.

    ``problem`` is a code of protocol section 12, ``findings`` are pairs of JSON pointer and text
    (places and rules only, never the values), ``members`` further members of the problem document.
    """

    code = "protocol_problem"

    def __init__(
        self,
        message: str,
        *,
        problem: str,
        findings: tuple[tuple[str, str], ...] = (),
        members: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.problem = problem
        self.findings = findings
        self.members = members or {}


class PushBackError(ProtocolProblemError):
    """A caller asks for more than is its share; it comes again after ``retry_after_s`` seconds."""

    code = "push_back"

    def __init__(self, message: str, *, problem: str, retry_after_s: int) -> None:
        super().__init__(message, problem=problem)
        self.retry_after_s = retry_after_s


class ExchangeError(OneServiceError):
    """A row in the national exchange form cannot be read; its sender must mend it.

    ``row`` counts records from 1 (``None``: the file as a whole), ``field`` is the column's name.
    The message never repeats the value: it may be a person's.
    """

    code = "exchange_invalid"

    def __init__(self, message: str, *, row: int | None = None, field: str | None = None) -> None:
        places = (f"row {row}" if row is not None else "", f"field {field}" if field else "")
        super().__init__(f"{', '.join(filter(None, places)) or 'the file'}: {message}")
        self.row = row
        self.field = field


class AdapterError(OneServiceError):
    """An adapter was written or set up wrongly; its author must mend it. Nothing was recorded."""

    code = "adapter_invalid"


# --- the operator of this engine --------------------------------------------------------------


class JournalError(OneServiceError):
    """The durable record cannot be read or written as it should."""

    code = "journal"


class JournalConflictError(JournalError):
    """Somebody else appended to this case first; reload and retry."""

    code = "journal_conflict"


class JournalCorruptError(JournalError):
    """The stored history is not what was written: damaged, truncated or edited."""

    code = "journal_corrupt"


class JournalKeyError(JournalError):
    """The key under which stored cases are encrypted is not at hand, or is another one."""

    code = "journal_key"


class JournalLockedError(JournalError):
    """Another process has this database open."""

    code = "journal_locked"


class JournalFullError(JournalError):
    """The disk is full; nothing was half-written."""

    code = "journal_full"


class JournalUnavailableError(JournalError):
    """The file cannot be opened, or may not be written."""

    code = "journal_unavailable"


class JournalVersionError(JournalError):
    """The file was written by a version that this one cannot read."""

    code = "journal_version"


class ReplayMismatchError(JournalError):
    """Replaying the inputs through the core gives another history than the recorded one."""

    code = "replay_mismatch"


# --- the one who relies on a certificate ------------------------------------------------------


class VerificationError(OneServiceError):
    """A certificate is not valid, or it cannot be told now. ``reason`` is the true one."""

    code = "invalid"


class MalformedCertificateError(VerificationError):
    """The bytes are no certificate."""

    code = "malformed"


class ForgedCertificateError(VerificationError):
    """The signature does not cover what is stated: somebody changed or invented it."""

    code = "forged"


class ExpiredCertificateError(VerificationError):
    """It was valid once; its last day has passed."""

    code = "expired"


class NotYetValidError(VerificationError):
    """It will be valid; its first day has not come."""

    code = "not_yet_valid"


class CertificateRevokedError(VerificationError):
    """The issuer took it back."""

    code = "revoked"


class CertificateSuspendedError(VerificationError):
    """The issuer holds it for now."""

    code = "suspended"


class CertificateTransferredError(CertificateRevokedError):
    """It moved to another region, where another certificate continues it."""

    code = "transferred"


class UnknownIssuerError(VerificationError):
    """The trust list does not know this issuer, or not this key at the time that counts."""

    code = "unknown_issuer"


class IssuerNotEntitledError(VerificationError):
    """The issuer is known but may not issue this type, there and then."""

    code = "not_entitled"


class NotRecognisedError(VerificationError):
    """No recognition rule lets this certificate count here."""

    code = "not_recognised"


class HolderUnprovenError(VerificationError):
    """Whoever shows the certificate did not prove, here and now, to hold its key."""

    code = "holder_unproven"


class HolderUnboundError(HolderUnprovenError):
    """The certificate is bound to no key: no showing can prove its holder, whoever shows it."""

    code = "holder_unbound"


class StatusUnknownError(VerificationError):
    """It cannot be told now: something needed for the answer is missing."""

    code = "indeterminate"


class UnsealedJournalError(StatusUnknownError):
    """The records follow one another, but no certificate at hand names where they end."""

    code = "unsealed"


class UnknownCryptosuiteError(StatusUnknownError):
    """The proof is of a suite that we do not speak: neither a pass nor a failure."""

    code = "unknown_cryptosuite"


class LogMalformedError(VerificationError):
    """A note, checkpoint, proof or tile of a transparency log is not written as it must be."""

    code = "log_malformed"


class LogProofError(VerificationError):
    """A signature or a path of hashes of a transparency log does not hold: it proves nothing.

    Where too few witnesses cosigned, ``quorum`` says how many must, and ``cosigned_by`` who did.
    """

    code = "log_proof"

    def __init__(
        self, message: str, *, quorum: str | None = None, cosigned_by: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.quorum = quorum
        self.cosigned_by = tuple(cosigned_by)


class LogKeyUnknownError(StatusUnknownError):
    """No key that the relier knows has signed this; whether it is true cannot be told."""

    code = "log_key_unknown"


class TrustListError(VerificationError):
    """The trust list itself is malformed, not signed as it must be, or has expired.

    ``place`` names the entry, such as ``issuers[2].keys[0].valid_from``, where it is one entry.
    """

    code = "trust_list"

    def __init__(self, message: str, *, place: str | None = None) -> None:
        super().__init__(message if place is None else f"{place}: {message}")
        self.place = place


class TrustHistoryError(TrustListError):
    """An edition of a trust list contradicts what was relied on before: rollback or fork."""

    code = "trust_history"


# --- the operator of this machine -------------------------------------------------------------


class EnvironmentalError(OneServiceError):
    """The machine lacks something; its operator must act."""

    code = "environment"


class CalendarConflictError(EnvironmentalError):
    """Two sets of working days are named for one ``region``; which of them count, nobody said."""

    code = "calendar_conflict"

    def __init__(self, message: str, *, region: str) -> None:
        super().__init__(message)
        self.region = region


class CalendarUnknownError(EnvironmentalError):
    """The working days of ``year`` are not announced in the calendar at hand; we never guess."""

    code = "calendar_unknown"

    def __init__(self, message: str, *, year: int) -> None:
        super().__init__(message)
        self.year = year


class PolicyInvalidError(EnvironmentalError):
    """A policy of verification asks for what there is not, or for nothing; nothing was judged."""

    code = "policy_invalid"


class PortInUseError(EnvironmentalError):
    """A server cannot listen where it was told to."""

    code = "port_in_use"

    def __init__(self, message: str, *, port: int) -> None:
        super().__init__(message)
        self.port = port


class EndpointInvalidError(EnvironmentalError):
    """The way to a department is configured so that it must not be used; nothing was sent."""

    code = "endpoint_invalid"


class LogStoreError(EnvironmentalError):
    """The folder of a transparency log, or a witness's memory, is damaged or cannot be written."""

    code = "log_store"


class LogLockedError(LogStoreError):
    """Another process has this log, or this witness, open."""

    code = "log_locked"


class LogRefusedError(LogStoreError):
    """What was signed before contradicts what would be signed now; nothing was signed."""

    code = "log_refused"


class TooFewWitnessesError(EnvironmentalError):
    """Fewer witnesses cosigned than are asked for; ``reasons`` says why each other did not."""

    code = "too_few_witnesses"

    def __init__(self, message: str, *, reasons: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class WebUnavailableError(EnvironmentalError):
    """A server gave no whole answer within its limits; try again, or name another."""

    code = "web_unavailable"


class WorkersLostError(EnvironmentalError):
    """Processes that shared the work ended before it was done; what came until then holds."""

    code = "workers_lost"


class FileUnusableError(EnvironmentalError):
    """A file cannot be read or written; nothing was half-written.

    Args:
        message: which file, and what is wrong with it.
        remedy: what to do, where it is something else than to look at the file itself.
    """

    code = "file_unusable"

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class FolderTakenError(FileUnusableError):
    """A folder belongs to something else; it was left as it is. The text says to what."""

    code = "folder_taken"


class KeyUnusableError(EnvironmentalError):
    """A private key cannot be opened, or is of a kind that we do not sign with."""

    code = "key_unusable"


class KeyTokenError(KeyUnusableError):
    """The device that holds a key does not sign now: gone, locked, or waiting for its PIN."""

    code = "key_token"
