"""The chain of roots under which the next edition of a list or a directory is signed."""

from __future__ import annotations

from datetime import datetime

from oneservice.certificates.trust_roots import ListSigner, SignedRoot, TrustRoot

__all__ = ["following_roots"]


def following_roots(
    signed: tuple[SignedRoot, ...],
    *,
    territory: str,
    publisher: str,
    threshold: int,
    signers: tuple[ListSigner, ...],
    at: datetime,
) -> tuple[SignedRoot, ...]:
    """Return the chain of the next edition: one root more where the signers change.

    Args:
        signed: the chain so far; empty: a first root is made.
        territory: of the first root.
        publisher: as in :class:`TrustRoot`, and so are the others.
        threshold: how many must sign.
        signers: who may.
        at: since when a new root stands.

    Raises:
        TrustListError: the signers could never sign.
    """
    if not signed:
        first = TrustRoot(
            territory=territory,
            version=1,
            publisher=publisher,
            threshold=threshold,
            signers=signers,
            issued_at=at,
        )
        return (SignedRoot(root=first),)
    last = signed[-1].root
    same = (last.publisher, last.threshold, frozenset(last.signers))
    if same == (publisher, threshold, frozenset(signers)):
        return signed
    following = last.followed_by(signers, threshold=threshold, at=at, publisher=publisher)
    return (*signed, SignedRoot(root=following))
