"""The receipt of a seal: how a certificate shows that its seal was used as it may be.

A receipt travels with the certificate, in the bundle. It holds the rules, the mandate, the
approvals and the record of the use, so that the question "might this seal be used here, then, by
her?" has an answer ten years later without the office. What ties it down: the trust list pins the
digest of the rules; approvers sign with keys that the rules name; the record may be in a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from oneservice.canonical import Digest, canonical, parse_object, sealed_digest
from oneservice.certificates.seal_audit import request_of
from oneservice.certificates.seal_book import RecordKind, SealRecord, commitment
from oneservice.certificates.seal_decisions import Refused, decide_use
from oneservice.certificates.seal_mandates import Mandate
from oneservice.certificates.seal_policy import SealPolicy
from oneservice.certificates.seal_reading import members, read_digest, read_text
from oneservice.certificates.seal_refusals import SealRefusal
from oneservice.certificates.seal_requests import Approval
from oneservice.certificates.trust_services import ListedSeal
from oneservice.errors import (
    ForgedCertificateError,
    IssuerNotEntitledError,
    MalformedCertificateError,
    MalformedJsonError,
    StatusUnknownError,
    UnknownIssuerError,
)
from oneservice.workdays import WorkCalendar

__all__ = ["ReceiptFinding", "SealReceipt", "check_receipt"]

RECEIPT_FORMAT: Final = "oneservice-seal-receipt/1"
_BYTES: Final = 262_144
_WHERE: Final = "seal receipt"
_DUE: Final = ("format", "document_digest", "salt", "policy", "approvals", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReceipt:
    """The receipt of one use.

    Args:
        document_digest: what was sealed (:func:`sealed_part`).
        salt: opens the commitments in ``record``.
        policy: the rules in force at the use.
        mandate: by which it was asked for, if by one.
        approvals: those that counted, with their signatures.
        record: the record of the grant, as it stands in the book.
        log_proof: proof that the record is in a log (C2SP tlog-proof), and
        log_salt: the salt of its entry there; ``None``: it was not logged, or is not yet.
    """

    document_digest: Digest
    salt: str
    policy: SealPolicy
    record: SealRecord
    mandate: Mandate | None = None
    approvals: tuple[Approval, ...] = ()
    log_proof: str | None = None
    log_salt: str | None = None

    @property
    def seal_id(self) -> str:
        """URL of the seal."""
        return self.policy.seal_id

    @property
    def at(self) -> datetime:
        """Instant of the grant, by the lock's clock."""
        return self.record.at

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as JSON."""
        stated: dict[str, Any] = {
            "format": RECEIPT_FORMAT,
            "document_digest": self.document_digest,
            "salt": self.salt,
            "policy": self.policy.as_json(),
            "approvals": [one.as_json() for one in self.approvals],
            "record": self.record.as_json(),
        }
        if self.mandate is not None:
            stated["mandate"] = self.mandate.as_json()
        if self.log_proof is not None:
            stated |= {"log_proof": self.log_proof, "log_salt": self.log_salt}
        return stated

    def dump(self) -> bytes:
        """Return the receipt as canonical bytes."""
        return canonical(self.as_json())

    @classmethod
    def parse(cls, data: bytes) -> SealReceipt:
        """Return the receipt that ``data`` states.

        Raises:
            MalformedCertificateError: it is none.
            ForgedCertificateError: its record's digest does not cover its words.
        """
        try:
            return cls.of(parse_object(data, max_bytes=_BYTES))
        except MalformedJsonError as error:
            msg = f"{_WHERE}: {error}"
            raise MalformedCertificateError(msg) from None

    @classmethod
    def of(cls, entry: object) -> SealReceipt:
        """Return the receipt that JSON states; raises as :meth:`parse`."""
        found = members(entry, *_DUE, where=_WHERE, optional=("mandate", "log_proof", "log_salt"))
        if found["format"] != RECEIPT_FORMAT or not isinstance(found["approvals"], list):
            msg = f"{_WHERE}: format is not {RECEIPT_FORMAT}, or approvals is no list"
            raise MalformedCertificateError(msg)
        is_logged = found.get("log_proof") is not None
        proof = found.get("log_proof")
        if is_logged and (not isinstance(proof, str) or len(proof) > _BYTES):
            msg = f"{_WHERE}: log_proof is no text"
            raise MalformedCertificateError(msg)
        receipt = cls(
            document_digest=read_digest(found, "document_digest", where=_WHERE),
            salt=_salt(found, "salt"),
            policy=SealPolicy.of(found["policy"]),
            record=SealRecord.of(found["record"]),
            mandate=Mandate.of(found["mandate"]) if "mandate" in found else None,
            approvals=tuple(Approval.of(one) for one in found["approvals"]),
            log_proof=proof if is_logged else None,
            log_salt=_salt(found, "log_salt") if is_logged else None,
        )
        if receipt.as_json() != entry:
            msg = f"{_WHERE}: there is one way to write it, and this is another"
            raise MalformedCertificateError(msg)
        return receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFinding:
    """What a receipt that holds shows.

    Args:
        seal_id: URL of the seal.
        at: instant of the grant, by the lock's clock.
        requester: role that asked.
        approvers: roles that agreed.
        mandate: the mandate by which it was asked for.
        signed_by: those roles whose approvals their own keys signed; the others' are the
            operator's word.
        record_digest: what the log commits to; check the receipt's ``log_proof`` over it.
        not_judged: what a receipt alone cannot show, in words for the report.
    """

    seal_id: str
    at: datetime
    requester: str
    approvers: tuple[str, ...]
    mandate: Mandate | None
    signed_by: tuple[str, ...]
    record_digest: Digest
    not_judged: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the finding as evidence of a check."""
        return {
            "seal": self.seal_id,
            "requester": self.requester,
            "approvers": list(self.approvers),
            "mandate": None if self.mandate is None else self.mandate.id,
            "mandate_granted_by": None if self.mandate is None else self.mandate.granted_by,
            "approvals_signed_by": list(self.signed_by),
            "record": self.record_digest,
            "not_judged": list(self.not_judged),
        }


