"""Words of the wire, written down once more: the kit must not be wrong where the SDK is."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

__all__ = [
    "COMPONENTS",
    "CONTENT_DIGEST_HEADER",
    "EVENT_PREFIX",
    "JSON_TYPE",
    "PROBLEM_TYPE",
    "VERSION",
    "VERSION_HEADER",
    "content_digest",
    "in_path",
]

VERSION: Final = "1.0"
VERSION_HEADER: Final = "OneService-Version"
CONTENT_DIGEST_HEADER: Final = "Content-Digest"
JSON_TYPE: Final = "application/json"
PROBLEM_TYPE: Final = "application/problem+json"
EVENT_PREFIX: Final = b"oneservice-event-v1\n"
COMPONENTS: Final = (
    *("@method", "@authority", "@path", "@query"),
    *("content-digest", "oneservice-version"),
)


def content_digest(data: bytes) -> str:
    """Return the value of ``Content-Digest`` for ``data`` (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def in_path(digest: str) -> str:
    """Return a digest as paths write it."""
    return digest.replace(":", "-", 1)
