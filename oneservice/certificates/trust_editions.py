"""One edition of a trust list on its way round its signers, format 2.

An edition is a JWS in general JSON serialization. Beside ``payload`` and ``signatures`` it has a
member ``roots``, the chain of :mod:`trust_roots`; readers that do not know it ignore it (RFC 7515
section 7.2.1), and the payload names the digest of the last root, which through ``previous`` names
them all. So each signer signs once, wherever he sits; the signatures are put together later, and
in any order the same bytes come out.

A directory of regions goes the same way round; ``typ`` keeps the signature of one kind of document
from being taken for that of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, JsonObject, canonical, digest_bytes, parse_object
from oneservice.certificates.trust_coding import each
from oneservice.certificates.trust_jws import (
    ListKey,
    ListSignature,
    decode,
    encode,
    read_signatures,
    sign,
)
from oneservice.certificates.trust_roots import SignedRoot, TrustRoot, check_roots
from oneservice.errors import OneServiceError, TrustListError

__all__ = ["EDITION_FORMAT", "EDITION_TYPE", "MAX_LIST_BYTES", "SignedEdition", "is_edition"]

EDITION_FORMAT: Final = "oneservice-trust-list/2"
EDITION_TYPE: Final = "oneservice-trust-list+json"
MAX_LIST_BYTES: Final = 16_777_216
"""A list of a province: some thousands of offices, some keys each."""
_MEMBERS: Final = frozenset({"payload", "roots", "signatures"})


def is_edition(document: Mapping[str, Any]) -> bool:
    """Say whether ``document`` looks like an edition of format 2; believes nothing."""
    return document.keys() >= _MEMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedEdition:
    """An edition with the signatures that it has so far.

    Args:
        payload: canonical JSON of what the edition says.
        roots: the chain of roots; the signers of the last one sign the edition.
        signatures: over the payload, each checked.
        typ: kind of document that the signatures are for (``typ`` of their headers).
    """

    payload: bytes
    roots: tuple[SignedRoot, ...]
    signatures: tuple[ListSignature, ...] = ()
    typ: str = EDITION_TYPE

    @property
    def root(self) -> TrustRoot:
        """The root whose signers sign this edition."""
        return self.roots[-1].root

    @property
    def content(self) -> JsonObject:
        """What the edition says."""
        return parse_object(self.payload, max_bytes=MAX_LIST_BYTES)

    @property
    def digest(self) -> Digest:
        """What names this edition, whoever signed it so far."""
        return digest_bytes(self.payload)

    @property
    def signed_by(self) -> frozenset[str]:
        """The keys that signed the edition itself."""
        return frozenset(one.key for one in self.signatures)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is missing before this is a list, in words; empty: it is one."""
        have, due = len(self.root.anchor.keys & self.signed_by), self.root.threshold
        own = [] if have >= due else [f"the edition has {have} of {due} signatures"]
        return (*check_roots(self.roots), *own)

    def by(self, key: ListKey, *, at: datetime) -> SignedEdition:
        """Return the edition with the signature of one more person, where it is his to sign.

        A signer of the last root signs the edition; he and those of the root before it sign the
        last root as well, where it is not complete.

        Raises:
            TrustListError: the key is not one of a signer.
        """
        own = key.public_multibase
        is_signer = own in self.root.anchor.keys
        before = self.roots[-2].root.anchor.keys if len(self.roots) > 1 else frozenset()
        if not is_signer and own not in before:
            names = ", ".join(one.name for one in self.root.signers)
            msg = f"the key {own} does not belong to any signer of this list ({names})"
            raise TrustListError(msg)
        edition = self
        if check_roots(self.roots):
            edition = replace(self, roots=(*self.roots[:-1], self.roots[-1].by(key, at=at)))
        if not is_signer or own in self.signed_by:
            return edition
        entry = sign(self.payload, key=key, kind=self.typ, at=at)
        fresh = read_signatures([entry], self.payload, kind=self.typ)
        return replace(edition, signatures=_sorted((*self.signatures, *fresh)))

    def merged(self, other: SignedEdition) -> SignedEdition:
        """Return the edition with the signatures of both copies.

        Raises:
            TrustListError: they are copies of different editions.
        """
        if (other.typ, other.payload) != (self.typ, self.payload) or len(other.roots) != len(
            self.roots
        ):
            msg = "the two files are different editions; signatures of one say nothing of the other"
            raise TrustListError(msg)
        roots = tuple(
            own.merged(copied) for own, copied in zip(self.roots, other.roots, strict=True)
        )
        more = tuple(one for one in other.signatures if one.key not in self.signed_by)
        return replace(self, roots=roots, signatures=_sorted((*self.signatures, *more)))

    def as_json(self) -> JsonObject:
        """Return the JWS with its chain of roots."""
        return {
            "payload": encode(self.payload),
            "roots": [one.as_json() for one in self.roots],
            "signatures": [dict(one.entry) for one in self.signatures],
        }

    def dump(self) -> bytes:
        """Return the file: canonical bytes."""
        return canonical(self.as_json())

    @classmethod
    def parse(cls, data: bytes, *, typ: str = EDITION_TYPE) -> SignedEdition:
        """Return the edition in ``data``, complete or not; every signature in it holds.

        Args:
            data: the file.
            typ: the kind of document that is due.

        Raises:
            TrustListError: malformed, a signature does not hold, or the roots are no chain.
        """
        try:
            return cls.of(parse_object(data, max_bytes=MAX_LIST_BYTES), typ=typ)
        except TrustListError:
            raise
        except OneServiceError as error:
            raise TrustListError(str(error)) from error

    @classmethod
    def of(cls, document: Mapping[str, Any], *, typ: str = EDITION_TYPE) -> SignedEdition:
        """Return the edition that a parsed document states; see :meth:`parse`."""
        if document.keys() != _MEMBERS:
            msg = f"it has other members than {', '.join(sorted(_MEMBERS))}"
            raise TrustListError(msg)
        payload = decode(document["payload"], "payload")
        edition = cls(
            payload=payload,
            roots=each(document, "roots", SignedRoot.of),
            signatures=read_signatures(document["signatures"], payload, kind=typ),
            typ=typ,
        )
        check_roots(edition.roots)
        edition._refuse_another_root()
        edition._refuse_strangers()
        return edition

    def _refuse_another_root(self) -> None:
        content, root = self.content, self.root
        named = {"version": root.version, "digest": root.digest}
        if content.get("root") != named or content.get("territory") != root.territory:
            msg = "the edition names another root than the one that comes with it"
            raise TrustListError(msg)

    def _refuse_strangers(self) -> None:
        """Refuse signatures that mean nothing: who adds one would change the file unnoticed."""
        before: frozenset[str] = frozenset()
        for one in self.roots:
            own = one.root.anchor.keys
            if one.signed_by - own - before:
                msg = f"root {one.root.version} is signed by somebody who is no signer"
                raise TrustListError(msg)
            before = own
        if self.signed_by - before:
            msg = "the edition is signed by somebody who is no signer of it"
            raise TrustListError(msg)


def _sorted(signatures: tuple[ListSignature, ...]) -> tuple[ListSignature, ...]:
    return tuple(sorted(signatures, key=lambda one: one.key))
