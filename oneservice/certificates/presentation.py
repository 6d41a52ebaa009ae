"""Verification of a presented SD-JWT: the same checks, in the same order, with the same report.

References:
    RFC 9901, section 7; SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19), section 3.4; certificates page,
    section 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.jose import check_algorithm, check_jws
from oneservice.certificates.judging import Asked
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.moments import read_numeric_date
from oneservice.certificates.multibase import Curve
from oneservice.certificates.policy import Policy
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import (
    CheckName,
    Finding,
    Report,
    conclude,
    failed,
    not_checked,
    passed,
    unmade,
)
from oneservice.certificates.requirements import HeldBy
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.sd_jwt_vc import check_vc, sd_jwt_subject
from oneservice.certificates.status import StatusSource
from oneservice.certificates.trust_entries import KeyUse
from oneservice.certificates.urls import is_url
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    PolicyInvalidError,
    StatusUnknownError,
    VerificationError,
)

__all__ = ["examine_presentation", "verify_presentation"]

_WHAT: Final = "the certificate"
_MOST_KEYS: Final = 32
"""Keys of one issuer that are tried where a certificate does not say which one signed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _JwtSignature:
    """A :class:`Signature`: the key and the moment that a JWT states."""

    verification_method: str
    created: datetime | None
    expires: datetime | None = None


def examine_presentation(
    data: bytes | str | SdJwt,
    *,
    trust: Trust | None,
    at: datetime,
    audience: str | None = None,
    nonce: str | None = None,
    status: StatusSource | None = None,
    policy: Policy | None = None,
    enclosures: Enclosures = NOTHING,
) -> Report:
    """Return the report on ``data``, whatever it is; never raises for what it finds in it.

    Args:
        data: an SD-JWT VC in the compact form, or what is said to be one.
        trust: whom the relier trusts; ``None``: nobody, so nothing can be told.
        at: aware instant for which the answer is to hold; for a proof of holding, now.
        audience: who the relier is, as the holder was told; with ``nonce``, a proof of holding is
            due. Whether one is there plays no part.
        nonce: the word that the relier chose for this presentation.
        status: register of revocations at hand; :class:`PublishedStatus` for one.
        policy: what must pass; :meth:`Policy.standard` by default.
        enclosures: what came beside it; what others vouch for is the issuer-signed JWT.

    Raises:
        PolicyInvalidError: only one of ``audience`` and ``nonce`` is given.
    """
    policy = policy or Policy.standard()
    if (audience is None) != (nonce is None):
        msg = "a proof of holding needs both audience and nonce; give both, or neither"
        raise PolicyInvalidError(msg)
    if audience is not None and nonce is not None:
        policy = policy.also(HeldBy(audience=audience, nonce=nonce))
    try:
        sd_jwt = data if isinstance(data, SdJwt) else SdJwt.parse(data)
        check_vc(sd_jwt)
    except StatusUnknownError as error:
        unread = not_checked(CheckName.PARSE, str(error), error=error)
        return conclude([unread, *unmade(after=CheckName.PARSE)], policy=policy.name)
    except MalformedCertificateError as error:
        misread = failed(CheckName.PARSE, error)
        return conclude([misread, *unmade(after=CheckName.PARSE)], policy=policy.name)
    asked = Asked(trust=trust, at=at, status=status, policy=policy, enclosures=enclosures)
    findings = _judge(sd_jwt, asked)
    return conclude(findings, policy=policy.name)


def verify_presentation(data: bytes | str | SdJwt, **asked: Any) -> SdJwt:
    """Return the SD-JWT that ``data`` states, every check passed; its ``claims`` may be believed.

    Args:
        data: as for :func:`examine_presentation`.
        asked: as for :func:`examine_presentation`.

    Raises:
        VerificationError: the true reason why not.
    """
    sd_jwt = data if isinstance(data, SdJwt) else SdJwt.parse(data)
    report = examine_presentation(sd_jwt, **asked)
    if report.error is not None:
        raise report.error
    return sd_jwt


def _judge(sd_jwt: SdJwt, asked: Asked) -> list[Finding]:
    method, finding = _check_signed(sd_jwt, asked.trust)
    issued = sd_jwt.claims.get("iat")
    created = None if issued is None else read_numeric_date(issued, where="iat")
    signature = (
        None if method is None else _JwtSignature(verification_method=method, created=created)
    )
    return asked.judge(
        sd_jwt_subject(sd_jwt),
        signature,
        finding,
        data=lambda: sd_jwt.token.text.encode("ascii"),
        presentation=sd_jwt,
    )


def _check_signed(sd_jwt: SdJwt, trust: Trust | None) -> tuple[str | None, Finding]:
    """Check the issuer's signature; return the URL of its key unless the words are not his.

    A signature whose key is not at hand is no failure: what the list says can still be told.
    """
    token, name = sd_jwt.token, CheckName.PROOF
    facts: dict[str, Any] = {"algorithm": token.algorithm, "key_id": token.key_id}
    try:
        check_algorithm(token, what=_WHAT)
        tried = False
        for method, key, source in _keys(sd_jwt, trust):
            tried = True
            if not _signed_by(sd_jwt, key):
                continue
            facts |= {"verification_method": method, "key_from": source, "curve": str(key.curve)}
            return method, passed(name, **facts)
        if tried:
            msg = "the signature does not cover what is stated, or is of another key than named"
            raise ForgedCertificateError(msg)
    except StatusUnknownError as error:
        return None, not_checked(name, str(error), error=error, **facts)
    except VerificationError as error:
        return None, failed(name, error, **facts)
    msg = "the key is not at hand, so the signature could not be checked"
    return token.key_id or "", not_checked(name, msg, error=StatusUnknownError(msg), **facts)


def _signed_by(sd_jwt: SdJwt, key: VerifyingKey) -> bool:
    try:
        check_jws(sd_jwt.token, key, what=_WHAT)
    except ForgedCertificateError:
        return False
    return True


def _keys(sd_jwt: SdJwt, trust: Trust | None) -> Iterator[tuple[str, VerifyingKey, str]]:
    """Yield the keys that may have signed: the one that is named, else those of the issuer.

    A name that is no URL means something to the issuer alone (RFC 7515, section 4.1.4: a hint), and
    no list can hold it. It says which of his keys it is only by that one's fitting.
    """
    kid = sd_jwt.token.key_id
    listed = None if kid is None or trust is None else trust.key(kid)
    if kid is None:
        yield from _issuer_keys(sd_jwt, trust)
    elif listed is not None:
        yield kid, listed[1].key(), "trust list"
    elif (spelled := _spelled(kid)) is not None:
        yield kid, spelled, "the certificate's own words"
    elif not is_url(kid):
        yield from (one for one in _issuer_keys(sd_jwt, trust) if _signed_by(sd_jwt, one[1]))


def _issuer_keys(sd_jwt: SdJwt, trust: Trust | None) -> Iterator[tuple[str, VerifyingKey, str]]:
    issuer = None if trust is None else trust.issuer(str(sd_jwt.token.payload["iss"]))
    known = () if issuer is None else issuer.keys[-_MOST_KEYS:]
    for one in known:
        if one.use is KeyUse.CERTIFICATE and one.key().curve is not Curve.ED25519:
            yield one.id, one.key(), "trust list"


def _spelled(kid: str) -> VerifyingKey | None:
    """Return the key that a URL of our form spells out; who vouches for it is another question."""
    try:
        return VerifyingKey.from_multibase(kid.partition("#")[2])
    except MalformedCertificateError:
        return None
