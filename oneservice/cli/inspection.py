"""A file that somebody handed over: what kind of thing it is, by its content, and the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar, assert_never

from oneservice.certificates import (
    Bundle,
    BundleReport,
    Certificate,
    Claims,
    DocumentKind,
    Policy,
    Report,
    TrustStore,
    document_kind,
    examine,
    examine_bundle,
    examine_journal,
)
from oneservice.cli.reading import read_file
from oneservice.errors import MalformedCertificateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

__all__ = ["Inspection", "Kind", "inspect"]

_T = TypeVar("_T")
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
    kind = _kind(data, name=file.name)
    match kind:
        case Kind.JOURNAL:
            return Inspection(file=file, kind=kind, report=examine_journal(data))
        case Kind.BUNDLE:
            bundle = _read(Bundle.parse, data)
            sealed = None if bundle is None else bundle.certificate
            found = examine_bundle(bundle or data, trust=trust, at=at, policy=policy)
            return Inspection(file=file, kind=kind, report=found, claims=_claims(sealed))
        case Kind.CERTIFICATE:
            certificate = _read(Certificate.parse, data)
            report = examine(certificate or data, trust=trust, at=at, policy=policy)
            return Inspection(file=file, kind=kind, report=report, claims=_claims(certificate))
        case _:
            assert_never(kind)


def _kind(data: bytes, *, name: str) -> Kind:
    """Return as what the file is examined; its name counts where its content tells nothing."""
    match document_kind(data):
        case DocumentKind.JOURNAL:
            return Kind.JOURNAL
        case DocumentKind.BUNDLE:
            return Kind.BUNDLE
        case DocumentKind.UNKNOWN if name.endswith(".jsonl"):
            return Kind.JOURNAL
        case DocumentKind.CERTIFICATE | DocumentKind.TRUST_LIST | DocumentKind.UNKNOWN:
            return Kind.CERTIFICATE


def _read(parse: Callable[[bytes], _T], data: bytes) -> _T | None:
    """Return what ``parse`` reads; ``None``: the report on the bytes will say why not."""
    try:
        return parse(data)
    except MalformedCertificateError:
        return None


def _claims(certificate: Certificate | None) -> Claims | None:
    """Return what the certificate states, for the header of the page; believed or not."""
    return certificate.claims if certificate is not None and certificate.is_ours else None
