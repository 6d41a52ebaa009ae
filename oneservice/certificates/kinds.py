"""Which kind of file this is: a first look that believes nothing and never fails."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from oneservice.canonical import parse_object
from oneservice.certificates.bundle import BUNDLE_FORMAT, ENCLOSING_FORMAT, MAX_BUNDLE_BYTES
from oneservice.certificates.evidence import EVIDENCE_FORMAT
from oneservice.certificates.trust import LIST_FORMAT
from oneservice.certificates.trust_editions import is_edition
from oneservice.errors import MalformedJsonError

__all__ = ["DocumentKind", "document_kind"]


class DocumentKind(StrEnum):
    """What a file says it is."""

    CERTIFICATE = "certificate"
    SD_JWT = "sd_jwt"
    EVIDENCE = "evidence"
    BUNDLE = "bundle"
    TRUST_LIST = "trust_list"
    JOURNAL = "journal"
    LETTER = "letter"
    """What one office sends another: a paper, and what comes beside it."""
    LINES = "lines"
    """Each line is a paper of its own."""
    SEAL_BOOK = "seal_book"
    PLAN = "plan"
    CONTROLLER = "controller"
    UNKNOWN = "unknown"


_MAX_DEPTH: Final = 64
_COMPACT: Final = re.compile(rb"\s*ey[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*~")
"""How an SD-JWT begins: a JSON object in base64url, a payload, a signature, and a tilde."""
_PAPERS: Final = frozenset({DocumentKind.CERTIFICATE, DocumentKind.EVIDENCE, DocumentKind.BUNDLE})
_BOOK_RECORD: Final = frozenset({"at", "book", "data", "digest", "kind", "prev", "seq", "v"})
"""What a record in the book of a seal is made of; one of a journal has a case, and no book."""
_FORMATS: Final = {
    BUNDLE_FORMAT: DocumentKind.BUNDLE,
    ENCLOSING_FORMAT: DocumentKind.BUNDLE,
    EVIDENCE_FORMAT: DocumentKind.EVIDENCE,
    LIST_FORMAT: DocumentKind.TRUST_LIST,
    "oneservice-plan/1": DocumentKind.PLAN,
}


def document_kind(data: bytes) -> DocumentKind:
    """Return what ``data`` says it is; a damaged file is taken for what it most looks like.

    An unknown file is best examined as a certificate: the report will say that it is malformed.
    """
    try:
        document = parse_object(
            data, max_bytes=MAX_BUNDLE_BYTES, max_depth=_MAX_DEPTH, fractions=True
        )
    except MalformedJsonError:
        return _likeness(data)
    if document.keys() == {"paper", "enclosures"}:
        return DocumentKind.LETTER
    if document.keys() == _BOOK_RECORD:
        return DocumentKind.SEAL_BOOK
    if {"prev", "seq", "digest"} <= document.keys():
        return DocumentKind.JOURNAL
    if "credentialSubject" in document:
        return DocumentKind.CERTIFICATE
    if "bundle_certificate" in document:
        return DocumentKind.BUNDLE
    if {"verificationMethod", "assertionMethod"} <= document.keys():
        return DocumentKind.CONTROLLER
    if is_edition(document):
        return DocumentKind.TRUST_LIST
    return _FORMATS.get(str(document.get("format")), DocumentKind.UNKNOWN)


def _likeness(data: bytes) -> DocumentKind:
    """Return what most looks like bytes that are no single JSON document."""
    first, _, rest = data.partition(b"\n")
    first = first.rstrip()
    if rest.strip() and first.startswith(b"{") and first.endswith(b"}"):
        return _of_lines(first, rest)
    if _COMPACT.match(data):
        return DocumentKind.SD_JWT
    if EVIDENCE_FORMAT.encode() in data:
        return DocumentKind.EVIDENCE
    if b'"bundle_certificate"' in data and b"oneservice-bundle/" in data:
        return DocumentKind.BUNDLE
    is_record = all(name in first for name in (b'"prev":', b'"seq":', b'"kind":'))
    return DocumentKind.JOURNAL if is_record else DocumentKind.UNKNOWN


def _of_lines(first: bytes, rest: bytes) -> DocumentKind:
    """Return what a file of lines is, by its first one; a journal, where that tells nothing."""
    kind = document_kind(first)
    if kind in _PAPERS and rest.lstrip().startswith(b"{"):
        return DocumentKind.LINES
    return kind if kind is DocumentKind.SEAL_BOOK else DocumentKind.JOURNAL
