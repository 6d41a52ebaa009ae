"""Controller documents: how other people's software finds the keys of an issuer.

One document per issuer, made from its entry in the trust list and from nothing else, so that the
two cannot disagree. It tells which keys an issuer has; who is *entitled* only the list tells.

References:
    W3C Controlled Identifiers 1.0, sections 2.1 and 2.2.
"""

from __future__ import annotations

from typing import Any, Final

from oneservice.canonical import write_instant
from oneservice.certificates.trust_entries import KeyUse, TrustedIssuer

__all__ = ["controller_document"]

_CONTEXT: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
"""These, not ``cid/v1``, although the document is no DID document: the usual JavaScript verifier
reads controllers that begin so as plain JSON, and fails on all others unless it is given a loader
for contexts that it does not bring along. The words mean the same."""


def controller_document(issuer: TrustedIssuer) -> dict[str, Any]:
    """Return the controller document of ``issuer`` with its certificate keys, old ones included.

    A stolen key carries ``revoked``. A rotated key carries nothing: certificates that it signed in
    its time stay good, and ``expires`` would make other verifiers refuse them.
    """
    keys = [key for key in issuer.keys if key.use is KeyUse.CERTIFICATE]
    methods = [
        {
            "id": key.id,
            "type": "Multikey",
            "controller": issuer.id,
            "publicKeyMultibase": key.multibase,
            **({"revoked": write_instant(key.compromised_at)} if key.compromised_at else {}),
        }
        for key in keys
    ]
    return {
        "@context": list(_CONTEXT),
        "id": issuer.id,
        "verificationMethod": methods,
        "assertionMethod": [key.id for key in keys],
    }
