"""Claims, written as an SD-JWT: which of them are hidden is data of the certificate type.

References:
    RFC 9901, sections 4.2 (disclosures), 4.2.5 (decoys) and 9.3, 9.4 (salts); SD-JWT VC
    (draft-ietf-oauth-sd-jwt-vc-19), section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from oneservice.canonical import canonical
from oneservice.certificates.base64url import encode_base64url
from oneservice.certificates.claims import Claims
from oneservice.certificates.disclosures import (
    DIGESTS,
    ELEMENT,
    HASH_NAME,
    HASHES,
    Disclosure,
    Path,
    write_disclosure,
)
from oneservice.certificates.jose import sign_jws
from oneservice.certificates.jwk import jwk_of
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.proofs import ProvingKey
from oneservice.certificates.sd_jwt import SD_JWT_VC_TYPE, SdJwt
from oneservice.certificates.sd_jwt_claims import claims_payload
from oneservice.certificates.sd_jwt_vc import check_vc
from oneservice.errors import MalformedCertificateError

__all__ = ["ANY", "DEFAULT_PROFILE", "Concealed", "DisclosureProfile", "conceal", "issue_sd_jwt"]

ANY: Final = "*"
_HASH: Final = "sha-256"
_SALT_SYMBOLS: Final = 22
"""128 bits in base64url (RFC 9901, section 9.3)."""
_MAX_DECOYS: Final = 64
_PROFILE: Final = ("hidden", "decoys", "vct", "vct_integrity")
_HERE: Final = None
"""Marks the end of a path in a tree of steps; no step is nothing."""
_RESERVED: Final = frozenset({DIGESTS, ELEMENT, HASH_NAME})
_SCALARS: Final = frozenset({str, int, bool, float, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureProfile:
    """How certificates of one type are written as SD-JWT.

    Args:
        hidden: paths of what the holder may show or keep back; ``*`` stands for every member of
            an object, or every element of an array. What is not named is always shown.
        decoys: digests that stand for nothing, added to each object that hides something, so that
            nobody can count what is kept back.
        vct: the type's name where it has another than ours.
        vct_integrity: what ``integrity_of`` gives for the type's published metadata; pins it.
    """

    hidden: tuple[Path, ...] = ()
    decoys: int = 0
    vct: str | None = None
    vct_integrity: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the profile as it stands in a file of settings."""
        written: dict[str, Any] = {"hidden": [list(path) for path in self.hidden]}
        if self.decoys:
            written["decoys"] = self.decoys
        names = {"vct": self.vct, "vct_integrity": self.vct_integrity}
        return written | {name: value for name, value in names.items() if value is not None}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> DisclosureProfile:
        """Return the profile that ``document`` states: ``{"hidden": [["result", "*"], …]}``.

        Raises:
            MalformedCertificateError: a member that is not known, or in another shape.
        """
        hidden, decoys, vct, pinned = (document.get(name) for name in _PROFILE)
        is_paths = isinstance(hidden, list) and all(map(_is_path, hidden))
        is_named = isinstance(vct, str | None) and isinstance(pinned, str | None)
        if not is_paths or not is_named or not document.keys() <= set(_PROFILE):
            msg = f"a disclosure profile has paths under 'hidden', and some of {_PROFILE[1:]}"
            raise MalformedCertificateError(msg)
        if decoys is not None and (type(decoys) is not int or not 0 <= decoys <= _MAX_DECOYS):
            msg = f"an object may have 0 to {_MAX_DECOYS} decoys"
            raise MalformedCertificateError(msg)
        paths = tuple(map(tuple, hidden or ()))
        return cls(hidden=paths, decoys=decoys or 0, vct=vct, vct_integrity=pinned)


