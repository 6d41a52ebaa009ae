"""A file that somebody handed over: what kind of thing it is, by its content, and the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, assert_never

from oneservice.canonical import parse_object
from oneservice.certificates import (
    BUNDLE_FORMAT,
    BundleReport,
    Certificate,
    Claims,
    Policy,
    Report,
    TrustStore,
    examine,
    examine_bundle,
    examine_journal,
)
from oneservice.cli.reading import read_file
from oneservice.errors import MalformedCertificateError, MalformedJsonError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["Inspection", "Kind", "inspect"]

_MAX_BYTES: Final = 268_435_456
"""As large as a journal may be; certificates and bundles have smaller limits of their own."""


class Kind(StrEnum):
    """What ``verify`` can look at."""

    CERTIFICATE = "certificate"
    BUNDLE = "bundle"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One file and what was found. ``claims`` are there where a certificate could be read."""

    file: Path
    kind: Kind
    report: Report | BundleReport
    claims: Claims | None = None


def inspect(file: Path, *, trust: TrustStore | None, at: datetime, policy: Policy) -> Inspection:
    """Return the report on ``file``.

    Raises:
        FileUnusableError: it cannot be read at all.
    """
    data = read_file(file, max_bytes=_MAX_BYTES)
    kind, document = _recognised(data, name=file.name)
    match kind:
        case Kind.JOURNAL:
            return Inspection(file=file, kind=kind, report=examine_journal(data))
        case Kind.BUNDLE:
            bundle = examine_bundle(data, trust=trust, at=at, policy=policy)
            claims = _claims(document.get("bundle_certificate"))
            return Inspection(file=file, kind=kind, report=bundle, claims=claims)
        case Kind.CERTIFICATE:
            report = examine(data, trust=trust, at=at, policy=policy)
            return Inspection(file=file, kind=kind, report=report, claims=_claims(document))
        case _:
            assert_never(kind)


def _recognised(data: bytes, *, name: str) -> tuple[Kind, dict[str, Any]]:
    """Return the kind of thing, and the document if the bytes are a single one.

    A damaged file is taken for what it most looks like, so that the report says what is damaged.
    """
    head, _, rest = data.partition(b"\n")
    if rest.strip() and head.startswith(b"{") and head.rstrip().endswith(b"}"):
        return Kind.JOURNAL, {}
    try:
        document = parse_object(data, max_bytes=_MAX_BYTES, fractions=True)
    except MalformedJsonError:
        if name.endswith(".jsonl"):
            return Kind.JOURNAL, {}
        looks_like_bundle = BUNDLE_FORMAT.encode() in data and b'"bundle_certificate"' in data
        return (Kind.BUNDLE if looks_like_bundle else Kind.CERTIFICATE), {}
    if document.get("format") == BUNDLE_FORMAT or "bundle_certificate" in document:
        return Kind.BUNDLE, document
    if document.keys() >= {"seq", "prev", "digest"}:
        return Kind.JOURNAL, document
    return Kind.CERTIFICATE, document


def _claims(document: Any) -> Claims | None:
    """Return what the certificate states, for the header of the page; believed or not."""
    if not isinstance(document, dict):
        return None
    try:
        return Certificate.of(document).claims
    except MalformedCertificateError:
        return None
