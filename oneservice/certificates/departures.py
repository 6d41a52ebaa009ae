"""Telling apart what was taken back and what moved away: both read "invalid" in a status list.

No code of a status list says "transferred out" (Token Status List, section 7.1; W3C Bitstring
Status List 1.1, section 2.1). So it is told by papers beside it: the word of either office about
the move, or the certificate that continues the old one. They change no verdict. What they name
counts for nothing until it is verified itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from oneservice.certificates.certificate import Certificate
from oneservice.certificates.moving import MOVED_FROM, TRANSFER_NOTICE, MoveWord, read_notice
from oneservice.certificates.report import Check, CheckName, CheckResult, Report, Verdict
from oneservice.errors import (
    CertificateRevokedError,
    CertificateSuspendedError,
    CertificateTransferredError,
    ExpiredCertificateError,
    MalformedCertificateError,
)

__all__ = ["Departure", "departure_in", "tells_of_move", "told_as_moved"]

_SAID: Final = frozenset({MoveWord.RELEASE, MoveWord.ARRIVAL})
"""Words after which the old certificate counts no more, whatever follows at the other office."""
_ENDS: Final = (ExpiredCertificateError, CertificateRevokedError, CertificateSuspendedError)
"""What may have happened to a successor since: the old one moved away all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """That a certificate was transferred out, and what continues it.

    Args:
        certificate: identifier of the one that moved.
        giving: URL of the office that issued it.
        successor: identifier of the one to ask for.
        receiving: URL of the office that issues the successor.
        told_by: identifier of the paper that says so.
    """

    certificate: str
    giving: str
    successor: str
    receiving: str
    told_by: str


def tells_of_move(certificate: Certificate) -> bool:
    """Say whether a certificate claims to tell of a move; believes nothing of it."""
    if not certificate.is_ours:
        return False
    claims = certificate.claims
    return claims.type == TRANSFER_NOTICE or MOVED_FROM in claims.result


def departure_in(certificate: Certificate, report: Report) -> Departure | None:
    """Return what a paper tells of a move; ``None``: nothing, or it is not to be believed.

    Args:
        certificate: a word of one of the two offices, or a successor.
        report: on that certificate, by the relier's own trust and policy.
    """
    listed = any(
        (one.name, one.result) == (CheckName.KEY_LISTED, CheckResult.PASS) for one in report.checks
    )
    is_proven = report.verdict is Verdict.VALID or isinstance(report.error, _ENDS)
    if not (listed and is_proven and tells_of_move(certificate)):
        return None
    if certificate.claims.type == TRANSFER_NOTICE:
        return _by_notice(certificate)
    return _by_successor(certificate)


def _by_notice(certificate: Certificate) -> Departure | None:
    try:
        notice = read_notice(certificate)
    except MalformedCertificateError:
        return None
    if notice.word not in _SAID or notice.successor is None:
        return None
    return Departure(
        certificate=notice.move.certificate,
        giving=notice.move.giving,
        successor=notice.successor,
        receiving=notice.move.receiving,
        told_by=certificate.claims.id,
    )


def _by_successor(certificate: Certificate) -> Departure | None:
    claims = certificate.claims
    origin = claims.result.get(MOVED_FROM)
    named = (origin.get("certificate"), origin.get("issuer")) if isinstance(origin, dict) else ()
    match named:
        case (str(old), str(giving)) if giving != claims.issuer_id:
            return Departure(
                certificate=old,
                giving=giving,
                successor=claims.id,
                receiving=claims.issuer_id,
                told_by=claims.id,
            )
        case _:
            return None


def told_as_moved(report: Report, departure: Departure) -> Report:
    """Return a report on the certificate that moved with the reason "transferred".

    A report that says anything else than "taken back" is returned as it is: a certificate that is
    good, held or forged did not become anything else by moving.
    """
    if type(report.error) is not CertificateRevokedError:
        return report
    why = (
        f"the issuer transferred it out to {departure.receiving}; "
        f"its successor is {departure.successor}"
    )
    error = CertificateTransferredError(why)
    facts = {"told_by": departure.told_by}

    def told(one: Check) -> Check:
        if one.name != CheckName.STATUS:
            return one
        said = {**one.evidence, "why": why, "reason": error.code, **facts}
        return one._replace(evidence=said)

    return replace(
        report,
        reason=error.code,
        message=why,
        error=error,
        checks=tuple(told(one) for one in report.checks),
    )
