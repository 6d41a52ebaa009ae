"""What a certificate states, apart from how it is written and signed.

All formats are derived from :class:`Claims`. This module writes and reads the W3C credential form.

References:
    W3C VC Data Model 2.0, section 4; GB/T 36904-2018 (identifier); domain page, sections 4.6, 8.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

from oneservice.canonical import Digest
from oneservice.certificates.moments import (
    day_of,
    first_moment,
    is_zone,
    last_moment,
    read_moment,
    zone_of,
)
from oneservice.certificates.printable import are_printable, is_printable
from oneservice.certificates.status_entry import StatusEntry
from oneservice.certificates.urls import is_url
from oneservice.errors import IdentifierError, MalformedCertificateError
from oneservice.identifiers import parse_region

__all__ = [
    "CONTEXT",
    "OUR_TYPE",
    "CaseRecord",
    "Claims",
    "LocalText",
    "check_claims",
    "claims_document",
    "is_url",
    "read_claims",
    "read_period",
]

LocalText: TypeAlias = Mapping[str, str]
"""A text for people by language tag: ``{"zh": "食品经营许可证", "en": "Food permit"}``."""

CONTEXT: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
)
"""URLs only: a popular verifier compares the contexts of proof and document by identity, and so
refuses every credential with an inline one. The second is W3C's own home for private terms."""
OUR_TYPE: Final = "OneServiceCertificate"
_GB_PREFIX: Final = "urn:gbt-36904:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """Which case a certificate came from: enough to ask, nothing personal.

    ``request_digest`` covers the exact body of the application (protocol section 6, ``received``).
    """

    case_id: str
    submission_id: str | None = None
    request_digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an issuer states about a holder.

    Args:
        id: certificate identifier (GB/T 36904), or any URL.
        type: certificate type, for example ``food_permit``; entitlements name it.
        title: what is printed at the top.
        issuer_id: URL of the issuer; trust lists name it.
        issuer_name: the issuer for people.
        issuer_region: region for which it was issued, 6, 9 or 12 digits.
        holder_name: person or firm.
        holder_code: credit code, or a masked citizen number; empty where there is none.
        holder_id: URL of the holder, where one exists.
        number: the number printed on the face, where the type has one.
        valid_from: first day on which it counts, in ``zone``.
        valid_until: last day on which it counts, in ``zone``; ``None``: without end.
        zone: the issuer's offset from UTC.
        conditions: what the holder must keep to.
        result: further facts of this type; JSON without fractions.
        evidence: the case it came from.
        is_sandbox: issued by throw-away keys, of no legal effect.
        status: where its state is published; ``None``: it is never taken back, or only by asking.
    """

    id: str
    type: str
    title: LocalText
    issuer_id: str
    issuer_name: LocalText
    issuer_region: str
    holder_name: str
    holder_code: str = ""
    holder_id: str | None = None
    number: str | None = None
    valid_from: date
    valid_until: date | None = None
    zone: str = "+08:00"
    conditions: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    evidence: CaseRecord | None = None
    is_sandbox: bool = False
    status: StatusEntry | None = None

    @property
    def holder(self) -> str:
        """The holder for people."""
        return self.holder_name


def claims_document(claims: Claims) -> dict[str, Any]:
    """Return ``claims`` as a W3C Verifiable Credential 2.0 that waits for its proof.

    Raises:
        MalformedCertificateError: a claim is empty or badly shaped; the message names it.
    """
    check_claims(claims)
    document: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": claims.id if is_url(claims.id) else _GB_PREFIX + claims.id,
        "type": ["VerifiableCredential", OUR_TYPE],
        "name": _write_text(claims.title),
        "issuer": {
            "id": claims.issuer_id,
            "name": _write_text(claims.issuer_name),
            "region": claims.issuer_region,
        },
        "validFrom": first_moment(claims.valid_from, claims.zone),
        "credentialSubject": _write_subject(claims),
        "isSandbox": claims.is_sandbox,
    }
    if claims.valid_until is not None:
        document["validUntil"] = last_moment(claims.valid_until, claims.zone)
    if claims.evidence is not None:
        document["evidence"] = [_write_record(claims.evidence)]
    if claims.status is not None:
        document["credentialStatus"] = claims.status.as_json()
    return document


