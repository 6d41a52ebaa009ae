"""Files of ``oneservice regions``: directories, and what an adapter is served with."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from oneservice.canonical import write_instant
from oneservice.certificates import (
    DIRECTORY_TYPE,
    RegionDirectory,
    RegionKeyUse,
    SignedEdition,
    decode_multikey,
)
from oneservice.cli.reading import MAX_TRUST_BYTES, read_file
from oneservice.cli.trust_files import is_draft
from oneservice.errors import FileUnusableError, TrustListError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import ListedRegion, RegionKey

__all__ = ["caller_of", "look_at", "read_directory"]


def read_directory(path: Path, *, root: str | None = None) -> RegionDirectory:
    """Return a complete directory.

    Raises:
        TrustListError: it is none; the file is named.
        FileUnusableError: it cannot be read, or is a draft.
    """
    _refuse_draft(path)
    try:
        return RegionDirectory.parse(read_file(path, max_bytes=MAX_TRUST_BYTES), root=root)
    except TrustListError as error:
        msg = f"{path}: {error}"
        raise TrustListError(msg) from error


def look_at(path: Path, *, root: str | None) -> tuple[RegionDirectory, SignedEdition]:
    """Return a directory, complete or not, and the edition with the signatures that it has.

    Raises:
        TrustListError: it is none; the file is named.
        FileUnusableError: it cannot be read, or is a draft.
    """
    _refuse_draft(path)
    try:
        data = read_file(path, max_bytes=MAX_TRUST_BYTES)
        edition = SignedEdition.parse(data, typ=DIRECTORY_TYPE)
        if edition.lacking:
            return RegionDirectory.proposed(edition), edition
        return RegionDirectory.of(edition, root=root), edition
    except TrustListError as error:
        msg = f"{path}: {error}"
        raise TrustListError(msg) from error


def _refuse_draft(path: Path) -> None:
    if is_draft(path):
        msg = f"{path}: a draft of a directory, not an edition of it"
        remedy = "sign it first; 'oneservice regions sign' without --key makes one to look at"
        raise FileUnusableError(msg, remedy=remedy)


def caller_of(region: ListedRegion, at: datetime) -> dict[str, Any] | None:
    """Return the region as an entry of an adapter's registry of callers; ``None``: it has no key.

    Its name space there is named by its code, which is never given to another region.
    """
    keys = region.keys_at(at, use=RegionKeyUse.REQUEST)
    if not keys:
        return None
    return {"id": f"region-{region.region}", "keys": [_key(one) for one in keys]}


def _key(key: RegionKey) -> dict[str, Any]:
    _, public = decode_multikey(key.multibase)
    end = {} if key.valid_until is None else {"not_after": write_instant(key.valid_until)}
    return {
        "keyid": key.id,
        "alg": key.algorithm.value,
        "public_key": base64.b64encode(public).decode("ascii"),
        "not_before": write_instant(key.valid_from),
        **end,
    }
