"""What people write at a counter: stored beside the journal, which keeps its digest."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

from oneservice.canonical import Digest, canonical, digest_bytes, parse_object
from oneservice.errors import IllegalInputError

__all__ = ["note", "read_note"]

MAX_NOTE: Final = 4_000
"""Characters of a comment, a description or a report: a page."""


def note(text: str, secret: str) -> tuple[Digest, dict[Digest, bytes]]:
    """Return the digest of what somebody wrote, and the bytes to be stored under it.

    The text is salted with the secret of the case, so that nobody guesses a short one from the
    digest in the journal; the same text gives the same digest, so that telling it twice is once.

    Raises:
        IllegalInputError: empty, longer than a page, or no text: it holds half a character.
    """
    if not 0 < len(text) <= MAX_NOTE:
        msg = f"what is written down is 1 to {MAX_NOTE} characters"
        raise IllegalInputError(msg, status="unknown")
    try:
        written = text.encode()
    except UnicodeEncodeError:  # its text quotes what was written, so it is no cause to be shown
        msg = "what is written down holds half a character (a lone surrogate); write it anew"
        raise IllegalInputError(msg, status="unknown") from None
    message = b"oneservice-note/1\n" + written
    salt = hmac.new(secret.encode(), message, sha256).hexdigest()[:32]
    stored = canonical({"salt": salt, "text": text})
    return digest_bytes(stored), {digest_bytes(stored): stored}


def read_note(stored: bytes) -> str:
    """Return what somebody wrote, from the bytes that :func:`note` made."""
    return str(parse_object(stored)["text"])
