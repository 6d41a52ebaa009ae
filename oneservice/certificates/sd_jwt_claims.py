"""Our claims as the payload of a JWT, and back: the same words as in the W3C form.

Days become seconds (``nbf``, ``exp``), and the issuer's offset is written along, so that a reader
gets the same days back.

References:
    RFC 7519, section 4.1; SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19), section 3.2.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from oneservice.certificates.claims import CaseRecord, Claims, check_claims
from oneservice.certificates.moments import first_moment, last_moment, read_moment
from oneservice.certificates.sd_jwt_vc import type_of, vct_of
from oneservice.certificates.status_entry import StatusEntry, token_reference
from oneservice.errors import MalformedCertificateError

__all__ = ["claims_payload", "read_claims_payload"]

_OPTIONAL: Final = ("holder_id", "number")


def claims_payload(
    claims: Claims,
    *,
    issued_at: datetime,
    holder_jwk: Mapping[str, str] | None = None,
    vct: str | None = None,
) -> dict[str, Any]:
    """Return ``claims`` as the payload of an SD-JWT VC, nothing hidden yet.

    Args:
        claims: what is stated.
        issued_at: aware instant of signing; cut to seconds.
        holder_jwk: key of the holder (``cnf``), where the certificate is bound to one.
        vct: the type's name where it has another than ours.

    Raises:
        MalformedCertificateError: a claim is empty or badly shaped; the message names it.
        ValueError: ``issued_at`` is naive.
    """
    check_claims(claims)
    if issued_at.tzinfo is None:
        msg = "a naive datetime is no instant; give it a zone"
        raise ValueError(msg)
    start = read_moment(first_moment(claims.valid_from, claims.zone), where="valid_from")
    payload: dict[str, Any] = {
        "iss": claims.issuer_id,
        "iat": int(issued_at.timestamp()),
        "nbf": int(start.timestamp()),
        "vct": vct or vct_of(claims.type),
        "zone": claims.zone,
        "title": dict(claims.title),
        "issuer_name": dict(claims.issuer_name),
        "issuer_region": claims.issuer_region,
        "is_sandbox": claims.is_sandbox,
        "certificate_id": claims.id,
        "holder_name": claims.holder_name,
        "holder_code": claims.holder_code,
        "conditions": list(claims.conditions),
        "result": dict(claims.result),
    }
    if claims.valid_until is not None:
        end = read_moment(last_moment(claims.valid_until, claims.zone), where="valid_until")
        payload["exp"] = int(end.timestamp()) + 1
    payload |= {
        name: getattr(claims, name) for name in _OPTIONAL if getattr(claims, name) is not None
    }
    if claims.evidence is not None:
        payload["evidence"] = _write_record(claims.evidence)
    if claims.status is not None:
        place = {"idx": claims.status.index, "uri": claims.status.uri}
        payload["status"] = {"status_list": place}
    if holder_jwk is not None:
        payload["cnf"] = {"jwk": dict(holder_jwk)}
    return payload


def read_claims_payload(shown: Mapping[str, Any]) -> Claims:
    """Return the claims of a certificate of ours of which everything is shown.

    Args:
        shown: the processed payload.

    Raises:
        MalformedCertificateError: something is kept back that every certificate has, or stands in
            another shape; read ``SdJwt.claims`` for what is shown.
    """
    try:
        zone = shown["zone"]
        place = token_reference(shown["status"]) if "status" in shown else None
        record = shown.get("evidence")
        until = None if "exp" not in shown else _day(shown["exp"] - 1, zone)
        claims = Claims(
            id=shown["certificate_id"],
            type=type_of(shown["vct"]),
            title=dict(shown["title"]),
            issuer_id=shown["iss"],
            issuer_name=dict(shown["issuer_name"]),
            issuer_region=shown["issuer_region"],
            holder_name=shown["holder_name"],
            holder_code=shown["holder_code"],
            holder_id=shown.get("holder_id"),
            number=shown.get("number"),
            valid_from=_day(shown["nbf"], zone),
            valid_until=until,
            zone=zone,
            conditions=tuple(shown["conditions"]),
            result=shown["result"],
            evidence=None if record is None else CaseRecord(**record),
            is_sandbox=shown["is_sandbox"],
            status=None if place is None else StatusEntry(uri=place.uri, index=place.index),
        )
        check_claims(claims)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        msg = "not every claim is shown, or one is not in the shape of a certificate of ours"
        raise MalformedCertificateError(msg) from error
    return claims


def _day(seconds: int, zone: str) -> date:
    offset = datetime.strptime(zone, "%z").tzinfo or timezone(timedelta())
    return datetime.fromtimestamp(seconds, offset).date()


def _write_record(record: CaseRecord) -> dict[str, Any]:
    written = {
        "case_id": record.case_id,
        "submission_id": record.submission_id,
        "request_digest": record.request_digest,
    }
    return {name: value for name, value in written.items() if value is not None}
