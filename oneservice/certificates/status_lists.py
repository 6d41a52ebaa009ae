"""Published status lists, read whoever published them.

A list is a signed document of its own. Reading one checks its shape and unpacks it within limits;
whether its signature is to be believed is the question of :class:`PublishedStatus`, which has the
trust list.

References:
    Token Status List (draft-ietf-oauth-status-list), section 5.1; W3C Bitstring Status List 1.1,
    sections 2.2 and 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.canonical import Digest, digest_bytes, parse_object
from oneservice.certificates.base64url import decode_base64url
from oneservice.certificates.claims import CONTEXT
from oneservice.certificates.jose import Jws, check_header, check_jws, read_jws
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.moments import after, read_moment, read_numeric_date
from oneservice.certificates.proofs import check_proof, read_proof
from oneservice.certificates.status_bits import (
    MIN_ENTRIES,
    bit_at,
    decompress,
    is_width,
    value_at,
)
from oneservice.certificates.status_entry import Publication
from oneservice.certificates.urls import is_url
from oneservice.errors import MalformedCertificateError, MalformedJsonError

__all__ = ["LIST_CREDENTIAL", "LIST_SUBJECT", "LIST_TOKEN_TYPE", "StatusList"]

LIST_CREDENTIAL: Final = "BitstringStatusListCredential"
LIST_SUBJECT: Final = "BitstringStatusList"
LIST_TOKEN_TYPE: Final = "statuslist+jwt"  # noqa: S105 - a media type, no secret
_WHAT: Final = "the status list token"
_MAX_BYTES: Final = 50_331_648
"""32 MiB that no compression could shrink, in base64."""
_UNDATED: Final = timedelta(days=1)
"""A list that names no end, nor how long it may be kept, speaks for its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """One edition of one published list, read and not yet believed.

    Args:
        publication: which of the three it is.
        uri: where it is published; entries of certificates name it.
        issuer_id: who says that it is his; ``None``: only the key tells.
        key_id: verification method (URL) of the key that signed; ``None``: some key of the issuer.
        issued_at: since when it speaks.
        expires_at: first instant for which it no longer does.
        digest: of the document's bytes, as logs and timestamps name it.
        entries: how many there are.
    """

    publication: Publication
    uri: str
    issuer_id: str | None
    key_id: str | None
    issued_at: datetime
    expires_at: datetime
    digest: Digest
    entries: int
    _values: bytes = field(repr=False)
    _width: int = field(repr=False)
    _signed: Jws | Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: bytes) -> StatusList:
        """Return the list that ``data`` states: a Token Status List (JWT), or a W3C credential.

        Raises:
            MalformedCertificateError: neither, in another form than the standards give, too large
                packed or unpacked, or with fewer than 131,072 entries where W3C asks for those.
            UnknownCryptosuiteError, StatusUnknownError: a credential whose proof is not of a kind
                that is spoken here.
        """
        if len(data) > _MAX_BYTES:
            msg = f"a status list of more than {_MAX_BYTES} bytes is not read"
            raise MalformedCertificateError(msg)
        return _read_credential(data) if data.lstrip()[:1] == b"{" else _read_token(data)

    @property
    def unpacked_bytes(self) -> int:
        """How much memory its entries take."""
        return len(self._values)

    def check(self, key: VerifyingKey) -> None:
        """Return if ``key`` signed this list; raise if not.

        Raises:
            VerificationError: as :func:`check_proof`.
        """
        if isinstance(self._signed, Jws):
            check_jws(self._signed, key, what=_WHAT)
        else:
            check_proof(self._signed, key)

    def value(self, index: int) -> int | None:
        """Return entry ``index``: 0 good, 1 invalid, 2 suspended (0 and 1 in a bitstring).

        ``None``: the list is not that long.
        """
        if self.publication is Publication.TOKEN:
            return value_at(self._values, self._width, index)
        return bit_at(self._values, index)


