"""What other people's software asks an issuer's web server for: its keys, and its types.

All of it is made from the issuer's entry in the trust list, so that the two cannot disagree. It
tells which keys an issuer has; who is *entitled*, and which key was good when, only the list tells.

References:
    RFC 7517 (JWK Set); SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19), sections 5 (JWT VC Issuer
    Metadata), 6 (Type Metadata) and 7 (integrity).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from oneservice.certificates.claims import LocalText
from oneservice.certificates.disclosures import Path
from oneservice.certificates.jwk import jwk_of
from oneservice.certificates.multibase import Curve
from oneservice.certificates.sd_jwt_issuing import ANY, DEFAULT_PROFILE, DisclosureProfile
from oneservice.certificates.sd_jwt_vc import vct_of
from oneservice.certificates.trust_entries import KeyUse, ListedKey, TrustedIssuer
from oneservice.errors import KeyUnusableError

__all__ = [
    "holds_integrity",
    "integrity_of",
    "issuer_metadata",
    "issuer_metadata_path",
    "jwk_set",
    "type_metadata",
]

_WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"
_ARRAYS: Final = frozenset({("conditions",)})
"""The arrays among our claims."""
_ALGORITHMS: Final = {Curve.P256: "ES256", Curve.P384: "ES384"}


def jwk_set(issuer: TrustedIssuer) -> dict[str, Any]:
    """Return the certificate keys of ``issuer`` that sign JWTs, as a JWK Set.

    Rotated keys stay in it: what they signed in their time is good. Keys that were reported stolen
    are left out, because a JWK has no word for it, and other verifiers would go on to believe them.
    """
    return {"keys": [_entry(key) for key in issuer.keys if _signs_jwts(key)]}


def issuer_metadata(issuer: TrustedIssuer, *, jwks_uri: str | None = None) -> dict[str, Any]:
    """Return the JWT VC Issuer Metadata of ``issuer``.

    Args:
        issuer: as the trust list has it; its id is the ``iss`` of its certificates.
        jwks_uri: where the JWK Set is published; ``None``: it is written into this document.
    """
    keys = {"jwks": jwk_set(issuer)} if jwks_uri is None else {"jwks_uri": jwks_uri}
    return {"issuer": issuer.id, **keys}


def issuer_metadata_path(issuer_id: str) -> str:
    """Return the path under which the issuer's server must answer with its metadata.

    Raises:
        KeyUnusableError: the issuer is no HTTPS URL without query and fragment, so nobody looks
            for its keys on the web; only trust lists name them.
    """
    parts = urlsplit(issuer_id)
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
        msg = f"{issuer_id[:120]}: web lookup needs an HTTPS URL without query and fragment"
        raise KeyUnusableError(msg)
    return _WELL_KNOWN + parts.path.rstrip("/")


def type_metadata(
    certificate_type: str,
    *,
    title: LocalText,
    profile: DisclosureProfile = DEFAULT_PROFILE,
    extends: str | None = None,
) -> dict[str, Any]:
    """Return the Type Metadata of a certificate type: its names, and what may be kept back.

    Args:
        certificate_type: for example ``food_permit``.
        title: what is printed at the top, by language tag.
        profile: how certificates of the type are written.
        extends: ``vct`` of a more general type.
    """
    document: dict[str, Any] = {
        "vct": profile.vct or vct_of(certificate_type),
        "name": title.get("en") or next(iter(title.values()), certificate_type),
        "display": [{"locale": tag, "name": title[tag]} for tag in sorted(title)],
        "claims": [
            {"path": _path(path), "sd": "always"}
            for path in sorted(profile.hidden, key=str)
            if ANY not in path or _is_of_elements(path)
        ],
    }
    if extends is not None:
        document["extends"] = extends
    return document


def integrity_of(document: bytes) -> str:
    """Return the ``vct#integrity`` of a Type Metadata document, as it is published.

    References:
        W3C Subresource Integrity, section 3.5: base64 with padding, not base64url.
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(document).digest()).decode("ascii")


def holds_integrity(stated: str, document: bytes) -> bool:
    """Say whether ``document`` is the one that a ``vct#integrity`` pins.

    Of several digests the strongest kind counts, and one of that kind must fit (W3C Subresource
    Integrity, section 3.3.4); an unknown kind pins nothing, and so the answer is no.
    """
    given = [one.partition("-") for one in stated.split()]
    for name in ("sha512", "sha384", "sha256"):
        due = {value.partition("?")[0] for kind, _, value in given if kind == name}
        if due:
            found = base64.b64encode(hashlib.new(name, document).digest()).decode("ascii")
            return found in due
    return False


def _signs_jwts(key: ListedKey) -> bool:
    is_ours = key.use is KeyUse.CERTIFICATE and key.compromised_at is None
    return is_ours and key.key().curve in _ALGORITHMS


def _entry(key: ListedKey) -> Mapping[str, str]:
    public = key.key()
    return {**jwk_of(public), "kid": key.id, "use": "sig", "alg": _ALGORITHMS[public.curve]}


def _is_of_elements(path: Path) -> bool:
    """Say whether ``*`` stands for elements of an array; Type Metadata has no word for members."""
    return path[-1] == ANY and path[:-1] in _ARRAYS


def _path(path: Path) -> list[str | int | None]:
    return [None if step == ANY else step for step in path]