DEFAULT_PROFILE: Final = DisclosureProfile(
    hidden=(
        ("certificate_id",),
        ("number",),
        ("holder_name",),
        ("holder_code",),
        ("holder_id",),
        ("conditions", ANY),
        ("result", ANY),
        ("evidence",),
    )
)
"""Everything that is about the holder is his to show; what the paper is and whose, is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealed:
    """A payload with digests in the place of what is hidden, and the disclosures of that."""

    payload: Mapping[str, Any]
    disclosures: tuple[Disclosure, ...] = field(repr=False)


def issue_sd_jwt(
    claims: Claims,
    *,
    key: ProvingKey,
    key_id: str,
    issued_at: datetime,
    salts: Iterator[str],
    holder_key: VerifyingKey | None = None,
    profile: DisclosureProfile = DEFAULT_PROFILE,
) -> SdJwt:
    """Return ``claims`` as a signed SD-JWT VC; the same input gives the same bytes.

    Args:
        claims: what is stated: the same as in the W3C form.
        key: the issuer's seal, on P-256 or P-384.
        key_id: URL of its public key, as the trust list names it.
        issued_at: aware instant of signing, as the issuer claims it; cut to seconds.
        salts: fresh chance for each hidden claim and decoy: text of 128 bits or more in base64url,
            ``iter(lambda: secrets.token_urlsafe(16), None)`` for one.
        holder_key: to which the certificate is bound; ``None``: whoever has it may show it.
        profile: what is hidden.

    Raises:
        MalformedCertificateError: a claim or a salt is badly shaped, or what decides about
            validity would be hidden.
        KeyUnusableError: the key, or the holder's, is on neither curve.
        ValueError: ``issued_at`` is naive.
    """
    jwk = None if holder_key is None else jwk_of(holder_key)
    payload = claims_payload(claims, issued_at=issued_at, holder_jwk=jwk, vct=profile.vct)
    if profile.vct_integrity is not None:
        payload["vct#integrity"] = profile.vct_integrity
    hidden = conceal(payload, profile.hidden, salts, decoys=profile.decoys)
    token = sign_jws(hidden.payload, key=key, typ=SD_JWT_VC_TYPE, key_id=key_id)
    made = SdJwt.of(token, hidden.disclosures)
    check_vc(made)
    return made


def conceal(
    payload: Mapping[str, Any],
    hidden: tuple[Path, ...],
    salts: Iterator[str],
    *,
    decoys: int = 0,
    write: Callable[[Any], bytes] = canonical,
) -> Concealed:
    """Return ``payload`` with what stands at ``hidden`` replaced by digests.

    Inner claims are hidden before outer ones, so that a disclosure may hold digests. Digests are
    sorted: their order would tell the order of the claims.

    Args:
        payload: in clear.
        hidden: paths, as :class:`DisclosureProfile` has them.
        salts: as for :func:`issue_sd_jwt`.
        decoys: for each object that hides something, 0 to 64.
        write: how a disclosure's JSON becomes bytes.

    Raises:
        MalformedCertificateError: a reserved name in ``payload``, or a salt that is short or used.
    """
    if not 0 <= decoys <= _MAX_DECOYS:
        msg = f"an object may have 0 to {_MAX_DECOYS} decoys"
        raise MalformedCertificateError(msg)
    work = _Concealing(salts, decoys, write)
    made = work.members(payload, (_tree(hidden),))
    if work.disclosures:
        made[HASH_NAME] = _HASH
    return Concealed(payload=made, disclosures=tuple(work.disclosures))


_Patterns: TypeAlias = tuple[Mapping[str | int | None, Any], ...]
"""What is hidden from here on: trees of steps, each of which ends in a mark (:data:`_HERE`)."""


class _Concealing:
    """One pass over a payload, from the inside out."""

    def __init__(self, salts: Iterator[str], decoys: int, write: Callable[[Any], bytes]) -> None:
        self._salts = salts
        self._decoys = decoys
        self._write = write
        self._used: set[str] = set()
        self.disclosures: list[Disclosure] = []

    def members(self, given: Mapping[str, Any], patterns: _Patterns) -> dict[str, Any]:
        if not _RESERVED.isdisjoint(given):
            msg = "a claim has a name that is reserved for digests"
            raise MalformedCertificateError(msg)
        made: dict[str, Any] = {}
        digests: list[str] = []
        for name, value in given.items():
            inside = _inside(patterns, name) if patterns else patterns
            inner = self._value(value, inside)
            if inside and any(_HERE in one for one in inside):
                digests.append(self._hide(name, inner))
            else:
                made[name] = inner
        if digests:
            digests += [_digest(self._salt()) for _ in range(self._decoys)]
            made = {DIGESTS: sorted(digests), **made}
        return made

    def _value(self, value: Any, patterns: _Patterns) -> Any:
        if type(value) in _SCALARS:
            return value
        if isinstance(value, Mapping):
            return self.members(value, patterns)
        if isinstance(value, (list, tuple)):
            return [self._element(one, _inside(patterns, n)) for n, one in enumerate(value)]
        return value

    def _element(self, value: Any, patterns: _Patterns) -> Any:
        inner = self._value(value, patterns)
        is_hidden = any(_HERE in one for one in patterns)
        return {ELEMENT: self._hide(None, inner)} if is_hidden else inner

    def _hide(self, name: str | None, value: Any) -> str:
        made = write_disclosure(self._salt(), name, value, write=self._write)
        self.disclosures.append(made)
        return made.digest(_HASH)

    def _salt(self) -> str:
        salt = next(self._salts, "")
        if len(salt) < _SALT_SYMBOLS or salt in self._used:
            msg = "each hidden claim needs a fresh salt of 128 bits or more; a guess opens others"
            raise MalformedCertificateError(msg)
        self._used.add(salt)
        return salt


def _is_path(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(s) in (str, int) for s in value)


def _tree(hidden: tuple[Path, ...]) -> dict[str | int | None, Any]:
    """Return ``hidden`` as one tree of steps."""
    tree: dict[str | int | None, Any] = {}
    for path in hidden:
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        node[_HERE] = True
    return tree


def _inside(patterns: _Patterns, step: str | int) -> _Patterns:
    """Return what is hidden within ``step``."""
    return tuple(one[key] for one in patterns for key in (step, ANY) if key in one)


def _digest(chance: str) -> str:
    """Return a digest of which nobody knows a disclosure."""
    return encode_base64url(HASHES[_HASH](chance.encode("utf-8")).digest())