def read_claims(document: Mapping[str, Any]) -> Claims:
    """Return what a credential of our own type states; members that we do not know are let pass.

    Raises:
        MalformedCertificateError: it lacks what every certificate of ours has.
    """
    try:
        issuer, subject = document["issuer"], document["credentialSubject"]
        until = document.get("validUntil")
        record = document["evidence"][0] if "evidence" in document else None
        identifier, places = document["id"], document.get("credentialStatus")
        claims = Claims(
            id=identifier.removeprefix(_GB_PREFIX),
            type=subject["certificateType"],
            title=_read_text(document["name"]),
            issuer_id=issuer["id"],
            issuer_name=_read_text(issuer["name"]),
            issuer_region=issuer["region"],
            holder_name=subject["holderName"],
            holder_code=subject["holderCode"],
            holder_id=subject.get("id"),
            number=subject.get("number"),
            valid_from=day_of(document["validFrom"]),
            valid_until=None if until is None else day_of(until),
            zone=zone_of(document["validFrom"]),
            conditions=tuple(_list(subject["conditions"])),
            result=subject["result"],
            evidence=None if record is None else _read_record(record),
            is_sandbox=document["isSandbox"],
            status=None if places is None else StatusEntry.of(places),
        )
        check_claims(claims)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        msg = f"a {OUR_TYPE} lacks what every one has, or has it in another shape"
        raise MalformedCertificateError(msg) from error
    return claims


def read_period(document: Mapping[str, Any]) -> None:
    """Refuse a validity period that is no period.

    Raises:
        MalformedCertificateError: a moment is badly written, or the end is before the start.
    """
    start, end = [
        read_moment(document[name], where=name) if name in document else None
        for name in ("validFrom", "validUntil")
    ]
    if start is not None and end is not None and end < start:
        msg = "validUntil is before validFrom"
        raise MalformedCertificateError(msg)


def check_claims(claims: Claims) -> None:
    """Refuse claims that no reader could use; say which. A document may hold anything anywhere.

    Raises:
        MalformedCertificateError: the message names what is empty, or has not its shape.
    """
    record = claims.evidence or _NO_RECORD
    due = (claims.id, claims.type, claims.holder_name, record.case_id, *claims.conditions)
    texts = (*due, *claims.title.values(), *claims.issuer_name.values())
    optional = (claims.holder_code, claims.number, record.submission_id, record.request_digest)
    given = [one for one in optional if one is not None]
    if not all(texts) or not are_printable((*texts, *given)):
        named = {"id": claims.id, "type": claims.type, "holder_name": claims.holder_name}
        wrong = [name for name, text in named.items() if not text or not is_printable(text)]
        msg = f"{', '.join(wrong) or 'a text of the claims'}: empty, or no printable text"
        raise MalformedCertificateError(msg)
    sound = (
        ("title", bool(claims.title)),
        ("issuer_name", bool(claims.issuer_name)),
        ("issuer_id", is_url(claims.issuer_id)),
        ("holder_id", claims.holder_id is None or is_url(claims.holder_id)),
        ("issuer_region", _is_region(claims.issuer_region)),
        ("zone", is_zone(claims.zone)),
        ("result", isinstance(claims.result, (dict, Mapping))),
        ("is_sandbox", isinstance(claims.is_sandbox, bool)),
        ("valid_until", claims.valid_until is None or claims.valid_until >= claims.valid_from),
    )
    for name, is_sound in sound:
        if not is_sound:
            msg = f"{name} has not the shape that it must have"
            raise MalformedCertificateError(msg)


_NO_RECORD: Final = CaseRecord(case_id="-")


def _is_region(text: object) -> bool:
    return isinstance(text, str) and _is_region_code(text)


@functools.lru_cache(maxsize=4096)
def _is_region_code(text: str) -> bool:
    try:
        return bool(parse_region(text))
    except IdentifierError:
        return False


def _write_subject(claims: Claims) -> dict[str, Any]:
    subject: dict[str, Any] = {
        "certificateType": claims.type,
        "holderName": claims.holder_name,
        "holderCode": claims.holder_code,
        "conditions": list(claims.conditions),
        "result": dict(claims.result),
    }
    if claims.holder_id is not None:
        subject["id"] = claims.holder_id
    if claims.number is not None:
        subject["number"] = claims.number
    return subject


def _write_text(text: LocalText) -> list[dict[str, str]]:
    """Write language value objects (VC Data Model 2.0, section 11.1)."""
    return [{"@language": language, "@value": text[language]} for language in sorted(text)]


def _read_text(value: object) -> LocalText:
    return {one["@language"]: one["@value"] for one in _list(value)}


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _write_record(record: CaseRecord) -> dict[str, Any]:
    written = {
        "type": ["CaseRecord"],
        "caseId": record.case_id,
        "submissionId": record.submission_id,
        "requestDigest": record.request_digest,
    }
    return {name: value for name, value in written.items() if value is not None}


def _read_record(value: Mapping[str, Any]) -> CaseRecord:
    return CaseRecord(
        case_id=value["caseId"],
        submission_id=value.get("submissionId"),
        request_digest=value.get("requestDigest"),
    )
