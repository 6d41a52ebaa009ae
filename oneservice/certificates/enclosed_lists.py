"""The trust list that lies in a file: looked at for damage, never a substitute for the relier's."""

from __future__ import annotations

from typing import Final

from oneservice.canonical import Digest, JsonObject, canonical, digest_bytes
from oneservice.certificates.report import Finding, failed, passed
from oneservice.certificates.trust import TrustStore
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    VerificationError,
)

__all__ = ["TRUST_LIST", "check_enclosed_list"]

TRUST_LIST: Final = "trust_list"
"""The name of the check."""


def check_enclosed_list(
    document: JsonObject, *, due: Digest | None = None
) -> tuple[TrustStore | None, Finding]:
    """Return the enclosed list and the finding on it; ``None`` where it is damaged.

    Args:
        document: the list as it lies in the file.
        due: digest that something under a seal names for it, where there is such a thing.
    """
    data = canonical(document)
    try:
        trust = TrustStore.parse(data)
        if due not in (None, digest_bytes(data)):
            msg = "the enclosed trust list is not the one that the certificate names"
            raise ForgedCertificateError(msg)
    except VerificationError as error:
        is_forged = isinstance(error.__cause__ or error, ForgedCertificateError)
        kind = ForgedCertificateError if is_forged else MalformedCertificateError
        return None, failed(TRUST_LIST, kind(str(error)))
    use = "for reference; the caller's list decides"
    return trust, passed(TRUST_LIST, **trust.evidence, use=use)