def _read_token(data: bytes) -> StatusList:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        msg = "no status list: neither a JSON object nor a JWT"
        raise MalformedCertificateError(msg) from None
    jws = read_jws(text, typ=LIST_TOKEN_TYPE, what=_WHAT, max_bytes=_MAX_BYTES)
    check_header(jws, what=_WHAT)
    claims = jws.payload
    stated, uri, issuer = claims.get("status_list"), claims.get("sub"), claims.get("iss")
    if not isinstance(stated, dict) or not is_width(stated.get("bits")):
        msg = f"{_WHAT} has no list of entries of 1, 2, 4 or 8 bits"
        raise MalformedCertificateError(msg)
    packed = stated.get("lst")
    if not is_url(uri) or not isinstance(packed, str) or not (issuer is None or is_url(issuer)):
        msg = f"{_WHAT} lacks its URL ('sub'), its list, or names an issuer that is no URL"
        raise MalformedCertificateError(msg)
    if "iat" not in claims or (jws.key_id is None and issuer is None):
        msg = f"{_WHAT} does not say when it was issued, or neither by which key nor by whom"
        raise MalformedCertificateError(msg)
    values = decompress(decode_base64url(packed, what="the packed list"), gzip=False)
    issued = read_numeric_date(claims["iat"], where="iat")
    return StatusList(
        publication=Publication.TOKEN,
        uri=str(uri),
        issuer_id=issuer,
        key_id=jws.key_id,
        issued_at=issued,
        expires_at=_token_end(claims, issued),
        digest=digest_bytes(data),
        entries=len(values) * 8 // stated["bits"],
        _values=values,
        _width=stated["bits"],
        _signed=jws,
    )


def _token_end(claims: Mapping[str, Any], issued: datetime) -> datetime:
    """Return until when a token speaks: its ``exp``; else ``ttl`` after its beginning."""
    ttl = claims.get("ttl", int(_UNDATED.total_seconds()))
    is_number = type(ttl) in (int, float)
    if not is_number or not 0 < ttl <= timedelta.max.days:
        msg = f"{_WHAT}: ttl is no positive number of seconds that anybody would wait"
        raise MalformedCertificateError(msg)
    if "exp" not in claims:
        return after(issued, timedelta(seconds=ttl))
    return read_numeric_date(claims["exp"], where="exp")


def _read_credential(data: bytes) -> StatusList:
    try:
        document = parse_object(data, max_bytes=_MAX_BYTES, fractions=True)
    except MalformedJsonError as error:
        raise MalformedCertificateError(str(error)) from None
    subject, kinds = document.get("credentialSubject"), document.get("type")
    context, uri = document.get("@context"), document.get("id")
    if not isinstance(kinds, list) or not isinstance(subject, dict) or not is_url(uri):
        kinds, subject = [], {}
    packed, purpose = subject.get("encodedList"), subject.get("statusPurpose")
    has_context = isinstance(context, list) and context[:1] == [CONTEXT[0]]
    if not {"VerifiableCredential", LIST_CREDENTIAL} <= {
        one for one in kinds if isinstance(one, str)
    }:
        has_context = False
    if not has_context or subject.get("type") != LIST_SUBJECT or not isinstance(packed, str):
        msg = f"no {LIST_CREDENTIAL} of W3C Bitstring Status List, with a URL of its own"
        raise MalformedCertificateError(msg)
    if purpose not in ("revocation", "suspension"):
        msg = "a status list of another purpose than revocation or suspension is not read"
        raise MalformedCertificateError(msg)
    if not packed.startswith("u"):
        msg = "encodedList is not in multibase base64url ('u' and base64url without padding)"
        raise MalformedCertificateError(msg)
    values = decompress(decode_base64url(packed[1:], what="encodedList"), gzip=True)
    if len(values) * 8 < MIN_ENTRIES:
        msg = f"a status list of fewer than {MIN_ENTRIES} entries tells too much about each"
        raise MalformedCertificateError(msg)
    return _of_credential(document, str(uri), Publication(purpose), values, digest_bytes(data))


def _of_credential(
    document: Mapping[str, Any],
    uri: str,
    publication: Publication,
    values: bytes,
    digest: Digest,
) -> StatusList:
    proof, issuer = read_proof(document), document.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    start = document.get("validFrom", proof.options.get("created"))
    if not isinstance(issuer_id, str) or start is None:
        msg = "a status list names no issuer, or no day from which it speaks"
        raise MalformedCertificateError(msg)
    issued, end = read_moment(start, where="validFrom"), document.get("validUntil")
    return StatusList(
        publication=publication,
        uri=uri,
        issuer_id=issuer_id,
        key_id=proof.verification_method,
        issued_at=issued,
        expires_at=after(issued, _UNDATED) if end is None else read_moment(end, where="validUntil"),
        digest=digest,
        entries=len(values) * 8,
        _values=values,
        _width=1,
        _signed=document,
    )
