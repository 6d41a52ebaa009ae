"""Who may issue what, with which keys, and when: the trust list of a region.

History stays in the list: keys and entitlements are dated and never removed, so that a certificate
of this year can be judged in ten. A list is signed. Handed over by the relier it is an anchor by
itself, and its signatures then show only that nobody edited it since; with ``root`` they must be
those of signers whom the relier chose before.

Format 2 (``trust_editions``, ``trust_roots``) is written; format 1, with a single signer and
without a way to change him, is still read, and the evidence names the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import (
    Digest,
    canonical,
    digest,
    digest_bytes,
    parse_object,
    read_instant,
    write_instant,
)
from oneservice.certificates.claims import is_url
from oneservice.certificates.edition_head import PastEdition, relied_on, require_understood
from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust_anchoring import check_first_format, require_signed
from oneservice.certificates.trust_body import content_of, write_body
from oneservice.certificates.trust_coding import each, whole
from oneservice.certificates.trust_editions import (
    EDITION_FORMAT,
    MAX_LIST_BYTES,
    SignedEdition,
    is_edition,
)
from oneservice.certificates.trust_entries import KeyUse, ListedKey, TrustedIssuer
from oneservice.certificates.trust_jws import ListKey, decode
from oneservice.certificates.trust_order import refuse_disorder, refuse_twins
from oneservice.certificates.trust_peers import TrustPeer
from oneservice.certificates.trust_roots import ListSigner, SignedRoot, TrustAnchor, TrustRoot
from oneservice.certificates.trust_services import (
    ListedAuthority,
    ListedLog,
    ListedSeal,
    ListedWitness,
)
from oneservice.certificates.trust_territory import issuers_within
from oneservice.errors import TrustListError
from oneservice.identifiers import parse_region

__all__ = ["TrustStore"]

LIST_FORMAT: Final = "oneservice-trust-list/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """A trust list at hand.

    Args:
        territory: region for which the list speaks.
        version: rises with every edition.
        issued_at: instant of this edition.
        expires_at: after it, somebody may know what this edition does not: nothing is certain.
        issuers: everybody who ever was entitled, with all keys that ever were.
        next_update_at: by when the publisher promises the next edition.
        logs: transparency logs whose proofs count.
        witnesses: whose cosignatures count.
        timestamp_authorities: whose word about time counts.
        seals: keys bound to the policy under which they may sign.
        recognition: which certificates of other regions count here.
        peers: where other regions publish their lists, and who signs those.
        past: every earlier edition by number and digest.
        roots: the chain of signers; empty: never signed, or format 1.
        document: the signed list as read or made; ``None``: put together in memory, not signed.
        is_pinned: its signatures were checked against signers that the relier chose before.

    Raises:
        TrustListError: an issuer or a key stands in it twice, or is somebody else's as well.
    """

    territory: str
    version: int
    issued_at: datetime
    expires_at: datetime
    issuers: tuple[TrustedIssuer, ...]
    next_update_at: datetime | None = None
    logs: tuple[ListedLog, ...] = ()
    witnesses: tuple[ListedWitness, ...] = ()
    timestamp_authorities: tuple[ListedAuthority, ...] = ()
    seals: tuple[ListedSeal, ...] = ()
    recognition: tuple[RecognitionRule, ...] = ()
    peers: tuple[TrustPeer, ...] = ()
    past: tuple[PastEdition, ...] = ()
    roots: tuple[TrustRoot, ...] = ()
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    is_pinned: bool = False
    _issuers: Mapping[str, TrustedIssuer] = field(init=False, repr=False, compare=False)
    _keys: Mapping[str, tuple[TrustedIssuer, ListedKey]] = field(
        init=False, repr=False, compare=False
    )

    _evidence: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index issuers and keys; two entries of one name would leave the choice to chance."""
        refuse_twins(self.issuers)
        self._index()
        object.__setattr__(self, "_evidence", self._make_evidence())

    def _index(self) -> None:
        """Make issuers and keys be found; of format 2 only those within the territory.

        Format 1 did not know the rule, and what was valid by its lists stays so.
        """
        found = issuers_within(self.territory, self.issuers)[0] if self.roots else self.issuers
        keys = {
            key.id: (issuer, key)
            for issuer in found
            for key in issuer.keys
            if key.use is KeyUse.CERTIFICATE
        }
        object.__setattr__(self, "_issuers", {issuer.id: issuer for issuer in found})
        object.__setattr__(self, "_keys", keys)

    @classmethod
    def parse(cls, data: bytes, *, root: str | TrustAnchor | None = None) -> TrustStore:
        """Return the list that ``data`` states, its signatures checked.

        Args:
            data: ``trust-list.json``, of format 2 or 1.
            root: where the relier has it from elsewhere: the Multikey (``z…``) of one who must
                have signed the edition, the digest (``sha256:…``) of a root, or signers. From a
                root of old the list itself leads to its present signers. Without it the list
                itself is the anchor.

        Raises:
            TrustListError: malformed, changed since it was signed, signed by too few, or by
                others than ``root`` asks for.
        """
        with relied_on("trust list"):
            document = parse_object(data, max_bytes=MAX_LIST_BYTES)
            if is_edition(document):
                return cls.of(SignedEdition.of(document), root=root)
            if document.get("format") != LIST_FORMAT:
                msg = f"the format is neither {EDITION_FORMAT} nor {LIST_FORMAT}"
                raise TrustListError(msg)
            return cls._read_first_format(document, root)

    @classmethod
    def of(cls, edition: SignedEdition, *, root: str | TrustAnchor | None = None) -> TrustStore:
        """Return the list that a completely signed edition is; ``root`` as for :meth:`parse`.

        Raises:
            TrustListError: signatures are missing, or it says what nobody here understands.
        """
        require_signed(edition, root)
        return cls._said_by(edition, document=edition.as_json(), is_pinned=root is not None)

    @classmethod
    def proposed(cls, edition: SignedEdition) -> TrustStore:
        """Return what an edition says, whoever signed it so far: to be looked at, not relied on.

        Raises:
            TrustListError: it says what nobody here understands.
        """
        return cls._said_by(edition, document=None, is_pinned=False)

    @classmethod
    def _said_by(
        cls, edition: SignedEdition, *, document: Mapping[str, Any] | None, is_pinned: bool
    ) -> TrustStore:
        content = edition.content
        if content.get("format") != EDITION_FORMAT:
            msg = f"the format is not {EDITION_FORMAT}"
            raise TrustListError(msg)
        roots = tuple(one.root for one in edition.roots)
        store = cls(**content_of(content), roots=roots, document=document, is_pinned=is_pinned)
        require_understood(edition, write_body(store, edition.root))
        refuse_disorder(store)
        return store

    @classmethod
    def _read_first_format(
        cls, document: Mapping[str, Any], root: str | TrustAnchor | None
    ) -> TrustStore:
        check_first_format(document, root)
        return cls(
            territory=parse_region(document["territory"]),
            version=whole(document, "version"),
            issued_at=read_instant(document["issued_at"]),
            expires_at=read_instant(document["expires_at"]),
            issuers=each(document, "issuers", TrustedIssuer.of),
            document=document,
            is_pinned=root is not None,
        )

    def signed(self, *, key: ListKey, signer_id: str, created: datetime) -> TrustStore:
        """Return this list, signed by ``key`` alone, for the publisher ``signer_id`` (a URL).

        The plain way for one signer; several sign a :class:`SignedEdition` one after the other.

        Raises:
            TrustListError: ``signer_id`` is no URL, or the list cannot be written.
        """
        if not is_url(signer_id):
            msg = "the publisher of a trust list is named by a URL"
            raise TrustListError(msg)
        first = TrustRoot(
            territory=self.territory,
            version=1,
            publisher=signer_id,
            threshold=1,
            signers=(ListSigner(name=signer_id, public_key_multibase=key.public_multibase),),
            issued_at=created,
        )
        edition = self.edition((SignedRoot(root=first),))
        return TrustStore.of(edition.by(key, at=created))

    def edition(self, roots: tuple[SignedRoot, ...]) -> SignedEdition:
        """Return this list as an edition that nobody has signed yet, under the last of ``roots``.

        Raises:
            TrustListError: the roots are those of another territory, or the dates cannot be.
        """
        if roots[-1].root.territory != self.territory:
            msg = f"the roots are those of {roots[-1].root.territory}, the list of {self.territory}"
            raise TrustListError(msg)
        refuse_disorder(self)
        return SignedEdition(payload=canonical(write_body(self, roots[-1].root)), roots=roots)

    def dump(self) -> bytes:
        """Return ``trust-list.json``: canonical bytes, so that no byte is without meaning.

        Raises:
            TrustListError: the list was never signed.
        """
        if self.document is None:
            msg = "the trust list is not signed; an unsigned one does not leave this process"
            raise TrustListError(msg)
        return canonical(self.document)

    @property
    def format(self) -> int | None:
        """1 or 2; ``None``: put together in memory."""
        if self.document is None:
            return None
        return 2 if is_edition(self.document) else 1

    @property
    def digest(self) -> Digest:
        """What names this edition, whoever signed it; of format 1, the digest of the whole file.

        Raises:
            TrustListError: the list was never signed.
        """
        if self.document is None:
            msg = "the trust list is not signed, so nothing names this edition"
            raise TrustListError(msg)
        if is_edition(self.document):
            return digest_bytes(decode(self.document["payload"], "payload"))
        return digest(self.document)

    def issuer(self, issuer_id: str) -> TrustedIssuer | None:
        """Return the issuer of that URL."""
        return self._issuers.get(issuer_id)

    def key(self, verification_method: str) -> tuple[TrustedIssuer, ListedKey] | None:
        """Return the certificate key of that URL, and whose it is."""
        return self._keys.get(verification_method)

    def event_keys(self, department: str) -> tuple[ListedKey, ...]:
        """Return the keys with which ``department`` signs events of submissions."""
        return tuple(
            key
            for issuer in self._issuers.values()
            if issuer.department == department
            for key in issuer.keys
            if key.use is KeyUse.EVENT
        )

    @property
    def evidence(self) -> Mapping[str, Any]:
        """What a report says of this list, and honestly what its signatures show."""
        return self._evidence

    def _make_evidence(self) -> dict[str, Any]:
        return {
            "list_territory": self.territory,
            "list_version": self.version,
            "list_issued_at": write_instant(self.issued_at),
            "list_expires_at": write_instant(self.expires_at),
            "list_signature": self._signature_words(),
            **({} if self.format is None else {"list_format": self.format}),
            **({"list_signers": self._signers_words()} if self.roots else {}),
        }

    def _signature_words(self) -> str:
        if self.document is None:
            return "none: put together in memory by the caller"
        if self.is_pinned:
            return "by the root that the caller named"
        return "self-consistent; the caller chose the file, which is the anchor"

    def _signers_words(self) -> str:
        last = self.roots[-1]
        return f"root {last.version}: at least {last.threshold} of {len(last.signers)} signed"