def check_receipt(
    receipt: SealReceipt,
    *,
    seals: tuple[ListedSeal, ...],
    document_digest: Digest,
    key_id: str,
    certificate_type: str,
    region: str,
    calendar: WorkCalendar | None = None,
) -> ReceiptFinding:
    """Return what ``receipt`` shows of the certificate; raise if it shows nothing, or a misuse.

    Args:
        receipt: as it came with the certificate.
        seals: what the trust list says of seals (``trust.seals``).
        document_digest: :func:`sealed_part` of the certificate at hand.
        key_id: verification method of the certificate's proof.
        certificate_type: type that the certificate states.
        region: region of the issuer that the certificate states.
        calendar: working days; without it the hours of a seal that is used on working days only
            cannot be judged.

    Raises:
        ForgedCertificateError: it is a receipt of another document, key or type; its record,
            mandate or approvals were changed.
        UnknownIssuerError: the trust list knows no such seal, or other rules at that moment.
        IssuerNotEntitledError: the seal might not be used so; the message says why.
        StatusUnknownError: the working days of that year are not at hand.
    """
    _check_record(receipt, document_digest)
    _check_listed(receipt, seals, key_id)
    request = request_of(receipt.record)
    if (request.type, request.region) != (certificate_type, region):
        msg = "the receipt is for a certificate of another type or region"
        raise ForgedCertificateError(msg)
    found = decide_use(
        receipt.policy,
        {} if receipt.mandate is None else {receipt.mandate.id: receipt.mandate},
        _Uncounted(),
        replace(request, document_digest=document_digest, approvals=receipt.approvals),
        at=receipt.at,
        calendar=calendar,
    )
    if isinstance(found, Refused):
        if found.reason is SealRefusal.CALENDAR_UNKNOWN:
            msg = "the seal is used on working days, and those of that year are not at hand"
            raise StatusUnknownError(msg)
        msg = f"the seal might not be used so: {found.why['en']}"
        raise IssuerNotEntitledError(msg)
    keys = {one.role for one in receipt.policy.approvers if one.key is not None}
    return ReceiptFinding(
        seal_id=receipt.seal_id,
        at=receipt.at,
        requester=request.requester,
        approvers=tuple(one.role for one in found.approvals),
        mandate=found.mandate,
        signed_by=tuple(one.role for one in found.approvals if one.role in keys),
        record_digest=receipt.record.digest,
        not_judged=_open_questions(receipt),
    )


class _Uncounted:
    """One receipt does not tell how many others there were that day; the book does."""

    def used_on(self, _day: date) -> int:
        return 0


def _open_questions(receipt: SealReceipt) -> tuple[str, ...]:
    asked = []
    if receipt.policy.daily_count is not None:
        asked.append("the count of that day: only the book of the seal tells it")
    if receipt.mandate is not None:
        asked.append("whether the mandate had been revoked: only the book of the seal tells it")
    if receipt.log_proof is None:
        asked.append("whether the use stands in a log: the receipt has no proof of it")
    return tuple(asked)


def _check_record(receipt: SealReceipt, document_digest: Digest) -> None:
    record = receipt.record
    approvals = [
        {"role": one.role, "approval": sealed_digest(receipt.salt, one.as_json())}
        for one in receipt.approvals
    ]
    mandate = None if receipt.mandate is None else receipt.mandate.digest
    if receipt.document_digest != document_digest:
        msg = "the receipt is that of another document"
    elif record.kind is not RecordKind.GRANT or record.book != receipt.seal_id:
        msg = "the receipt's record grants no use of this seal"
    elif record.data.get("document") != commitment(receipt.salt, document_digest):
        msg = "the receipt's record is of another document"
    elif record.data.get("policy_digest") != receipt.policy.digest:
        msg = "the receipt's rules are not those under which the use was granted"
    elif record.data.get("approvals") != approvals:
        msg = "the receipt's approvals are not those that the record names"
    elif record.data.get("mandate_digest") != mandate:
        msg = "the receipt's mandate is not the one that the record names"
    elif record.data.get("day") != receipt.policy.day(record.at).isoformat():
        msg = "the receipt's record counts for another day"
    else:
        return
    raise ForgedCertificateError(msg)


def _check_listed(receipt: SealReceipt, seals: tuple[ListedSeal, ...], key_id: str) -> None:
    of_this = [one for one in seals if one.id == receipt.seal_id]
    if not of_this:
        msg = "the trust list knows no such seal"
        raise UnknownIssuerError(msg)
    if receipt.policy.key_id != key_id or key_id not in {one.key_id for one in of_this}:
        msg = "the certificate is not signed with the key of the seal whose receipt it has"
        raise ForgedCertificateError(msg)
    for one in of_this:
        if (
            one.is_within(receipt.at)
            and one.key_id == key_id
            and one.policy_digest == receipt.policy.digest
        ):
            return
    msg = "the trust list names other rules for this seal at that moment"
    raise UnknownIssuerError(msg)


def _salt(found: Mapping[str, Any], name: str) -> str:
    value = read_text(found, name, where=_WHERE)
    if not value.isascii():
        msg = f"{_WHERE}: {name} is ASCII text"
        raise MalformedCertificateError(msg)
    return value
