"""Who may issue what, with which keys, and when: the trust list of a region.

History stays in the list: keys and entitlements are dated and never removed, so that a certificate
of this year can be judged in ten. A list is signed. Handed over by the relier it is an anchor by
itself, and its signature then shows only that nobody edited it since; with ``root`` it must be
signed by a key that the relier chose before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.certificates.claims import is_url
from oneservice.certificates.keys import SigningKey, VerifyingKey
from oneservice.certificates.proofs import add_proof, check_proof
from oneservice.certificates.trust_entries import KeyUse, ListedKey, TrustedIssuer, entries
from oneservice.errors import OneServiceError, TrustListError
from oneservice.identifiers import parse_region

__all__ = ["TrustStore"]

LIST_FORMAT: Final = "oneservice-trust-list/1"
_MAX_BYTES: Final = 16_777_216
"""A list of a province: some thousands of offices, some keys each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """A trust list at hand.

    Args:
        territory: region for which the list speaks.
        version: rises with every edition.
        issued_at: instant of this edition.
        expires_at: after it, somebody may know what this edition does not: nothing is certain.
        issuers: everybody who ever was entitled, with all keys that ever were.
        document: the signed list as read or made; ``None``: put together in memory, not signed.
        is_pinned: its signature was checked against a key that the relier chose before.

    Raises:
        TrustListError: an issuer or a key stands in it twice.
    """

    territory: str
    version: int
    issued_at: datetime
    expires_at: datetime
    issuers: tuple[TrustedIssuer, ...]
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    is_pinned: bool = False
    _issuers: Mapping[str, TrustedIssuer] = field(init=False, repr=False, compare=False)
    _keys: Mapping[str, tuple[TrustedIssuer, ListedKey]] = field(
        init=False, repr=False, compare=False
    )

    _evidence: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index issuers and keys; two entries of one name would leave the choice to chance."""
        issuers = {issuer.id: issuer for issuer in self.issuers}
        listed = [(issuer, key) for issuer in self.issuers for key in issuer.keys]
        keys = {key.id: (issuer, key) for issuer, key in listed if key.use is KeyUse.CERTIFICATE}
        names = [(issuer.id if key.use is KeyUse.EVENT else "", key.id) for issuer, key in listed]
        if len(issuers) != len(self.issuers) or len(set(names)) != len(names):
            msg = "the trust list names an issuer or a key twice; no reader could tell which counts"
            raise TrustListError(msg)
        object.__setattr__(self, "_issuers", issuers)
        object.__setattr__(self, "_keys", keys)
        object.__setattr__(self, "_evidence", self._make_evidence())

    @classmethod
    def parse(cls, data: bytes, *, root: str | None = None) -> TrustStore:
        """Return the list that ``data`` states, its signature checked.

        Args:
            data: ``trust-list.json``.
            root: Multikey of the list's signer, where the relier has it from elsewhere; without
                it the list itself is the anchor.

        Raises:
            TrustListError: malformed, changed since it was signed, or signed by another than
                ``root``.
        """
        try:
            document = parse_object(data, max_bytes=_MAX_BYTES)
            if document.get("format") != LIST_FORMAT:
                msg = f"the format is not {LIST_FORMAT}"
                raise TrustListError(msg)
            signer = document["signer"]["public_key_multibase"]
            if root is not None and signer != root:
                msg = "it is signed by another key than the one it was asked to be signed by"
                raise TrustListError(msg)
            check_proof(document, VerifyingKey.from_multibase(signer))
            return cls._read(document, is_pinned=root is not None)
        except (OneServiceError, KeyError, TypeError, ValueError, AttributeError) as error:
            what = str(error) if isinstance(error, OneServiceError) else type(error).__name__
            msg = f"the trust list cannot be relied on: {what}; get it from its publisher again"
            raise TrustListError(msg) from error

    @classmethod
    def _read(cls, document: Mapping[str, Any], *, is_pinned: bool) -> TrustStore:
        version = document["version"]
        if type(version) is not int or version < 1:
            msg = "the version is no whole number from 1"
            raise TrustListError(msg)
        return cls(
            territory=parse_region(document["territory"]),
            version=version,
            issued_at=read_instant(document["issued_at"]),
            expires_at=read_instant(document["expires_at"]),
            issuers=tuple(TrustedIssuer.of(entry) for entry in entries(document, "issuers")),
            document=document,
            is_pinned=is_pinned,
        )

    def signed(self, *, key: SigningKey, signer_id: str, created: datetime) -> TrustStore:
        """Return this list, signed by ``key`` of the publisher ``signer_id`` (a URL).

        Raises:
            TrustListError: ``signer_id`` is no URL, or the list cannot be written.
        """
        if not is_url(signer_id):
            msg = "the publisher of a trust list is named by a URL"
            raise TrustListError(msg)
        body = {
            "format": LIST_FORMAT,
            "territory": self.territory,
            "version": self.version,
            "issued_at": write_instant(self.issued_at),
            "expires_at": write_instant(self.expires_at),
            "signer": {"id": signer_id, "public_key_multibase": key.public_multibase},
            "issuers": [issuer.as_json() for issuer in self.issuers],
        }
        method = f"{signer_id}#{key.public_multibase}"
        document = add_proof(body, key=key, verification_method=method, created=created)
        return replace(self, document=document, is_pinned=False)

    def dump(self) -> bytes:
        """Return ``trust-list.json``: canonical bytes, so that no byte is without meaning.

        Raises:
            TrustListError: the list was never signed.
        """
        if self.document is None:
            msg = "the trust list is not signed; an unsigned one does not leave this process"
            raise TrustListError(msg)
        return canonical(self.document)

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
            for issuer in self.issuers
            if issuer.department == department
            for key in issuer.keys
            if key.use is KeyUse.EVENT
        )

    @property
    def evidence(self) -> Mapping[str, Any]:
        """What a report says of this list, and honestly what its signature shows."""
        return self._evidence

    def _make_evidence(self) -> dict[str, Any]:
        if self.document is None:
            signature = "none: put together in memory by the caller"
        elif self.is_pinned:
            signature = "by the root that the caller named"
        else:
            signature = "self-consistent; the caller chose the file, which is the anchor"
        return {
            "list_territory": self.territory,
            "list_version": self.version,
            "list_issued_at": write_instant(self.issued_at),
            "list_expires_at": write_instant(self.expires_at),
            "list_signature": signature,
        }
