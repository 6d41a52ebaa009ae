"""Selective disclosure: what the holder shows, put back into what the issuer signed.

Theory of operation: the issuer signs digests in the place of claims. A disclosure is the text whose
digest stands there: salt, name and value, or salt and value for an element of an array. Values may
hold digests again. Every rule here closes a way in which two readers would see two documents:
a disclosure that nothing refers to, a digest that stands twice, a name that is there already.

References:
    RFC 9901, sections 4.1, 4.2 and 7.1; SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), section 3.2.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, TypeAlias

from oneservice.canonical import canonical, parse
from oneservice.certificates.base64url import decode_base64url, encode_base64url
from oneservice.errors import MalformedCertificateError, MalformedJsonError

__all__ = [
    "HASHES",
    "Disclosure",
    "Path",
    "Revealed",
    "read_disclosure",
    "reveal",
    "write_disclosure",
]

Path: TypeAlias = tuple[str | int, ...]
"""Where a claim stands in the payload: names of members, and positions in arrays."""

HASHES: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}
"""The values of ``_sd_alg`` that are spoken (RFC 9901, section 4.1.1)."""
DIGESTS: Final = "_sd"
ELEMENT: Final = "..."
HASH_NAME: Final = "_sd_alg"
_REGISTERED: Final = frozenset(
    {"iss", "aud", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status", HASH_NAME}
)
_PROTECTED: Final = _REGISTERED | {"issuer_region", "is_sandbox"}
"""What decides whether the certificate counts is never for the holder to show or to hide: what the
standards register, and of our own claims those that entitlements and people go by."""
_NESTING: Final = frozenset({dict, list})
_MAX_BYTES: Final = 131_072
_MAX_DEPTH: Final = 32
_OF_MEMBER: Final = 3
_OF_ELEMENT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One claim as the holder shows it; ``name`` is ``None`` for an element of an array.

    ``text`` is what is hashed: the bytes as they came, never written anew.
    """

    text: str
    salt: str = field(repr=False)
    name: str | None
    value: Any = field(repr=False)

    def digest(self, hash_name: str) -> str:
        """Return what stands in the place of this claim (RFC 9901, section 4.2.3)."""
        return encode_base64url(HASHES[hash_name](self.text.encode("ascii")).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """A payload with its disclosures in place, and where each of them stands."""

    claims: Mapping[str, Any]
    places: Mapping[Path, Disclosure]


def write_disclosure(
    salt: str,
    name: str | None,
    value: Any,
    *,
    write: Callable[[Any], bytes] = canonical,
) -> Disclosure:
    """Return the disclosure of a claim.

    Args:
        salt: at least 128 bits of chance in base64url, used for nothing else.
        name: of the member; ``None`` for an element of an array.
        value: JSON; may hold digests of its own.
        write: how JSON becomes bytes; only the digest counts, so any form is good.
    """
    parts = [salt, value] if name is None else [salt, name, value]
    return Disclosure(text=encode_base64url(write(parts)), salt=salt, name=name, value=value)


def read_disclosure(text: str) -> Disclosure:
    """Return the disclosure that ``text`` states.

    Raises:
        MalformedCertificateError: no base64url, no I-JSON, or no array of two or three with a
            salt, and a name that may be disclosed.
    """
    what = "a disclosure"
    try:
        parts = parse(
            decode_base64url(text, what=what),
            max_bytes=_MAX_BYTES,
            max_depth=_MAX_DEPTH,
            fractions=True,
        )
    except MalformedJsonError as error:
        msg = f"{what}: {error}"
        raise MalformedCertificateError(msg) from None
    if not isinstance(parts, list) or len(parts) not in (_OF_ELEMENT, _OF_MEMBER):
        _refuse("a disclosure is no array of two or three")
    name = parts[1] if len(parts) == _OF_MEMBER else None
    if not isinstance(parts[0], str) or not (name is None or isinstance(name, str)):
        _refuse("the salt or the name of a disclosure is no text")
    if len(parts) == _OF_MEMBER and name is None:
        _refuse("the name of a disclosure is no text")
    if name in (DIGESTS, ELEMENT):
        _refuse(f"a disclosure is named {name!r}, which is reserved")
    return Disclosure(text=text, salt=parts[0], name=name, value=parts[-1])


def reveal(payload: Mapping[str, Any], disclosures: Sequence[Disclosure]) -> Revealed:
    """Return ``payload`` with ``disclosures`` in their places and all other digests taken out.

    Raises:
        MalformedCertificateError: a rule of RFC 9901, section 7.1, is broken; the message says
            which, and never repeats what was disclosed.
    """
    hash_name = payload.get(HASH_NAME, "sha-256")
    if not isinstance(hash_name, str) or hash_name not in HASHES:
        _refuse(f"_sd_alg names no hash that is spoken here ({', '.join(HASHES)})")
    by_digest = {one.digest(hash_name): one for one in disclosures}
    if len(by_digest) != len(disclosures):
        _refuse("a disclosure stands twice")
    walk = _Walk(by_digest)
    claims = walk.members({k: v for k, v in payload.items() if k != HASH_NAME}, ())
    if len(walk.places) != len(disclosures):
        _refuse("a disclosure is referred to by nothing that the issuer signed")
    return Revealed(claims=claims, places=walk.places)


class _Walk:
    """One pass over a payload and whatever disclosures bring into it."""

    def __init__(self, by_digest: Mapping[str, Disclosure]) -> None:
        self._by_digest = by_digest
        self._seen: set[str] = set()
        self.places: dict[Path, Disclosure] = {}

    def members(self, given: Mapping[str, Any], path: Path) -> dict[str, Any]:
        if ELEMENT in given:
            _refuse("the name '...' stands where no element of an array is hidden")
        if HASH_NAME in given:
            _refuse("_sd_alg stands inside the payload; it belongs to its top only")
        if DIGESTS in given and path:
            _check_hideable(path)
        made = {
            name: self._value(value, (*path, name)) if type(value) in _NESTING else value
            for name, value in given.items()
            if name != DIGESTS
        }
        for digest in _digests(given):
            found = self._take(digest)
            if found is None:
                continue
            if found.name is None:
                _refuse("the disclosure of an array's element stands for a member")
            if found.name in made:
                _refuse("a disclosure names a member that is there already")
            made[found.name] = self._place(found, (*path, found.name))
        return made

    def _value(self, value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            self._check_place(path)
            return self.members(value, path)
        if isinstance(value, list):
            self._check_place(path)
            return self._elements(value, path)
        return value

    def _elements(self, given: list[Any], path: Path) -> list[Any]:
        made: list[Any] = []
        for position, value in enumerate(given):
            place = (*path, position)
            if not isinstance(value, dict) or ELEMENT not in value:
                made.append(self._value(value, place))
                continue
            digest = value[ELEMENT]
            if len(value) != 1 or not isinstance(digest, str):
                _refuse("a hidden element of an array is not one digest and nothing else")
            _check_hideable(place)
            found = self._take(digest)
            if found is not None and found.name is not None:
                _refuse("the disclosure of a member stands for an array's element")
            if found is not None:
                made.append(self._place(found, place))
        return made

    def _place(self, found: Disclosure, path: Path) -> Any:
        _check_hideable(path)
        self.places[path] = found
        return self._value(found.value, path)

    def _take(self, digest: str) -> Disclosure | None:
        if digest in self._seen:
            _refuse("a digest stands twice")
        self._seen.add(digest)
        return self._by_digest.get(digest)

    def _check_place(self, path: Path) -> None:
        if len(path) > _MAX_DEPTH:
            _refuse("its disclosures are nested too deeply")


def _digests(given: Mapping[str, Any]) -> list[str]:
    digests = given.get(DIGESTS, [])
    if not isinstance(digests, list) or not all(isinstance(one, str) for one in digests):
        _refuse("_sd is no array of digests")
    return digests


def _check_hideable(path: Path) -> None:
    if path[0] in _PROTECTED:
        _refuse(f"{path[0]!r} is disclosed selectively; what decides about validity never is")


def _refuse(why: str) -> NoReturn:
    raise MalformedCertificateError(why)
