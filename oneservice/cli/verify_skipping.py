"""What lies in a folder beside papers: databases, keys, locks, lists. Nobody asked about those.

Only what was found in a folder is passed over, never what was named; and only after it was found
to be malformed, so that folders full of certificates are not read twice. Whatever might be a
damaged paper is judged as one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from oneservice.canonical import parse_object
from oneservice.certificates import DocumentKind, document_kind
from oneservice.cli.verify_faces import carrier_of
from oneservice.errors import FileUnusableError, MalformedJsonError
from oneservice.relying import Paper, read_paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oneservice.relying import Judged

__all__ = ["is_beside_papers"]

_ENDINGS: Final = frozenset({".json", ".jsonl", ".pdf", ".sd-jwt"})
"""Of papers: what has such a name and cannot be read is a damaged paper."""
_MEMBERS: Final = frozenset(
    {"@context", "bundle_certificate", "certificate", "credentialSubject", "issuer", "proof"}
)
"""One of these is in every paper, and left in one that somebody changed."""
_STATUS_LIST: Final = "BitstringStatusListCredential"
_REASONS: Final = frozenset({"malformed", "not_entitled"})
"""As what they come out: status lists are signed by offices that may issue no such *paper*."""
_DEPTH: Final = 48


def is_beside_papers(one: Judged, folders: Sequence[Path]) -> bool:
    """Say whether ``one`` lay in one of ``folders`` and cannot be a paper, by its content."""
    path = Path(one.name)
    if one.reason not in _REASONS or not any(path.is_relative_to(folder) for folder in folders):
        return False
    try:
        return not _could_be_paper(read_paper(Paper(one.name)), ending=path.suffix.lower())
    except FileUnusableError:
        return False


def _could_be_paper(data: bytes, *, ending: str) -> bool:
    if carrier_of(data) is not None:
        return True
    try:
        document = parse_object(data, max_bytes=len(data), max_depth=_DEPTH, fractions=True)
    except MalformedJsonError:
        is_likely = document_kind(data) is not DocumentKind.UNKNOWN
        return is_likely or ending in _ENDINGS or data.lstrip().startswith(b"{")
    types = document.get("type")
    if isinstance(types, list) and _STATUS_LIST in types:
        return False
    return not _MEMBERS.isdisjoint(document)
