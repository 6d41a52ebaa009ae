"""Timestamps (RFC 3161): what an independent clock says about a document; read offline.

Theory of operation. A token is CMS signed data around a ``TSTInfo``. We ask, in this order: is it a
token at all; is it about these bytes; did a listed authority sign it, with a certificate that was
good *at the time it states* and is for timestamps only; does the signature cover every word; is
the authority itself still believed for that time. The certificate that signed must be the listed
one, or be issued under it. Revocation lists of authorities are not asked: what the trust list
says of an authority (``valid_until``, ``compromised_at``) is what counts here.

References:
    RFC 3161, sections 2.3 and 2.4; RFC 5816 (ESSCertIDv2); RFC 5652, section 5 (signed data).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.canonical import write_instant
from oneservice.certificates.timestamps_chain import check_signer
from oneservice.certificates.timestamps_coding import IMPRINTS, ReadToken, read_token
from oneservice.certificates.trust_services import ListedAuthority
from oneservice.errors import (
    ForgedCertificateError,
    IssuerNotEntitledError,
    StatusUnknownError,
    UnknownIssuerError,
)

__all__ = ["TimestampFinding", "read_timestamp"]

_MOST_AUTHORITIES: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampFinding:
    """What a timestamp that holds shows: the bytes existed at ``at``, give or take ``accuracy``.

    Args:
        at: instant that the authority states.
        authority: its name in the trust list.
        policy: object identifier of the rules under which it stamps.
        serial: number of the stamp, in decimals.
        accuracy: how far the clock may be off; ``None``: the authority does not say.
        nonce: number from the request, in decimals; ``None``: there was none.
        algorithm: hash by which the bytes are named.
    """

    at: datetime
    authority: str
    policy: str
    serial: str
    accuracy: timedelta | None
    nonce: str | None
    algorithm: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as evidence of a check."""
        accuracy = self.accuracy
        return {
            "at": write_instant(self.at),
            "authority": self.authority,
            "policy": self.policy,
            "serial": self.serial,
            "accuracy_ms": None if accuracy is None else accuracy // timedelta(milliseconds=1),
            "algorithm": self.algorithm,
        }


def read_timestamp(
    token: bytes,
    *,
    authorities: Sequence[ListedAuthority],
    data: bytes | None = None,
    digest: bytes | None = None,
    policies: Collection[str] = (),
    nonce: int | None = None,
) -> TimestampFinding:
    """Return what ``token`` shows about some bytes; raise if it shows nothing.

    Args:
        token: a ``TimeStampToken`` in DER or BER, as the authority sent it.
        authorities: those whose word counts, from the trust list.
        data: the bytes that should be stamped; or
        digest: their hash, where the bytes are not at hand; its length tells the algorithm.
        policies: object identifiers of accepted rules; empty: any rules of a listed authority.
        nonce: number that the request had; only who asked knows it.

    Raises:
        MalformedCertificateError: no token, or not one that RFC 3161 allows.
        ForgedCertificateError: it is about other bytes or another request, or was changed.
        UnknownIssuerError: no listed authority signed it, or not with a certificate that was
            good, and for timestamps, at that time.
        IssuerNotEntitledError: it was made under rules that are not accepted.
        StatusUnknownError: an algorithm that is not judged here; the authority's key was stolen
            later; or the extra ``timestamps`` is not installed.
    """
    read = read_token(token)
    _check_imprint(read, data, digest)
    if nonce is not None and read.nonce != nonce:
        msg = "the timestamp is the answer to another request"
        raise ForgedCertificateError(msg)
    authority = check_signer(read, list(authorities)[:_MOST_AUTHORITIES])
    _check_authority(authority, read.at)
    if policies and read.policy not in policies:
        msg = f"the timestamp was made under the policy {read.policy}, which is not accepted"
        raise IssuerNotEntitledError(msg)
    return TimestampFinding(
        at=read.at,
        authority=authority.name,
        policy=read.policy,
        serial=str(read.serial),
        accuracy=read.accuracy,
        nonce=None if read.nonce is None else str(read.nonce),
        algorithm=read.algorithm,
    )


def _check_imprint(read: ReadToken, data: bytes | None, digest: bytes | None) -> None:
    if (data is None) == (digest is None):
        msg = "either the bytes or their digest"
        raise TypeError(msg)
    if digest is not None and IMPRINTS.get(len(digest)) != read.algorithm:
        msg = f"the timestamp names the bytes by {read.algorithm}; give that digest, or the bytes"
        raise StatusUnknownError(msg)
    due = digest if digest is not None else hashlib.new(read.algorithm, data or b"").digest()
    if read.imprint != due:
        msg = "the timestamp is of other bytes"
        raise ForgedCertificateError(msg)


def _check_authority(authority: ListedAuthority, at: datetime) -> None:
    if not authority.is_within(at):
        msg = f"the trust list does not let {authority.name[:80]!r} stamp at that time"
        raise UnknownIssuerError(msg)
    if authority.compromised_at is None:
        return
    if at >= authority.compromised_at:
        msg = f"the key of {authority.name[:80]!r} had been reported stolen before that time"
        raise UnknownIssuerError(msg)
    msg = "the authority's key was stolen later, and only its own clock says it stamped before"
    raise StatusUnknownError(msg)
