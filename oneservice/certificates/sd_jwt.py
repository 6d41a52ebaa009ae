"""SD-JWT: a certificate of which the holder shows as much as is asked for, and no more.

The compact form only: ``<issuer-signed JWT>~<disclosure>~…~<key binding JWT or nothing>``. The JSON
serialization of RFC 9901, section 8, is optional for all, and not read here: it has two places for
each thing, and readers differ about which one counts.

References:
    RFC 9901; SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19, August 2026), section 3. The older type
    ``vc+sd-jwt`` was accepted for a time; that draft no longer has it, and neither do we.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from oneservice.certificates.base64url import encode_base64url
from oneservice.certificates.disclosures import (
    HASH_NAME,
    HASHES,
    Disclosure,
    Path,
    Revealed,
    read_disclosure,
    reveal,
)
from oneservice.certificates.jose import Jws, read_jws, sign_jws
from oneservice.certificates.proofs import ProvingKey
from oneservice.errors import MalformedCertificateError, StatusUnknownError

__all__ = ["KEY_BINDING_TYPE", "MAX_SD_JWT_BYTES", "SD_JWT_VC_TYPE", "SdJwt"]

SD_JWT_VC_TYPE: Final = "dc+sd-jwt"
KEY_BINDING_TYPE: Final = "kb+jwt"
MAX_SD_JWT_BYTES: Final = 262_144
"""As much as a certificate may have in its other form."""
_MAX_DISCLOSURES: Final = 1024
_ISSUER_SIGNED: Final = "the issuer-signed JWT"
_KEY_BINDING: Final = "the key binding JWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class SdJwt:
    """A well-formed SD-JWT; whether it is *true* only :func:`examine_presentation` tells.

    Make one with :meth:`parse` or :func:`issue_sd_jwt`.

    Args:
        token: what the issuer signed.
        disclosures: what is shown of it, in the order in which it came.
        key_binding: by which the holder bound this presentation to one verifier; not believed yet.
        revealed: the payload with what is shown in its place.
    """

    token: Jws
    disclosures: tuple[Disclosure, ...] = ()
    key_binding: Jws | None = None
    revealed: Revealed = field(repr=False, compare=False)

    @classmethod
    def parse(cls, data: bytes | str, *, typ: str = SD_JWT_VC_TYPE) -> SdJwt:
        """Return the SD-JWT that ``data`` states: every rule that needs no key is checked.

        Args:
            data: in the compact form.
            typ: the type that is due; other profiles of SD-JWT have others.

        Raises:
            MalformedCertificateError: it breaks a rule of RFC 9901, or of the JWTs in it.
            StatusUnknownError: in the JSON serialization, which is not read here.
        """
        text = _text(data)
        token, *shown, binding = text.split("~")
        if len(shown) > _MAX_DISCLOSURES:
            msg = f"it has {len(shown)} disclosures, {_MAX_DISCLOSURES} are read"
            raise MalformedCertificateError(msg)
        return cls.of(
            read_jws(token, typ=typ, what=_ISSUER_SIGNED, max_bytes=MAX_SD_JWT_BYTES),
            tuple(read_disclosure(one) for one in shown),
            read_jws(binding, typ=KEY_BINDING_TYPE, what=_KEY_BINDING, max_bytes=MAX_SD_JWT_BYTES)
            if binding
            else None,
        )

    @classmethod
    def of(
        cls, token: Jws, disclosures: tuple[Disclosure, ...], key_binding: Jws | None = None
    ) -> SdJwt:
        """Return the SD-JWT of these parts.

        Raises:
            MalformedCertificateError: they do not belong together.
        """
        return cls(
            token=token,
            disclosures=disclosures,
            key_binding=key_binding,
            revealed=reveal(token.payload, disclosures),
        )

    def __repr__(self) -> str:
        return f"<SdJwt {self.type} with {len(self.disclosures)} disclosures>"

    @property
    def claims(self) -> Mapping[str, Any]:
        """The payload as it is shown: the *processed payload* of RFC 9901."""
        return self.revealed.claims

    @property
    def type(self) -> str:
        """The ``vct``; empty where a profile has none."""
        kind = self.token.payload.get("vct")
        return kind if isinstance(kind, str) else ""

    @property
    def hash_name(self) -> str:
        """The hash of its digests, as ``_sd_alg`` names it."""
        name: str = self.token.payload.get(HASH_NAME, "sha-256")
        return name

    @property
    def presented(self) -> str:
        """The text without the key binding: what ``sd_hash`` covers."""
        return "~".join((self.token.text, *(one.text for one in self.disclosures), ""))

    @property
    def sd_hash(self) -> str:
        """The digest that a key binding JWT must name (RFC 9901, section 4.3.1)."""
        return encode_base64url(HASHES[self.hash_name](self.presented.encode("ascii")).digest())

    def dump(self) -> bytes:
        """Return the compact form."""
        binding = "" if self.key_binding is None else self.key_binding.text
        return f"{self.presented}{binding}".encode("ascii")

    def disclosing(self, *paths: Path) -> SdJwt:
        """Return what the holder hands over: the claims at ``paths``, each with all within it.

        Disclosures on the way to a claim come along, all others stay behind, and so does a key
        binding, which was made for another presentation.

        Args:
            paths: where claims stand in the payload, such as ``("result", "seats")``; positions
                in arrays count as the issuer wrote them.

        Raises:
            MalformedCertificateError: there is nothing at one of the paths; a presentation that
                silently lacks what was asked for serves nobody.
        """
        places = self.revealed.places
        for path in paths:
            if not _exists(self.revealed, path):
                msg = f"there is nothing to disclose at {'.'.join(map(str, path))[:80]!r}"
                raise MalformedCertificateError(msg)
        chosen = {
            one.text for place, one in places.items() if any(_is_on(place, path) for path in paths)
        }
        kept = tuple(one for one in self.disclosures if one.text in chosen)
        return SdJwt.of(self.token, kept)

    def bound(self, *, key: ProvingKey, audience: str, nonce: str, at: datetime) -> SdJwt:
        """Return this presentation bound to one verifier by the holder's key.

        Args:
            key: the private half of the key in ``cnf``.
            audience: the verifier, as it names itself.
            nonce: what the verifier asked to be repeated, so that no presentation is used twice.
            at: aware instant of binding.

        Raises:
            KeyUnusableError: the key is neither on P-256 nor on P-384.
            ValueError: ``at`` is naive.
        """
        if at.tzinfo is None:
            msg = "a naive datetime is no instant; give it a zone"
            raise ValueError(msg)
        payload = {
            "iat": int(at.timestamp()),
            "aud": audience,
            "nonce": nonce,
            "sd_hash": self.sd_hash,
        }
        return replace(self, key_binding=sign_jws(payload, key=key, typ=KEY_BINDING_TYPE))


def _text(data: bytes | str) -> str:
    if len(data) > MAX_SD_JWT_BYTES:
        msg = f"it has more than {MAX_SD_JWT_BYTES} bytes"
        raise MalformedCertificateError(msg)
    try:
        text = data.decode("ascii") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        text = ""
    if text.lstrip()[:1] == "{":
        msg = "it is in the JSON serialization, which is not read here; ask for the compact form"
        raise StatusUnknownError(msg)
    if "~" not in text or not text.isascii():
        msg = "no SD-JWT in the compact form: ASCII with '~' after each part"
        raise MalformedCertificateError(msg)
    return text


def _is_on(place: Path, path: Path) -> bool:
    """Say whether a disclosure at ``place`` is on the way to ``path``, or within it."""
    shared = min(len(place), len(path))
    return place[:shared] == path[:shared]


def _exists(revealed: Revealed, path: Path) -> bool:
    """Say whether a claim stands at ``path``, hidden or open."""
    if any(place[: len(path)] == path for place in revealed.places):
        return True
    value: Any = revealed.claims
    for step in path:
        if isinstance(value, str):
            return False
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
