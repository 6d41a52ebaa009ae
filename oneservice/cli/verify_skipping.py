"""What lies in a folder beside papers: databases, keys, locks, lists. Nobody asked about those.

Only what was found in a folder is passed over, never what was named; and only after it came out as
what is none of the papers judged here, so that folders full of certificates are not read twice.
Whatever might be a damaged paper is judged as one.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oneservice.canonical import JsonObject, parse, parse_object
from oneservice.certificates import DocumentKind, document_kind
from oneservice.cli.verify_faces import carrier_of
from oneservice.errors import FileUnusableError, MalformedJsonError
from oneservice.relying import Paper, kind_to_judge, read_paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oneservice.relying import Judged

__all__ = ["Beside", "beside_papers"]


class Beside(StrEnum):
    """What lay beside papers, as far as a relier may want to know it."""

    TRUST_LIST = "trust_list"
    OTHER = "other"


_ENDINGS: Final = frozenset({".json", ".jsonl", ".pdf", ".sd-jwt"})
"""Of papers: what has such a name and cannot be read is a damaged paper."""
_MEMBERS: Final = frozenset(
    {"@context", "bundle_certificate", "certificate", "credentialSubject", "issuer", "proof"}
)
"""One of these is in every paper, and left in one that somebody changed."""
_RECORD: Final = frozenset({"prev", "seq"})
"""One of these is in every record of a journal, and left in one that somebody changed."""
_STATUS_LIST: Final = "BitstringStatusListCredential"
_AS_PAPERS: Final = frozenset(
    {"expired", "indeterminate", "malformed", "not_entitled", "not_yet_valid", "unknown_issuer"}
)
"""As what status lists come out: sound, but of offices that may issue no such *paper*, or old."""
_DEPTH: Final = 48


def beside_papers(one: Judged, folders: Sequence[Path]) -> Beside | None:
    """Return as what ``one``, which lay in one of ``folders``, is passed over; ``None``: judged."""
    path = Path(one.name)
    is_unused = one.reason == FileUnusableError.code
    if one.reason not in _AS_PAPERS and not is_unused:
        return None
    if not any(path.is_relative_to(folder) for folder in folders):
        return None
    try:
        data = read_paper(Paper(one.name))
    except FileUnusableError:
        return None
    if is_unused:
        return _not_judged(data)
    if one.reason != "malformed" and _STATUS_LIST.encode() not in data:
        return None
    return None if _could_be_paper(data, ending=path.suffix.lower()) else Beside.OTHER


def _not_judged(data: bytes) -> Beside | None:
    """Return what a file is that is sound, and nothing to judge by itself.

    Papers on lines were asked about, as they lie in the folder: who asks is told how.
    """
    kind = document_kind(data)
    if kind is DocumentKind.LINES:
        return None
    try:
        kind_to_judge(data)
    except FileUnusableError:
        return Beside.TRUST_LIST if kind is DocumentKind.TRUST_LIST else Beside.OTHER
    return None


def _could_be_paper(data: bytes, *, ending: str) -> bool:
    if carrier_of(data) is not None:
        return True
    try:
        document = parse_object(data, max_bytes=len(data), max_depth=_DEPTH, fractions=True)
    except MalformedJsonError:
        return not _is_other_json(data) and _looks_like_paper(data, ending)
    return not _is_status_list(document) and not _MEMBERS.isdisjoint(document)


def _is_other_json(data: bytes) -> bool:
    """Say whether it is whole JSON of something else: a list, or lines that are no records."""
    try:
        return not isinstance(
            parse(data, max_bytes=len(data), max_depth=_DEPTH, fractions=True), dict
        )
    except MalformedJsonError:
        pass
    first = data.partition(b"\n")[0]
    try:
        record = parse_object(first, max_bytes=len(data), max_depth=_DEPTH, fractions=True)
    except MalformedJsonError:
        return False
    # Proofs of logs lie on lines, too; a line that is a certificate has more than its proof.
    return ((_MEMBERS - {"proof"}) | _RECORD).isdisjoint(record)


def _looks_like_paper(data: bytes, ending: str) -> bool:
    is_likely = document_kind(data) is not DocumentKind.UNKNOWN
    return is_likely or ending in _ENDINGS or data.lstrip().startswith(b"{")


def _is_status_list(document: JsonObject) -> bool:
    types, subject = document.get("type"), document.get("credentialSubject")
    is_typed = isinstance(types, list) and _STATUS_LIST in types
    return is_typed and isinstance(subject, dict) and "encodedList" in subject
