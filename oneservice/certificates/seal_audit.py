"""What a book of a seal amounts to, and whether each use in it kept the rules of its moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oneservice.certificates.seal_book import BookHead, RecordKind, SealRecord, verify_book
from oneservice.certificates.seal_decisions import Refused, decide_use
from oneservice.certificates.seal_mandates import Mandate
from oneservice.certificates.seal_policy import SealPolicy
from oneservice.certificates.seal_reading import read_count, read_digest, read_text
from oneservice.certificates.seal_requests import SealRequest
from oneservice.errors import MalformedCertificateError, VerificationError
from oneservice.workdays import WorkCalendar

__all__ = ["BookFinding", "BookReport", "SealLedger", "examine_book"]


@dataclass(slots=True)
class SealLedger:
    """A book, folded: the rules in force, the mandates, and the uses of each day."""

    policy: SealPolicy | None = None
    mandates: dict[str, Mandate] = field(default_factory=dict)
    grants: dict[int, SealRecord] = field(default_factory=dict)
    sealed: set[int] = field(default_factory=set)
    void: set[int] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    _days: Counter[date] = field(default_factory=Counter)

    def used_on(self, day: date) -> int:
        """Return how many uses were granted for ``day``."""
        return self._days[day]

    def add(self, record: SealRecord) -> None:
        """Take in the next record.

        Raises:
            MalformedCertificateError: it says nothing that such a record could say.
        """
        data = record.data
        match record.kind:
            case RecordKind.POLICY:
                self.policy = SealPolicy.of(data.get("policy"))
            case RecordKind.MANDATE:
                mandate = Mandate.of(data.get("mandate"))
                self.mandates[mandate.id] = mandate
            case RecordKind.REVOCATION:
                name = read_text(data, "mandate_id", where="revocation")
                if name in self.mandates:
                    self.mandates[name] = self.mandates[name].revoked(record.at)
            case RecordKind.GRANT:
                self.grants[record.seq] = record
                self._days[_day(data)] += 1
            case RecordKind.SEAL:
                self.sealed.add(read_count(data, "use", where="seal record", least=1))
            case RecordKind.VOID:
                self.void.add(read_count(data, "use", where="seal record", least=1))
            case RecordKind.REFUSAL:
                self.refusals[read_text(data, "reason", where="refusal")] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFinding:
    """A record that does not keep the rules: which, and why."""

    seq: int
    reason: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return {"seq": self.seq, "reason": self.reason, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReport:
    """What an auditor learns from a book.

    Args:
        head: where it stands.
        policy_digest: the rules now in force.
        sealed: uses that were carried out.
        unused: uses that were allowed and not carried out; a crash leaves one, and so does a
            mandate that was revoked in between.
        refused: refused uses, per reason.
        findings: records that do not keep the rules of their moment; none in an honest book.
    """

    head: BookHead
    policy_digest: str | None
    sealed: int
    unused: tuple[int, ...]
    refused: Mapping[str, int]
    findings: tuple[BookFinding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "head": self.head.as_json(),
            "policy_digest": self.policy_digest,
            "sealed": self.sealed,
            "unused": list(self.unused),
            "refused": dict(self.refused),
            "findings": [one.as_json() for one in self.findings],
        }


def examine_book(
    records: Sequence[SealRecord], *, calendar: WorkCalendar | None = None
) -> BookReport:
    """Judge every record of a book anew by the rules that stand before it in the same book.

    Args:
        records: as :func:`read_book` gave them.
        calendar: working days; without it uses under hours on working days are findings.

    Raises:
        ForgedCertificateError, MalformedCertificateError: as :func:`verify_book`; or a record
            says nothing that such a record could say.
    """
    head = verify_book(records)
    ledger, findings = SealLedger(), []
    for record in records:
        finding = _fault(ledger, record, calendar)
        if finding is not None:
            findings.append(finding)
        ledger.add(record)
    return BookReport(
        head=head,
        policy_digest=None if ledger.policy is None else ledger.policy.digest,
        sealed=len(ledger.sealed),
        unused=tuple(sorted(set(ledger.grants) - ledger.sealed)),
        refused=dict(sorted(ledger.refusals.items())),
        findings=tuple(findings),
    )


def _fault(
    ledger: SealLedger, record: SealRecord, calendar: WorkCalendar | None
) -> BookFinding | None:
    """Return what is wrong with ``record`` after all that ``ledger`` knows."""
    match record.kind:
        case RecordKind.GRANT:
            found = _unlawful_grant(ledger, record, calendar)
        case RecordKind.SEAL | RecordKind.VOID:
            use = record.data.get("use")
            is_open = (
                type(use) is int
                and use in ledger.grants
                and use not in ledger.sealed
                and use not in ledger.void
            )
            found = None if is_open else ("no_such_use", "it ends a use that is not open")
        case RecordKind.POLICY:
            found = _foreign_policy(record)
        case RecordKind.REVOCATION:
            name = record.data.get("mandate_id")
            is_known = isinstance(name, str) and name in ledger.mandates
            found = None if is_known else ("mandate_unknown", "it revokes what was never granted")
        case RecordKind.MANDATE | RecordKind.REFUSAL:
            found = None
    if found is None:
        return None
    return BookFinding(seq=record.seq, reason=found[0], message=found[1])


def _foreign_policy(record: SealRecord) -> tuple[str, str] | None:
    try:
        is_own = SealPolicy.of(record.data.get("policy")).seal_id == record.book
    except VerificationError as error:
        return "malformed", str(error)
    return None if is_own else ("another_seal", "it is the policy of another seal")


def _unlawful_grant(
    ledger: SealLedger, record: SealRecord, calendar: WorkCalendar | None
) -> tuple[str, str] | None:
    policy, data = ledger.policy, record.data
    if policy is None:
        return "policy_not_in_force", "a use was granted before there was a policy"
    if data.get("policy_digest") != policy.digest:
        return "another_policy", "a use was granted under rules that were not in force"
    try:
        request = request_of(record)
        day = _day(data)
    except VerificationError as error:
        return "malformed", str(error)
    found = decide_use(
        policy,
        ledger.mandates,
        ledger,
        request,
        at=record.at,
        calendar=calendar,
        approvals_seen=True,
    )
    if isinstance(found, Refused):
        return found.reason.value, found.why["en"]
    if found.day != day:
        return "another_day", "a use is counted for a day that was not its own"
    approvals, approvers = data.get("approvals"), [one.role for one in policy.approvers]
    if not isinstance(approvals, list):
        return "malformed", "the approvals are no list"
    roles = [one.get("role") for one in approvals if isinstance(one, Mapping)]
    counted = [role for role in approvers if role in roles]
    if len(counted) < policy.approvals_needed or not all(role in approvers for role in roles):
        return "approvals_missing", "a use was granted with fewer approvals than the policy asks"
    return None


def request_of(record: SealRecord) -> SealRequest:
    """Return what was asked, as far as the record of a grant tells: the document as a commitment.

    Raises:
        MalformedCertificateError: the record tells no request.
    """
    data, where = record.data, f"seal record {record.seq}"
    mandate = data.get("mandate_id")
    if mandate is not None:
        mandate = read_text(data, "mandate_id", where=where)
    return SealRequest(
        seal_id=record.book,
        document_digest=read_digest(data, "document", where=where),
        type=read_text(data, "type", where=where),
        region=read_text(data, "region", where=where),
        requester=read_text(data, "requester", where=where),
        mandate_id=mandate,
    )


def _day(data: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(read_text(data, "day", where="grant"))
    except ValueError:
        msg = "grant: day is no day"
        raise MalformedCertificateError(msg) from None
