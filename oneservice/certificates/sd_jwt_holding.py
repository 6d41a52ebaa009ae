"""Whether whoever shows a certificate holds its key, here and now: the key binding JWT.

Theory of operation: a copy of a certificate is as good as the original, so what proves the holder
is a fresh signature over just this presentation, for just this verifier, with the word that he
chose for the occasion. Whether it is *due* the verifier decides, never the presentation.

References:
    RFC 9901, sections 4.3, 7.3 and 9.5.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from oneservice.canonical import write_instant
from oneservice.certificates.inquiry import Inquiry
from oneservice.certificates.jose import Jws, check_jws
from oneservice.certificates.moments import read_numeric_date
from oneservice.certificates.report import CheckName, Finding, failed, not_checked, passed
from oneservice.certificates.requirements import HeldBy, Leaf
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.sd_jwt_vc import holder_key
from oneservice.errors import (
    HolderUnboundError,
    HolderUnprovenError,
    MalformedCertificateError,
    StatusUnknownError,
    VerificationError,
)

__all__ = ["check_key_binding", "held"]

_MAX_AGE_S: Final = 300
"""A presentation is made for the occasion; five minutes are a slow network and a slow person."""
_SKEW: Final = timedelta(seconds=60)
"""How far the holder's clock may be ahead."""
_WHAT: Final = "the key binding JWT"


def held(inquiry: Inquiry, leaf: Leaf) -> Finding:
    """Say whether whoever shows the certificate proved to hold its key."""
    name, paper = CheckName.HOLDER, inquiry.presentation
    if not isinstance(leaf, HeldBy):
        return not_checked(name, "the policy names neither the verifier nor its word (nonce)")
    if paper is None:
        why = "a certificate in this form has no place for a proof of holding; ask for an SD-JWT"
        return not_checked(name, why, error=StatusUnknownError(why))
    try:
        facts = check_key_binding(
            paper,
            audience=leaf.audience,
            nonce=leaf.nonce,
            at=inquiry.at,
            max_age_s=_MAX_AGE_S if leaf.max_age_s is None else leaf.max_age_s,
        )
    except StatusUnknownError as error:
        return not_checked(name, str(error), error=error)
    except VerificationError as error:
        return failed(name, error, audience=leaf.audience)
    return passed(name, at=inquiry.at, **facts)


def check_key_binding(
    sd_jwt: SdJwt, *, audience: str, nonce: str, at: datetime, max_age_s: int = _MAX_AGE_S
) -> dict[str, Any]:
    """Return what the proof of holding rests on; raise if there is none that holds.

    Args:
        sd_jwt: a presentation of which the issuer's signature holds.
        audience: the verifier, as it named itself to the holder.
        nonce: the word that it asked to be repeated.
        at: aware instant of receiving it.
        max_age_s: how old the proof may be.

    Raises:
        HolderUnprovenError: there is none, it was made for another verifier, occasion or
            presentation, or too long ago.
        HolderUnboundError: the certificate is bound to no key; its issuer must bind it to one.
        ForgedCertificateError: it was not made with the holder's key.
        MalformedCertificateError: it is no key binding JWT.
        StatusUnknownError: its key or algorithm is named in a way that is not read here.
    """
    binding, key = sd_jwt.key_binding, holder_key(sd_jwt)
    if key is None:
        msg = "the certificate is bound to no key, so nobody can prove to be its holder"
        raise HolderUnboundError(msg)
    if binding is None:
        _unproven("the presentation comes without a proof of holding (key binding JWT)")
    check_jws(binding, key, what=_WHAT)
    _check_words(binding, sd_jwt, audience, nonce)
    made = _check_moments(binding, at, max_age_s)
    return {"audience": audience, "holder_key": key.multibase, "bound_at": made}


def _check_words(binding: Jws, sd_jwt: SdJwt, audience: str, nonce: str) -> None:
    stated = binding.payload
    due = {"aud": audience, "nonce": nonce, "sd_hash": sd_jwt.sd_hash}
    whys = {
        "aud": "it was made for another verifier",
        "nonce": "it was made for another occasion, so it may be a recording",
        "sd_hash": "it was made for another presentation: something was added or taken away",
    }
    for name, value in due.items():
        if not isinstance(stated.get(name), str):
            msg = f"{_WHAT} has no text under {name!r}"
            raise MalformedCertificateError(msg)
        if stated[name] != value:
            _unproven(whys[name])


def _check_moments(binding: Jws, at: datetime, max_age_s: int) -> str:
    stated = binding.payload
    moments = {
        name: read_numeric_date(stated[name], where=f"{name} of {_WHAT}")
        for name in ("iat", "nbf", "exp")
        if name in stated
    }
    made = moments.get("iat")
    if made is None:
        msg = f"{_WHAT} does not say when it was made"
        raise MalformedCertificateError(msg)
    if made - at > _SKEW or moments.get("nbf", made) - at > _SKEW:
        _unproven("it was made after the moment asked about")
    if at - made > timedelta(seconds=max_age_s) or at >= moments.get("exp", at + _SKEW):
        _unproven("it was made too long before the moment asked about")
    return write_instant(made)


def _unproven(why: str) -> NoReturn:
    raise HolderUnprovenError(why)
