"""What an SD-JWT must state to be a certificate, and what the checks look at in it.

References:
    SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19), section 3.2.2; RFC 7519, section 4.1; RFC 7800.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NoReturn

from oneservice.canonical import digest_bytes
from oneservice.certificates.inquiry import Subject
from oneservice.certificates.jose import check_header
from oneservice.certificates.jwk import key_of_jwk
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.moments import read_numeric_date
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.status_entry import StatusReference, token_reference
from oneservice.certificates.urls import is_url
from oneservice.errors import IdentifierError, MalformedCertificateError, StatusUnknownError
from oneservice.identifiers import parse_region

__all__ = ["VCT_PREFIX", "check_vc", "holder_key", "sd_jwt_subject", "type_of", "vct_of"]

VCT_PREFIX: Final = "urn:oneservice:certificate:"
_DATES: Final = ("nbf", "exp")
_INSTANT: Final = timedelta(microseconds=1)
"""``exp`` is the first moment at which a JWT no longer counts; a certificate states the last."""
_MAX_NAME: Final = 512
_TEXTS: Final = ("sub", "jti")
"""Claims that are texts wherever they stand (RFC 7519, sections 4.1.2 and 4.1.7)."""
_INTEGRITY: Final = ("sha256-", "sha384-", "sha512-")


def vct_of(certificate_type: str) -> str:
    """Return the ``vct`` of a certificate type of ours."""
    return VCT_PREFIX + certificate_type


def type_of(vct: str) -> str:
    """Return the type that entitlements name: of ours the bare one, of others the whole ``vct``."""
    return vct.removeprefix(VCT_PREFIX)


def check_vc(sd_jwt: SdJwt) -> None:
    """Return if ``sd_jwt`` states what every certificate must, in the shape that it must have.

    Raises:
        MalformedCertificateError: the message names what is missing or misshapen.
    """
    _check_kinds(sd_jwt)
    stated = sd_jwt.token.payload
    vct, issuer = stated.get("vct"), stated.get("iss")
    if not isinstance(vct, str) or not vct or len(vct) > _MAX_NAME:
        _refuse("it names no type ('vct')")
    if not is_url(issuer):
        _refuse("'iss' is no URL, so nobody can look its issuer up in a trust list")
    if "aud" in stated:
        _refuse("it is addressed to somebody ('aud'), and a certificate is for everybody")
    if stated.get("_sd") == [] and not _hides(stated):
        _refuse("'_sd' is empty where nothing is hidden")
    others = stated.get("aka_vcts", [vct + "#"])
    if not isinstance(others, list) or not others or not all(isinstance(o, str) for o in others):
        _refuse("'aka_vcts' is no list of further types")
    if vct in others:
        _refuse("'aka_vcts' repeats the type")
    pinned = stated.get("vct#integrity", "sha256-")
    if not isinstance(pinned, str) or not pinned.startswith(_INTEGRITY):
        _refuse("'vct#integrity' is no integrity metadata, such as sha256-…")
    moments = [read_numeric_date(stated[one], where=one) for one in _DATES if one in stated]
    if len(moments) == len(_DATES) and moments[1] <= moments[0]:
        _refuse("'exp' is not after 'nbf'")
    if "iat" in sd_jwt.claims:
        read_numeric_date(sd_jwt.claims["iat"], where="iat")
    if "cnf" in stated and not isinstance(stated["cnf"], dict):
        _refuse("'cnf' is no object")
    if "status" in stated:
        token_reference(stated["status"])
    _region(stated)


def _check_kinds(sd_jwt: SdJwt) -> None:
    """Refuse names that are no texts, in the headers and in what is claimed."""
    check_header(sd_jwt.token, what="the issuer-signed JWT")
    if sd_jwt.key_binding is not None:
        check_header(sd_jwt.key_binding, what="the key binding JWT")
    for name in _TEXTS:
        if not isinstance(sd_jwt.claims.get(name, ""), str):
            _refuse(f"{name!r} is no text")


def holder_key(sd_jwt: SdJwt) -> VerifyingKey | None:
    """Return the key to which the certificate is bound; ``None``: to none.

    Raises:
        MalformedCertificateError: the JWK is none, or is a private one.
        StatusUnknownError: the key is named in a way that is not read here.
    """
    confirmation = sd_jwt.token.payload.get("cnf")
    if not isinstance(confirmation, Mapping):
        return None
    if "jwk" not in confirmation:
        msg = "the holder's key is not written out in 'cnf' (jwk), so it is not at hand"
        raise StatusUnknownError(msg)
    return key_of_jwk(confirmation["jwk"])


def sd_jwt_subject(sd_jwt: SdJwt) -> Subject:
    """Return what the checks look at; :func:`check_vc` has been passed."""
    stated, shown = sd_jwt.token.payload, sd_jwt.claims
    dates = {name: stated[name] for name in _DATES if name in stated}
    moments = {name: read_numeric_date(value, where=name) for name, value in dates.items()}
    ends = moments.get("exp")
    identifier = shown.get("certificate_id")
    return Subject(
        id=identifier
        if isinstance(identifier, str)
        else digest_bytes(sd_jwt.token.text.encode("ascii")),
        type=type_of(sd_jwt.type),
        issuer_id=str(stated["iss"]),
        region=_region(stated),
        starts=moments.get("nbf"),
        ends=None if ends is None else ends - _INSTANT,
        stated=dates,
        has_status="status" in stated,
        references=_references(stated),
        is_sandbox=stated.get("is_sandbox") is True,
    )


def _references(stated: Mapping[str, Any]) -> tuple[StatusReference, ...]:
    place = token_reference(stated["status"]) if "status" in stated else None
    return () if place is None else (place,)


def _hides(value: object) -> bool:
    """Say whether a digest stands anywhere in ``value``; its depth is limited where it is read."""
    if isinstance(value, dict):
        return bool(value.get("_sd")) or "..." in value or any(map(_hides, value.values()))
    return isinstance(value, list) and any(map(_hides, value))


def _region(stated: Mapping[str, Any]) -> str | None:
    """Return the region for which it was issued, where it says so in clear."""
    region = stated.get("issuer_region")
    try:
        return parse_region(region) if isinstance(region, str) else None
    except IdentifierError:
        _refuse("'issuer_region' is no region")


def _refuse(why: str) -> NoReturn:
    raise MalformedCertificateError(why)
