"""Is a list signed by those whom the relier chose, or led to from them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.proofs import check_proof
from oneservice.certificates.trust_editions import SignedEdition
from oneservice.certificates.trust_roots import TrustAnchor
from oneservice.errors import TrustListError

__all__ = ["check_first_format", "require_signed"]


def check_first_format(document: Mapping[str, Any], root: str | TrustAnchor | None) -> None:
    """Return if a list of format 1 is what its only signer signed, and he is the one due.

    Raises:
        TrustListError: it is signed by another key than ``root``.
        VerificationError: the proof does not hold.
    """
    signer = document["signer"]["public_key_multibase"]
    asked = root.keys if isinstance(root, TrustAnchor) else {root}
    threshold = root.threshold if isinstance(root, TrustAnchor) else 1
    if root is not None and (signer not in asked or threshold != 1):
        msg = "it is signed by another key than the one it was asked to be signed by"
        raise TrustListError(msg)
    check_proof(document, VerifyingKey.from_multibase(signer))


def require_signed(edition: SignedEdition, root: str | TrustAnchor | None) -> None:
    """Return if ``edition`` is signed by all who must, and led to from what the relier chose.

    Args:
        edition: of a trust list or a directory.
        root: see :meth:`TrustStore.parse`; ``None``: the relier chose the file itself.

    Raises:
        TrustListError: signatures are missing, or nothing leads from ``root`` to it.
    """
    if edition.lacking:
        msg = f"it is not signed by enough of its signers: {'; '.join(edition.lacking)}"
        raise TrustListError(msg)
    if root is None:
        return
    if isinstance(root, TrustAnchor):
        is_led = any(one.root.anchor == root for one in edition.roots)
    elif root.startswith("z"):
        is_led = root in edition.signed_by
    else:
        is_led = any(one.root.digest == root for one in edition.roots)
    if not is_led:
        msg = (
            "it is signed by another key than those it was asked to be signed by, and no chain of "
            "roots leads from them to it"
        )
        raise TrustListError(msg)
