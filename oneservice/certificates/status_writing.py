"""Status lists, written: one register, three documents of one moment.

References:
    Token Status List (draft-ietf-oauth-status-list), section 5.1; W3C Bitstring Status List 1.1,
    section 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import canonical, write_instant
from oneservice.certificates.base64url import encode_base64url
from oneservice.certificates.claims import CONTEXT
from oneservice.certificates.jose import sign_jws
from oneservice.certificates.proofs import ProvingKey, add_proof
from oneservice.certificates.status_bits import MIN_ENTRIES, compress, derive_bitstring
from oneservice.certificates.status_entry import Publication, list_url
from oneservice.certificates.status_lists import LIST_CREDENTIAL, LIST_SUBJECT, LIST_TOKEN_TYPE
from oneservice.errors import MalformedCertificateError

__all__ = ["ListIssuer", "write_status_lists"]

_VALUES: Final = {Publication.REVOCATION: 1, Publication.SUSPENSION: 2}
_WIDTH: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIssuer:
    """Who signs the lists of a register: URL of the issuer, its key, and the key's own URL."""

    id: str
    key: ProvingKey
    key_id: str


def write_status_lists(
    values: bytes,
    *,
    uri: str,
    issuer: ListIssuer,
    issued_at: datetime,
    expires_at: datetime,
    ttl_s: int,
) -> dict[Publication, bytes]:
    """Return one edition of a register as its three documents; the same input, the same bytes.

    Args:
        values: two bits an entry: 0 good, 1 invalid, 2 suspended.
        uri: of the register.
        issuer: who signs; a key on P-256 or P-384.
        issued_at: aware instant, cut to seconds.
        expires_at: after it nobody may rely on this edition.
        ttl_s: after how many seconds readers should look for a newer one.

    Raises:
        MalformedCertificateError: too few entries, or an end before the beginning.
        KeyUnusableError: the key signs no JWT.
    """
    issued, expires = (one.replace(microsecond=0) for one in (issued_at, expires_at))
    if len(values) * 4 < MIN_ENTRIES or len(values) % 2 or expires <= issued or ttl_s < 1:
        msg = f"an edition has {MIN_ENTRIES} entries or more, lives for a while, and is looked up"
        raise MalformedCertificateError(msg)
    claims = {
        "iss": issuer.id,
        "sub": uri,
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "ttl": ttl_s,
        "status_list": {
            "bits": _WIDTH,
            "lst": encode_base64url(compress(values, gzip=False)),
        },
    }
    token = sign_jws(claims, key=issuer.key, typ=LIST_TOKEN_TYPE, key_id=issuer.key_id)
    made = {Publication.TOKEN: token.text.encode("ascii")}
    for publication, value in _VALUES.items():
        unsigned = {
            "@context": [CONTEXT[0]],
            "issuer": issuer.id,
            "validFrom": write_instant(issued),
            "validUntil": write_instant(expires),
            **_words(list_url(uri, publication), publication, derive_bitstring(values, value)),
        }
        signed = add_proof(
            unsigned, key=issuer.key, verification_method=issuer.key_id, created=issued
        )
        made[publication] = canonical(signed)
    return made


def _words(uri: str, publication: Publication, bits: bytes) -> dict[str, Any]:
    """Return what a list credential states about itself and its entries."""
    return {
        "id": uri,
        "type": ["VerifiableCredential", LIST_CREDENTIAL],
        "credentialSubject": {
            "id": f"{uri}#list",
            "type": LIST_SUBJECT,
            "statusPurpose": str(publication),
            "encodedList": "u" + encode_base64url(compress(bits, gzip=True)),
        },
    }
