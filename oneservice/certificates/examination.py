"""One entrance for whatever somebody hands over: a certificate, a bundle, a journal.

The kind is told by the content. The answer is always a report; nothing that stands in a file can
raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from oneservice.certificates.bundle import Bundle
from oneservice.certificates.bundle_verification import examine_bundle
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.journal_verification import JournalSeal, examine_journal
from oneservice.certificates.kinds import DocumentKind, document_kind
from oneservice.certificates.policy import Policy
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import Report
from oneservice.certificates.status import StatusSource
from oneservice.certificates.verification import examine_certificate
from oneservice.errors import MalformedCertificateError

__all__ = ["examine"]


def examine(
    data: bytes | Certificate | Bundle,
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
        data: a certificate or bundle, or the bytes of a certificate, a bundle or a journal.
        trust: whom the relier trusts; ``None``: nobody, so nothing can be told.
        at: aware instant for which the answer is to hold; plays no part for a journal.
        status: register of revocations at hand.
        policy: what must pass; :meth:`Policy.standard` by default.
        enclosures: what came beside a certificate; bundles hold their own.
        seals: heads of journals that somebody vouches for.
        all_current: a bundle is valid only if each certificate in it is in force at ``at``.

    Returns:
        A :class:`BundleReport` for a bundle.
    """
    policy = policy or Policy.standard()
    document = _read(data) if isinstance(data, bytes) else data
    if isinstance(document, Certificate):
        return examine_certificate(
            document, trust=trust, at=at, status=status, policy=policy, enclosures=enclosures
        )
    if isinstance(document, Bundle) or document_kind(document) is DocumentKind.BUNDLE:
        return examine_bundle(
            document, trust=trust, at=at, status=status, policy=policy, all_current=all_current
        )
    if document_kind(document) is DocumentKind.JOURNAL:
        return examine_journal(document, seals=seals, trust=trust)
    return examine_certificate(document, trust=trust, at=at, status=status, policy=policy)


def _read(data: bytes) -> Certificate | bytes:
    """Return the certificate that most files are; else the bytes, to be looked at again."""
    try:
        return Certificate.parse(data)
    except MalformedCertificateError:
        return data
