"""Files that somebody handed over: what kind of thing each is, by its content, and the report."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from oneservice.canonical import canonical
from oneservice.certificates import (
    NOTHING,
    Bundle,
    Certificate,
    CheckName,
    CheckResult,
    Claims,
    Departure,
    DocumentKind,
    Evidence,
    JournalSeal,
    Policy,
    Report,
    StatusSource,
    TrustStore,
    departure_in,
    document_kind,
    examine,
    examine_journal,
    verify,
)
from oneservice.cli.reading import read_file
from oneservice.cli.verify_faces import carrier_of, unwrapped
from oneservice.errors import FileUnusableError, VerificationError
from oneservice.relying import document_in, kind_to_judge, named_in, stated_in, told_of_move

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import Examinable, Trust
    from oneservice.relying import Moves

__all__ = ["Inquirer", "Inspection", "Kind", "Opened", "opened"]

_MAX_BYTES: Final = 268_435_456
"""As large as a journal may be; certificates and bundles have smaller limits of their own."""
_STDIN: Final = "-"


class Kind(StrEnum):
    """What ``verify`` can look at."""

    CERTIFICATE = "certificate"
    SD_JWT = "sd_jwt"
    EVIDENCE = "evidence"
    BUNDLE = "bundle"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that could be read, and as what it is examined."""

    file: Path
    kind: Kind
    data: bytes
    carrier: str | None = None
    """In what the certificate came, where it was wrapped: see :mod:`.verify_faces`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One file and what was found.

    ``claims`` are there where a certificate could be read with all its words, ``seal`` where one
    holds for a journal.
    """

    file: Path
    kind: Kind
    report: Report
    claims: Claims | None = None
    seal: JournalSeal | None = None
    carrier: str | None = None


def opened(file: Path) -> Opened:
    """Return ``file`` (``-``: the standard input) with its content and its kind.

    Raises:
        FileUnusableError: it cannot be read at all, or is nothing to judge by itself.
        VerificationError: it is a face that holds no certificate, or only points to one.
    """
    if str(file) == _STDIN:
        data = sys.stdin.buffer.read(_MAX_BYTES)
    else:
        data = read_file(file, max_bytes=_MAX_BYTES)
    carrier, data = carrier_of(data), unwrapped(data)
    kind = _kind(data, file=file)
    # An editor ends a line of text; what an SD-JWT is, such an end is no part of.
    data = data.rstrip(b"\r\n") if kind is Kind.SD_JWT else data
    return Opened(file=file, kind=kind, data=data, carrier=carrier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquirer:
    """Who asks: whom he trusts, for which moment, what must pass, the seals and moves he knows of.

    ``root`` signed the lists that lie in files, where the relier brings none of his own.
    """

    trust: Trust | None
    at: datetime
    policy: Policy
    status: StatusSource | None = None
    root: str | None = None
    all_current: bool = False
    seals: tuple[JournalSeal, ...] = ()
    moved: Moves = field(default_factory=dict)

    def seals_among(self, files: Iterable[Opened]) -> tuple[JournalSeal, ...]:
        """Return the heads that bundles and bundle certificates among ``files`` vouch for.

        Only a valid certificate by a listed issuer seals anything, whatever the policy.
        """
        found = (self._seal(file) for file in files if file.kind is not Kind.JOURNAL)
        return tuple(seal for seal in found if seal is not None)

    def moves_among(self, files: Iterable[Opened]) -> Moves:
        """Return what words about moves, and successors, among ``files`` tell, if believed."""
        found = (self._departure(file) for file in files)
        return {(one.certificate, one.giving): one for one in found if one is not None}

    def inspect(self, file: Opened) -> Inspection:
        """Return the report on ``file``.

        Raises:
            TrustListError: the list that lies in it is not by ``root``.
        """
        if file.kind is Kind.JOURNAL:
            told = examine_journal(file.data, seals=self.seals, trust=self.trust)
            seal = self._seal_for(told)
            return Inspection(file=file.file, kind=file.kind, report=told, seal=seal)
        document = _read(file)
        report, claims = self._report(file, document), stated_in(document)
        report = told_of_move(report, document, self.moved)
        return Inspection(
            file=file.file, kind=file.kind, report=report, claims=claims, carrier=file.carrier
        )

    def _report(self, file: Opened, document: Examinable | None) -> Report:
        return examine(
            document or file.data,
            trust=self._trust(document),
            at=self.at,
            status=self.status,
            policy=self.policy,
            all_current=self.all_current,
        )

    def _departure(self, file: Opened) -> Departure | None:
        """Return what one file tells of a move; most are told by their claims to tell nothing."""
        document = _read(file) if file.kind in _MOVING else None
        shown = named_in(document)
        if shown is None:
            return None
        try:
            return departure_in(shown, self._report(file, document))
        except VerificationError:
            return None  # its own report says why it is not to be believed

    def _trust(self, document: Examinable | None) -> Trust | None:
        """Return whom the relier trusts; else, by its signer whom he knows, the enclosed list."""
        if self.trust is not None or self.root is None:
            return self.trust
        match document:
            case Evidence():
                return document.trust(root=self.root)
            case Bundle():
                return TrustStore.parse(canonical(document.trust_list), root=self.root)
            case _:
                return None

    def _seal_for(self, report: Report) -> JournalSeal | None:
        cases = {check.evidence.get("case_id") for check in report.checks}
        own = [seal for seal in self.seals if seal.head.case_id in cases]
        return max(own, key=lambda seal: seal.head.seq, default=None)

    def _seal(self, file: Opened) -> JournalSeal | None:
        document = _read(file)
        certificate = document.certificate if isinstance(document, Bundle) else document
        if not isinstance(certificate, Certificate):
            return None
        enclosed = document.enclosed(certificate) if isinstance(document, Bundle) else NOTHING
        try:
            verified = verify(
                certificate,
                trust=self._trust(document),
                at=self.at,
                status=self.status,
                policy=self.policy,
                enclosures=enclosed,
            )
            listed = {check.name: check.result for check in verified.report.checks}
            if listed[CheckName.KEY_LISTED] is CheckResult.PASS:
                return JournalSeal.of(verified)
        except VerificationError:
            pass  # its own report says why it is no seal
        return None


def _kind(data: bytes, *, file: Path) -> Kind:
    """Return as what the file is examined; its name counts where its content tells nothing."""
    if document_kind(data) is DocumentKind.UNKNOWN and file.name.endswith(".jsonl"):
        return Kind.JOURNAL
    try:
        return Kind(kind_to_judge(data).value)
    except FileUnusableError as error:
        msg = f"{file}: {error}"
        raise FileUnusableError(msg, remedy=error.remedy) from None


def _read(file: Opened) -> Examinable | None:
    """Return the document; ``None``: a journal, or the report on the bytes will say why not."""
    return document_in(file.data, DocumentKind(file.kind.value))


_MOVING: Final = frozenset({Kind.CERTIFICATE, Kind.EVIDENCE})
