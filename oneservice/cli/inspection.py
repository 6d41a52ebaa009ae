"""Files that somebody handed over: what kind of thing each is, by its content, and the report."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar, assert_never

from oneservice.certificates import (
    Bundle,
    BundleReport,
    Certificate,
    CheckName,
    CheckResult,
    Claims,
    DocumentKind,
    JournalSeal,
    Policy,
    Report,
    TrustStore,
    document_kind,
    examine,
    examine_bundle,
    examine_journal,
    verify,
)
from oneservice.cli.reading import read_file
from oneservice.errors import FileUnusableError, MalformedCertificateError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

__all__ = ["Inquirer", "Inspection", "Kind", "Opened", "opened"]

_T = TypeVar("_T")
_MAX_BYTES: Final = 268_435_456
"""As large as a journal may be; certificates and bundles have smaller limits of their own."""
_STDIN: Final = "-"
_NOT_JUDGED: Final = {
    DocumentKind.TRUST_LIST: "a trust list, by which others are judged; name it with --trust",
    DocumentKind.PLAN: "a plan, which nobody signs; its bundle vouches for it: give bundle.json",
    DocumentKind.CONTROLLER: "an issuer's public keys, for other people's software; no certificate",
}
"""Sound files that are nothing to judge by themselves."""


class Kind(StrEnum):
    """What ``verify`` can look at."""

    CERTIFICATE = "certificate"
    BUNDLE = "bundle"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that could be read, and as what it is examined."""

    file: Path
    kind: Kind
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One file and what was found.

    ``claims`` are there where a certificate could be read, ``seal`` where one holds for a journal.
    """

    file: Path
    kind: Kind
    report: Report | BundleReport
    claims: Claims | None = None
    seal: JournalSeal | None = None


def opened(file: Path) -> Opened:
    """Return ``file`` (``-``: the standard input) with its content and its kind.

    Raises:
        FileUnusableError: it cannot be read at all, or is nothing to judge by itself.
    """
    if str(file) == _STDIN:
        data = sys.stdin.buffer.read(_MAX_BYTES)
    else:
        data = read_file(file, max_bytes=_MAX_BYTES)
    return Opened(file=file, kind=_kind(data, file=file), data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquirer:
    """Who asks: whom he trusts, for which moment, what must pass, and the seals that he holds."""

    trust: TrustStore | None
    at: datetime
    policy: Policy
    all_current: bool = False
    seals: tuple[JournalSeal, ...] = ()

    def seals_among(self, files: Iterable[Opened]) -> tuple[JournalSeal, ...]:
        """Return the heads that bundles and bundle certificates among ``files`` vouch for.

        Only a valid certificate by a listed issuer seals anything, whatever the policy.
        """
        found = (self._seal(file) for file in files if file.kind is not Kind.JOURNAL)
        return tuple(seal for seal in found if seal is not None)

    def inspect(self, file: Opened) -> Inspection:
        """Return the report on ``file``."""
        data, kind = file.data, file.kind
        report: Report | BundleReport
        certificate = None
        match kind:
            case Kind.JOURNAL:
                return self._inspect_journal(file)
            case Kind.BUNDLE:
                bundle = _read(Bundle.parse, data)
                certificate = None if bundle is None else bundle.certificate
                report = examine_bundle(
                    bundle or data,
                    trust=self.trust,
                    at=self.at,
                    policy=self.policy,
                    all_current=self.all_current,
                )
            case Kind.CERTIFICATE:
                certificate = _read(Certificate.parse, data)
                report = examine(
                    certificate or data, trust=self.trust, at=self.at, policy=self.policy
                )
            case _:
                assert_never(kind)
        return Inspection(file=file.file, kind=kind, report=report, claims=_claims(certificate))

    def _inspect_journal(self, file: Opened) -> Inspection:
        report = examine_journal(file.data, seals=self.seals, trust=self.trust)
        cases = {check.evidence.get("case_id") for check in report.checks}
        own = [seal for seal in self.seals if seal.head.case_id in cases]
        last = max(own, key=lambda seal: seal.head.seq, default=None)
        return Inspection(file=file.file, kind=file.kind, report=report, seal=last)

    def _seal(self, file: Opened) -> JournalSeal | None:
        try:
            if file.kind is Kind.BUNDLE:
                certificate = Bundle.parse(file.data).certificate
            else:
                certificate = Certificate.parse(file.data)
            verified = verify(certificate, trust=self.trust, at=self.at, policy=self.policy)
            listed = {check.name: check.result for check in verified.report.checks}
            if listed[CheckName.KEY_LISTED] is CheckResult.PASS:
                return JournalSeal.of(verified)
        except VerificationError:
            pass  # its own report says why it is no seal
        return None


def _kind(data: bytes, *, file: Path) -> Kind:
    """Return as what the file is examined; its name counts where its content tells nothing."""
    match document_kind(data):
        case DocumentKind.JOURNAL:
            return Kind.JOURNAL
        case DocumentKind.BUNDLE:
            return Kind.BUNDLE
        case DocumentKind.UNKNOWN if file.name.endswith(".jsonl"):
            return Kind.JOURNAL
        case DocumentKind.CERTIFICATE | DocumentKind.UNKNOWN:
            return Kind.CERTIFICATE
        case other:
            msg = f"{file}: this is {_NOT_JUDGED[other]}"
            raise FileUnusableError(msg)


def _read(parse: Callable[[bytes], _T], data: bytes) -> _T | None:
    """Return what ``parse`` reads; ``None``: the report on the bytes will say why not."""
    try:
        return parse(data)
    except MalformedCertificateError:
        return None


def _claims(certificate: Certificate | None) -> Claims | None:
    """Return what the certificate states, for the header of the page; believed or not."""
    return certificate.claims if certificate is not None and certificate.is_ours else None
