"""Papers that tell of moves, beside those that are judged: what was taken back, or moved away.

A status list calls both "invalid"; the word of either office, or the newer paper, tells them apart.
Such papers change no verdict, and count only where the relier himself believes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from oneservice.certificates import (
    Bundle,
    Certificate,
    Claims,
    Departure,
    DocumentKind,
    Evidence,
    Examinable,
    Report,
    SdJwt,
    read_claims_payload,
    tells_of_move,
    told_as_moved,
)
from oneservice.errors import MalformedCertificateError, VerificationError

__all__ = ["Moves", "document_in", "named_in", "stated_in", "told_of_move"]

Moves = Mapping[tuple[str, str], Departure]
"""By identifier and issuer of the certificate that moved."""

_PARSERS: Final[Mapping[DocumentKind, Callable[[bytes], Examinable]]] = {
    DocumentKind.CERTIFICATE: Certificate.parse,
    DocumentKind.SD_JWT: SdJwt.parse,
    DocumentKind.EVIDENCE: Evidence.parse,
    DocumentKind.BUNDLE: Bundle.parse,
}


def document_in(data: bytes, kind: DocumentKind) -> Examinable | None:
    """Return the document; ``None``: a journal, or the report on the bytes will say why not."""
    parse = _PARSERS.get(kind)
    try:
        return None if parse is None else parse(data)
    except VerificationError:
        return None


def stated_in(document: Examinable | None) -> Claims | None:
    """Return what the certificate in a document states, believed or not, if it states all."""
    shown = document.certificate if isinstance(document, Evidence | Bundle) else document
    if isinstance(shown, Certificate):
        return shown.claims if shown.is_ours else None
    try:
        return None if shown is None else read_claims_payload(shown.claims)
    except MalformedCertificateError:
        return None  # its holder keeps something back


def named_in(document: Examinable | None) -> Certificate | None:
    """Return the certificate in a document that claims to tell of a move; believed or not."""
    shown = document.certificate if isinstance(document, Evidence) else document
    return shown if isinstance(shown, Certificate) and tells_of_move(shown) else None


def told_of_move(report: Report, document: Examinable | None, moves: Moves) -> Report:
    """Return the report on a document with the reason "transferred", where a move is known."""
    claims = stated_in(document) if moves else None
    found = None if claims is None else moves.get((claims.id, claims.issuer_id))
    return report if found is None else told_as_moved(report, found)
