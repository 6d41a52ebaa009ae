"""One-time codes: short enough to be read aloud, and worth nothing to whoever reads the journal.

Theory of operation. A code is eight characters: four that find the case (the locator, by chance,
used by one live code at a time) and four that nobody can guess in five tries (29**4 = 707,281).
The journal keeps the locator and a digest of the whole code, keyed with the secret of the case,
which no journal and no bundle holds: so the code cannot be searched for offline. Where two
characters look alike, the alphabet has one of them, and the other is read as that one.
"""

from __future__ import annotations

import hmac
import unicodedata
from hashlib import sha256
from typing import Final

from oneservice.canonical import Digest

__all__ = [
    "CODE_ALPHABET",
    "CODE_LENGTH",
    "code_proof",
    "is_same_proof",
    "locator_of",
    "read_code",
    "spell_code",
]

CODE_ALPHABET: Final = "0123456789ACDEFGHJKMNPQRTVWXY"
"""Digits and letters, of each pair that looks alike (0 O, 1 I L, 2 Z, 5 S, 8 B, V U) one only."""
CODE_LENGTH: Final = 8
_LOCATOR: Final = 4
_READ_AS: Final = str.maketrans("OILZSBU", "011258V")
_BREAKS: Final = " -_.·\t"
_MAX_TYPED: Final = 40


def read_code(text: str) -> str | None:
    """Return the eight characters that somebody typed, or ``None`` where it cannot be a code.

    Case, spaces, dashes and full-width characters do not count; look-alikes are read as what was
    meant.
    """
    if len(text) > _MAX_TYPED:
        return None
    plain = unicodedata.normalize("NFKC", text).upper()
    bare = "".join(one for one in plain if one not in _BREAKS).translate(_READ_AS)
    is_code = len(bare) == CODE_LENGTH and all(one in CODE_ALPHABET for one in bare)
    return bare if is_code else None


def spell_code(code: str) -> str:
    """Return ``code`` in groups, as people read it aloud: ``K7MF-3QXP``."""
    return f"{code[:_LOCATOR]}-{code[_LOCATOR:]}"


def locator_of(code: str) -> str:
    """Return the part of ``code`` that finds the case; by itself it opens nothing."""
    return code[:_LOCATOR]


def code_proof(code: str, *, secret: str, case_id: str, number: int) -> Digest:
    """Return what the journal keeps of a code: HMAC-SHA-256 under the secret of its case.

    Args:
        code: the eight characters, as :func:`read_code` returns them.
        secret: the case's own secret.
        case_id: whose code.
        number: 1 for the first code of the case; it salts, so that no two codes look the same.
    """
    message = f"oneservice-code/1\n{case_id}\n{number}\n{code}".encode()
    return Digest("sha256:" + hmac.new(secret.encode(), message, sha256).hexdigest())


def is_same_proof(one: Digest, other: Digest) -> bool:
    """Compare two proofs in a time that does not tell how much of them agrees."""
    return hmac.compare_digest(one.encode(), other.encode())
