"""Judging a journal: consistent with itself is not enough, a seal must name where it stood.

Anybody can write a chain of records, for what he records needs nobody's consent. So a journal by
itself is never "valid". A bundle certificate names a head: up to that record the journal is what
the leading office sealed. What follows it is the journal's own word again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from oneservice.certificates.bundle_sealing import Sealed
from oneservice.certificates.chain import JournalHead, read_journal, verify_chain
from oneservice.certificates.claims import LocalText
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import (
    Finding,
    Report,
    Verdict,
    conclude,
    failed,
    not_checked,
    passed,
)
from oneservice.certificates.testimony import TESTIMONY, check_testimony
from oneservice.certificates.verification import VerifiedCertificate
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    UnsealedJournalError,
    VerificationError,
)

__all__ = ["JournalSeal", "examine_journal"]

_CHECKS: Final = ("journal_chain", "journal_head", TESTIMONY)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSeal:
    """A head that somebody vouches for.

    Args:
        head: where the journal stood.
        by: URL of the office, or who else the caller has the head from.
        name: the office for people.
    """

    head: JournalHead
    by: str
    name: LocalText

    @classmethod
    def of(cls, verified: VerifiedCertificate) -> JournalSeal:
        """Return the seal that a bundle certificate is, once it was verified.

        Raises:
            MalformedCertificateError: it is no bundle certificate.
        """
        certificate = verified.certificate
        head = Sealed.of(certificate).journal
        return cls(head=head, by=certificate.issuer_id, name=certificate.claims.issuer_name)


def examine_journal(
    data: bytes, *, seals: Sequence[JournalSeal] = (), trust: Trust | None = None
) -> Report:
    """Return the report on ``journal.jsonl``; never raises for what it finds in it.

    Without a seal of its case the verdict is ``indeterminate`` (``unsealed``) at best. Records
    after the sealed head stand in the way of nothing, and are named.

    Args:
        data: one record per line.
        seals: heads that somebody vouches for; those of other cases are passed over.
        trust: whose event keys count for what departments said.
    """
    try:
        records = read_journal(data)
    except MalformedCertificateError as error:
        unread = [not_checked(name, "parse did not pass") for name in _CHECKS]
        return conclude([failed("parse", error), *unread])
    findings = [passed("parse", records=len(records))]
    try:
        found = verify_chain(records)
    except VerificationError as error:
        stop = [not_checked(name, "journal_chain did not pass") for name in _CHECKS[1:]]
        return conclude([*findings, failed("journal_chain", error), *stop])
    redacted = sum("data_digest" in record for record in records)
    findings.append(passed("journal_chain", **found.as_json(), redacted=redacted))
    own = [seal for seal in seals if seal.head.case_id == found.case_id]
    findings += [*_head(records, found, own), check_testimony(records, trust)]
    report = conclude(findings)
    if report.verdict is not Verdict.VALID:
        return report
    last = max(own, key=lambda seal: seal.head.seq)
    return replace(report, message=f"sealed up to record {last.head.seq} by {last.by}")


def _head(
    records: Sequence[Mapping[str, Any]], found: JournalHead, seals: Sequence[JournalSeal]
) -> list[Finding]:
    """Compare where the journal stands with every seal of its case; all of them must agree."""
    if not seals:
        msg = (
            "the records follow one another; who wrote them, and whether anything was left out "
            f"before the chain was made, only a bundle certificate that names the head "
            f"{found.head} can show: give the bundle as well"
        )
        return [not_checked("journal_head", msg, error=UnsealedJournalError(msg))]
    for seal in seals:
        due = seal.head
        if due.seq > found.seq:
            why = f"it ends at record {found.seq}; {seal.by} sealed {due.seq} records"
        elif due.seq < 1 or records[due.seq - 1]["digest"] != due.head:
            why = f"record {due.seq} is not the one that {seal.by} sealed"
        else:
            continue
        facts: dict[str, Any] = {"due": due.as_json(), "found": found.as_json()}
        return [failed("journal_head", ForgedCertificateError(why), **facts)]
    last = max(seals, key=lambda seal: seal.head.seq)
    head = passed("journal_head", **last.head.as_json(), sealed_by=last.by)
    after = found.seq - last.head.seq
    if not after:
        return [head]
    why = f"{after} later, from record {last.head.seq + 1} on, were not sealed: nobody vouches"
    return [head, not_checked("journal_tail", why, unsealed=after)]
