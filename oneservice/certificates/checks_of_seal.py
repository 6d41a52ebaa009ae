"""The checks of what the issuer's own house adds: the receipt of the seal, national signatures.

A receipt that shows a misuse fails with its true reason, asked for or not. A seal that nobody lists
proves nothing, and is no falsehood either.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from oneservice.certificates.attesting import check_logged
from oneservice.certificates.enclosures import EnclosedProof
from oneservice.certificates.inquiry import Inquiry
from oneservice.certificates.national import DetachedSignature, check_detached
from oneservice.certificates.reliance import third_parties
from oneservice.certificates.report import CheckName, Finding, failed, not_checked, passed
from oneservice.certificates.requirements import Leaf, SealedUnder
from oneservice.certificates.seal_receipts import ReceiptFinding, SealReceipt, check_receipt
from oneservice.certificates.seal_requests import sealed_part
from oneservice.certificates.trust_services import ListedSeal
from oneservice.errors import ForgedCertificateError, StatusUnknownError, VerificationError
from oneservice.transparency import EntryKind
from oneservice.workdays import announced_calendar

__all__ = ["NATIONAL", "national_signatures", "sealed"]

NATIONAL: Final = "national_signature"
"""A check of its own, after all others: verifiers without the algorithm lose nothing."""
_NO_RECEIPT: Final = "no receipt of the seal is enclosed"
_UNLISTED: Final = "the trust list names no such seal, so its rules could be anybody's"
_UNLOGGED: Final = (
    "the receipt does not show that a log holds the use; anybody could have written it"
)
_A_SECOND: Final = timedelta(seconds=1)
"""Proofs are dated in seconds, grants in milliseconds."""
_UNOWNED: Final = "it covers these words, but no trust list says whose key made it"


def sealed(inquiry: Inquiry, leaf: Leaf) -> Finding:
    """Say whether the receipt shows that the seal was used as its policy allows."""
    name, stated = CheckName.SEAL, inquiry.enclosures.seal_receipt
    due = leaf.seals if isinstance(leaf, SealedUnder) else ()
    if stated is None:
        return not_checked(name, _NO_RECEIPT, error=StatusUnknownError(_NO_RECEIPT))
    facts: dict[str, Any] = {}
    try:
        receipt = SealReceipt.of(stated)
        if receipt.seal_id not in {one.id for one in _seals(inquiry)}:
            return not_checked(name, _UNLISTED, error=StatusUnknownError(_UNLISTED))
        found = _checked(inquiry, receipt)
        facts |= found.as_json()
        facts |= _in_log(inquiry, receipt, found)
    except StatusUnknownError as error:
        return not_checked(name, str(error), error=error, **facts)
    except VerificationError as error:
        return failed(name, error)
    if due and receipt.seal_id not in due:
        why = "the receipt is that of another seal than the policy asks for"
        return not_checked(name, why, error=StatusUnknownError(why), at=found.at, **facts)
    return passed(name, at=found.at, **facts)


def national_signatures(inquiry: Inquiry) -> list[Finding]:
    """Say of each enclosed national signature whether it covers the certificate."""
    certificate = inquiry.certificate
    if certificate is None:
        return []
    found: list[Finding] = []
    for entry in inquiry.enclosures.national:
        try:
            signature = DetachedSignature.of(entry)
            shown = check_detached(signature, certificate.content, keys=(signature.key,))
        except StatusUnknownError as error:
            found.append(not_checked(NATIONAL, str(error)))
        except VerificationError as error:
            found.append(failed(NATIONAL, error))
        else:
            found.append(not_checked(NATIONAL, _UNOWNED, **shown.as_json()))
    return found


def _checked(inquiry: Inquiry, receipt: SealReceipt) -> ReceiptFinding:
    certificate, subject = inquiry.certificate, inquiry.subject
    if certificate is None:
        msg = "receipts of seals are read for W3C credentials only"
        raise StatusUnknownError(msg)
    created = inquiry.signature.created
    if created is None or abs(created - receipt.at) >= _A_SECOND:
        # The lock dates a proof by its grant. Else a receipt of old, with rules of old, would do.
        msg = "the certificate's proof is not dated by the use that the receipt grants"
        raise ForgedCertificateError(msg)
    issuer = None if inquiry.trust is None else inquiry.trust.issuer(subject.issuer_id)
    return check_receipt(
        receipt,
        seals=_seals(inquiry),
        document_digest=sealed_part(certificate.content),
        key_id=inquiry.signature.verification_method,
        certificate_type=subject.type,
        region=subject.region or ("" if issuer is None else issuer.region),
        calendar=announced_calendar(),
    )


def _seals(inquiry: Inquiry) -> tuple[ListedSeal, ...]:
    return () if inquiry.trust is None else inquiry.trust.seals


def _in_log(inquiry: Inquiry, receipt: SealReceipt, found: ReceiptFinding) -> dict[str, Any]:
    """Return where the use stands in a log that is listed.

    Nothing else in a receipt is beyond the reach of whoever stole the seal's key: rules are public,
    and a record is only written down.

    Raises:
        StatusUnknownError: no listed log holds it, as far as the receipt shows.
        LogProofError: the proof does not hold.
    """
    if receipt.log_proof is None or receipt.log_salt is None:
        raise StatusUnknownError(_UNLOGGED)
    proof = EnclosedProof(text=receipt.log_proof, salt=receipt.log_salt)
    listed = third_parties(inquiry.book, inquiry.trust)
    logged = check_logged(
        proof,
        EntryKind.SEAL_USE,
        found.record_digest,
        trust=listed,
        at=inquiry.at,
        what="the proof of logging of the enclosed receipt",
    )
    return {"log": logged.logging.origin, "log_index": logged.logging.index}
