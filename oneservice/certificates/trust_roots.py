"""Who signs a trust list, and how that changes: a chain of roots.

Theory of operation, after TUF: the signers of a list are named by a small document of their own,
the *root*: their keys, and how many of them must sign. Every later root is signed by enough of the
signers *before* it and by enough of its own, and names the digest of the one before it. All roots
travel with every edition. So whoever chose to trust any root once, ten years ago, is led from it
to the present signers by signatures alone, offline, and nobody who left can lead him elsewhere.

References:
    The Update Framework 1.0.30, sections 4.3, 5.3 and 6.1 (root role; its update; key rotation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, canonical, digest_bytes, parse_object
from oneservice.certificates.claims import is_url
from oneservice.certificates.trust_coding import (
    Members,
    each,
    instant,
    maybe_text,
    read_entry,
    region,
    text,
    whole,
    write_entry,
)
from oneservice.certificates.trust_jws import (
    ListKey,
    ListSignature,
    decode,
    encode,
    read_signatures,
    sign,
)
from oneservice.certificates.trust_peers import refuse_signers
from oneservice.errors import OneServiceError, TrustListError

__all__ = [
    "ListSigner",
    "SignedRoot",
    "TrustAnchor",
    "TrustRoot",
    "check_roots",
    "read_signers",
]

ROOT_FORMAT: Final = "oneservice-trust-root/1"
ROOT_TYPE: Final = "oneservice-trust-root+json"
_MAX_ROOTS: Final = 1000
_MAX_SIGNERS: Final = 64
_MAX_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSigner:
    """One of those who sign a list: an office or a role by name, and its public key."""

    name: str
    public_key_multibase: str


_SIGNER: Final[Members] = {"name": text, "public_key_multibase": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchor:
    """Signers whom a relier chose: so many of these keys, wherever he has them from.

    Raises:
        TrustListError: the threshold can never be met, or a key is none.
    """

    threshold: int
    keys: frozenset[str]

    def __post_init__(self) -> None:
        """Refuse an anchor that holds nothing."""
        refuse_signers("the anchor", self.threshold, tuple(self.keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRoot:
    """The signers of a list from some edition on.

    Args:
        territory: of the list.
        version: 1, 2, 3 …: of the root, not of the list.
        publisher: URL of whoever publishes the list.
        threshold: how many must sign.
        signers: who may.
        issued_at: since when it stands.
        previous: digest of the root before it; ``None``: it is the first.

    Raises:
        TrustListError: its signers cannot work.
    """

    territory: str
    version: int
    publisher: str
    threshold: int
    signers: tuple[ListSigner, ...]
    issued_at: datetime
    previous: Digest | None = None

    def __post_init__(self) -> None:
        """Refuse signers that could never sign, and a publisher without address."""
        keys = tuple(one.public_key_multibase for one in self.signers)
        refuse_signers(f"root {self.version}", self.threshold, keys)
        if len(keys) > _MAX_SIGNERS or not is_url(self.publisher):
            msg = f"root {self.version}: at most {_MAX_SIGNERS} signers, and a publisher with a URL"
            raise TrustListError(msg)
        if (self.previous is None) != (self.version == 1):
            msg = f"root {self.version}: all but the first name the root before them"
            raise TrustListError(msg)

    @property
    def anchor(self) -> TrustAnchor:
        """What must sign, without the names."""
        keys = frozenset(one.public_key_multibase for one in self.signers)
        return TrustAnchor(threshold=self.threshold, keys=keys)

    @property
    def payload(self) -> bytes:
        """The bytes that are signed."""
        return canonical(
            {"format": ROOT_FORMAT, **write_entry(self, _ROOT), "signers": self._names}
        )

    @property
    def digest(self) -> Digest:
        """What names this root; short enough to be read out over a telephone line."""
        return digest_bytes(self.payload)

    @property
    def _names(self) -> list[dict[str, Any]]:
        return [write_entry(one, _SIGNER) for one in self.signers]

    def name_of(self, key: str) -> str | None:
        """Return the name of the signer with that public key."""
        return next((one.name for one in self.signers if one.public_key_multibase == key), None)

    def followed_by(
        self,
        signers: tuple[ListSigner, ...],
        *,
        threshold: int,
        at: datetime,
        publisher: str | None = None,
    ) -> TrustRoot:
        """Return the next root, with other signers, threshold or publisher."""
        return TrustRoot(
            territory=self.territory,
            version=self.version + 1,
            publisher=publisher or self.publisher,
            threshold=threshold,
            signers=signers,
            issued_at=at,
            previous=self.digest,
        )

    @classmethod
    def of(cls, payload: bytes) -> TrustRoot:
        """Return the root that ``payload`` states, in its one spelling.

        Raises:
            TrustListError: it states none.
        """
        document = parse_object(payload, max_bytes=_MAX_BYTES)
        root = read_entry(cls, {**_ROOT, "signers": read_signers}, document)
        if root.payload != payload:
            msg = "has members that nobody here understands, or another spelling"
            raise TrustListError(msg, place=f"root {root.version}")
        return root


def read_signers(entry: Mapping[str, Any], name: str) -> tuple[ListSigner, ...]:
    """Return the signers that ``entry`` lists under ``name``."""
    return each(entry, name, lambda one: read_entry(ListSigner, _SIGNER, one))


_ROOT: Final[Members] = {
    "territory": region,
    "version": whole,
    "publisher": text,
    "threshold": whole,
    "issued_at": instant,
    "previous": maybe_text,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRoot:
    """A root with the signatures that it has so far."""

    root: TrustRoot
    signatures: tuple[ListSignature, ...] = ()

    @property
    def signed_by(self) -> frozenset[str]:
        """The keys that signed it."""
        return frozenset(one.key for one in self.signatures)

    def by(self, key: ListKey, *, at: datetime) -> SignedRoot:
        """Return the root with one more signature; the same one where it has it already."""
        if key.public_multibase in self.signed_by:
            return self
        entry = sign(self.root.payload, key=key, kind=ROOT_TYPE, at=at)
        fresh = read_signatures([entry], self.root.payload, kind=ROOT_TYPE)
        return SignedRoot(root=self.root, signatures=_sorted((*self.signatures, *fresh)))

    def merged(self, other: SignedRoot) -> SignedRoot:
        """Return the root with the signatures of both.

        Raises:
            TrustListError: they are signatures over different roots.
        """
        if other.root != self.root:
            msg = f"there are two different roots {self.root.version}; only one can be signed on"
            raise TrustListError(msg)
        more = tuple(one for one in other.signatures if one.key not in self.signed_by)
        return SignedRoot(root=self.root, signatures=_sorted((*self.signatures, *more)))

    def as_json(self) -> dict[str, Any]:
        """Return the JWS."""
        return {
            "payload": encode(self.root.payload),
            "signatures": [dict(one.entry) for one in self.signatures],
        }

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> SignedRoot:
        """Return the root that a JWS states, its signatures checked.

        Raises:
            TrustListError: malformed, or a signature does not hold.
        """
        if entry.keys() != {"payload", "signatures"}:
            msg = "a root has other members than 'payload' and 'signatures'"
            raise TrustListError(msg)
        payload = decode(entry["payload"], "payload")
        try:
            root = TrustRoot.of(payload)
        except TrustListError:
            raise
        except OneServiceError as error:
            msg = f"a root is unusable: {error}"
            raise TrustListError(msg) from None
        found = read_signatures(entry["signatures"], payload, kind=ROOT_TYPE)
        return cls(root=root, signatures=found)


def _sorted(signatures: tuple[ListSignature, ...]) -> tuple[ListSignature, ...]:
    return tuple(sorted(signatures, key=lambda one: one.key))


def check_roots(roots: Sequence[SignedRoot]) -> tuple[str, ...]:
    """Return what the chain still lacks, in words; empty: it leads from the first to the last.

    Raises:
        TrustListError: it is no chain: a number is missing, or a root follows another one.
    """
    if not 1 <= len(roots) <= _MAX_ROOTS:
        msg = f"a list has between one root and {_MAX_ROOTS}"
        raise TrustListError(msg)
    lacking: list[str] = []
    before: TrustRoot | None = None
    for number, signed in enumerate(roots, 1):
        root = signed.root
        previous = None if before is None else before.digest
        place = f"roots[{number - 1}]"
        if root.version != number or root.previous != previous:
            msg = "does not follow the root before it: a rotation was left out, or another made up"
            raise TrustListError(msg, place=place)
        if before is not None and root.territory != before.territory:
            raise TrustListError("is that of another territory", place=place)
        for needed in (root,) if before is None else (before, root):
            lacking += _lacking(signed, needed)
        before = root
    return tuple(lacking)


def _lacking(signed: SignedRoot, needed: TrustRoot) -> list[str]:
    have = len(needed.anchor.keys & signed.signed_by)
    if have >= needed.threshold:
        return []
    whose = "its own signers" if needed is signed.root else f"the signers of root {needed.version}"
    return [f"root {signed.root.version} has {have} of {needed.threshold} signatures by {whose}"]
