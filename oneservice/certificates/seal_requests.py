"""What is asked of a seal, and the word of those who agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, canonical, digest, write_instant
from oneservice.certificates.claims import is_url
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.multibase import decode_base58, encode_base58
from oneservice.certificates.proofs import ProvingKey
from oneservice.certificates.seal_reading import (
    check_role,
    members,
    read_digest,
    read_moment_of,
    read_text,
)
from oneservice.errors import IdentifierError, MalformedCertificateError
from oneservice.identifiers import parse_region

__all__ = ["Approval", "SealRequest", "approve", "sealed_part"]

APPROVAL_FORMAT: Final = "oneservice-seal-approval/1"
_WHERE: Final = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody agrees that one seal goes on one document.

    Args:
        seal_id: URL of the seal.
        document_digest: digest of the document (:func:`sealed_part`).
        role: role id of who agrees.
        at: instant of agreeing.
        signature: by the role's own key, multibase; ``None``: the lock's operator vouches for it.
    """

    seal_id: str
    document_digest: Digest
    role: str
    at: datetime
    signature: str | None = None

    def __post_init__(self) -> None:
        """Refuse a person's name, and a naive instant."""
        check_role(self.role, where=_WHERE)
        write_instant(self.at)

    def signed_bytes(self) -> bytes:
        """Return what the approver signs: canonical JSON with a format of its own."""
        return canonical({"format": APPROVAL_FORMAT, **self._words()})

    def is_signed_by(self, key: VerifyingKey) -> bool:
        """Say whether ``key`` signed just these words."""
        if self.signature is None:
            return False
        try:
            signature = decode_base58(self.signature, length=key.signature_bytes)
        except MalformedCertificateError:
            return False
        return key.verifies(signature, self.signed_bytes())

    def as_json(self) -> dict[str, Any]:
        """Return the approval as JSON."""
        return {**self._words(), "signature": self.signature}

    def _words(self) -> dict[str, Any]:
        return {
            "seal_id": self.seal_id,
            "document_digest": self.document_digest,
            "role": self.role,
            "at": write_instant(self.at),
        }

    @classmethod
    def of(cls, entry: object) -> Approval:
        """Return the approval that JSON states.

        Raises:
            MalformedCertificateError: it is none.
        """
        found = members(entry, *_APPROVAL, where=_WHERE, optional=("signature",))
        signed = found.get("signature") is not None
        return cls(
            seal_id=read_text(found, "seal_id", where=_WHERE),
            document_digest=read_digest(found, "document_digest", where=_WHERE),
            role=read_text(found, "role", where=_WHERE),
            at=read_moment_of(found, "at", where=_WHERE),
            signature=read_text(found, "signature", where=_WHERE) if signed else None,
        )


_APPROVAL: Final = ("seal_id", "document_digest", "role", "at")


def approve(
    *, seal_id: str, document_digest: Digest, role: str, at: datetime, key: ProvingKey | None
) -> Approval:
    """Return an approval, signed by the approver's own ``key`` where there is one."""
    # Instants are written in milliseconds: what is signed is what others will read.
    words = Approval(seal_id=seal_id, document_digest=document_digest, role=role, at=at)
    words = Approval.of(words.as_json())
    if key is None:
        return words
    signature = encode_base58(key.sign(words.signed_bytes()))
    return Approval.of({**words.as_json(), "signature": signature})


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRequest:
    """Somebody asks for a seal on a document.

    Args:
        seal_id: URL of the seal.
        document_digest: digest of the document (:func:`sealed_part`).
        type: certificate type of the document.
        region: region for which it is issued.
        requester: role id of who asks.
        mandate_id: by which mandate, where the seal is not the requester's own.
        approvals: who agreed so far.
    """

    seal_id: str
    document_digest: Digest
    type: str
    region: str
    requester: str
    mandate_id: str | None = None
    approvals: tuple[Approval, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could be no request."""
        check_role(self.requester, where="seal request: requester")
        if not self.type or not is_url(self.seal_id):
            msg = "seal request: it names no type, or no seal"
            raise MalformedCertificateError(msg)
        try:
            parse_region(self.region)
        except IdentifierError:
            msg = "seal request: a region has 6, 9 or 12 digits"
            raise MalformedCertificateError(msg) from None


def sealed_part(document: Mapping[str, Any]) -> Digest:
    """Return the digest of what a seal goes on: a certificate without its proof.

    Approvers see it before there is a proof, and verifiers compute it from the finished one.

    Raises:
        MalformedJsonError: the document has no canonical form.
    """
    return digest({name: value for name, value in document.items() if name != "proof"})
