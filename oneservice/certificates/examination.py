"""One entrance for whatever somebody hands over: a certificate in any form, a bundle, a journal.

The kind is told by the content. The answer is always a report; nothing that stands in a file can
raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, assert_never

from oneservice.certificates.bundle import Bundle
from oneservice.certificates.bundle_verification import examine_bundle
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.enclosed_lists import check_enclosed_list
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.evidence import Evidence
from oneservice.certificates.journal_verification import JournalSeal, examine_journal
from oneservice.certificates.judging import Asked
from oneservice.certificates.kinds import DocumentKind, document_kind
from oneservice.certificates.policy import Policy
from oneservice.certificates.presentation import examine_presentation
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import (
    CheckName,
    Report,
    conclude,
    failed,
    not_checked,
    unmade,
)
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.status import StatusSource
from oneservice.certificates.verification import answer
from oneservice.errors import (
    MalformedCertificateError,
    StatusUnknownError,
    VerificationError,
)

__all__ = ["Examinable", "examine"]

Examinable: TypeAlias = Certificate | SdJwt | Evidence | Bundle
"""What can be judged, read already."""


def examine(
    data: bytes | Examinable,
    *,
    trust: Trust | None,
    at: datetime,
    status: StatusSource | None = None,
    policy: Policy | None = None,
    enclosures: Enclosures = NOTHING,
    seals: Sequence[JournalSeal] = (),
    all_current: bool = False,
) -> Report:
    """Return the report on ``data``, whatever it is; never raises for what it finds in it.

    Args:
        data: a W3C credential, an SD-JWT, an evidence file or a bundle, read or in bytes; or the
            bytes of a journal.
        trust: whom the relier trusts; ``None``: nobody, so nothing can be told.
        at: aware instant for which the answer is to hold; plays no part for a journal.
        status: register of revocations at hand.
        policy: what must pass; :meth:`Policy.standard` by default.
        enclosures: what came beside a certificate; evidence files and bundles hold their own.
        seals: heads of journals that somebody vouches for.
        all_current: a bundle is valid only if each certificate in it is in force at ``at``.

    Returns:
        A :class:`BundleReport` for a bundle.
    """
    asked = Asked(
        trust=trust,
        at=at,
        status=status,
        policy=policy or Policy.standard(),
        enclosures=enclosures,
    )
    if not isinstance(data, bytes):
        return _judged(data, asked, all_current=all_current)
    try:
        return answer(Certificate.parse(data), asked)
    except MalformedCertificateError as error:
        refusal = error  # most files are certificates; only another one is looked at again
    match document_kind(data):
        case DocumentKind.SD_JWT:
            return _presentation(data, asked)
        case DocumentKind.EVIDENCE:
            return _read_evidence(data, asked)
        case DocumentKind.BUNDLE:
            return _bundle(data, asked, all_current=all_current)
        case DocumentKind.JOURNAL:
            return examine_journal(data, seals=seals, trust=trust)
        case _:
            return _unread(refusal, asked)


def _judged(document: Examinable, asked: Asked, *, all_current: bool) -> Report:
    match document:
        case Certificate():
            return answer(document, asked)
        case SdJwt():
            return _presentation(document, asked)
        case Evidence():
            return _evidence(document, asked)
        case Bundle():
            return _bundle(document, asked, all_current=all_current)
        case _:
            assert_never(document)


def _presentation(data: bytes | SdJwt, asked: Asked) -> Report:
    return examine_presentation(
        data,
        trust=asked.trust,
        at=asked.at,
        status=asked.status,
        policy=asked.policy,
        enclosures=asked.enclosures,
    )


def _bundle(data: bytes | Bundle, asked: Asked, *, all_current: bool) -> Report:
    return examine_bundle(
        data,
        trust=asked.trust,
        at=asked.at,
        status=asked.status,
        policy=asked.policy,
        all_current=all_current,
    )


def _read_evidence(data: bytes, asked: Asked) -> Report:
    try:
        return _evidence(Evidence.parse(data), asked)
    except VerificationError as error:
        return _unread(error, asked)


def _evidence(evidence: Evidence, asked: Asked) -> Report:
    """Judge the certificate with what came beside it; then the list that came along."""
    own = replace(asked, enclosures=evidence.enclosures)
    certificate = evidence.certificate
    if isinstance(certificate, Certificate):
        report = answer(certificate, own)
    else:
        report = _presentation(certificate, own)
    if evidence.trust_list is None:
        return report
    return report.with_finding(check_enclosed_list(evidence.trust_list)[1])


def _unread(error: VerificationError, asked: Asked) -> Report:
    name = CheckName.PARSE
    if isinstance(error, StatusUnknownError):
        unread = not_checked(name, str(error), error=error)
    else:
        unread = failed(name, error)
    return conclude([unread, *unmade(after=name)], policy=asked.policy.name)
