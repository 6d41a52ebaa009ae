"""What a relier brings to every paper: whom he trusts, the registers at hand, what must pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from oneservice.canonical import canonical
from oneservice.certificates import (
    Bundle,
    Certificate,
    Departure,
    DocumentKind,
    Evidence,
    Policy,
    Report,
    StatusSource,
    Trust,
    TrustStore,
    departure_in,
    document_kind,
    examine,
)
from oneservice.errors import (
    CertificateRevokedError,
    FileUnusableError,
    MalformedCertificateError,
    OneServiceError,
)
from oneservice.relying.moved import Moves, document_in, named_in, told_of_move

__all__ = ["Examined", "Reliance", "kind_to_judge"]


class Examined(NamedTuple):
    """The report on a paper, and as what it was examined."""

    kind: DocumentKind
    report: Report


_NOT_JUDGED: Final = {
    DocumentKind.TRUST_LIST: (
        "a trust list, by which others are judged; name it with --trust",
        "leave it out of the files to judge, and name it with --trust",
    ),
    DocumentKind.PLAN: (
        "a plan, which nobody signs; its bundle vouches for it: give bundle.json",
        "give the bundle of its case",
    ),
    DocumentKind.LETTER: (
        "a letter between offices, which may tell of a move; name it with --beside",
        "judge the evidence file of its paper, and name the letter with --beside",
    ),
    DocumentKind.LINES: (
        "a file with a paper on each line; judge them with --lines",
        "give --lines as well",
    ),
    DocumentKind.SEAL_BOOK: (
        "the book of a seal, in which every use is recorded; oneservice keys book judges it",
        "run: oneservice keys book FILE",
    ),
    DocumentKind.CONTROLLER: (
        "an issuer's public keys, for other people's software; no certificate",
        "give the certificate itself; the trust list knows the keys already",
    ),
}
"""Sound files that are nothing to judge by themselves."""


_TELLING: Final = frozenset({DocumentKind.CERTIFICATE, DocumentKind.EVIDENCE})
"""What may tell of a move; nothing larger is read for it."""


def kind_to_judge(data: bytes) -> DocumentKind:
    """Return as what ``data`` is judged; what nobody knows, as a certificate: it is malformed.

    Raises:
        FileUnusableError: it is nothing to judge by itself, such as a trust list.
    """
    kind = document_kind(data)
    if kind in _NOT_JUDGED:
        what, remedy = _NOT_JUDGED[kind]
        msg = f"this is {what}"
        raise FileUnusableError(msg, remedy=remedy)
    return DocumentKind.CERTIFICATE if kind is DocumentKind.UNKNOWN else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance:
    """By whose lights papers are judged, whatever they are.

    Args:
        trust: whom the relier trusts; ``None``: nobody, or whoever ``root`` leads to.
        policy: what must pass.
        status: register of revocations at hand.
        root: public key (``z…``) that signs trust lists, or digest of their root: without ``trust``
            a list that lies in an evidence file or in a bundle counts, if it is by that root.
        all_current: a bundle is valid only if each certificate in it is in force, too.
        moves: what is known of certificates that moved to another office: the reason is then
            "transferred", with the successor, where a status list alone says "revoked".
    """

    trust: Trust | None
    policy: Policy
    status: StatusSource | None = None
    root: str | None = None
    all_current: bool = False
    moves: Moves = field(default_factory=dict)

    def knowing(self, papers: Iterable[bytes], *, at: datetime) -> Reliance:
        """Return this, and what words about moves and newer papers tell, where they are believed.

        Args:
            papers: notices of offices, successors, or evidence files of either; others are passed
                over.
            at: aware instant for which they are judged.
        """
        found = (self.departure(one, at=at) for one in papers)
        told = {(one.certificate, one.giving): one for one in found if one is not None}
        return replace(self, moves={**self.moves, **told})

    def departure(self, data: bytes, *, at: datetime) -> Departure | None:
        """Return what a paper tells of a move; ``None``: nothing, or it is not to be believed."""
        kind = document_kind(data)
        shown = named_in(document_in(data, kind) if kind in _TELLING else None)
        if shown is None:
            return None
        try:
            return departure_in(shown, self.examine(data, at=at).report)
        except OneServiceError:
            return None  # its own report says why it is not to be believed

    def examine(self, data: bytes, *, at: datetime) -> Examined:
        """Return the report on ``data`` as of ``at`` (aware), whatever it is.

        Raises:
            TrustListError: the list that lies in it is not by ``root``.
            FileUnusableError: it is nothing to judge by itself, such as a trust list.
        """
        try:
            # Most papers are certificates: only what is none is looked at again.
            certificate = Certificate.parse(data)
        except MalformedCertificateError:
            kind = kind_to_judge(data)
            trust = self.trust if self.trust is not None else self._enclosed(kind, data)
            # An editor ends a line of text; what an SD-JWT is, such an end is no part of.
            whole = data.rstrip(b"\r\n") if kind is DocumentKind.SD_JWT else data
            report = self._report(whole, trust, at)
            if self.moves and type(report.error) is CertificateRevokedError:
                report = told_of_move(report, document_in(whole, kind), self.moves)
            return Examined(kind, report)
        report = self._report(certificate, self.trust, at)
        return Examined(DocumentKind.CERTIFICATE, told_of_move(report, certificate, self.moves))

    def _report(self, data: bytes | Certificate, trust: Trust | None, at: datetime) -> Report:
        return examine(
            data,
            trust=trust,
            at=at,
            status=self.status,
            policy=self.policy,
            all_current=self.all_current,
        )

    def _enclosed(self, kind: DocumentKind, data: bytes) -> Trust | None:
        """Return the list that lies in the paper, where it is by a root that the relier knows."""
        if self.root is None:
            return None
        try:
            if kind is DocumentKind.EVIDENCE:
                return Evidence.parse(data).trust(root=self.root)
            if kind is DocumentKind.BUNDLE:
                return TrustStore.parse(canonical(Bundle.parse(data).trust_list), root=self.root)
        except MalformedCertificateError:
            pass  # the report on the bytes says why
        return None
